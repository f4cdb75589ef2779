"""Writes what an import takes over, and beside it a line for every row: where it came from, or why it was left out."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tunesmith.datasets.easy_dataset.records import Note
from tunesmith.datasets.easy_dataset.shapes import Item

SHOWN = 100
FIRST = 5


@dataclass
class Tally:
    """What was written, counted on the way."""

    total: int = 0
    taken: int = 0
    confirmed: int | None = None
    reasoning: int = 0
    duplicates: int = 0
    left_out_count: int = 0
    remarks_count: int = 0
    left_out: list[Note] = field(default_factory=list)
    remarks: list[Note] = field(default_factory=list)
    first: list[dict[str, Any]] = field(default_factory=list)


def write(items: Iterable[Item], rows: Path, provenance: Path) -> Tally:
    """`rows`: JSONL to be added as a data set. `provenance`: JSONL, one line for every item, `line` null for those left out."""
    tally, asked = Tally(), set[str]()
    with rows.open("x", encoding="utf-8") as data, provenance.open("x", encoding="utf-8") as beside:
        for item in items:
            tally.total += 1
            if item.content is None:
                tally.left_out_count += 1
                _note(tally.left_out, tally.total, item, item.reason)
                said: dict[str, Any] = {"line": None, "left_out": item.reason}
            else:
                _count(tally, item, item.content, asked)
                data.write(json.dumps(item.content, ensure_ascii=False) + "\n")
                said = {"line": tally.taken} | ({"remark": item.remark} if item.remark else {})
            # Escaped, since what was left out may hold what no file can (half of a surrogate pair).
            beside.write(json.dumps({**said, "row": item.place, **item.kept}, ensure_ascii=item.content is None) + "\n")
    return tally


def _count(tally: Tally, item: Item, content: dict[str, Any], asked: set[str]) -> None:
    tally.taken += 1
    tally.reasoning += item.has_reasoning
    if item.confirmed is not None:
        tally.confirmed = (tally.confirmed or 0) + item.confirmed
    if item.remark:
        tally.remarks_count += 1
        _note(tally.remarks, tally.total, item, item.remark)
    turns = content.get("messages") or [content.get("instruction")]
    question = json.dumps(turns if len(turns) == 1 else turns[:-1], ensure_ascii=False)
    tally.duplicates += question in asked
    asked.add(question)
    if len(tally.first) < FIRST:
        tally.first.append(content)


def _note(notes: list[Note], number: int, item: Item, reason: str) -> None:
    if len(notes) < SHOWN:
        notes.append(Note(number=number, row=item.place, question=_plain(item.question), reason=reason))


def _plain(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
