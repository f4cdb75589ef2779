"""Drafts on disk: `.tunesmith/drafts/<name>.json`, each a JSON object that only its form understands."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from tunesmith.domain.errors import InvalidInput, NotFound
from tunesmith.runtimes.wrapper import write_whole
from tunesmith.web.errors import TooLarge

LARGEST = 64_000
"""Bytes of one as it is stored."""
MOST = 200
NAME = r"^[a-z0-9][a-z0-9-]{0,60}$"


class Draft(BaseModel):
    """What is known of a draft without reading it."""

    name: str
    bytes: int
    saved_at: datetime


class Drafts:
    """Blocking. Beyond the 200 newest the oldest go."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def all(self) -> list[Draft]:
        """Newest first."""
        found = []
        for path in self._folder.glob("[a-z0-9]*.json"):
            with suppress(OSError):  # deleted meanwhile
                seen = path.stat()
                saved_at = datetime.fromtimestamp(seen.st_mtime, UTC)
                found.append(Draft(name=path.stem, bytes=seen.st_size, saved_at=saved_at))
        return sorted(found, key=lambda draft: draft.saved_at, reverse=True)

    def get(self, name: str) -> bytes:
        """The JSON of it, as it was kept."""
        try:
            return self._path(name).read_bytes()
        except FileNotFoundError as error:
            raise NotFound(f"There is no draft {name!r}", "", "GET /api/drafts lists those there are.") from error

    def put(self, name: str, content: Mapping[str, Any]) -> Draft:
        raw = _as_json(content)
        if len(raw) > LARGEST:
            raise TooLarge(f"The draft {name!r} is too large", f"It has {len(raw):,} bytes of {LARGEST:,}.", "Shorten it.")
        self._folder.mkdir(parents=True, exist_ok=True)
        write_whole(self._path(name), raw)
        for old in self.all()[MOST:]:
            self.delete(old.name)
        return Draft(name=name, bytes=len(raw), saved_at=datetime.now(UTC))

    def delete(self, name: str) -> None:
        """Nothing happens when there is none."""
        self._path(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.json"


def _as_json(content: Mapping[str, Any]) -> bytes:
    """In ASCII: half of a surrogate pair, which a form may hold for a moment, has no other form."""
    try:
        return json.dumps(content, allow_nan=False).encode()
    except (ValueError, RecursionError) as error:
        raise InvalidInput(
            "The draft is no JSON", f"{error}.", "Leave out what isn't a number, and what is nested too deeply."
        ) from error
