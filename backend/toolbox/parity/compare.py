"""Where two renderings of a chat part: pure functions over token ids and text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

# Shown on either side of the first difference.
IDS_AROUND = 8
CHARACTERS_AROUND = 40


@dataclass(frozen=True)
class Chat:
    """A chat of the corpus as the trainer reads it: `ids` are what the model was given in training."""

    name: str
    messages: list[dict[str, Any]]
    ids: list[int]
    text: str
    literal_special: bool = False


@dataclass(frozen=True)
class Served:
    """The same chat as the engine reads it; `error` when it refused to."""

    ids: list[int]
    text: str
    error: str = ""


def first_index(left: list[int] | str, right: list[int] | str) -> int | None:
    """Index of the first place where the two differ, also where one ends; None when they are equal."""
    for index, (one, other) in enumerate(zip(left, right, strict=False)):
        if one != other:
            return index
    return None if len(left) == len(right) else min(len(left), len(right))


def around(text: str, index: int) -> str:
    return text[max(0, index - CHARACTERS_AROUND) : index + CHARACTERS_AROUND]


def difference(chat: Chat, served: Served) -> dict[str, Any] | None:
    """The first differing token with its neighbours, and the text there. None when the ids are equal."""
    index = first_index(chat.ids, served.ids)
    if index is None:
        return None
    place = first_index(chat.text, served.text)
    window = slice(max(0, index - IDS_AROUND), index + IDS_AROUND)
    return {
        "index": index,
        "from_index": window.start,
        "trainer_ids": chat.ids[window],
        "served_ids": served.ids[window],
        "trainer_text": around(chat.text, place or 0),
        "served_text": around(served.text, place or 0),
        "same_text": place is None,
    }


def compare(chat: Chat, served: Served) -> dict[str, Any]:
    """One chat's part of the report. `served_text` is None where it is the trainer's.

    `accepted` is `equal` with one exception: a chat that holds the text of a special token (`literal_special`) and
    was rendered to the same text. There trainer and engine agree on the prompt and only disagree on whether a user's
    own words can be control tokens; the difference stays in the report.
    """
    found = difference(chat, served)
    excused = found is not None and chat.literal_special and not served.error and found["same_text"]
    return {
        "name": chat.name,
        "equal": found is None,
        "accepted": found is None or excused,
        "trainer_tokens": len(chat.ids),
        "served_tokens": len(served.ids),
        "trainer_text": chat.text,
        "served_text": None if served.text == chat.text else served.text,
        "first_difference": found,
        "error": served.error,
    }


def describe(chat: dict[str, Any]) -> str:
    """A chat that differs, in words: its name and the first difference."""
    if chat["error"]:
        return f"chat “{chat['name']}”: the engine refuses it ({chat['error']})"
    found = chat["first_difference"]
    place = f"chat “{chat['name']}” at token {found['index']}"
    if found["same_text"]:
        return f"{place}: the same text, cut into other tokens"
    return f"{place}: trained {found['trainer_text']!r}, served {found['served_text']!r}"


def first_refused(chats: list[dict[str, Any]]) -> dict[str, Any] | None:
    return next((chat for chat in chats if not chat["accepted"]), None)
