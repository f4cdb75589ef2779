"""HTTP of jobs. Their logs are served by `web.logs`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import PlainTextResponse
from pydantic import StringConstraints

from tunesmith.domain.job import JobPlan, JobStatus, State
from tunesmith.jobs.script import Container, job_script
from tunesmith.jobs.selection import Selection
from tunesmith.jobs.service import JobBook
from tunesmith.web.problems import PROBLEMS

Kind = Annotated[str, StringConstraints(max_length=40)]


class Shellscript(PlainTextResponse):
    media_type = "text/x-shellscript"


def routes(jobs: JobBook, container: Container = lambda _: None) -> APIRouter:
    router = APIRouter(prefix="/api/jobs", tags=["jobs"], responses=PROBLEMS)

    @router.get("", summary="Jobs, newest first")
    async def list_jobs(
        state: Annotated[list[State], Query(max_length=len(State), description="Any of these; may be repeated.")] = [],  # noqa: B006
        kind: Annotated[list[Kind], Query(max_length=20, description="Any of these; may be repeated.")] = [],  # noqa: B006
        q: Annotated[str, Query(max_length=200, description="Text in id, title or kind.")] = "",
        before: Annotated[str | None, Query(max_length=100, description="Only jobs older than this one, by its id.")] = None,
        limit: Annotated[int, Query(ge=1, le=5000)] = 200,
    ) -> list[JobStatus]:
        return await jobs.all(Selection(state, kind, q, before, limit))

    @router.get("/{job_id}", summary="One job")
    async def show_job(job_id: str) -> JobStatus:
        return jobs.status(job_id)

    @router.get("/{job_id}/plan", summary="Everything the job runs, as it was written before its start")
    async def show_plan(job_id: str) -> JobPlan:
        jobs.status(job_id)
        return jobs.plan(job_id)

    @router.get("/{job_id}/script", summary="A shell script that does the same by hand", response_class=Shellscript)
    async def show_script(job_id: str) -> Shellscript:
        jobs.status(job_id)
        return Shellscript(job_script(jobs.plan(job_id), container))

    @router.post("/{job_id}:cancel", status_code=202, summary="End a job; it is cancelled when no process is left")
    async def cancel_job(job_id: str) -> JobStatus:
        jobs.status(job_id)
        return await jobs.cancel(job_id)

    @router.post("/{job_id}:retry", status_code=202, summary="Go on from the step that failed")
    async def retry_job(job_id: str) -> JobStatus:
        jobs.status(job_id)
        return await jobs.retry(job_id)

    return router
