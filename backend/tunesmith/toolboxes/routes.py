"""HTTP of toolboxes."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from tunesmith.domain.job import JobStatus
from tunesmith.domain.step import Toolbox
from tunesmith.toolboxes.native import ToolboxReport
from tunesmith.toolboxes.service import ToolboxDesk
from tunesmith.web.problems import PROBLEMS


def routes(toolboxes: ToolboxDesk) -> APIRouter:
    router = APIRouter(prefix="/api/toolboxes", tags=["toolboxes"], responses=PROBLEMS)

    @router.get("", summary="The toolboxes, what is installed and what it takes")
    async def list_toolboxes() -> list[ToolboxReport]:
        return await toolboxes.reports()

    @router.post(
        "/{name}:install",
        status_code=202,
        summary="Make a toolbox's environment, as a job",
    )
    async def install_toolbox(
        name: Toolbox,
        rebuild: Annotated[bool, Query(description="Make it anew although it is complete.")] = False,
        quantize: Annotated[bool, Query(description="llama-cpp: also compile llama-quantize, for K-quants.")] = False,
    ) -> JobStatus:
        return await toolboxes.install(name, rebuild, quantize)

    return router
