"""The files that easy-dataset exports, to disk and in the browser: JSON arrays, JSONL, CSV, and objects one after another."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tunesmith.datasets.reading import LONGEST_ROW, Raw, read_objects, read_rows

_COLUMNS = ({"instruction", "output"}, {"messages"}, {"question", "correctAnswer"}, {"question", "answer"})
"""Of the CSV files that it writes; more may be there."""


@dataclass(frozen=True)
class Entry:
    """One row of a file. `why`: it can't be read, for this reason."""

    place: str
    row: object = None
    why: str | None = None


def entries(path: Path) -> Iterator[Entry]:
    """Every row, good or bad, whatever the file's name. Raises OSError when the file can't be opened."""
    with path.open("rb") as file:
        first = file.read(64 << 10).removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if first == b"[":
        yield from map(_entry, read_rows(path))
    elif first == b"{":
        for entry in map(_entry, read_objects(path)):
            page = entry.row.get("data") if isinstance(entry.row, dict) else None
            if isinstance(page, list):  # a page of the API, saved as a file
                yield from (Entry(f"row {number}", row) for number, row in enumerate(page, 1))
            else:
                yield entry
    elif first:
        yield from _csv(path)


def _entry(raw: Raw) -> Entry:
    place = f"line {raw.line}"
    if raw.why:
        return Entry(place, why=raw.why)
    try:
        return Entry(place, json.loads(raw.text))
    except (ValueError, RecursionError) as error:
        return Entry(place, raw.text[:1000].decode("utf-8", "replace"), why=f"it is no valid JSON ({error})")


def _csv(path: Path) -> Iterator[Entry]:
    csv.field_size_limit(LONGEST_ROW)
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        reader = csv.reader(file, strict=True)
        try:
            header = next(reader)
            if not any(wanted <= set(header) for wanted in _COLUMNS):
                yield Entry(
                    "line 1", why="the file is neither JSON nor a CSV of easy-dataset: its first line names no columns of it"
                )
                return
            begins = reader.line_num + 1
            for cells in reader:
                if len(cells) == len(header):
                    yield Entry(f"line {begins}", dict(zip(header, cells, strict=True)))
                elif cells:
                    yield Entry(f"line {begins}", cells, why=f"it has {len(cells)} columns, the first line {len(header)}")
                begins = reader.line_num + 1
        except csv.Error as error:
            yield Entry(f"line {reader.line_num}", why=f"it is no valid CSV ({error}); nothing after it can be read")
