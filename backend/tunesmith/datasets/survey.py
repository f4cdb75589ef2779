"""Goes once through a file of rows: how many of which format, and every line that can't be used."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tunesmith.datasets.reading import read_rows
from tunesmith.datasets.rows import META, Bad, Row, recognise
from tunesmith.domain.dataset import BadLine, Format

SHOWN = 100
"""How many bad lines are kept with their reasons; all are counted."""


@dataclass
class Survey:
    """`format` is that of most good rows; rows of another format count as bad."""

    format: Format | None = None
    rows: int = 0
    bad: list[BadLine] = field(default_factory=list)
    bad_count: int = 0
    has_extra: bool = False


def survey(path: Path) -> Survey:
    """Raises OSError when the file can't be read; nothing else, whatever is in it."""
    counts: Counter[Format] = Counter()
    first_lines: dict[Format, list[int]] = {kind: [] for kind in Format}
    result = Survey()
    for raw in read_rows(path):
        row = recognise(raw)
        if isinstance(row, Bad):
            result.bad_count += 1
            if len(result.bad) < SHOWN:
                result.bad.append(BadLine(line=row.line, reason=row.reason))
            continue
        counts[row.format] += 1
        if len(first_lines[row.format]) < SHOWN:
            first_lines[row.format].append(row.line)
        result.has_extra = result.has_extra or bool(row.extra)
    if counts:
        result.format = counts.most_common(1)[0][0]
        result.rows = counts.pop(result.format)
        _add_strangers(result, counts, first_lines)
    return result


def _add_strangers(result: Survey, counts: Counter[Format], first_lines: dict[Format, list[int]]) -> None:
    for kind, count in counts.items():
        reason = f"it is in the format {kind}, but most rows ({result.rows}) are in the format {result.format}"
        result.bad.extend(BadLine(line=line, reason=reason) for line in first_lines[kind])
        result.bad_count += count
    result.bad = sorted(result.bad, key=lambda bad: bad.line)[:SHOWN]


def good_rows(path: Path, kind: Format) -> Iterator[Row]:
    for raw in read_rows(path):
        row = recognise(raw)
        if isinstance(row, Row) and row.format is kind:
            yield row


def write_rows(source: Path, target: Path, found: Survey) -> tuple[int, str]:
    """Write the good rows of `source` as JSONL, all with the same columns. Returns bytes and sha256 of what was written."""
    digest, size = hashlib.sha256(), 0
    with target.open("xb") as file:
        for row in good_rows(source, found.format or Format.MESSAGES):
            content = row.content | ({META: _meta(row)} if found.has_extra else {})
            line = json.dumps(content, ensure_ascii=False).encode() + b"\n"
            digest.update(line)
            size += file.write(line)
    return size, digest.hexdigest()


def _meta(row: Row) -> str:
    if not row.extra:
        return ""
    own = row.extra.get(META)
    return own if isinstance(own, str) and len(row.extra) == 1 else json.dumps(row.extra, ensure_ascii=False)
