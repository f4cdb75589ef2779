"""Services: the processes or containers that make up the platform."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from tunesmith.domain.deployment import ServingState


class Service(BaseModel):
    name: str
    state: ServingState
    detail: str = ""
    pid: int | None = None
    since: datetime | None = None
    restarts: int = 0
    address: str | None = None
