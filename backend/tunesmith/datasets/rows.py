"""Recognises one row: which format it is in, and if it can't be trained on, why."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, NoReturn

from tunesmith.datasets.reading import Raw
from tunesmith.domain.dataset import Format

ROLES = ("system", "user", "assistant")
META = "meta"
"""Where fields that training doesn't read are kept, as JSON text: so every row of a file has the same columns."""


@dataclass(frozen=True)
class Row:
    """A good row in its one written form. `extra`: fields that training doesn't read."""

    line: int
    format: Format
    content: dict[str, Any]
    extra: dict[str, Any]


@dataclass(frozen=True)
class Bad:
    line: int
    reason: str


class _Wrong(ValueError):
    """The sentence that says what is wrong with a row."""


def recognise(raw: Raw) -> Row | Bad:
    """Never raises, whatever the bytes."""
    if raw.why:
        return Bad(raw.line, raw.why)
    try:
        fields = _fields(raw.text)
        kind = _format(fields)
        content, known = _READERS[kind](fields)
        extra = {name: value for name, value in fields.items() if name not in known}
        return Row(raw.line, kind, content, extra)
    except _Wrong as wrong:
        return Bad(raw.line, str(wrong))


def _fields(text: bytes) -> dict[str, Any]:
    try:
        decoded = text.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _Wrong(f"byte {error.start + 1} of the line is no valid UTF-8") from error
    try:
        content = json.loads(decoded, object_pairs_hook=_once, parse_constant=_no_constant)
        # Half a surrogate pair ("\ud83d" alone) is legal JSON, but no text that could be written or tokenised.
        json.dumps(content, ensure_ascii=False).encode("utf-8")
    except json.JSONDecodeError as error:
        what = error.msg.removesuffix(" at")
        raise _Wrong(f"it is no valid JSON ({what} at column {error.colno})") from error
    except UnicodeEncodeError as error:
        raise _Wrong("a text holds half of a surrogate pair (\\ud800 to \\udfff)") from error
    except RecursionError as error:
        raise _Wrong("it is nested too deeply") from error
    except _Wrong:
        raise
    except ValueError as error:
        raise _Wrong(f"it is no valid JSON ({error})") from error
    if not isinstance(content, dict):
        raise _Wrong(f"it is {_said(content)}, not an object")
    return content


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        names = [name for name, _ in pairs]
        raise _Wrong(f"the key {next(name for name in names if names.count(name) > 1)!r} is there twice")
    return content


def _no_constant(name: str) -> NoReturn:
    raise _Wrong(f"{name} is no JSON value")


def _format(fields: dict[str, Any]) -> Format:
    if "messages" in fields:
        return Format.MESSAGES
    if "instruction" in fields or "output" in fields:
        return Format.ALPACA
    if "prompt" in fields or "completion" in fields:
        return Format.PROMPT_COMPLETION
    have = ", ".join(sorted(map(repr, fields))[:6]) or "no fields"
    raise _Wrong(f"it has {have}, but neither messages, nor instruction and output, nor prompt and completion")


def _messages(fields: dict[str, Any]) -> tuple[dict[str, Any], set[str]]:
    messages = fields["messages"]
    if not isinstance(messages, list) or not messages:
        raise _Wrong(f"messages is {_said(messages)}, not a list of messages")
    turns = [_message(number, message) for number, message in enumerate(messages, 1)]
    system = _text(fields, "system", optional=True)
    if system:
        if turns[0]["role"] == "system":
            raise _Wrong("there is a system field and a system message; only one can be meant")
        turns.insert(0, {"role": "system", "content": system})
    _check_order([turn["role"] for turn in turns])
    return {"messages": turns}, {"messages", "system"}


def _message(number: int, message: object) -> dict[str, str]:
    if not isinstance(message, dict):
        raise _Wrong(f"message {number} is {_said(message)}, not an object")
    role, content = message.get("role"), message.get("content")
    if role is None or "content" not in message:
        raise _Wrong(f"message {number} has no {'role' if role is None else 'content'}")
    if message.get("tool_calls") or role in ("tool", "function", "function_call", "observation"):
        raise _Wrong(f"message {number} calls a tool or answers for one; tool calls can't be trained from a file yet")
    if role not in ROLES:
        raise _Wrong(f"message {number} has the role {_short(role)}; known are {', '.join(ROLES)}")
    if not isinstance(content, str):
        raise _Wrong(f"the content of message {number} is {_said(content)}, not text")
    if not content.strip() and role != "system":
        raise _Wrong(f"message {number} ({role}) is empty")
    return {"role": role, "content": content}


def _check_order(roles: list[str]) -> None:
    """The order that LLaMA-Factory's converter takes; it skips a row in any other order without an error."""
    turns = roles[1:] if roles[0] == "system" else roles
    if "system" in turns:
        raise _Wrong("a system message must come first")
    for number, role in enumerate(turns):
        if role != ("user", "assistant")[number % 2]:
            raise _Wrong("the roles must go user, assistant, user, assistant, …: " + " → ".join(roles[:8]))
    if not turns or turns[-1] != "assistant":
        raise _Wrong("the last message must be the assistant's: that is what is trained")


def _alpaca(fields: dict[str, Any]) -> tuple[dict[str, Any], set[str]]:
    if fields.get("history"):
        raise _Wrong("it has a history; write rows of several turns as messages")
    content = {
        "instruction": _text(fields, "instruction", optional=bool(fields.get("input"))),
        "input": _text(fields, "input", optional=True),
        "output": _text(fields, "output"),
        "system": _text(fields, "system", optional=True),
    }
    return content, {*content, "history"}


def _prompt_completion(fields: dict[str, Any]) -> tuple[dict[str, Any], set[str]]:
    content = {
        "prompt": _text(fields, "prompt"),
        "completion": _text(fields, "completion"),
        "system": _text(fields, "system", optional=True),
    }
    return content, set(content)


_READERS = {Format.MESSAGES: _messages, Format.ALPACA: _alpaca, Format.PROMPT_COMPLETION: _prompt_completion}


def _text(fields: dict[str, Any], name: str, *, optional: bool = False) -> str:
    if name not in fields and not optional:
        raise _Wrong(f"it has no {name}")
    value = fields.get(name)
    if value is None and optional:
        return ""
    if not isinstance(value, str):
        raise _Wrong(f"{name} is {_said(value)}, not text")
    if not optional and not value.strip():
        raise _Wrong(f"{name} is empty")
    return value


def _said(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "text", bool: "true or false", int: "a number", float: "a number"}
    if value in ([], {}, ""):
        return "empty"
    return "null" if value is None else names.get(type(value), type(value).__name__)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:40]}…"
