"""Writes a LLaMA-Factory template as a Jinja chat template that renders to the text which training encodes.

LLaMA-Factory has such a writer of its own. It was not used because it differs from its own encoding in these: an empty
system message is printed instead of falling back to the default one, the number of the turn is not filled in, single
tokens raise an error, backslashes aren't escaped, and the empty thoughts of reasoning templates are missing.
"""

from typing import Any

CONTENT, TURN = "{{content}}", "{{idx}}"
ESCAPES = {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def literal(text: str) -> str:
    return "'" + "".join(ESCAPES.get(character, character) for character in text) + "'"


def slot_text(slot: Any, tokenizer: Any) -> str:
    """The text of one slot: strings stay, {"token": t} and {"bos_token"} become the token's text."""
    if isinstance(slot, str):
        return slot
    if isinstance(slot, dict):
        return str(slot["token"])
    if "bos_token" in slot:
        return tokenizer.bos_token or ""
    return tokenizer.eos_token or "" if "eos_token" in slot else ""


def expression(slots: list[Any], tokenizer: Any, content: str) -> str:
    """A Jinja expression for the slots of a formatter; `content` is the expression that fills its placeholder."""
    text = "".join(slot_text(slot, tokenizer) for slot in slots)
    before, found, after = text.partition(CONTENT)
    parts = [numbered(before)] + ([content, numbered(after)] if found else [])
    return " + ".join(part for part in parts if part) or "''"


def numbered(text: str) -> str:
    """A Jinja expression for text in which the number of the turn, from 0, may be asked for."""
    before, found, after = text.partition(TURN)
    parts = [literal(before) if before else "", "(loop.index0 // 2)|string" if found else "", literal(after) if after else ""]
    return " + ".join(part for part in parts if part)


def jinja_template(template: Any, tokenizer: Any) -> str:
    """The chat template for a template object of LLaMA-Factory 0.9.5; tools are left out."""
    kind = {base.__name__ for base in type(template).__mro__}
    fused, reasoning = "Llama2Template" in kind, "ReasoningTemplate" in kind
    prefix = expression(template.format_prefix.slots, tokenizer, "''")
    system = expression(template.format_system.slots, tokenizer, "system")
    user = expression(template.format_user.slots, tokenizer, "content")
    assistant = expression(template.format_assistant.slots, tokenizer, "content")
    thought = literal(template.add_thought()) if reasoning else "''"
    lines = [
        "{%- if messages[0]['role'] == 'system' -%}",
        "{%- set system = messages[0]['content'] -%}{%- set turns = messages[1:] -%}",
        "{%- else -%}",
        "{%- set system = '' -%}{%- set turns = messages -%}",
        "{%- endif -%}",
    ]
    if template.default_system:
        lines.append("{%- if not system -%}{%- set system = " + literal(template.default_system) + " -%}{%- endif -%}")
    if prefix != "''":
        lines.append("{{- " + prefix + " -}}")
    if not fused:
        lines.append("{%- if system -%}{{- " + system + " -}}{%- endif -%}")
    lines += ["{%- for message in turns -%}", "{%- set content = message['content'] -%}"]
    if fused:
        lines.append("{%- if loop.first and system -%}{%- set content = " + system + " + content -%}{%- endif -%}")
    lines += ["{%- if message['role'] == 'user' -%}", "{{- " + user + " -}}"]
    lines.append("{%- elif message['role'] == 'assistant' -%}")
    if reasoning:
        lines.append(empty_thought(template, thought))
    lines += ["{{- " + assistant + " -}}", "{%- endif -%}", "{%- endfor -%}"]
    if reasoning and not template.enable_thinking:
        lines.append("{{- " + thought + " -}}")
    return "\n".join(lines)


def empty_thought(template: Any, thought: str) -> str:
    """Training puts an empty thought before each answer that has none."""
    begin, end = (literal(word.strip()) for word in template.thought_words)
    return "{%- if " + begin + " not in content and " + end + " not in content -%}{{- " + thought + " -}}{%- endif -%}"
