"""A way to the orchestrator that is bad in a chosen manner: slow, broken, cut off, with another clock, or full of markup.

A proxy of a few lines at the process boundary: the browser, its shared worker too, talks to it and to nothing else.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
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

from .workshop import until

FRAME_END, SNAPSHOT = b"\n\n", b"event: snapshot"
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "upgrade", "content-length", "content-encoding"}
EVENTS = "/api/events"


@dataclass
class Trouble:
    """What is wrong now; may be changed at any moment."""

    status: int = 0
    """Answered instead, by every route of the API that matches `where`."""
    where: str = "/api/"
    clock: timedelta = timedelta()
    """How far the server's clock is off."""
    rewrite: Callable[[str, Any], Any] | None = None
    """Gets the path and the JSON of an answer, and returns another."""
    more: Iterable[bytes] = ()
    """Frames that the stream of events says besides, behind its snapshot."""
    before: dict[str, str] = field(default_factory=dict)
    """By a pattern of paths, a script that is put before the one that lies there."""
    asked: list[str] = field(default_factory=list)
    """Method and path of every request."""

    def count(self, what: str) -> int:
        """How often it was asked for this."""
        return sum(bool(re.fullmatch(what, each)) for each in self.asked)


@dataclass(frozen=True)
class Hold:
    where: str
    opened: asyncio.Event


class TroubledWay:
    """Serves `target` on `port` until closed, in a thread of its own."""

    def __init__(self, target: str, port: int) -> None:
        self.target, self.port, self.trouble = target, port, Trouble()
        routes = [Route("/{path:path}", self._pass_on, methods=["GET", "POST", "PUT", "DELETE", "HEAD"])]
        # What is cut off and refused on purpose is no news.
        quiet = {"log_level": "critical", "date_header": False, "http": "h11"}
        config = uvicorn.Config(Starlette(routes=routes, lifespan=self._life), host="127.0.0.1", port=port, **quiet)  # type: ignore[arg-type]
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._hold: Hold | None = None
        self._streams: list[tuple[str, asyncio.Timeout]] = []

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def open(self) -> TroubledWay:
        self._thread.start()
        until(lambda: self._server.started)
        return self

    def close(self) -> None:
        self._server.should_exit = self._server.force_exit = True
        self._thread.join(10)

    @contextlib.contextmanager
    def holding(self, where: str = "^/(api|v1)/") -> Iterator[None]:
        """Answers of what matches are held back until the block ends."""
        hold = self._hold = Hold(where, asyncio.Event())
        try:
            yield
        finally:
            self._hold = None
            self._loop.call_soon_threadsafe(hold.opened.set)

    def cut(self, path: str = EVENTS) -> None:
        """Break off the streams of this path that are open, in the middle of their answer; waits until there is one."""
        until(lambda: any(each == path for each, _ in self._streams))
        self._loop.call_soon_threadsafe(self._cut, path)

    def _cut(self, path: str) -> None:
        for of, limit in self._streams:
            if of == path:
                limit.reschedule(self._loop.time())

    @contextlib.asynccontextmanager
    async def _life(self, _: Starlette) -> AsyncIterator[None]:
        self._loop = asyncio.get_running_loop()
        async with httpx.AsyncClient(base_url=self.target, trust_env=False, timeout=None) as self._client:
            yield

    async def _pass_on(self, request: Request) -> Response:
        trouble, hold, path = self.trouble, self._hold, request.url.path
        trouble.asked.append(f"{request.method} {path}")
        if hold and re.search(hold.where, path):
            await hold.opened.wait()
        if trouble.status and re.search(trouble.where, path):
            return refusal(trouble.status)
        return await self._answer(request)

    async def _answer(self, request: Request) -> Response:
        path, url = request.url.path, httpx.URL(path=request.url.path, query=request.url.query.encode())
        sent = self._client.build_request(request.method, url, headers=self._headers(request), content=await request.body())
        answer = await self._client.send(sent, stream=True)
        headers = [(name, value) for name, value in answer.headers.multi_items() if name.lower() not in HOP_BY_HOP | {"date"}]
        response: Response
        if answer.headers.get("content-type", "").startswith("text/event-stream"):
            response = StreamingResponse(self._events(path, answer), answer.status_code)
        else:
            body = await answer.aread()
            await answer.aclose()
            response = Response(self._rewritten(path, answer, body), answer.status_code)
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

    async def _events(self, path: str, answer: httpx.Response) -> AsyncIterator[bytes]:
        held = b""
        more = self.trouble.more if path == EVENTS else ()
        try:
            async with self._cuttable(path):
                async for chunk in answer.aiter_raw():
                    *frames, held = (held + chunk).split(FRAME_END)
                    for frame in frames:
                        yield self._rewritten_event(frame) + FRAME_END
                        if SNAPSHOT in frame:
                            for another in more:
                                yield another
        except httpx.HTTPError:
            pass  # the target has gone
        finally:
            await answer.aclose()

    @contextlib.asynccontextmanager
    async def _cuttable(self, path: str) -> AsyncIterator[None]:
        """A `TimeoutError` is thrown within when the stream is cut off."""
        async with asyncio.timeout(None) as limit:
            stream = (path, limit)
            self._streams.append(stream)
            try:
                yield
            finally:
                self._streams.remove(stream)

    def _rewritten(self, path: str, answer: httpx.Response, body: bytes) -> bytes:
        for pattern, script in self.trouble.before.items():
            if re.search(pattern, path):
                return script.encode() + body
        if self.trouble.rewrite is None or not path.startswith("/api/") or "json" not in answer.headers.get("content-type", ""):
            return body
        return json.dumps(self.trouble.rewrite(path, json.loads(body))).encode()

    def _rewritten_event(self, frame: bytes) -> bytes:
        rewrite = self.trouble.rewrite
        if rewrite is None:
            return frame

        def replaced(found: re.Match[bytes]) -> bytes:
            return b"data: " + json.dumps(rewrite(EVENTS, json.loads(found[1]))).encode()

        return re.sub(rb"(?m)^data: (.*)$", replaced, frame)


def refusal(status: int) -> JSONResponse:
    problem = {
        "type": "/problems/unexpected",
        "title": "An error of ours",
        "status": status,
        "detail": "On purpose.",
        "remedy": "Heal the way, then try again.",
    }
    return JSONResponse(problem, status, media_type="application/problem+json")
