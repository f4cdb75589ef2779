"""Remembers what was read from files until one of them changes.

The rule: a reading is used again while inode, size and modification time of every file that it came from are what they were
before it was read. A folder's own modification time changes when something in it is made, renamed or deleted, but not when a
file is rewritten in place, so the files that matter are looked at as well. A file that was changed within the clock's grain
before the reading (0.1 s; 2 s where a file system keeps whole seconds) may change again without a new time: it is read anew.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Generic, NamedTuple, TypeVar

Value = TypeVar("Value")
Stamp = tuple[int, int, int] | None
"""Inode, bytes, modification time in ns; None when there is nothing."""
GRAIN_NS = 100_000_000
WHOLE_SECONDS_GRAIN_NS = 2_000_000_000


def stamp(path: str) -> Stamp:
    try:
        found = os.stat(path)  # noqa: PTH116 — ten thousand of them: pathlib doubles the time
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def _settled(stamps: tuple[Stamp, ...], now_ns: int) -> bool:
    for one in stamps:
        if one is not None:
            grain = GRAIN_NS if one[2] % 1_000_000_000 else WHOLE_SECONDS_GRAIN_NS
            if now_ns - one[2] < grain:
                return False
    return True


class Entry(NamedTuple, Generic[Value]):
    files: tuple[str, ...]
    stamps: tuple[Stamp, ...]
    settled: bool
    value: Value


class Memo(Generic[Value]):
    """One scan's readings. `begin` a scan, `recall` for each thing; what wasn't asked for since `begin` is forgotten at `end`."""

    def __init__(self) -> None:
        self._old: dict[str, Entry[Value]] = {}
        self._new: dict[str, Entry[Value]] = {}
        self.reads = 0
        """How many readings were made in all; a test of the memory, not of the clock."""

    def begin(self) -> None:
        self._new = {}

    def end(self) -> None:
        self._old = self._new

    def recall(self, key: str, files: Callable[[], tuple[str, ...]], read: Callable[[], Value]) -> Value:
        """The remembered reading of `key`, or a new one: `files` names what it depends on."""
        entry = self.known(key)
        if entry is None:
            names = files()
            before, now = tuple(map(stamp, names)), time.time_ns()
            entry = Entry(names, before, _settled(before, now), read())
            self._new[key] = entry
            self.reads += 1
        return entry.value

    def known(self, key: str) -> Entry[Value] | None:
        """The entry of `key` when nothing has changed since. Written out, since it runs ten thousand times in 0.05 s."""
        entry = self._old.get(key)
        if entry is None or not entry.settled:
            return None
        for file, before in zip(entry.files, entry.stamps, strict=True):
            try:
                now = os.stat(file)  # noqa: PTH116
            except OSError:
                if before is not None:
                    return None
                continue
            if before is None or before[2] != now.st_mtime_ns or before[1] != now.st_size or before[0] != now.st_ino:
                return None
        self._new[key] = entry
        return entry
