"""One row of easy-dataset, in any of the shapes that it has in the API and in exported files, as a row to train on."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from tunesmith.datasets.reading import Raw
from tunesmith.datasets.rows import Bad, recognise
from tunesmith.domain.dataset import Format

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class Item:
    """A row on its way. `content` None: it is left out, for `reason`."""

    place: str
    """Its id in easy-dataset, or its place in the file."""
    question: str = ""
    content: dict[str, Any] | None = None
    reason: str = ""
    remark: str = ""
    kept: dict[str, Any] = field(default_factory=dict)
    """What training doesn't read; of a row left out, all of it."""
    confirmed: bool | None = None
    has_reasoning: bool = False


@dataclass(frozen=True)
class _Turns:
    """What all shapes come down to. `reasoning` belongs to the last answer; in `turns` each answer has its own already."""

    turns: list[dict[str, str]]
    system: str = ""
    reasoning: str = ""
    kept: dict[str, Any] = field(default_factory=dict)
    doubled: bool = False
    """An answer holds <think> itself and has reasoning besides."""


class _Wrong(ValueError):
    """The sentence that says why a row is left out."""


def item(row: object, place: str, *, format: Format, reasoning: bool, system: str) -> Item:
    """`row` in the format asked for. Never raises, whatever the row."""
    fields = row if isinstance(row, dict) else {}
    place = str(fields.get("id") or place)[:80]
    question = _question(fields)
    try:
        found = _read(row, reasoning)
        content, remark, thinks = _written(found, format, reasoning, system)
        _check(content)
    except _Wrong as wrong:
        return Item(place, question, reason=str(wrong), kept=fields if fields else {"row": row})
    confirmed = fields.get("confirmed")
    return Item(place, question, content, "", remark, found.kept, confirmed if isinstance(confirmed, bool) else None, thinks)


def nearest(row: object) -> Format:
    """The format that needs the least change."""
    return Format.MESSAGES if isinstance(row, dict) and "messages" in row else Format.ALPACA


def tags(value: object) -> list[str]:
    """easy-dataset keeps them as a JSON array in a text, as `a,b`, or as an empty text."""
    if isinstance(value, str) and value.startswith("["):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return [str(value)]
    if isinstance(value, str):
        value = value.split(",")
    return [str(tag).strip() for tag in value if str(tag).strip()] if isinstance(value, list) else []


def _read(row: object, reasoning: bool) -> _Turns:
    if not isinstance(row, dict):
        raise _Wrong("it is no object")
    if "messages" in row:
        return _conversation(row, reasoning)
    if "questionType" in row or "correctAnswer" in row:
        return _evaluation(row)
    if "answer" in row or "question" in row:
        return _pair(row, "question", "answer", "cot")
    if "instruction" in row or "output" in row or "input" in row:
        return _pair(row, "instruction", "output", "complexCOT")
    have = ", ".join(sorted(map(repr, row))[:6]) or "no fields"
    raise _Wrong(f"it has {have}, and is in no shape that easy-dataset writes")


def _pair(row: dict[str, Any], question: str, answer: str, cot: str) -> _Turns:
    asked = "\n".join(part for part in (_text(row, question), _text(row, "input")) if part)
    answered = _text(row, answer)
    if not asked.strip():
        raise _Wrong("its question is empty")
    if not answered.strip():
        raise _Wrong("its answer is empty")
    used = {question, "input", answer, "system", "projectId"}
    kept = {name: value for name, value in row.items() if name not in used and value not in ("", None)}
    if "tags" in kept:
        kept["tags"] = tags(kept["tags"])
    turns = [{"role": "user", "content": asked}, {"role": "assistant", "content": answered}]
    return _Turns(turns, _text(row, "system"), _text(row, cot), kept)


