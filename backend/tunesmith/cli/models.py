"""`tunesmith models add | list`"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tunesmith.cli.show import JsonOption, print_json, table

if TYPE_CHECKING:
    from tunesmith.cli.client import Client
    from tunesmith.domain.artifact import Artifact

app = typer.Typer(help="Models: bring base models in, list what is there.", no_args_is_help=True)


@app.command()
def add(
    hub: Annotated[str | None, typer.Option(help="A model of the hub: owner/name.", metavar="ID")] = None,
    folder: Annotated[Path | None, typer.Option(help="A folder in Hugging Face's layout.", metavar="PATH")] = None,
    starter: Annotated[bool, typer.Option("--starter", help="The small starter model; needs no hub.")] = False,
    name: Annotated[str | None, typer.Option(help="Name it gets here.")] = None,
    detach: Annotated[bool, typer.Option("--detach", help="Don't wait for the end.")] = False,
) -> None:
    """Bring a base model in, as a job."""
    chosen = [source for source, given in (("hub", hub), ("folder", folder), ("starter", starter)) if given]
    if len(chosen) != 1:
        raise typer.BadParameter("give one of --hub ID, --folder PATH or --starter")
    from tunesmith.cli.client import connect, given
    from tunesmith.cli.follow import end_with
    from tunesmith.domain.job import JobStatus

    reference = hub or (str(folder.expanduser().resolve()) if folder else None)
    client = connect()
    body = given({"source": chosen[0], "reference": reference, "name": name})
    end_with(client, client.post("/api/models", JobStatus, body), detach)


def artifacts(client: Client, kind: str | None = None) -> list[Artifact]:
    from pydantic import TypeAdapter

    from tunesmith.domain.artifact import Artifact

    found = client.get("/api/artifacts", dict[str, object], kind=kind)
    return TypeAdapter(list[Artifact]).validate_python(found["artifacts"])


@app.command("list")
def list_models(
    kind: Annotated[str | None, typer.Option(help="base, adapter, merged, gguf or gguf-adapter.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Base models, adapters, and what was made of them."""
    from tunesmith.cli.client import connect
    from tunesmith.cli.words import ago, size

    found = artifacts(connect(), kind)
    if as_json:
        print_json(found)
        return
    rows = [
        (item.kind.value, item.name, size(item.bytes), ago(item.modified_at), "; ".join(item.problems) or item.base or "")
        for item in found
    ]
    table(
        ("kind", "name", "size", "changed", "base / problems"), rows, "None yet. `tunesmith models add --starter` brings one in."
    )
