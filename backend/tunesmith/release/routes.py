"""HTTP of releases."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from tunesmith.domain.errors import NotFound
from tunesmith.domain.job import JobStatus
from tunesmith.domain.name import checked_name
from tunesmith.domain.release import Release
from tunesmith.release.request import Plan, ReleaseRequest
from tunesmith.release.service import ReleaseDesk
from tunesmith.release.store import ReleaseStore
from tunesmith.web.problems import PROBLEMS


class Served(BaseModel):
    """A served name with all of its releases."""

    name: str
    current: int | None
    releases: list[Release]


class Rollback(BaseModel):
    model_config = ConfigDict(extra="forbid")

    to: int | None = Field(None, ge=1, le=10**9, description="Release number; without it the one before the current.")


def routes(desk: ReleaseDesk, store: ReleaseStore) -> APIRouter:
    router = APIRouter(prefix="/api/releases", tags=["releases"], responses=PROBLEMS)

    def served(name: str) -> Served:
        return Served(name=name, current=store.current_number(name), releases=store.all(name))

    @router.get("", summary="Served names and their releases")
    async def list_releases() -> list[Served]:
        return await asyncio.to_thread(lambda: [served(name) for name in store.names()])

    @router.get("/{name}", summary="One served name")
    async def show_release(name: str) -> Served:
        found = await asyncio.to_thread(served, checked_name(name))
        if not found.releases:
            raise NotFound(f"Nothing is released as {name!r}", "", "`tunesmith release ADAPTER --name NAME` makes a release.")
        return found

    @router.post("", status_code=202, summary="Release an adapter")
    async def make_release(request: ReleaseRequest) -> JobStatus:
        return await desk.start(request)

    # The colon needs a prefix of its own: "/api/releases" + ":plan".
    @router.post(":plan", summary="What a release would run and need, without running it")
    async def plan_release(request: ReleaseRequest) -> Plan:
        return await desk.plan(request)

    @router.post("/{name}:rollback", summary="Switch a served name back")
    async def roll_back(name: str, rollback: Rollback) -> Release:
        return await asyncio.to_thread(desk.rollback, checked_name(name), rollback.to)

    return router
