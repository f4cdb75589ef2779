"""HTTP of the artifacts. An id is a path with slashes, so it is the last part of the address."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from tunesmith.artifacts.catalogue import Catalogue, Lineage
from tunesmith.domain.artifact import Artifact, Kind

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


def routes(catalogue: Catalogue) -> APIRouter:
    router = APIRouter(prefix="/api/artifacts", tags=["artifacts"])

    @router.get("", responses={422: _FINDING[422]})
    async def list_artifacts(kind: Kind | None = None) -> ArtifactList:
        """Base models, adapters, merged models and GGUF files that are complete."""
        scan = await catalogue.scan()
        wanted = [artifact for artifact in scan.artifacts if kind is None or artifact.kind is kind]
        return ArtifactList(artifacts=wanted, unreadable=scan.unreadable)

    @router.get("/check", responses=_FINDING)
    async def check_artifact(id: str, base: str | None = None) -> Checked:
        """A close look at one artifact: headers, configuration, NaN, and whether it fits a base."""
        return Checked(reasons=await catalogue.check(id, base))

    @router.get("/{artifact_id:path}", responses=_FINDING)
    async def show_artifact(artifact_id: str) -> Lineage:
        """One artifact with its parents, its children and what the engine can't load of it."""
        return await catalogue.lineage(artifact_id)

    @router.delete(
        "/{artifact_id:path}",
        status_code=204,
        responses=_FINDING | {409: {"description": "Something was made from it, or a release needs it", **_PROBLEM}},
    )
    async def delete_artifact(artifact_id: str) -> None:
        """Delete an artifact and its sidecar."""
        await catalogue.delete(artifact_id)

    return router
