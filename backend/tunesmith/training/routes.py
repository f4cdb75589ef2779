"""HTTP of the runs on disk. A run's name is its path under saves/, with slashes, so it is written last in the address."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel

from tunesmith.domain.run import MetricPoint, Run
from tunesmith.training.runs import Runs

_PROBLEM: dict[str, Any] = {"content": {"application/problem+json": {}}}
_FINDING: dict[int | str, dict[str, Any]] = {
    404: {"description": "There is no such run", **_PROBLEM},
    422: {"description": "A value is wrong", **_PROBLEM},
}


class RunList(BaseModel):
    runs: list[Run]


class RunMetrics(BaseModel):
    points: list[MetricPoint]
    offset: int
    """Give it back as `offset` for what comes after these points."""


class RunConfig(BaseModel):
    config: dict[str, Any]
    """Ours, or LLaMA-Factory's own keys for a run made outside; empty when nothing says."""


def routes(runs: Runs) -> APIRouter:
    router = APIRouter(prefix="/api/runs", tags=["runs"])

    @router.get("")
    async def list_runs() -> RunList:
        """Every run, newest first, those made in LlamaBoard too."""
        return RunList(runs=await asyncio.to_thread(runs.all))

    @router.get("/{name:path}/metrics", responses=_FINDING)
    async def show_metrics(name: str, offset: Annotated[int, Query(ge=0)] = 0) -> RunMetrics:
        """Loss, learning rate and time by step; `offset` asks for what is new since the last answer."""
        stretch = await asyncio.to_thread(runs.metrics, name, offset)
        return RunMetrics(points=stretch.points, offset=stretch.offset)

    @router.get("/{name:path}/config", responses=_FINDING)
    async def show_config(name: str) -> RunConfig:
        """What the run was trained with."""
        return RunConfig(config=await asyncio.to_thread(runs.config, name))

    @router.get("/{name:path}", responses=_FINDING)
    async def show_run(name: str) -> Run:
        return await asyncio.to_thread(runs.get, name)

    return router
