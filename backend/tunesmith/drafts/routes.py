"""HTTP of drafts."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Body, Path
from starlette.responses import Response

from tunesmith.drafts.store import NAME, Draft, Drafts
from tunesmith.web.problems import answers

Name = Annotated[str, Path(pattern=NAME)]
_OBJECT: dict[int | str, dict[str, Any]] = {
    200: {"description": "The draft as it was kept", "content": {"application/json": {"schema": {"type": "object"}}}}
}


def routes(drafts: Drafts) -> APIRouter:
    router = APIRouter(prefix="/api/drafts", tags=["drafts"])

    @router.get("", summary="The drafts there are, newest first")
    async def list_drafts() -> list[Draft]:
        return await asyncio.to_thread(drafts.all)

    @router.get("/{name}", summary="One draft", response_class=Response, responses=_OBJECT | answers(404))
    async def show_draft(name: Name) -> Response:
        return Response(await asyncio.to_thread(drafts.get, name), media_type="application/json")

    @router.put("/{name}", summary="Keep a draft, in the place of the one before", responses=answers(413))
    async def keep_draft(name: Name, content: Annotated[dict[str, Any], Body()]) -> Draft:
        """At most 64 kB. Of more than 200 drafts the oldest go."""
        return await asyncio.to_thread(drafts.put, name, content)

    @router.delete("/{name}", status_code=204, summary="Throw a draft away; also when there is none")
    async def delete_draft(name: Name) -> None:
        await asyncio.to_thread(drafts.delete, name)

    return router
