"""Names that users give. One grammar for runs, models, data sets and served names, safe as a file name and in Ollama."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator

from tunesmith.domain.errors import InvalidInput

LONGEST = 80
GRAMMAR = re.compile(r"[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?")


def is_name(text: str) -> bool:
    """Whether `text` may be a name, and so a part of a path."""
    return len(text) <= LONGEST and GRAMMAR.fullmatch(text) is not None and ".." not in text


def checked_name(name: str) -> str:
    """`name` itself, or `InvalidInput`: 1 to 80 of a-z 0-9 . _ -, first and last a letter or digit, no two dots together."""
    if is_name(name):
        return name
    shown = name if len(name) <= LONGEST else f"{name[:40]}… ({len(name)} characters)"
    raise InvalidInput(
        f"The name {shown!r} can't be used",
        "A name is 1 to 80 lower-case letters, digits, dots, dashes or underscores, and begins and ends with a letter or digit.",
        f"Try {suggestion(name)!r}.",
    )


def suggestion(name: str) -> str:
    """The nearest name that is allowed."""
    plain = re.sub(r"[^a-z0-9._-]+", "-", name.lower())
    return re.sub(r"\.{2,}", ".", plain)[:LONGEST].strip("._-") or "model"


def _for_pydantic(name: str) -> str:
    try:
        return checked_name(name)
    except InvalidInput as error:
        raise ValueError(str(error)) from error


Name = Annotated[str, AfterValidator(_for_pydantic)]
