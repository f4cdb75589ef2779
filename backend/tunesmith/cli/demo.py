"""`tunesmith demo`: the whole way on a small real model, and a score that says whether it worked."""

from __future__ import annotations

from typing import Annotated

import typer

DEFAULT_SEED = 20


def demo(
    seed: Annotated[int, typer.Option(envvar="DEMO_SEED", min=0, help="Which facts are invented.")] = DEFAULT_SEED,
) -> None:
    """Train a small model on invented facts, release it by both ways, check it, and ask it beside its base."""
    from tunesmith.cli.client import connect
    from tunesmith.cli.demo_run import run

    raise typer.Exit(run(connect(), seed))
