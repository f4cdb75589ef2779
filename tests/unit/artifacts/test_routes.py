"""The artifacts over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from tunesmith.artifacts.catalogue import Catalogue
from tunesmith.artifacts.routes import of_jobs, routes
from tunesmith.domain.errors import NotFound
from tunesmith.domain.home import Home
from tunesmith.web import problems

from .make import adapter, model, sidecar


@pytest.fixture
async def client(home: Home) -> AsyncIterator[httpx.AsyncClient]:
    def find_job(job_id: str) -> str:
        if not job_id.startswith("job-"):
            raise NotFound("There is no such job")
        return job_id

    app, catalogue = FastAPI(), Catalogue(home)
    problems.install(app)
    app.include_router(of_jobs(catalogue, find_job))
    app.include_router(routes(catalogue))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield client


async def test_what_a_job_made_in_the_order_in_which_it_did(home: Home, client: httpx.AsyncClient) -> None:
    model(home.models / "base" / "tiny")
    made = (("late", "job-1", "02T00:00:00"), ("early", "job-1", "01T00:00:00Z"), ("other", "job-2", "01T00:00:00Z"))
    for name, job, made_at in ((name, job, f"2026-01-{at}") for name, job, at in made):
        sidecar(adapter(home.saves / name) / "tunesmith.json", job=job, made_at=made_at)
    answer = await client.get("/api/jobs/job-1/artifacts")
    assert [artifact["name"] for artifact in answer.json()] == ["early", "late"]
    assert (await client.get("/api/jobs/job-3/artifacts")).json() == []
    assert (await client.get("/api/jobs/nobody/artifacts")).status_code == 404


async def test_dependants_are_told_and_keep_an_artifact(home: Home, client: httpx.AsyncClient) -> None:
    model(home.models / "base" / "tiny")
    adapter(home.saves / "facts", base=str(home.models / "base" / "tiny"))
    told = (await client.get("/api/artifacts/dependants", params={"id": "tiny"})).raise_for_status().json()
    assert (told["what"], told["possible"], told["stops"]) == ("models/base/tiny", False, [])
    assert told["dependants"] == [
        {"kind": "artifact", "name": "saves/facts", "why": "saves/facts was made from it", "blocks": True}
    ]
    assert (await client.delete("/api/artifacts/models/base/tiny")).status_code == 409
    assert (await client.get("/api/artifacts/dependants", params={"id": "nobody"})).status_code == 404
    assert (await client.delete("/api/artifacts/saves/facts")).status_code == 204
    assert (await client.delete("/api/artifacts/models/base/tiny")).status_code == 204
