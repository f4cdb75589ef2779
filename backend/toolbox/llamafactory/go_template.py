"""Writes a LLaMA-Factory template as a Go template, the only kind that Ollama renders.

Ollama gives a template `.System` (all system messages) and `.Messages` (these too), and no arithmetic, no search in text.
So the number of a turn is the length of a text that grows by a dot a turn, and an answer of an earlier turn counts as one
without a thought of its own.
"""

from typing import Any

from jinja_template import CONTENT, TURN, slot_text

SYSTEM, MESSAGE = "{{ $system }}", "{{ .Content }}"
TURNS, COUNTED = "{{ len $turns }}", '{{ $turns = printf "%s." $turns }}'
NO_LONGER_FIRST = '{{ if ne .Role "system" }}{{ $first = false }}{{ end }}'
ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def quoted(text: str) -> str:
    """A string of Go in ASCII: Ollama's Modelfile drops characters that can't be printed."""
    return '"' + "".join(escaped(character) for character in text) + '"'


def escaped(character: str) -> str:
    if character in ESCAPES:
        return ESCAPES[character]
    if character.isascii() and character.isprintable():
        return character
    return f"\\U{ord(character):08x}"


def literal(text: str) -> str:
    """Text as it stands where a Modelfile and Go leave it alone, else as a Go string."""
    said = all(character.isprintable() or character == "\n" for character in text)
    return text if said and not any(mark in text for mark in ("{", "}", '"""')) else "{{ " + quoted(text) + " }}"


def filled(text: str, content: str) -> str:
    """The text of a formatter's slots; `content` is the action that fills its placeholder."""
    before, found, after = text.partition(CONTENT)
    return numbered(before) + (content + numbered(after) if found else "")


def numbered(text: str) -> str:
    return TURNS.join(literal(piece) if piece else "" for piece in text.split(TURN, 1))


def slots_text(formatter: Any, tokenizer: Any) -> str:
    return "".join(slot_text(slot, tokenizer) for slot in formatter.slots)


def go_template(template: Any, tokenizer: Any, with_first_bos: bool = True) -> str:
    """For a template object of LLaMA-Factory 0.9.5; tools are left out.

    `with_first_bos=False` leaves out the begin token at the very start, for engines that add one to every prompt.
    """
    kind = {base.__name__ for base in type(template).__mro__}
    fused, reasoning = "Llama2Template" in kind, "ReasoningTemplate" in kind
    bos = tokenizer.bos_token or ""
    prefix = slots_text(template.format_prefix, tokenizer)
    if not with_first_bos and begins_with_bos(template.format_prefix):
        prefix = prefix.removeprefix(bos)
    system = filled(slots_text(template.format_system, tokenizer), SYSTEM)
    system = "{{ if $system }}" + system + "{{ end }}" if system else ""
    content = "{{ if $first }}" + system + "{{ end }}" + MESSAGE if fused and system else MESSAGE
    user = slots_text(template.format_user, tokenizer)
    if not with_first_bos and begins_with_bos(template.format_user):
        question = "{{ if not $first }}" + literal(bos) + "{{ end }}" + filled(user.removeprefix(bos), content)
    else:
        question = filled(user, content)
    thought = literal(template.add_thought()) if reasoning else ""
    body = "".join((
        literal(prefix) if prefix else "",
        "" if fused else system,
        '{{ range .Messages }}{{ if eq .Role "user" }}', question,
        '{{ else if eq .Role "assistant" }}', thought, filled(slots_text(template.format_assistant, tokenizer), MESSAGE), COUNTED,
        "{{ end }}", NO_LONGER_FIRST, "{{ end }}",
        thought if reasoning and not template.enable_thinking else "",
    ))  # fmt: skip
    return declared(body, template.default_system)


def begins_with_bos(formatter: Any) -> bool:
    first = formatter.slots[0] if formatter.slots else None
    return isinstance(first, set) and "bos_token" in first


def declared(body: str, default_system: str | None) -> str:
    """`body` with the variables that it reads, and without the changes of those that it doesn't."""
    opening = "{{ $system := .System }}"
    if default_system:
        opening += "{{ if not $system }}{{ $system = " + quoted(default_system) + " }}{{ end }}"
    for change, reads, declaration in (
        (NO_LONGER_FIRST, ("if $first", "if not $first"), "{{ $first := true }}"),
        (COUNTED, (TURNS,), '{{ $turns := "" }}'),
    ):
        if any(read in body for read in reads):
            opening += declaration
        else:
            body = body.replace(change, "")
    return opening + body


def ollama_templates(template: Any, tokenizer: Any) -> dict[str, str]:
    """By file name, in the order in which the parity gate tries them: the tool's own where it can say it, then ours."""
    found = {"1-llamafactory": tools_own(template, tokenizer), "2-trained": go_template(template, tokenizer)}
    found["3-trained-without-bos"] = go_template(template, tokenizer, with_first_bos=False)
    different: dict[str, str] = {}
    for name, made in found.items():
        if made is not None and made not in different.values():
            different[f"{name}.gotmpl"] = made
    return different


def tools_own(template: Any, tokenizer: Any) -> str | None:
    """What LLaMA-Factory writes into its Modelfile, or None where that can't be what it encodes."""
    kind = {base.__name__ for base in type(template).__mro__}
    turned = any(isinstance(slot, str) and TURN in slot for slot in template.format_user.slots)
    if kind & {"Llama2Template", "ReasoningTemplate"} or turned:
        return None
    try:
        made: str = template._get_ollama_template(tokenizer)
    except ValueError:  # single tokens
        return None
    return made
