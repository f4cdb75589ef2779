"""How large a body may be: by its path, exactly or below a folder of paths."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI, Request

from tunesmith.web import problems
from tunesmith.web.limits import BodyLimit


@pytest.mark.parametrize("announced", [True, False])
@pytest.mark.parametrize(
    ("path", "limit"), [("/other", 10), ("/upload", 20), ("/upload/more", 10), ("/chats/abc", 30), ("/chats", 10)]
)
async def test_each_path_has_its_limit(path: str, limit: int, announced: bool) -> None:
    app = FastAPI()
    problems.install(app)

    @app.put("/{path:path}")
    async def take(request: Request) -> int:
        return len(await request.body())

    async def pieces(size: int) -> AsyncIterator[bytes]:
        yield b"x" * size

    limited = BodyLimit(app, 10, {"/upload": 20, "/chats/": 30})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(limited), base_url="http://test") as client:
        for size, status in ((limit, 200), (limit + 1, 413)):
            content = b"x" * size if announced else pieces(size)
            assert (await client.put(path, content=content)).status_code == status
