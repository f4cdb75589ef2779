"""A plan in lines of text: the exact commands, and what they are predicted to need."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Protocol

import typer
from pydantic import BaseModel

from tunesmith.cli.show import remark, say
from tunesmith.cli.words import size, span
from tunesmith.domain.step import Estimate, Step


class Refusal(BaseModel):
    """A reason against a plan, and what to do about it."""

    reason: str
    remedy: str = ""


class RunPlan(BaseModel):
    """What `POST /api/runs:plan` answers, as far as it is printed."""

    steps: list[Step]
    estimate: Estimate = Estimate()
    refusals: list[Refusal] = []
    warnings: list[str] = []


def print_steps(steps: Sequence[Step]) -> None:
    for number, step in enumerate(steps, 1):
        say()
        say(f"# {number}. {step.name}  (in {step.toolbox.value}{needs(step.estimate)})")
        environment = [f"{name}={shlex.quote(value)}" for name, value in sorted(step.env.items())]
        say(" ".join([*environment, shlex.join(step.argv)]))


class Reason(Protocol):
    """A refusal, of whichever plan."""

    @property
    def reason(self) -> str: ...

    @property
    def remedy(self) -> str: ...


def end_plan(warnings: Sequence[str], refusals: Sequence[Reason]) -> None:
    """Say what speaks against a plan; leave with 1 when something does."""
    for warning in warnings:
        remark(f"warning: {warning}")
    for refusal in refusals:
        remark(f"refused: {refusal.reason} {refusal.remedy}")
    if refusals:
        raise typer.Exit(1)


def needs(estimate: Estimate) -> str:
    """'; disk 1.2 GiB, memory 3.0 GiB, time 2 min 0 s', of what is known."""
    parts = []
    if estimate.disk_bytes is not None:
        parts.append(f"disk {size(estimate.disk_bytes)}")
    if estimate.memory_bytes is not None:
        parts.append(f"memory {size(estimate.memory_bytes)}")
    if estimate.seconds is not None:
        parts.append(f"time {span(estimate.seconds)}")
    if not parts:
        return ""
    return f"; about {', '.join(parts)}" + (f" ({estimate.basis})" if estimate.basis else "")
