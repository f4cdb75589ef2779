"""HTTP of picking files and folders."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import StringConstraints

from tunesmith.files.listing import Browser, Listing, Wanted
from tunesmith.web.problems import answers

Suffix = Annotated[str, StringConstraints(min_length=1, max_length=40)]


def routes(browser: Browser) -> APIRouter:
    router = APIRouter(prefix="/api/files", tags=["files"])

    @router.get("", summary="What is in a folder of this machine, within the allowed ones", responses=answers(403, 404, 422))
    async def list_files(
        path: Annotated[str, Query(max_length=4000, description="Absolute; without it the home.")] = "",
        kind: Annotated[Wanted | None, Query(description="folder: no files.")] = None,
        suffix: Annotated[list[Suffix], Query(max_length=20, description="Only files that end so; may be repeated.")] = [],  # noqa: B006
        hidden: bool = False,
    ) -> Listing:
        return await asyncio.to_thread(browser.list, path, kind, suffix, hidden)

    return router
