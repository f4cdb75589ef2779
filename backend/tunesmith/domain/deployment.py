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
    name: str
    engine: Engine
    release: int | None = None
    """None: a base model served as it is."""
    base: str
    state: ServingState
    detail: str = ""
    address: str | None = None
