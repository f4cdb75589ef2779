"""Reads the rows of a JSONL file, or of a file that is one JSON array, one at a time and never the whole file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

LONGEST_ROW = 16 << 20
"""Bytes; a longer line is reported and passed over."""
_CHUNK = 1 << 20
_BOM = b"\xef\xbb\xbf"
_BLANK = b" \t\r\n"
_NOT_BLANK = re.compile(r"[^ \t\r\n]")
_DECODER = json.JSONDecoder()


@dataclass(frozen=True)
class Raw:
    """One row as its bytes. `why`: the bytes can't be read at all, for this reason."""

    line: int
    """From 1; for an array the line on which the element begins."""
    text: bytes = b""
    why: str | None = None


def read_rows(path: Path) -> Iterator[Raw]:
    """Every row of the file, good or bad; blank lines are no rows. Raises OSError when the file can't be opened."""
    with path.open("rb") as file:
        start = file.read(64 << 10)
        skipped = len(_BOM) if start.startswith(_BOM) else 0
        first = start[skipped:].lstrip(_BLANK)[:1]
        file.seek(skipped)
        yield from _elements(file) if first == b"[" else _lines(file)


def read_objects(path: Path) -> Iterator[Raw]:
    """JSON values one after another, over as many lines as they like (JSONL is the simplest case). Raises OSError.

    After what is no JSON, reading goes on at the next line that begins with `{`.
    """
    with path.open("rb") as file:
        file.seek(len(_BOM) if file.read(len(_BOM)) == _BOM else 0)
        window = _Window(file)
        while window.sign():
            line = window.line
            element = window.element()
            if element is None:
                yield Raw(line, why="it is no valid JSON, too long, or cut off")
                window.skip_to_object()
            else:
                yield Raw(line, element)


def _lines(file: BinaryIO) -> Iterator[Raw]:
    number = 0
    while line := file.readline(LONGEST_ROW + 1):
        number += 1
        if len(line) > LONGEST_ROW:
            while line and not line.endswith(b"\n"):
                line = file.readline(_CHUNK)
            yield Raw(number, why=f"it is longer than {LONGEST_ROW >> 20} MiB")
        elif line.strip(_BLANK):
            yield Raw(number, line.strip(_BLANK))


class _Window:
    """A window on the file. Its bytes are held as Latin-1 text: one character a byte, and JSON's own signs are ASCII."""

    def __init__(self, file: BinaryIO) -> None:
        self.file, self.text, self.at, self.line = file, "", 0, 1

    def grow(self) -> bool:
        more = self.file.read(max(_CHUNK, len(self.text) - self.at))
        self.text, self.at = self.text[self.at :] + more.decode("latin-1"), 0
        return bool(more)

    def take(self, end: int) -> bytes:
        """The bytes up to `end`; the window moves behind them."""
        taken = self.text[self.at : end].encode("latin-1")
        self.line += taken.count(b"\n")
        self.at = end
        return taken

    def sign(self) -> str:
        """The next character that isn't blank, or "" at the end of the file."""
        while True:
            found = _NOT_BLANK.search(self.text, self.at)
            if found:
                self.take(found.start())
                return found[0]
            self.take(len(self.text))
            if not self.grow():
                return ""

    def element(self) -> bytes | None:
        """The next element, or None when it is no JSON, longer than allowed, or cut off."""
        while True:
            try:
                _, end = _DECODER.raw_decode(self.text, self.at)
            except RecursionError:
                return None
            except ValueError:
                end = -1
            if -1 < end < len(self.text):
                return self.take(end)
            if len(self.text) - self.at > LONGEST_ROW:
                return None
            if not self.grow():
                return self.take(len(self.text)) if end >= 0 else None

    def skip_to_object(self) -> None:
        """Behind the next line's end after which a `{` stands; to the end of the file when there is none."""
        while True:
            found = self.text.find("\n{", self.at)
            if found >= 0:
                self.take(found + 1)
                return
            self.take(max(self.at, len(self.text) - 1))
            if not self.grow():
                self.take(len(self.text))
                return


def _elements(file: BinaryIO) -> Iterator[Raw]:
    """Elements of a JSON array. After the first that is no JSON nothing can be told apart any more, and reading ends."""
    array = _Window(file)
    array.sign()
    array.take(array.at + 1)
    while (sign := array.sign()) not in ("]", ""):
        line = array.line
        element = array.element()
        if element is None:
            yield Raw(line, why="it is no valid JSON, too long, or not closed; nothing after it in this array can be read")
            return
        yield Raw(line, element)
        after = array.sign()
        if after == ",":
            array.take(array.at + 1)
        elif after not in ("]", ""):
            yield Raw(array.line, why="a comma is missing before it; nothing after it in this array can be read")
            return
    if not sign:
        yield Raw(array.line, why="the array isn't closed; the file is cut short")
        return
    array.take(array.at + 1)
    if array.sign():
        yield Raw(array.line, why="something follows the end of the array")
