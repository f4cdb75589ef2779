"""What is in a folder, for picking from it."""

from __future__ import annotations

import os
import re
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, NamedTuple

from pydantic import BaseModel

from tunesmith.domain.errors import InvalidInput, Refused
from tunesmith.files.roots import Roots

MOST = 2000
Wanted = Literal["folder", "file"]
Model = Literal["model", "adapter"]
_DIGITS = re.compile(r"(\d{1,18})")


class Entry(BaseModel):
    """One thing in a folder; of a link what it leads to."""

    name: str
    path: str
    folder: bool
    bytes: int | None = None
    """Of a file."""
    modified_at: datetime | None = None
    holds: Model | None = None
    """Of a folder that looks like one: a base model in Hugging Face's form, or an adapter."""
    closed: bool = False
    """It can't be opened: it leads out of the allowed folders."""


class Listing(BaseModel):
    path: str
    parent: str | None
    """None for a root: what is above it can't be picked from."""
    roots: list[str]
    entries: list[Entry]
    """Folders first, each by name."""
    total: int
    cut: bool
    """There are more than are listed."""
    holds: Model | None = None
    """What this folder itself looks like."""


class Browser:
    """Blocking."""

    def __init__(self, roots: Roots) -> None:
        self._roots = roots

    def list(self, path: str, wanted: Wanted | None = None, suffixes: Collection[str] = (), hidden: bool = False) -> Listing:
        """`wanted` folder: no files. `suffixes`: only files that end so; folders are there for the way through them."""
        folder = self._roots.find(path)
        found = sorted(_found(folder, wanted, suffixes, hidden), key=lambda each: (not each.folder, _natural(each.name)))
        entries = [entry for each in found[:MOST] if (entry := self._entry(folder, each)) is not None]
        return Listing(
            path=str(folder),
            parent=None if folder in self._roots.all or not self._roots.holds(folder.parent.resolve()) else str(folder.parent),
            roots=[str(root) for root in self._roots.all],
            entries=entries,
            total=len(found),
            cut=len(found) > MOST,
            holds=looks_like(folder),
        )

    def _entry(self, folder: Path, found: _Found) -> Entry | None:
        """None for what vanished meanwhile."""
        path = folder / found.name
        try:
            seen = path.stat()
        except OSError:
            return None
        closed = (found.link or found.name == ".tunesmith") and not self._roots.holds(path.resolve())
        return Entry(
            name=found.name,
            path=str(path),
            folder=found.folder,
            bytes=None if found.folder else seen.st_size,
            modified_at=datetime.fromtimestamp(seen.st_mtime, UTC),
            holds=looks_like(path) if found.folder and not closed else None,
            closed=closed,
        )


class _Found(NamedTuple):
    name: str
    folder: bool
    link: bool


def _found(folder: Path, wanted: Wanted | None, suffixes: Collection[str], hidden: bool) -> list[_Found]:
    """What is wanted of a folder, links followed: folders and plain files, whose names can be said."""
    ends = tuple(suffix.lower() for suffix in suffixes)
    try:
        with os.scandir(folder) as entries:
            named = [entry for entry in entries if (hidden or not entry.name.startswith(".")) and _sayable(entry.name)]
            kinds = [(entry, _kind(entry)) for entry in named]
            return [
                _Found(entry.name, kind == "folder", entry.is_symlink())
                for entry, kind in kinds
                if kind == "folder" or (kind == "file" and wanted != "folder" and (not ends or entry.name.lower().endswith(ends)))
            ]
    except NotADirectoryError as error:
        raise InvalidInput(f"{folder} is a file", "Only folders have entries.", f"Ask for {folder.parent}.") from error
    except OSError as error:
        raise Refused(f"{folder} can't be read", f"{error.strerror}.", "Make it readable, or choose another.") from error


def _kind(entry: os.DirEntry[str]) -> Wanted | None:
    """None for pipes and devices, and for links that lead nowhere."""
    try:
        return "folder" if entry.is_dir() else "file" if entry.is_file() else None
    except OSError:
        return None


def looks_like(folder: Path) -> Model | None:
    """By the names in it: nothing is read."""
    try:
        if (folder / "adapter_config.json").is_file():
            return "adapter"
        if not (folder / "config.json").is_file():
            return None
        return "model" if any(name.endswith((".safetensors", ".bin")) for name in os.listdir(folder)) else None  # noqa: PTH208
    except OSError:
        return None


def _sayable(name: str) -> bool:
    """Names that are no valid text can't be told in JSON, nor asked for."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _natural(name: str) -> list[tuple[int, int | str]]:
    """checkpoint-9 before checkpoint-10."""
    return [(0, int(part)) if part.isdecimal() else (1, part) for part in _DIGITS.split(name.casefold()) if part]
