"""HTTP of starting trainings."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter
from fastapi import Body as FromBody

from tunesmith.domain.job import JobStatus
from tunesmith.training.config import TrainingConfig
from tunesmith.training.config_text import parse
from tunesmith.training.starting import RunPlan, TrainingDesk
from tunesmith.web.problems import PROBLEMS

_CONFIG: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": TrainingConfig.model_json_schema()}}}
}
Body = Annotated[dict[str, Any], FromBody()]
"""Read by `config_text`, whose errors name the nearest key; the schema shown is the configuration's."""


def routes(desk: TrainingDesk) -> APIRouter:
    router = APIRouter(prefix="/api/runs", tags=["runs"], responses=PROBLEMS)

    @router.post("", status_code=202, openapi_extra=_CONFIG)
    async def start_run(body: Body) -> JobStatus:
        """Start a training."""
        return await desk.start(parse(body, "the request"))

    # The colon needs the empty prefix: "/api/runs" + ":plan".
    @router.post(":plan", openapi_extra=_CONFIG)
    async def plan_run(body: Body) -> RunPlan:
        """What a training would run and need, without running it."""
        return await desk.plan(parse(body, "the request"))

    return router
