"""Takes rows of easy-dataset over as data sets. Nothing is written to easy-dataset, ever."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any

from tunesmith.datasets import service as shelf
from tunesmith.datasets.easy_dataset import provenance
from tunesmith.datasets.easy_dataset.client import EasyDataset
from tunesmith.datasets.easy_dataset.files import Entry, entries
from tunesmith.datasets.easy_dataset.records import Choice, Content, EasyImport, Project, Report
from tunesmith.datasets.easy_dataset.shapes import Item, item, nearest
from tunesmith.datasets.record import Origin
from tunesmith.domain.dataset import BadLine, Format
from tunesmith.domain.errors import InvalidInput
from tunesmith.domain.name import checked_name, suggestion
from tunesmith.settings import Settings

FROM = "easy-dataset"


def desk(datasets: shelf.DatasetShelf, settings: Settings) -> EasyDatasetDesk:
    """The import as an orchestrator has it. In the stack its pages have a host of their own behind Caddy."""
    in_stack = f"http://easy-dataset.{settings.domain}:{settings.http_port}"
    page = in_stack if settings.runtime == "docker" else settings.easy_dataset
    return EasyDatasetDesk(datasets, EasyDataset(settings.easy_dataset), page)


@dataclass(frozen=True)
class _Source:
    """Where rows come from, as the data set's record says it."""

    suggested: str
    label: str
    record: dict[str, Any]
    link: str | None = None
    version: str | None = None


class EasyDatasetDesk:
    """`page`: where its pages are in the user's browser, which differs from where its API answers us."""

    def __init__(self, datasets: shelf.DatasetShelf, tool: EasyDataset, page: str) -> None:
        self._datasets, self._tool, self._page = datasets, tool, page.rstrip("/")

    @property
    def uploads(self) -> Path:
        return self._datasets.uploads

    async def projects(self) -> list[Project]:
        return await self._tool.projects()

    def link(self, project: str) -> str:
        """The page of a project's rows."""
        return f"{self._page}/projects/{project}/datasets"

    async def take(self, wanted: EasyImport, *, preview: bool = False) -> Report:
        """Import a project's rows; with `preview` only say what would come. All errors of the tool and of `DatasetShelf.add`."""
        project, version = await asyncio.gather(self._tool.project(wanted.project), self._tool.version())
        rows = await self._rows(wanted)
        format = wanted.format or (nearest(rows[0]) if rows else Format.ALPACA)
        record = {
            "tool": FROM,
            "version": version,
            "project": {"id": project.id, "name": project.name},
            "asked": wanted.model_dump(mode="json", exclude={"project", "name"}),
        }
        source = _Source(_name_of(project), f"{FROM}: {project.name}", record, self.link(project.id), version)
        found = (_entry(row, number, wanted.confirmed) for number, row in enumerate(rows, 1))
        return await asyncio.to_thread(self._add, wanted, source, format, found, preview)

    async def take_file(self, wanted: Choice, file: Path, file_name: str, *, preview: bool = False) -> Report:
        """The same for a file that easy-dataset exported. `file_name`: as the user calls it; no part of a path."""
        stem = Path(file_name).stem
        source = _Source(suggestion(stem), file_name, {"tool": FROM, "file": file_name, "asked": wanted.model_dump(mode="json")})
        return await asyncio.to_thread(self._add_file, wanted, source, file, preview)

    async def _rows(self, wanted: EasyImport) -> list[object]:
        if wanted.content is Content.CONVERSATIONS:
            return await self._tool.conversations(wanted.project, confirmed=wanted.confirmed)
        if wanted.content is Content.EVALUATION:
            if wanted.confirmed:
                raise InvalidInput("Evaluation sets have no confirmed rows", "", "Leave `confirmed` out.")
            return await self._tool.evaluation(wanted.project)
        return await self._tool.rows(wanted.project, confirmed=wanted.confirmed)

    def _add_file(self, wanted: Choice, source: _Source, file: Path, preview: bool) -> Report:
        try:
            found = entries(file)
            first = next(found, None)
            if first is None:
                raise InvalidInput(f"{source.label} holds no rows", "", "Export it again from a project that has rows.")
            format = wanted.format or nearest(first.row)
            return self._add(wanted, source, format, chain([first], found), preview)
        except OSError as error:
            raise InvalidInput(f"{source.label} can't be read", f"{error.strerror}.", "Check the file and its rights.") from error

    def _add(self, wanted: Choice, source: _Source, format: Format, found: Iterable[Entry], preview: bool) -> Report:
        name = checked_name(wanted.name or source.suggested)
        self.uploads.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.uploads, prefix="easy-dataset-") as folder:
            rows, beside = Path(folder, "rows.jsonl"), Path(folder, "provenance.jsonl")
            tally = provenance.write(_items(found, wanted, format), rows, beside)
            report = Report(name=name, format=format, link=source.link, version=source.version, **vars(tally))
            if preview:
                return report
            if not tally.taken:
                raise _nothing(source, report)
            record = source.record | {
                "imported_at": datetime.now(UTC).isoformat(),
                "link": source.link,
                "counts": _counts(report),
            }
            bad = [BadLine(line=note.number, reason=note.reason) for note in report.left_out]
            origin = Origin(record, beside, source.link, bad, report.left_out_count)
            report.dataset = self._datasets.add_now(name, rows, source_name=source.label, origin=origin)
            return report


def _items(found: Iterable[Entry], wanted: Choice, format: Format) -> Iterator[Item]:
    for entry in found:
        if entry.why:
            yield Item(entry.place, reason=entry.why, kept={"text": entry.row} if entry.row is not None else {})
        else:
            yield item(entry.row, entry.place, format=format, reasoning=wanted.reasoning, system=wanted.system)


def _entry(row: object, number: int, confirmed: bool) -> Entry:
    place = f"row {number}"
    if confirmed and isinstance(row, dict) and row.get("confirmed") is False:
        return Entry(str(row.get("id") or place), row, why="it isn't confirmed")
    return Entry(place, row)


def _name_of(project: Project) -> str:
    """Made from its name; of one without a single Latin letter, from its id."""
    plain = any(letter.isascii() and letter.isalnum() for letter in project.name)
    return suggestion(project.name if plain else f"{FROM}-{project.id}")


def _counts(report: Report) -> dict[str, int | None]:
    names = ("total", "taken", "confirmed", "reasoning", "duplicates", "left_out_count", "remarks_count")
    return {name: getattr(report, name) for name in names}


def _nothing(source: _Source, report: Report) -> InvalidInput:
    said = "\n".join(f"{note.row}: {note.reason}" for note in report.left_out[:20])
    why = said or "There are no rows that fit."
    return InvalidInput(f"{source.label} holds no row that can be taken over", why, "Look at it in easy-dataset.")
