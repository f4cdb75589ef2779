"""What commands print: tables for people, JSON for scripts, results on stdout, remarks on stderr."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated, Any

import typer

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def say(text: str = "") -> None:
    typer.echo(text)


def remark(text: str) -> None:
    """For people only: it never mixes with a result that is piped on."""
    typer.echo(text, err=True)


def print_json(value: object) -> None:
    typer.echo(json.dumps(_plain(value), ensure_ascii=False, indent=1))


def _plain(value: object) -> Any:
    from pydantic import BaseModel

    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], empty: str) -> None:
    """A table on a terminal; tab-separated lines, without a head, when piped."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    if not console.is_terminal:
        for row in rows:
            say("\t".join(row))
        return
    if not rows:
        say(empty)
        return
    drawn = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        drawn.add_column(column, overflow="fold")
    for row in rows:
        drawn.add_row(*(Text(cell) for cell in row))
    console.print(drawn)
