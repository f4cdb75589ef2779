"""The log of a job on disk: its attempts' logs in order (`<nn>-<step>/<attempt>/log`), read in pieces. All of it blocks."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tunesmith.domain.errors import NotFound
from tunesmith.jobs.masking import Masking

JOB_ID = r"^[a-z0-9][a-z0-9-]{3,60}$"
STEP = re.compile(r"[0-9]{2,}-[a-z][a-z0-9-]*")
ATTEMPT = re.compile(r"[1-9][0-9]{0,5}")
PIECE = 256 * 1024
"""Bytes that are read at once."""


@dataclass(frozen=True, order=True)
class Segment:
    """One attempt's log. `step` is the name of its folder (`01-merge`)."""

    number: int
    step: str
    attempt: int
    folder: Path

    @property
    def path(self) -> Path:
        return self.folder / "log"

    @property
    def ended(self) -> bool:
        return (self.folder / "exit").exists()

    def size(self) -> int:
        """Bytes; 0 when it was deleted."""
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0


def job_folder(jobs: Path, job_id: str) -> Path:
    """The folder of a job; `NotFound` for what isn't a job's id, isn't there, or lies elsewhere (a link)."""
    folder = jobs / job_id
    if not re.fullmatch(JOB_ID, job_id) or not folder.is_dir() or folder.resolve().parent != jobs.resolve():
        raise NotFound("There is no such job", f"{ascii(job_id)[:80]} is no job of this home.", "`tunesmith jobs` lists them.")
    return folder


def segments(folder: Path) -> list[Segment]:
    """The logs that there are, in order. A folder that was deleted has none."""
    found: list[Segment] = []
    for step in _folders(folder, STEP):
        number = int(step.name.partition("-")[0])
        found += [Segment(number, step.name, int(attempt.name), attempt) for attempt in _folders(step, ATTEMPT)]
    return sorted(each for each in found if each.path.is_file() and not each.path.is_symlink())


def _folders(folder: Path, name: re.Pattern[str]) -> list[Path]:
    try:
        return [each for each in folder.iterdir() if name.fullmatch(each.name) and each.is_dir() and not each.is_symlink()]
    except (FileNotFoundError, NotADirectoryError):
        return []


def read_piece(segment: Segment, start: int, end: int, masking: Masking) -> bytes:
    """The bytes from `start` to `end` of a log, masked; fewer when it is shorter (or gone)."""
    first = max(0, start - masking.reach)
    try:
        descriptor = os.open(segment.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return b""
    try:
        data = os.pread(descriptor, end + masking.reach - first, first)
    finally:
        os.close(descriptor)
    return masking.apply(data)[start - first : end - first]


def pieces(parts: list[tuple[Segment, int, int]], masking: Masking) -> Iterator[bytes]:
    """The bytes of several (log, start, end), one `PIECE` at a time."""
    for segment, start, end in parts:
        while start < end:
            data = read_piece(segment, start, min(start + PIECE, end), masking)
            if not data:
                return
            yield data
            start += len(data)


def cut(sizes: list[tuple[Segment, int]], start: int, end: int) -> list[tuple[Segment, int, int]]:
    """Which part of which log the bytes from `start` to `end` of the logs one after the other are."""
    parts, begin = [], 0
    for segment, size in sizes:
        first, last = max(start - begin, 0), min(end - begin, size)
        if first < last:
            parts.append((segment, first, last))
        begin += size
    return parts


def line_start(segment: Segment, start: int) -> int:
    """The first beginning of a line at or after `start`, if there is one in the next 64 KiB."""
    found = read_piece(segment, start, start + 65536, Masking()).find(b"\n")
    return start + found + 1 if found >= 0 else start


def count_lines(segment: Segment, start: int, end: int) -> int:
    """Line feeds in the bytes from `start` to `end`."""
    return sum(data.count(b"\n") for data in pieces([(segment, start, end)], Masking()))


def whole_characters(data: bytes) -> int:
    """How many bytes of `data` are there without a UTF-8 character that has only begun at its end."""
    for back in range(1, min(3, len(data)) + 1):
        byte = data[-back]
        if byte >= 0xC0:
            length = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4 if byte < 0xF8 else 1
            return len(data) - back if length > back else len(data)
        if byte < 0x80:
            break
    return len(data)
