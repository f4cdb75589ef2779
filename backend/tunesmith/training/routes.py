"""HTTP of the runs on disk. A run's name is its path under saves/, with slashes, so it is written last in the address."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, StringConstraints
from starlette.responses import Response

from tunesmith.domain.deletion import Deletion
from tunesmith.domain.ports import Catalogue
from tunesmith.domain.run import MetricPoint, Run
from tunesmith.training.again import Again
from tunesmith.training.columns import Columns
from tunesmith.training.curves import Curve
from tunesmith.training.runs import Runs, matching
from tunesmith.web.large import written
from tunesmith.web.problems import answers

_PROBLEM: dict[str, Any] = {"content": {"application/problem+json": {}}}
_FINDING: dict[int | str, dict[str, Any]] = {
    404: {"description": "There is no such run", **_PROBLEM},
    422: {"description": "A value is wrong", **_PROBLEM},
}


RunName = Annotated[str, StringConstraints(max_length=300)]


class RunList(BaseModel):
    runs: list[Run]
    total: int
    """How many there are, whatever the limit."""


class RunMetrics(BaseModel):
    points: list[MetricPoint]
    offset: int
    """Give it back as `offset` for what comes after these points."""


class RunConfig(BaseModel):
    config: dict[str, Any]
    """Ours, or LLaMA-Factory's own keys for a run made outside; empty when nothing says."""
    text: str
    """The same as YAML."""
    again: Again
    """The same as a new run could have it."""


def deleting(runs: Runs, catalogue: Catalogue) -> APIRouter:
    """Before `routes`, whose addresses end in a name."""
    router = APIRouter(prefix="/api/runs", tags=["runs"])
    in_use = answers(409)

    @router.get("/{name:path}/dependants", responses=_FINDING)
    async def show_dependants(name: str) -> Deletion:
        """What deleting a run's folder would do: the bytes it frees, and what depends on its adapter and checkpoints."""
        return await catalogue.deletion(await asyncio.to_thread(runs.folder, name))

    @router.delete("/{name:path}", status_code=204, responses=_FINDING | in_use)
    async def delete_run(name: str) -> None:
        """Delete a run's folder, with its adapter, checkpoints and logs."""
        await catalogue.delete(await asyncio.to_thread(runs.folder, name))

    return router


def routes(runs: Runs) -> APIRouter:
    router = APIRouter(prefix="/api/runs", tags=["runs"])

    @router.get("", response_model=RunList)
    async def list_runs(
        q: Annotated[str, Query(max_length=200, description="Text in name, base or data sets.")] = "",
        limit: Annotated[int | None, Query(ge=1, le=100_000, description="The newest so many; all without it.")] = None,
    ) -> Response:
        """Every run, newest first, those made in LlamaBoard too."""

        def found() -> RunList:
            wanted = matching(runs.all(), q)
            return RunList(runs=wanted[:limit], total=len(wanted))

        return await written(found)

    # The colon needs the empty prefix: "/api/runs" + ":curves". A run may be called `curves`.
    @router.get(":curves", summary="The loss of several runs in a few points each", responses={422: _FINDING[422]})
    async def show_curves(
        names: Annotated[list[RunName], Query(min_length=1, max_length=500)],
        points: Annotated[int, Query(ge=2, le=400)] = 40,
    ) -> list[Curve]:
        """In the order asked for; names of no run are left out."""
        return await asyncio.to_thread(runs.curves, names, points)

    @router.get("/{name:path}/metrics", responses=_FINDING)
    async def show_metrics(name: str, offset: Annotated[int, Query(ge=0)] = 0) -> RunMetrics:
        """Loss, learning rate and time by step; `offset` asks for what is new since the last answer."""
        stretch = await asyncio.to_thread(runs.metrics, name, offset)
        return RunMetrics(points=stretch.points, offset=stretch.offset)

    @router.get("/{name:path}/columns", responses=_FINDING)
    async def show_columns(name: str, offset: Annotated[int, Query(ge=0)] = 0) -> Columns:
        """The same as columns, for curves."""
        return await asyncio.to_thread(runs.columns, name, offset)

    @router.get("/{name:path}/config", responses=_FINDING)
    async def show_config(name: str) -> RunConfig:
        """What the run was trained with."""
        config, text, again = await asyncio.to_thread(runs.settings, name)
        return RunConfig(config=config, text=text, again=again)

    @router.get("/{name:path}", responses=_FINDING)
    async def show_run(name: str) -> Run:
        return await asyncio.to_thread(runs.get, name)

    return router
