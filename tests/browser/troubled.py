"""A way to the orchestrator that is bad in a chosen manner: slow, broken, cut off, with another clock, or full of markup.

A proxy of a few lines at the process boundary: the browser, its shared worker too, talks to it and to nothing else.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import threading
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

FRAME_END, SNAPSHOT = b"\n\n", b"event: snapshot"
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "upgrade", "content-length", "content-encoding"}


@dataclass
class Trouble:
    """What is wrong now; may be changed at any moment."""

    delay: float = 0.0
    """Seconds before an answer of the API."""
    status: int = 0
    """Answered instead, by every route of the API that matches `where`."""
    where: str = "/api/"
    cut_after: float = 0.0
    """Seconds after which a stream is cut off."""
    clock: timedelta = timedelta()
    """How far the server's clock is off."""
    rewrite: Callable[[str, Any], Any] | None = None
    """Gets the path and the JSON of an answer, and returns another."""
    more: Iterable[bytes] = ()
    """Frames that the stream of events says besides, behind its snapshot."""
    asked: list[str] = field(default_factory=list)
    """Method and path of every request."""


class TroubledWay:
    """Serves `target` on `port` until closed, in a thread of its own."""

    def __init__(self, target: str, port: int) -> None:
        self.target, self.port, self.trouble = target, port, Trouble()
        app = Starlette(routes=[Route("/{path:path}", self._pass_on, methods=["GET", "POST", "PUT", "DELETE", "HEAD"])])
        # What is cut off and refused on purpose is no news.
        config = uvicorn.Config(app, host="127.0.0.1", port=port, log_level="critical", date_header=False, http="h11")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._client: httpx.AsyncClient | None = None

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def open(self) -> TroubledWay:
        self._thread.start()
        while not self._server.started:
            threading.Event().wait(0.02)
        return self

    def close(self) -> None:
        self._server.should_exit = self._server.force_exit = True
        self._thread.join(10)

    async def _pass_on(self, request: Request) -> Response:
        trouble, path = self.trouble, request.url.path
        trouble.asked.append(f"{request.method} {path}")
        ours = path.startswith(("/api/", "/v1/"))
        if ours and trouble.delay:
            await asyncio.sleep(trouble.delay)
        if trouble.status and re.search(trouble.where, path):
            problem = {
                "type": "/problems/unexpected",
                "title": "An error of ours",
                "status": trouble.status,
                "detail": "On purpose.",
                "remedy": "Heal the way, then try again.",
            }
            return JSONResponse(problem, trouble.status, media_type="application/problem+json")
        return await self._answer(request)

    async def _answer(self, request: Request) -> Response:
        client = self._client = self._client or httpx.AsyncClient(base_url=self.target, trust_env=False, timeout=None)
        url = httpx.URL(path=request.url.path, query=request.url.query.encode())
        sent = client.build_request(request.method, url, headers=self._headers(request), content=await request.body())
        answer = await client.send(sent, stream=True)
        headers = [(name, value) for name, value in answer.headers.multi_items() if name.lower() not in HOP_BY_HOP | {"date"}]
        response: Response
        if answer.headers.get("content-type", "").startswith("text/event-stream"):
            more = self.trouble.more if request.url.path == "/api/events" else ()
            response = StreamingResponse(self._events(answer, more), answer.status_code)
        else:
            body = await answer.aread()
            await answer.aclose()
            response = Response(self._rewritten(request.url.path, answer, body), answer.status_code)
        response.raw_headers = [pair for pair in response.raw_headers if pair[0] == b"content-length"]
        response.raw_headers += [(name.lower().encode(), value.encode()) for name, value in headers]
        response.headers["date"] = format_datetime(datetime.now(UTC) + self.trouble.clock, usegmt=True)
        return response

    def _headers(self, request: Request) -> list[tuple[str, str]]:
        """Host and Origin are the target's, so that it takes the browser for a visitor of its own."""
        host = self.target.removeprefix("http://")
        kept = [
            (name, value)
            for name, value in request.headers.items()
            if name not in ("host", "origin", "accept-encoding", "referer")
        ]
        return [*kept, ("host", host), ("accept-encoding", "identity")] + (
            [("origin", self.target)] if "origin" in request.headers else []
        )

    async def _events(self, answer: httpx.Response, more: Iterable[bytes]) -> AsyncIterator[bytes]:
        held = b""
        with contextlib.suppress(httpx.HTTPError, TimeoutError):
            async with asyncio.timeout(self.trouble.cut_after or None):
                async for chunk in answer.aiter_raw():
                    *frames, held = (held + chunk).split(FRAME_END)
                    for frame in frames:
                        yield self._rewritten_event(frame) + FRAME_END
                        if SNAPSHOT in frame:
                            for another in more:
                                yield another
        await answer.aclose()

    def _rewritten(self, path: str, answer: httpx.Response, body: bytes) -> bytes:
        if self.trouble.rewrite is None or not path.startswith("/api/") or "json" not in answer.headers.get("content-type", ""):
            return body
        return json.dumps(self.trouble.rewrite(path, json.loads(body))).encode()

    def _rewritten_event(self, frame: bytes) -> bytes:
        rewrite = self.trouble.rewrite
        if rewrite is None:
            return frame

        def replaced(found: re.Match[bytes]) -> bytes:
            return b"data: " + json.dumps(rewrite("/api/events", json.loads(found[1]))).encode()

        return re.sub(rb"(?m)^data: (.*)$", replaced, frame)
