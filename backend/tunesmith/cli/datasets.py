"""`tunesmith datasets add | list | show | import-easy | easy-projects`"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tunesmith.cli.easy_dataset import DASHES, easy_projects, import_easy
from tunesmith.cli.show import JsonOption, print_json, remark, say, table

if TYPE_CHECKING:
    from tunesmith.cli.client import Client
    from tunesmith.domain.dataset import Dataset

app = typer.Typer(help="Data sets: rows to train on.", no_args_is_help=True)

app.command("import-easy", context_settings=DASHES)(import_easy)
app.command("easy-projects")(easy_projects)


@app.command()
def add(
    file: Annotated[
        Path, typer.Argument(help="JSONL of messages, alpaca or prompt/completion rows.", exists=True, dir_okay=False)
    ],
    name: Annotated[str | None, typer.Option(help="Its name; default: the file's.")] = None,
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="Leave bad lines out instead of refusing the file.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Take rows in. Every line is checked; each bad one is listed with its reason."""
    from tunesmith.cli.client import connect

    added = upload(connect(), file, name, skip_bad)
    if as_json:
        print_json(added)
    else:
        describe(added)


def upload(client: Client, file: Path, name: str | None, skip_bad: bool) -> Dataset:
    """`file` as a data set; its name is made from the file's when none is given."""
    from tunesmith.domain.dataset import Dataset
    from tunesmith.domain.name import suggestion

    with file.open("rb") as rows:
        fields = {"name": name or suggestion(file.stem), "skip_bad": "true" if skip_bad else "false"}
        answer = client.send("POST", "/api/datasets", data=fields, files={"file": (file.name, rows)})
    return Dataset.model_validate_json(answer.content)


def describe(dataset: Dataset) -> None:
    say(f"{dataset.name}: {dataset.rows} rows, {dataset.format.value}, {dataset.path}")
    for bad in dataset.bad:
        remark(f"  left out: line {bad.line}: {bad.reason}")
    if dataset.bad_count > len(dataset.bad):
        remark(f"  … and {dataset.bad_count - len(dataset.bad)} more")


@app.command("list")
def list_datasets(as_json: JsonOption = False) -> None:
    """Every data set that LLaMA-Factory can find under data/."""
    from tunesmith.cli.client import connect
    from tunesmith.cli.words import size
    from tunesmith.domain.dataset import Dataset

    found = connect().get("/api/datasets", dict[str, list[Dataset]])["datasets"]
    if as_json:
        print_json(found)
        return
    rows = [(item.name, str(item.rows), item.format.value, size(item.bytes), str(item.bad_count or "")) for item in found]
    table(("name", "rows", "format", "size", "bad lines"), rows, "None yet. `tunesmith datasets add rows.jsonl` makes one.")


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="Name of the data set.")],
    rows: Annotated[int, typer.Option(min=0, max=500, help="How many rows to print.")] = 3,
    as_json: JsonOption = False,
) -> None:
    """One data set and its first rows."""
    from tunesmith.cli.client import connect
    from tunesmith.domain.dataset import Dataset

    client = connect()
    found = client.get(f"/api/datasets/{name}", Dataset)
    first = client.get(f"/api/datasets/{name}/rows", dict[str, object], limit=rows).get("rows", []) if rows else []
    if as_json:
        print_json({"dataset": found.model_dump(mode="json"), "rows": first})
        return
    describe(found)
    for row in first if isinstance(first, list) else []:
        say(json.dumps(row, ensure_ascii=False))
