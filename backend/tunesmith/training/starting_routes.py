"""HTTP of starting trainings."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter
from fastapi import Body as FromBody
from pydantic import BaseModel

from tunesmith.domain.errors import InvalidInput, NotFound
from tunesmith.domain.job import JobStatus
from tunesmith.training.config import TrainingConfig
from tunesmith.training.config_text import parse
from tunesmith.training.options import TrainingOptions, training_options
from tunesmith.training.starting import RunPlan, TrainingDesk
from tunesmith.web.problems import PROBLEMS, Problem, problem_of

_CONFIG: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": TrainingConfig.model_json_schema()}}}
}
Body = Annotated[dict[str, Any], FromBody()]
"""Read by `config_text`, whose errors name the nearest key; the schema shown is the configuration's."""


class CheckedRun(BaseModel):
    """The plan, or what is wrong with the settings: one of them."""

    plan: RunPlan | None = None
    problem: Problem | None = None


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

    @router.post(":check", openapi_extra=_CONFIG)
    async def check_run(body: Body) -> CheckedRun:
        """The same for a form that is being filled in, where a wrong value is nothing that failed."""
        try:
            return CheckedRun(plan=await desk.plan(parse(body, "the request")))
        except (InvalidInput, NotFound) as error:
            return CheckedRun(problem=problem_of(error))

    @router.get(":options")
    async def list_options() -> TrainingOptions:
        """The settings of a training: defaults, bounds, meaning."""
        return training_options()

    return router
