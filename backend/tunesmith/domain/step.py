"""A step: a pure description of one command, what it takes and what it makes."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class Toolbox(StrEnum):
    """The toolboxes: environments (native) or containers (docker) in which commands run."""

    LLAMAFACTORY = "llamafactory"
    LLAMA_CPP = "llama-cpp"
    OLLAMA = "ollama"
    TENSORBOARD = "tensorboard"
    SYSTEM = "system"
    """The orchestrator's own Python: folder imports, hub downloads, toolbox installation, release records."""


class Lane(StrEnum):
    """Which queue a job waits in. One accelerator job runs at a time; light ones run beside it."""

    ACCELERATOR = "accelerator"
    LIGHT = "light"


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Output(Frozen):
    """One artifact of a step. The command writes `part`; the wrapper renames it to `path` when the command returned 0.

    Paths are absolute. `sidecar` is the lineage record (JSON object) that goes with it. `part == path` is for tools that
    must write in place (a training's folder): then only the sidecar appears at the end, and completes it.
    """

    part: str
    path: str
    sidecar: dict[str, object]


class Estimate(Frozen):
    """What a step is predicted to need, each with how it was estimated. None is unknown, never 0."""

    disk_bytes: int | None = None
    memory_bytes: int | None = None
    seconds: float | None = None
    seconds_low: float | None = None
    seconds_high: float | None = None
    basis: str = ""
    """How disk and memory were estimated."""
    seconds_basis: str | None = None
    """How the time was."""
    work: float | None = None
    """How much there is to do, in `work_unit`: what the time of steps of one kind is compared by."""
    work_unit: str | None = None


class Step(Frozen):
    """One command of a job. `env` values of the form `env:NAME` are secrets, resolved at the start and stored nowhere."""

    name: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    toolbox: Toolbox
    argv: tuple[str, ...] = Field(min_length=1)
    env: dict[str, str] = {}
    inputs: tuple[str, ...] = ()
    outputs: tuple[Output, ...] = ()
    progress: str | None = None
    """Name of the parser (steps/progress.py) that reads this tool's own progress lines."""
    watch: str | None = None
    """A file in which the tool itself writes its progress (trainer_log.jsonl), beside its log."""
    stop: str = "term"
    """How a graceful stop is asked for: `term`, or `abort-leaves` for LLaMA-Factory (SIGABRT, leaves first)."""
    refusal: int | None = None
    """The exit status by which this command says "no" (a gate), as opposed to having failed."""
    estimate: Estimate = Estimate()
