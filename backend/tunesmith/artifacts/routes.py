"""HTTP of the artifacts. An id is a path with slashes, so it is the last part of the address."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.responses import Response

from tunesmith.artifacts.catalogue import Catalogue, Lineage
from tunesmith.domain.artifact import Artifact, Kind
from tunesmith.domain.deletion import Deletion
from tunesmith.web.large import written
from tunesmith.web.problems import answers

_PROBLEM: dict[str, Any] = {"content": {"application/problem+json": {}}}
_FINDING: dict[int | str, dict[str, Any]] = {
    404: {"description": "There is no such artifact", **_PROBLEM},
    422: {"description": "The name fits several artifacts, or a value is wrong", **_PROBLEM},
}


class ArtifactList(BaseModel):
    artifacts: list[Artifact]
    unreadable: list[str] = []
    """Folders that could not be read, with the reason."""


class Checked(BaseModel):
    reasons: list[str]
    """What speaks against using it; empty when nothing was found."""


def of_jobs(catalogue: Catalogue, find_job: Callable[[str], object]) -> APIRouter:
    """`find_job` raises `NotFound` for what is no job."""
    router = APIRouter(prefix="/api/jobs", tags=["jobs"])

    @router.get("/{job_id}/artifacts", summary="The artifacts that a job made, as their own records say", responses=answers(404))
    async def list_made(job_id: str) -> list[Artifact]:
        find_job(job_id)
        made = [
            (one.lineage.made_at.timestamp(), one) for one in await catalogue.list() if one.lineage and one.lineage.job == job_id
        ]
        return [artifact for _, artifact in sorted(made, key=lambda pair: (pair[0], pair[1].id))]

    return router


def routes(catalogue: Catalogue) -> APIRouter:
    router = APIRouter(prefix="/api/artifacts", tags=["artifacts"])

    @router.get("", response_model=ArtifactList, responses={422: _FINDING[422]})
    async def list_artifacts(kind: Kind | None = None) -> Response:
        """Base models, adapters, merged models and GGUF files that are complete."""
        scan = await catalogue.scan()

        def found() -> ArtifactList:
            wanted = [artifact for artifact in scan.artifacts if kind is None or artifact.kind is kind]
            return ArtifactList(artifacts=wanted, unreadable=scan.unreadable)

        return await written(found)

    @router.get("/check", responses=_FINDING)
    async def check_artifact(id: str, base: str | None = None) -> Checked:
        """A close look at one artifact: headers, configuration, NaN, and whether it fits a base."""
        return Checked(reasons=await catalogue.check(id, base))

    @router.get("/dependants", responses=_FINDING)
    async def show_dependants(id: str) -> Deletion:
        """What deleting an artifact would do: the bytes it frees, what depends on it, which served names stop."""
        return await catalogue.deletion(catalogue.path(await catalogue.get(id)))

    @router.get("/{artifact_id:path}", responses=_FINDING)
    async def show_artifact(artifact_id: str) -> Lineage:
        """One artifact with its parents, its children and what the engine can't load of it."""
        return await catalogue.lineage(artifact_id)

    @router.delete(
        "/{artifact_id:path}",
        status_code=204,
        responses=_FINDING | {409: {"description": "Something was made from it, or it is needed or in use now", **_PROBLEM}},
    )
    async def delete_artifact(artifact_id: str) -> None:
        """Delete an artifact and its sidecar."""
        await catalogue.delete(catalogue.path(await catalogue.get(artifact_id)))

    return router
