"""What is kept beside a data set's rows: what it is, and where it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from tunesmith.domain.dataset import BadLine, Dataset
from tunesmith.domain.home import Home


class Record(BaseModel):
    """The sidecar `data/<name>.jsonl.tunesmith.json`."""

    dataset: Dataset
    source_sha256: str
    made_at: datetime
    origin: dict[str, Any] | None = None
    """What the tool said that the rows were imported from."""


class Provenance(BaseModel):
    """Where a data set's rows are from. Nothing of it is known of one that was made outside."""

    made_at: datetime | None = None
    source_sha256: str | None = None
    """Of the file that was added, before bad lines were left out."""
    tool: str | None = None
    """The tool that its rows were imported from."""
    version: str | None = None
    project: str | None = None
    """The tool's name of what they belong to there."""
    asked: dict[str, object] = {}
    """What was asked of the import: which rows, with or without reasoning, …"""
    counts: dict[str, int | None] = {}
    """What it found: total, taken, confirmed, duplicates, …"""
    beside: str | None = None
    """A file that says row by row where it is from, relative to home."""


@dataclass(frozen=True)
class Origin:
    """Where rows come from that another tool made: kept in the sidecar, and row by row beside the data."""

    record: dict[str, Any]
    provenance: Path
    """A JSONL file, moved to data/<name>.provenance.jsonl: a line for every row, those left out too."""
    link: str | None
    """The page where the rows can be looked at and changed."""
    bad: list[BadLine]
    bad_count: int


def sidecar_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.tunesmith.json")


def provenance_of(path: Path) -> Path:
    return path.with_name(f"{path.stem}.provenance.jsonl")


def provenance(home: Home, path: Path) -> Provenance:
    """Of the data set whose rows are in `path`."""
    record = read_record(path)
    if record is None:
        return Provenance()
    origin, beside = record.origin or {}, provenance_of(path)
    project = origin.get("project")
    return Provenance(
        made_at=record.made_at,
        source_sha256=record.source_sha256,
        tool=origin.get("tool"),
        version=origin.get("version"),
        project=project.get("name") if isinstance(project, dict) else None,
        asked=origin.get("asked") or {},
        counts=origin.get("counts") or {},
        beside=home.relative(beside) if beside.is_file() else None,
    )


def read_record(path: Path) -> Record | None:
    try:
        return Record.model_validate_json(sidecar_of(path).read_bytes())
    except (OSError, ValidationError):
        return None
