"""The data sets of a home. Implements `domain.ports.Datasets`."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import uuid
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from tunesmith.datasets.reading import read_rows
from tunesmith.datasets.registry import Registry, entry_for, format_of
from tunesmith.datasets.survey import Survey, survey, write_rows
from tunesmith.domain.dataset import Dataset
from tunesmith.domain.errors import Conflict, InvalidInput, NotFound
from tunesmith.domain.home import Home
from tunesmith.domain.name import checked_name

_List = list[Dataset]


class BadRows(InvalidInput):
    """Lines of a file can't be used; `found` has the first hundred with their reasons."""

    def __init__(self, source: str, found: Survey) -> None:
        lines = "\n".join(f"line {bad.line}: {bad.reason}" for bad in found.bad)
        more = f"\n… and {found.bad_count - len(found.bad)} more" if found.bad_count > len(found.bad) else ""
        title = f"{found.bad_count} lines of {source} can't be used" if found.rows else f"{source} holds no row that can be used"
        remedy = (
            "Mend them, or leave them out with skip_bad." if found.rows else "Rows are messages, alpaca or prompt/completion."
        )
        super().__init__(title, lines + more if lines else "It has no rows at all.", remedy)
        self.found = found


class Record(BaseModel):
    """The sidecar `data/<name>.jsonl.tunesmith.json`."""

    dataset: Dataset
    source_sha256: str
    made_at: datetime


class Rows(BaseModel):
    """A stretch of rows as they are in the file; a line that is no JSON object is left out."""

    offset: int
    total: int
    rows: list[dict[str, Any]]


class DatasetShelf:
    def __init__(self, home: Home) -> None:
        self._home = home
        self._registry = Registry(home.data, home.ours / "dataset_info.lock")
        self._counted: dict[tuple[str, int, int], tuple[int, str]] = {}
        """(path, bytes, mtime_ns) → (rows, sha256) of files that others made."""

    @property
    def uploads(self) -> Path:
        """Where uploaded files lie while they are checked."""
        return self._home.ours / "uploads"

    async def list(self) -> list[Dataset]:
        """All entries of `dataset_info.json` that are files here, by name."""
        return await asyncio.to_thread(self._list)

    async def get(self, name: str) -> Dataset:
        return await asyncio.to_thread(self._get, name)

    async def rows(self, name: str, offset: int = 0, limit: int = 20) -> Rows:
        return await asyncio.to_thread(self._rows, name, offset, limit)

    async def check(self, source: Path) -> Survey:
        """What `add` would find in a file."""
        return await asyncio.to_thread(_surveyed, source)

    async def add(self, name: str, source: Path, *, source_name: str | None = None, skip_bad: bool = False) -> Dataset:
        """Check every line of `source`, write its good rows to data/<name>.jsonl and register it.

        Raises `BadRows` when a line can't be used (and `skip_bad` isn't set) or none can, `Conflict` when the name is taken.
        """
        return await asyncio.to_thread(self._add, checked_name(name), source, source_name or source.name, skip_bad)

    async def delete(self, name: str) -> None:
        await asyncio.to_thread(self._delete, name)

    def _list(self) -> _List:
        found = (self._describe(name, entry) for name, entry in sorted(self._registry.entries().items()))
        return [dataset for dataset in found if dataset]

    def _get(self, name: str) -> Dataset:
        entry = self._registry.entries().get(name)
        dataset = self._describe(name, entry) if entry else None
        if dataset is None:
            raise NotFound(f"There is no data set {name[:80]!r}", remedy="`tunesmith datasets add FILE` makes one.")
        return dataset

    def _describe(self, name: str, entry: dict[str, Any]) -> Dataset | None:
        file_name = entry.get("file_name")
        if not isinstance(file_name, str):
            return None  # on a hub, or made by a script: LLaMA-Factory's own affair
        path = self._home.data / file_name
        record = _record(path)
        if record and record.dataset.name == name and path.is_file() and path.stat().st_size == record.dataset.bytes:
            return record.dataset
        shown = os.path.relpath(path, self._home.root)
        unseen = Dataset(name=name, path=shown, format=format_of(entry), rows=0, bytes=0, sha256="", made_outside=True)
        if not path.is_file():
            return unseen.model_copy(update={"problems": [f"its file {shown} isn't there"]})
        rows, sha256 = self._count(path)
        return unseen.model_copy(update={"rows": rows, "bytes": path.stat().st_size, "sha256": sha256})

    def _count(self, path: Path) -> tuple[int, str]:
        found = path.stat()
        key = (str(path), found.st_size, found.st_mtime_ns)
        if key not in self._counted:
            self._counted[key] = sum(raw.why is None for raw in read_rows(path)), _sha256(path)
        return self._counted[key]

    def _rows(self, name: str, offset: int, limit: int) -> Rows:
        dataset = self._get(name)
        if dataset.problems:
            raise NotFound(
                f"The data set {name!r} can't be read", "; ".join(dataset.problems) + ".", "Put it back, or delete it."
            )
        raws = islice(read_rows(self._home.root / dataset.path), offset, offset + limit)
        return Rows(offset=offset, total=dataset.rows, rows=[row for raw in raws if (row := _object(raw.text)) is not None])

    def _add(self, name: str, source: Path, source_name: str, skip_bad: bool) -> Dataset:
        target = self._home.data / f"{name}.jsonl"
        sidecar = _sidecar(target)
        taken = name in self._registry.entries() or (target.exists() and not sidecar.exists())
        if taken:
            raise Conflict(f"There is a data set {name!r} already", f"{target} or its entry is there.", "Choose another name.")
        found = _surveyed(source)
        if found.format is None or (found.bad_count and not skip_bad):
            raise BadRows(source_name, found)
        self._home.data.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f".{target.name}.part-{uuid.uuid4().hex[:8]}")
        try:
            size, sha256 = write_rows(source, part, found)
            dataset = Dataset(
                name=name,
                path=self._home.relative(target),
                format=found.format,
                rows=found.rows,
                bytes=size,
                sha256=sha256,
                bad=found.bad,
                bad_count=found.bad_count,
                source=source_name,
            )
            record = Record(dataset=dataset, source_sha256=_sha256(source), made_at=datetime.now(UTC))
            sidecar.write_text(record.model_dump_json(indent=2) + "\n", encoding="utf-8")
            os.replace(part, target)  # noqa: PTH105
        finally:
            part.unlink(missing_ok=True)
        self._registry.add(name, entry_for(target.name, found.format))
        return dataset

    def _delete(self, name: str) -> None:
        dataset = self._get(name)
        path = self._home.root / dataset.path
        if dataset.made_outside and not _sidecar(path).exists():
            where = f"It was registered by hand or by another tool in {self._registry.path}."
            raise Conflict(f"The data set {name!r} wasn't made here", where, "Take its entry out there.")
        self._registry.remove(name)
        path.unlink(missing_ok=True)
        _sidecar(path).unlink(missing_ok=True)


def _sidecar(path: Path) -> Path:
    return path.with_name(f"{path.name}.tunesmith.json")


def _record(path: Path) -> Record | None:
    try:
        return Record.model_validate_json(_sidecar(path).read_bytes())
    except (OSError, ValidationError):
        return None


def _surveyed(source: Path) -> Survey:
    try:
        return survey(source)
    except OSError as error:
        raise InvalidInput(
            f"{source.name} can't be read", f"{source}: {error.strerror}.", "Check the path and its rights."
        ) from error


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _object(text: bytes) -> dict[str, Any] | None:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None
