"""Answers of thousands of records. FastAPI would check and write them once more in the event loop, where all else waits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from pydantic import BaseModel
from starlette.responses import Response


async def written(make: Callable[[], BaseModel]) -> Response:
    """`make` in a thread, and its JSON. For routes that say `response_model=`."""
    return Response(await asyncio.to_thread(lambda: make().model_dump_json()), media_type="application/json")
