"""`tunesmith toolbox list | install`"""

from __future__ import annotations

from typing import Annotated

import typer

from tunesmith.cli.show import JsonOption, print_json, remark, table

app = typer.Typer(help="Toolboxes: the environments in which commands run.", no_args_is_help=True)


@app.command("list")
def list_toolboxes(as_json: JsonOption = False) -> None:
    """What is installed, and what an installation takes."""
    from tunesmith.cli.client import connect
    from tunesmith.cli.words import size
    from tunesmith.toolboxes.native import ToolboxReport

    found = connect().get("/api/toolboxes", list[ToolboxReport])
    if as_json:
        print_json(found)
        return
    rows = [
        (box.name.value, box.presence.value, size(box.made.bytes) if box.made else f"about {size(box.disk_bytes)}", box.title)
        for box in found
    ]
    table(("name", "state", "size", "what it is for"), rows, "There are no toolboxes.")


@app.command()
def install(
    names: Annotated[list[str], typer.Argument(help="llamafactory, llama-cpp, tensorboard", metavar="NAME…")],
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Make it anew although it is complete.")] = False,
    quantize: Annotated[bool, typer.Option("--quantize", help="llama-cpp: also compile llama-quantize, for K-quants.")] = False,
    detach: Annotated[bool, typer.Option("--detach", help="Don't wait for the end.")] = False,
) -> None:
    """Install toolboxes, each as a job. One that is complete is left as it is."""
    from tunesmith.cli.client import Client, Problem, connect
    from tunesmith.cli.follow import follow, hints
    from tunesmith.domain.job import JobStatus

    def start(client: Client, name: str) -> JobStatus | None:
        try:
            return client.post(f"/api/toolboxes/{name}:install", JobStatus, rebuild=rebuild or None, quantize=quantize or None)
        except Problem as problem:
            if problem.status == 409 and not rebuild:
                remark(f"{name}: installed already")
                return None
            raise

    client = connect()
    worst = 0
    for name in names:
        job = start(client, name)
        if job and detach:
            typer.echo(job.id)
            hints(job.id)
        elif job:
            worst = max(worst, follow(client, job.id))
    raise typer.Exit(worst)
