"""The data sets of a home. Implements `domain.ports.Datasets`."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from tunesmith.datasets.reading import read_rows
from tunesmith.datasets.record import Origin, Provenance, Record, provenance, provenance_of, read_record, sidecar_of
from tunesmith.datasets.registry import Registry, entry_for, format_of
from tunesmith.datasets.survey import Survey, good_rows, survey, write_rows
from tunesmith.domain.dataset import BadLine, Dataset, Format
from tunesmith.domain.deletion import Deletion, Dependant
from tunesmith.domain.errors import Conflict, InvalidInput, NotFound
from tunesmith.domain.home import Home
from tunesmith.domain.name import checked_name, suggestion
from tunesmith.domain.ports import InUse
from tunesmith.domain.run import Run
from tunesmith.runtimes.disk_use import disk_bytes

SHOWN_ROWS = 5
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


class Rows(BaseModel):
    """A stretch of rows as they are in the file; a line that is no JSON object is left out."""

    offset: int
    total: int
    rows: list[dict[str, Any]]


class Preview(BaseModel):
    """What adding a file would make of it. Nothing is kept."""

    format: Format | None
    """None: no row can be used."""
    rows: int
    """Those that can be used."""
    bad: list[BadLine]
    """The first 100 lines that can't be."""
    bad_count: int
    first: list[dict[str, Any]]
    """The first five rows, as they would be written."""
    name: str
    """A name for it, out of the file's."""
    taken: bool
    """There is a data set of that name already."""


class DatasetShelf:
    def __init__(
        self, home: Home, in_use: InUse = lambda _: [], trained_on: Callable[[str], Sequence[Run]] = lambda _: ()
    ) -> None:
        """`in_use`: who works with a file now. `trained_on`: runs that had a data set. Both block."""
        self._home, self._in_use, self._trained_on = home, in_use, trained_on
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

    async def provenance(self, name: str) -> Provenance:
        """Where its rows are from."""
        dataset = await self.get(name)
        return await asyncio.to_thread(provenance, self._home, self._home.root / dataset.path)

    async def check(self, source: Path) -> Survey:
        """What `add` would find in a file."""
        return await asyncio.to_thread(_surveyed, source)

    async def preview(self, source: Path, source_name: str) -> Preview:
        """What `add` would make of a file."""
        return await asyncio.to_thread(self._preview, source, source_name)

    async def add(self, name: str, source: Path, *, source_name: str | None = None, skip_bad: bool = False) -> Dataset:
        """Check every line of `source`, write its good rows to data/<name>.jsonl and register it.

        Raises `BadRows` when a line can't be used (and `skip_bad` isn't set) or none can, `Conflict` when the name is taken.
        """
        return await asyncio.to_thread(self.add_now, name, source, source_name=source_name, skip_bad=skip_bad)

    def add_now(
        self, name: str, source: Path, *, source_name: str | None = None, skip_bad: bool = False, origin: Origin | None = None
    ) -> Dataset:
        """`add` for callers that are in a thread of their own."""
        return self._add(checked_name(name), source, source_name or source.name, skip_bad, origin)

    async def deletion(self, name: str) -> Deletion:
        """What deleting it would do."""
        return await asyncio.to_thread(self._deletion, name)

    async def delete(self, name: str) -> None:
        """`Conflict` while something works with it, and for what others registered."""
        await asyncio.to_thread(self._delete, name)

    def _preview(self, source: Path, source_name: str) -> Preview:
        found, name = _surveyed(source), suggestion(Path(source_name).stem)
        first = [row.content for row in islice(good_rows(source, found.format), SHOWN_ROWS)] if found.format else []
        return Preview(
            format=found.format,
            rows=found.rows,
            bad=found.bad,
            bad_count=found.bad_count,
            first=first,
            name=name,
            taken=name in self._registry.entries(),
        )

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
        record = read_record(path)
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

    def _add(self, name: str, source: Path, source_name: str, skip_bad: bool, origin: Origin | None) -> Dataset:
        target = self._home.data / f"{name}.jsonl"
        sidecar = sidecar_of(target)
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
                bad=origin.bad if origin else found.bad,
                bad_count=origin.bad_count if origin else found.bad_count,
                source=source_name,
                link=origin.link if origin else None,
            )
            record = Record(
                dataset=dataset,
                source_sha256=_sha256(source),
                made_at=datetime.now(UTC),
                origin=origin.record if origin else None,
            )
            if origin:
                os.replace(origin.provenance, provenance_of(target))  # noqa: PTH105
            sidecar.write_text(record.model_dump_json(indent=2) + "\n", encoding="utf-8")
            os.replace(part, target)  # noqa: PTH105
        finally:
            part.unlink(missing_ok=True)
        self._registry.add(name, entry_for(target.name, found.format))
        return dataset

    def _deletion(self, name: str) -> Deletion:
        path = self._home.root / self._get(name).path
        files = [file for file in (path, sidecar_of(path), provenance_of(path)) if file.exists()]
        trained = [
            Dependant(kind="run", name=run.name, why=f"{run.name} was trained on it", blocks=False)
            for run in self._trained_on(name)
        ]
        return Deletion(
            what=self._home.relative(path),
            bytes=disk_bytes(files),
            files=[self._home.relative(file) for file in files],
            dependants=[*self._in_use(path), *trained],
        )

    def _delete(self, name: str) -> None:
        dataset = self._get(name)
        path = self._home.root / dataset.path
        if dataset.made_outside and not sidecar_of(path).exists():
            where = f"It was registered by hand or by another tool in {self._registry.path}."
            raise Conflict(f"The data set {name!r} wasn't made here", where, "Take its entry out there.")
        self._deletion(name).check()
        self._registry.remove(name)
        path.unlink(missing_ok=True)
        sidecar_of(path).unlink(missing_ok=True)
        provenance_of(path).unlink(missing_ok=True)


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
