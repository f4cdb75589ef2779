"""`tunesmith datasets import-easy | easy-projects`"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tunesmith.cli.show import JsonOption, print_json, remark, say, table

if TYPE_CHECKING:
    from tunesmith.cli.client import Client
    from tunesmith.datasets.easy_dataset.records import Note, Report

# A project's id may begin with a dash, and is an argument all the same.
DASHES = {"ignore_unknown_options": True}


def easy_projects(as_json: JsonOption = False) -> None:
    """The projects of easy-dataset, with how much is in each."""
    from tunesmith.cli.client import connect
    from tunesmith.datasets.easy_dataset.records import Project

    found = connect().get("/api/easy-dataset/projects", dict[str, list[dict[str, object]]])["projects"]
    if as_json:
        print_json(found)
        return
    names = [name for name in ("id", "name", "rows", "questions", "evaluation") if name in Project.model_fields]
    table(tuple(names), [tuple(str(project[name]) for name in names) for project in found], "easy-dataset has no projects yet.")


def import_easy(
    project: Annotated[str, typer.Argument(help="Id of a project, as `easy-projects` lists it; or an exported file.")],
    name: Annotated[str | None, typer.Option(help="Name of the data set; default: the project's or the file's.")] = None,
    as_format: Annotated[str | None, typer.Option("--as", help="alpaca or messages; default: nearest to the rows.")] = None,
    content: Annotated[str, typer.Option(help="rows, conversations or evaluation.")] = "rows",
    confirmed: Annotated[bool, typer.Option("--confirmed", help="Only rows that were confirmed in the tool.")] = False,
    reasoning: Annotated[
        bool, typer.Option("--with-reasoning/--without-reasoning", help="Write reasoning into answers as <think>…</think>.")
    ] = True,
    system: Annotated[str, typer.Option(help="System prompt for rows that have none.")] = "",
    preview: Annotated[bool, typer.Option("--preview", help="Only say what would come.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Take rows over from easy-dataset: a project's, or those of a file that it exported."""
    from tunesmith.cli.client import connect
    from tunesmith.datasets.easy_dataset.records import Report

    choice: dict[str, object] = {"name": name, "format": as_format, "reasoning": reasoning, "system": system}
    file = Path(project)
    if file.is_file():
        report = _send_file(connect(), file, choice, preview)
    else:
        body = {**choice, "project": project, "content": content, "confirmed": confirmed}
        report = connect().post(f"/api/easy-dataset/{'preview' if preview else 'import'}", Report, body)
    if as_json:
        print_json(report)
    else:
        describe(report)


def _send_file(client: Client, file: Path, choice: dict[str, object], preview: bool) -> Report:
    from tunesmith.datasets.easy_dataset.records import Report

    fields = {
        name: str(value).lower() if isinstance(value, bool) else value for name, value in choice.items() if value is not None
    }
    with file.open("rb") as rows:
        path = f"/api/easy-dataset/files{'/preview' if preview else ''}"
        answer = client.send("POST", path, data=fields, files={"file": (file.name, rows)})
    return Report.model_validate_json(answer.content)


def describe(report: Report) -> None:
    where = report.dataset.path if report.dataset else "nothing written: a preview"
    confirmed = f", {report.confirmed} confirmed" if report.confirmed is not None else ""
    say(f"{report.name}: {report.taken} of {report.total} rows, {report.format.value}{confirmed}, {where}")
    if report.duplicates:
        remark(f"  {report.duplicates} ask what another row asks; they are kept")
    _list("left out", report.left_out, report.left_out_count)
    _list("taken over", report.remarks, report.remarks_count)
    if report.link:
        say(f"  {report.link}")


def _list(word: str, notes: list[Note], count: int) -> None:
    for note in notes[:20]:
        remark(f"  {word}: {note.row} {note.question!r}: {note.reason}")
    if count > 20:
        remark(f"  … and {count - 20} more; all stand in the provenance file beside the data")