def _conversation(row: dict[str, Any], reasoning: bool) -> _Turns:
    messages = row["messages"]
    if isinstance(messages, str):  # in a CSV
        try:
            messages = json.loads(messages)
        except (ValueError, RecursionError) as error:
            raise _Wrong("its messages are no valid JSON") from error
    if not isinstance(messages, list) or not messages:
        raise _Wrong("it has no messages")
    turns: list[dict[str, str]] = []
    system, doubled = "", False
    for number, message in enumerate(messages, 1):
        if not isinstance(message, dict) or not isinstance(message.get("content"), str):
            raise _Wrong(f"message {number} has no text")
        role, content, thinking = message.get("role"), message["content"], message.get("thinking")
        if role == "system" and not turns:
            system = content
        elif not content.strip():
            raise _Wrong(f"message {number} ({role}) is empty")
        else:
            given = reasoning and isinstance(thinking, str) and bool(thinking.strip())
            thought = given and "<think>" not in content
            doubled = doubled or (given and not thought)
            turns.append({"role": str(role), "content": f"<think>{thinking}</think>\n{content}" if thought else content})
    kept = {name: value for name, value in row.items() if name not in ("messages", "user", "final", "developer") and value}
    return _Turns(turns, system, kept=kept, doubled=doubled)


def _evaluation(row: dict[str, Any]) -> _Turns:
    """A test question; its choices are lettered as the tool's own page shows them, since its answers are letters."""
    question, answer = _text(row, "question"), _text(row, "correctAnswer")
    if not question.strip() or not answer.strip():
        raise _Wrong("its question is empty" if answer.strip() else "it has no correct answer")
    choices = _json_list(row.get("options"))
    lines = [question, *(f"{letter}. {choice}" for letter, choice in zip(LETTERS, choices, strict=False))]
    several = _json_list(answer)
    kept = {name: value for name, value in row.items() if name not in ("question", "correctAnswer") and value not in ("", None)}
    if "tags" in kept:
        kept["tags"] = tags(kept["tags"])
    turns = [{"role": "user", "content": "\n".join(lines)}, {"role": "assistant", "content": ", ".join(several) or answer}]
    return _Turns(turns, kept=kept)


def _written(found: _Turns, format: Format, reasoning: bool, system: str) -> tuple[dict[str, Any], str, bool]:
    """The row in its format, a remark on it, and whether its answers hold reasoning."""
    turns, remark = [dict(turn) for turn in found.turns], ""
    answers = [turn for turn in turns if turn["role"] == "assistant"]
    before = any("<think>" in turn["content"] for turn in found.turns if turn["role"] == "assistant")
    if found.doubled or (before and found.reasoning.strip() and reasoning):
        # The tool's own export would write a second block before the first.
        remark = "its answer holds <think> already and is taken as it is; its other reasoning is kept in the provenance only"
    elif before and not reasoning:
        remark = "its answer holds <think> itself and is taken as it is, though reasoning is left out"
    elif found.reasoning.strip() and reasoning and answers:
        answers[-1]["content"] = f"<think>{found.reasoning}</think>\n{answers[-1]['content']}"
    thinks = any("<think>" in turn["content"] for turn in answers)
    first = found.system or system
    if format is Format.MESSAGES:
        return {"messages": [*([{"role": "system", "content": first}] if first else []), *turns]}, remark, thinks
    if [turn["role"] for turn in turns] != ["user", "assistant"]:
        raise _Wrong(f"it has {len(turns)} turns, which the format {format} can't hold; take it as messages")
    content = {"instruction": turns[0]["content"], "input": "", "output": turns[1]["content"], "system": first}
    return content, remark, thinks


def _check(content: dict[str, Any]) -> None:
    """By the rules for every row that comes in, whatever tool wrote it."""
    try:
        text = json.dumps(content, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise _Wrong("a text in it is no valid Unicode") from error
    judged = recognise(Raw(1, text))
    if isinstance(judged, Bad):
        raise _Wrong(judged.reason)


def _text(row: dict[str, Any], name: str) -> str:
    value = row.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _Wrong(f"its {name} is no text")
    return value


def _json_list(value: object) -> list[str]:
    if isinstance(value, str) and value.startswith("["):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return []
    return [str(part) for part in value] if isinstance(value, list) else []


def _question(fields: dict[str, Any]) -> str:
    text = str(fields.get("question") or fields.get("instruction") or fields.get("input") or fields.get("user") or "")
    messages = fields.get("messages")
    if not text and isinstance(messages, list):
        asked = (turn.get("content") for turn in messages if isinstance(turn, dict) and turn.get("role") == "user")
        text = str(next(asked, ""))
    return text if len(text) <= 120 else f"{text[:120]}…"
