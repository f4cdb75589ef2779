"""What the parity gates of all engines share: the trainer's side, what passes, and the report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from compare import Chat, describe, first_refused
from engine import Engine, EngineFailed

# Real calls whose prompt length is compared, spread over the corpus. Each evaluates its prompt: one of 700 tokens takes a
# slow machine 5 s, and how chats are wrapped shows in short ones.
LENGTH_CALLS, LENGTH_TOKENS = 4, 256


class Unreadable(Exception):
    """The trainer's side is missing or isn't what `render.py` writes."""


def read_rendering(folder: Path) -> tuple[dict[str, Any], list[Chat]]:
    path = folder / "rendering.json"
    fields = ("name", "messages", "ids", "text")
    try:
        rendering = json.loads(path.read_text(encoding="utf-8"))
        chats = [
            Chat(**{f: chat[f] for f in fields}, literal_special=bool(chat.get("literal_special"))) for chat in rendering["chats"]
        ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Unreadable(f"{path} can't be read ({error}): render the corpus again") from error
    if not chats:
        raise Unreadable(f"{path} holds no chat: render the corpus again")
    return rendering, chats


def add_pieces(engine: Engine, compared: list[dict[str, Any]]) -> None:
    """What stands for the ids around each first difference, as this model's own tokenizer says it; None for no id of its."""
    known: dict[int, str | None] = {}
    for found in (chat["first_difference"] for chat in compared if chat["first_difference"]):
        for side in ("trainer", "served"):
            for token in found[f"{side}_ids"]:
                if token not in known:
                    known[token] = piece(engine, token)
            found[f"{side}_pieces"] = [known[token] for token in found[f"{side}_ids"]]


def piece(engine: Engine, token: int) -> str | None:
    try:
        return engine.piece(token)
    except EngineFailed:
        return None


def length_result(chat: Chat, expected: int, counted: int) -> dict[str, Any]:
    """A real call: the prompt that was evaluated has to be as long as the one that was compared."""
    return {"name": chat.name, "expected_tokens": expected, "prompt_tokens": counted, "equal": counted == expected}


def spread(chats: list[Chat]) -> list[Chat]:
    """A few of the chats, the longest that is quick to evaluate among them."""
    chats = [chat for chat in chats if len(chat.ids) <= LENGTH_TOKENS] or chats[:1]
    chosen = chats[:: max(1, len(chats) // (LENGTH_CALLS - 1))][: LENGTH_CALLS - 1]
    longest = max(chats, key=lambda chat: len(chat.ids))
    return chosen if longest in chosen else [*chosen, longest]


def passed(round_: dict[str, Any]) -> bool:
    return first_refused(round_["chats"]) is None and all(call["equal"] for call in round_["prompt_length_calls"])


def reason(round_: dict[str, Any]) -> str:
    refused = first_refused(round_["chats"])
    if refused is not None:
        return describe(refused)
    call = next(call for call in round_["prompt_length_calls"] if not call["equal"])
    return (
        f"chat “{call['name']}”: a real call evaluated {call['prompt_tokens']} tokens, "
        f"the compared prompt has {call['expected_tokens']}"
    )


def excused(round_: dict[str, Any]) -> str:
    """A sentence about the chats that were accepted though their ids differ, or nothing."""
    names = [chat["name"] for chat in round_["chats"] if chat["accepted"] and not chat["equal"]]
    return f" The text of special tokens inside a message is read differently: {', '.join(names)}." if names else ""


def write(path: Path, report: dict[str, Any]) -> None:
    """Whole when it appears."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    part.replace(path)


def program(text: str) -> list[str]:
    words = json.loads(text)
    if not isinstance(words, list) or not words or not all(isinstance(word, str) for word in words):
        raise ValueError(text)
    return words
