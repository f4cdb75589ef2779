"""Deployments: a served name on an engine, and what is true of it now."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel

from tunesmith.domain.release import Engine


class ServingState(StrEnum):
    ABSENT = "absent"
    STOPPED = "stopped"
    STARTING = "starting"
    READY = "ready"
    FAILED = "failed"


class Deployment(BaseModel):
    """Names with the same `instance` share one process."""

    name: str
    engine: Engine
    release: int | None = None
    """None: a base model served as it is."""
    base: str
    state: ServingState
    detail: str = ""
    address: str | None = None
    instance: str = ""
    made_outside: bool = False
    """On Ollama: made there by hand, by no release of this home."""
    bytes: int | None = None
    """On Ollama: size of the model."""
    adapter: int | None = None
    """Number of its adapter on the instance; None: the model itself."""
    restarts: int = 0
    """How often the process ended by itself since the orchestrator started."""
    log: str | None = None
    """The engine's log, relative to home."""
