"""Health, and ending the orchestrator."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Literal, Protocol

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict

from tunesmith.domain.errors import Conflict, PlaceMissing
from tunesmith.domain.home import Home
from tunesmith.domain.job import JobStatus
from tunesmith.web.audit import SAFE_METHODS
from tunesmith.web.problems import answers

SHUTDOWN = "/api/system:shutdown"
IN_NO_LIST = ("/api/drafts/", "/api/chats/")
"""What is written here with every word that is typed, and no list shows."""


class Health(BaseModel):
    status: Literal["ok"] = "ok"
    version: str


class ShutdownRequest(BaseModel):
    """`force`: although jobs run (they go on, and are taken up by the next start)."""

    model_config = ConfigDict(extra="forbid")

    force: bool = False


class ActiveJobs(Protocol):
    def active(self) -> Sequence[JobStatus]: ...


class Shutdown:
    """Ends the engines, then lets `main` end the server."""

    def __init__(self, active: Callable[[], Sequence[JobStatus]], stop_engines: Callable[[], Awaitable[None]]) -> None:
        self._active, self._stop_engines = active, stop_engines
        self._asked = asyncio.Event()

    async def asked(self) -> None:
        await self._asked.wait()

    async def ask(self, force: bool) -> None:
        busy = self._active()
        if busy and not force:
            raise Conflict(
                f"{len(busy)} job{'s' if len(busy) > 1 else ''} not ended yet",
                ", ".join(f"{job.title} ({job.id})" for job in busy[:5]) + ".",
                "Wait, cancel them, or use `tunesmith down --force`: jobs go on and are taken up at the next start.",
            )
        await self._stop_engines()
        self._asked.set()


def home_there(home: Home) -> Callable[[Request], None]:
    """What every route depends on: nothing is written into a home that was moved or deleted under a running orchestrator.

    It would come back with nothing in it but this.
    """

    def check(request: Request) -> None:
        if request.method not in SAFE_METHODS and request.url.path != SHUTDOWN and not home.ours.is_dir():
            raise PlaceMissing(
                f"The home {home.root} isn't there",
                "It was moved or deleted while Tunesmith runs.",
                "Put it back, or end Tunesmith and start it anew.",
            )

    return check


def after_writes(poke: Callable[[], None]) -> Callable[[Request], AsyncIterator[None]]:
    """What every route depends on: `poke` is called when a request that may have changed something is over."""

    async def tell(request: Request) -> AsyncIterator[None]:
        yield
        path = request.url.path
        if request.method not in SAFE_METHODS and path.startswith("/api/") and not path.startswith(IN_NO_LIST):
            poke()

    return tell


def routes(version: str, jobs: ActiveJobs, shutdown: Shutdown) -> APIRouter:
    router = APIRouter(prefix="/api", tags=["system"])

    @router.get("/health", summary="Whether the orchestrator answers; needs no login")
    async def health() -> Health:
        return Health(version=version)

    @router.post("/system:shutdown", status_code=202, summary="End engines and orchestrator", responses=answers(409))
    async def shut_down(request: ShutdownRequest) -> Health:
        await shutdown.ask(request.force)
        return Health(version=version)

    return router
