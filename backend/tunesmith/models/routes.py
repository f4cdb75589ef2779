"""HTTP of model imports. What is there is listed by `artifacts`."""

from __future__ import annotations

from fastapi import APIRouter

from tunesmith.domain.job import JobStatus
from tunesmith.models.service import ModelImports, ModelRequest
from tunesmith.web.problems import PROBLEMS


def routes(imports: ModelImports) -> APIRouter:
    router = APIRouter(prefix="/api/models", tags=["models"], responses=PROBLEMS)

    @router.post("", status_code=202, summary="Bring a base model in")
    async def import_model(request: ModelRequest) -> JobStatus:
        return await imports.start(request)

    return router
