"""Services: the processes or containers that make up the platform."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel

from tunesmith.domain.deployment import ServingState


class Health(StrEnum):
    """What a service's own health check says; the reason stands in the service's `detail`."""

    STARTING = "starting"
    HEALTHY = "healthy"
    UNHEALTHY = "unhealthy"


class Service(BaseModel):
    """A service as it was last seen. What isn't known is None, never 0."""

    name: str
    title: str = ""
    state: ServingState
    detail: str = ""
    """Why it is so and what to do, where the state alone doesn't say."""
    health: Health | None = None
    pid: int | None = None
    since: datetime | None = None
    """When it started, by the clock of the engine or the system."""
    uptime_seconds: float | None = None
    """Counted on from when it was first seen running, so that a clock that is set doesn't change it."""
    restarts: int = 0
    image: str = ""
    version: str = ""
    address: str | None = None
    cpu_percent: float | None = None
    """100: one core is busy."""
    memory_bytes: int | None = None
    """Without the page cache that could be given back."""
    memory_limit_bytes: int | None = None
    gpu_memory_bytes: int | None = None
    unseen_since: datetime | None = None
    """Since then nobody can ask about it (the engine is away): the rest is what was known before."""


class LoadHistory(BaseModel):
    """The last ten minutes, oldest first, one value for each `every_seconds`; None where there was nothing to measure."""

    every_seconds: float
    cpu_percent: list[float | None]
    memory_bytes: list[int | None]
