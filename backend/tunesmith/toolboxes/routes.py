"""HTTP of toolboxes."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from tunesmith.domain.job import JobStatus
from tunesmith.domain.step import Toolbox
from tunesmith.toolboxes.native import ToolboxReport
from tunesmith.toolboxes.service import ToolboxService

PROBLEM: dict[str, Any] = {"content": {"application/problem+json": {}}}


def routes(toolboxes: ToolboxService) -> APIRouter:
    router = APIRouter(prefix="/api/toolboxes", tags=["toolboxes"])

    @router.get("", summary="The toolboxes, what is installed and what it takes")
    async def list_toolboxes() -> list[ToolboxReport]:
        return await toolboxes.reports()

    @router.post(
        "/{name}:install",
        status_code=202,
        summary="Make a toolbox's environment, as a job",
        responses={
            404: {**PROBLEM, "description": "Not a toolbox that is made here."},
            409: {**PROBLEM, "description": "It is installed already, or in use."},
            422: {**PROBLEM, "description": "No such toolbox."},
            507: {**PROBLEM, "description": "The disk is too small."},
        },
    )
    async def install_toolbox(
        name: Toolbox, rebuild: Annotated[bool, Query(description="Make it anew although it is complete.")] = False
    ) -> JobStatus:
        return await toolboxes.install(name, rebuild)

    return router
