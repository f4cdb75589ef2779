"""`tunesmith release | rollback`"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from tunesmith.cli.show import JsonOption, print_json, say

if TYPE_CHECKING:
    from tunesmith.release.request import Plan


class WayOption(StrEnum):
    ADAPTER = "adapter"
    MERGE = "merge"


def release(
    adapter: Annotated[str, typer.Argument(help="A trained adapter: its name, or its path relative to home.")],
    name: Annotated[str, typer.Option(help="Name it will be served under.")],
    base: Annotated[str | None, typer.Option(help="Base model; default: the run's own.")] = None,
    template: Annotated[str | None, typer.Option(help="LLaMA-Factory template; default: the run's own.")] = None,
    quant: Annotated[str | None, typer.Option(help="f16, q8_0, q4_k_m, …")] = None,
    path: Annotated[WayOption | None, typer.Option(help="adapter, or merge; default: what the engine can load.")] = None,
    system: Annotated[str | None, typer.Option(help="System prompt used when a chat has none.")] = None,
    engine: Annotated[str | None, typer.Option(help="llama.cpp or ollama.")] = None,
    plan: Annotated[bool, typer.Option("--plan", help="Print the commands and what they need, run nothing.")] = False,
    detach: Annotated[bool, typer.Option("--detach", help="Don't wait for the end.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Release a trained adapter under a name.

    Converts it, proves that what is served is what was trained, and switches the name to it.
    """
    from tunesmith.cli.client import connect, given
    from tunesmith.cli.follow import end_with
    from tunesmith.domain.job import JobStatus
    from tunesmith.release.request import Plan

    body = given(
        {
            "adapter": adapter,
            "name": name,
            "base": base,
            "template": template,
            "quantisation": quant,
            "way": path.value if path else None,
            "system": system,
            "engine": engine,
        }
    )
    client = connect()
    if plan:
        _print_plan(client.post("/api/releases:plan", Plan, body), as_json)
        return
    end_with(client, client.post("/api/releases", JobStatus, body), detach)


def _print_plan(plan: Plan, as_json: bool) -> None:
    """Exit 1 when there is a reason against it."""
    from tunesmith.cli.plan import end_plan, needs, print_steps

    if as_json:
        print_json(plan)
    else:
        say(f"# {plan.adapter} on {plan.base}, template {plan.template}, {plan.quantisation}, way {plan.way.value}")
        say(f"# in all{needs(plan.estimate)}")
        print_steps(plan.steps)
    end_plan(plan.warnings, plan.refusals)


def rollback(
    name: Annotated[str, typer.Argument(help="The served name.")],
    to: Annotated[int | None, typer.Option(min=1, help="Release number; default: the one before the current.")] = None,
) -> None:
    """Switch a served name back to an earlier release."""
    from tunesmith.cli.client import connect, given
    from tunesmith.domain.release import Release

    back = connect().post(f"/api/releases/{name}:rollback", Release, given({"to": to}))
    say(f"{back.name} is release {back.number} again ({back.adapter}, made {back.made_at:%Y-%m-%d %H:%M})")
