"""HTTP of releases."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from tunesmith.domain.deletion import Deletion
from tunesmith.domain.errors import NotFound
from tunesmith.domain.job import JobStatus
from tunesmith.domain.name import checked_name
from tunesmith.domain.release import Release, StandingRelease
from tunesmith.release.options import Options
from tunesmith.release.parity import ParityReport, ParityReports
from tunesmith.release.removal import Removal
from tunesmith.release.request import Plan, ReleaseRequest
from tunesmith.release.service import ReleaseDesk
from tunesmith.release.store import ReleaseStore
from tunesmith.web.problems import PROBLEMS, answers

Number = Annotated[int, Path(ge=1, le=10**9)]


class Served(BaseModel):
    """A served name with all of its releases."""

    name: str
    current: int | None
    releases: list[Release]


class ReleaseView(StandingRelease):
    parity_report: str
    """Address of the report of how it was compared with what was trained."""


class Rollback(BaseModel):
    model_config = ConfigDict(extra="forbid")

    to: int | None = Field(None, ge=1, le=10**9, description="Release number; without it the one before the current.")


def of_jobs(reports: ParityReports, find_job: Callable[[str], object]) -> APIRouter:
    """`find_job` raises `NotFound` for what is no job."""
    router = APIRouter(prefix="/api/jobs", tags=["jobs"])

    @router.get("/{job_id}/parity", summary="How the parity step of a release compared, chat by chat", responses=answers(404))
    async def show_parity(job_id: str) -> ParityReport:
        find_job(job_id)
        return await asyncio.to_thread(reports.of_job, job_id)

    return router


def deleting(removal: Removal) -> APIRouter:
    router = APIRouter(prefix="/api/releases", tags=["releases"], responses=PROBLEMS)
    ollama = answers(502)

    @router.get("/{name}/dependants", summary="What deleting a served name would do: what goes, what stops, what is in its way")
    async def show_dependants(name: str) -> Deletion:
        return await removal.deletion(checked_name(name))

    @router.get("/{name}/{number}/dependants", summary="The same of one release")
    async def show_dependants_of_one(name: str, number: Number) -> Deletion:
        return await removal.deletion(checked_name(name), number)

    @router.delete("/{name}", status_code=204, summary="Stop and delete a served name with all of its releases", responses=ollama)
    async def delete_name(name: str) -> None:
        """With the files that were made for them and that nothing else needs; trained adapters and bases stay."""
        await removal.delete(checked_name(name))

    @router.delete("/{name}/{number}", status_code=204, summary="Delete a release that isn't current", responses=ollama)
    async def delete_number(name: str, number: Number) -> None:
        """Its number isn't given again."""
        await removal.delete(checked_name(name), number)

    return router


def routes(desk: ReleaseDesk, store: ReleaseStore, reports: ParityReports) -> APIRouter:
    router = APIRouter(prefix="/api/releases", tags=["releases"], responses=PROBLEMS)

    def served(name: str) -> Served:
        return Served(name=name, current=store.current_number(name), releases=store.all(name))

    @router.get("", summary="Served names and their releases")
    async def list_releases() -> list[Served]:
        return await asyncio.to_thread(lambda: [served(name) for name in store.names()])

    # The colon needs a prefix of its own: "/api/releases" + ":options".
    @router.get(":options", summary="What can be chosen for a release of an adapter, and why not the rest")
    async def release_options(adapter: Annotated[str, Query(min_length=1, max_length=1000)]) -> Options:
        return await desk.options(adapter)

    @router.get("/{name}", summary="One served name")
    async def show_release(name: str) -> Served:
        found = await asyncio.to_thread(served, checked_name(name))
        if not found.releases:
            raise NotFound(f"Nothing is released as {name!r}", "", "`tunesmith release ADAPTER --name NAME` makes a release.")
        return found

    @router.get("/{name}/{number}", summary="One release of a served name")
    async def show_number(name: str, number: Number) -> ReleaseView:
        release = await asyncio.to_thread(store.get, checked_name(name), number)
        return ReleaseView(**dict(release), parity_report=f"/api/releases/{name}/{number}/parity")

    @router.get("/{name}/{number}/parity", summary="How this release compared with what was trained, chat by chat")
    async def show_report(name: str, number: Number) -> ParityReport:
        return await asyncio.to_thread(lambda: reports.of_release(store.get(checked_name(name), number)))

    @router.post("", status_code=202, summary="Release an adapter")
    async def make_release(request: ReleaseRequest) -> JobStatus:
        return await desk.start(request)

    @router.post(":plan", summary="What a release would run and need, without running it")
    async def plan_release(request: ReleaseRequest) -> Plan:
        return await desk.plan(request)

    @router.post("/{name}:rollback", summary="Switch a served name back")
    async def roll_back(name: str, rollback: Rollback) -> Release:
        return await asyncio.to_thread(desk.rollback, checked_name(name), rollback.to)

    return router
