"""HTTP of the dashboard: it answers what no route knows, so that every page of it can be opened by its own address."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from tunesmith.dashboard.coding import IDENTITY, choose, is_known
from tunesmith.dashboard.files import INDEX, File, read

RESERVED = frozenset({"api", "v1", "auth", "docs", "openapi.json", "metrics", "assets"})
"""First parts of addresses that are never a page: what isn't there is missing."""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""For pages, and for scripts, since a worker obeys the policy of its own file. Mantine sets styles inline."""
RUNS = ("text/html", "text/javascript")
FOR_EVER = "public, max-age=31536000, immutable"
ASK_FIRST = "no-cache"
MISSING = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Tunesmith</title></head>
<body>
<h1>The dashboard isn't built</h1>
<p>Tunesmith runs, but the files of its pages aren't there. Run <code>make frontend</code> in the checkout, then reload this page;
an installed package without them is broken: install it anew.</p>
<p>The API works without: <a href="/docs">what it can do</a>.</p>
</body>
</html>
"""


class Dashboard:
    """An ASGI application. What is neither a file nor a page goes to `otherwise`."""

    def __init__(self, built: Callable[[], Path | None], otherwise: ASGIApp) -> None:
        """`built`: the folder with the files, which are read now, and looked for again while they are missing."""
        self._built, self._otherwise = built, otherwise
        self._files = self._read()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer: ASGIApp = self._otherwise
        if scope["type"] == "http" and scope["method"] in ("GET", "HEAD"):
            answer = await self._answer(Request(scope)) or answer
        await answer(scope, receive, send)

    async def _answer(self, request: Request) -> Response | None:
        name = request.scope["path"].removeprefix("/")
        if name != INDEX and (file := self._files.get(name)):
            return _sent(file, request, FOR_EVER if file.hashed else ASK_FIRST)
        if name.partition("/")[0] in RESERVED or "text/html" not in request.headers.get("accept", ""):
            return None
        if INDEX not in self._files:
            self._files = await asyncio.to_thread(self._read)
        index = self._files.get(INDEX)
        return _sent(index, request, ASK_FIRST) if index else HTMLResponse(MISSING, 503)

    def _read(self) -> Mapping[str, File]:
        folder = self._built()
        return read(folder) if folder else {}


def install(app: FastAPI, built: Callable[[], Path | None]) -> None:
    """After all routes: a path that one of them knows keeps its 404 and 405."""
    app.router.default = Dashboard(built, app.router.default)


def _sent(file: File, request: Request, caching: str) -> Response:
    coding = choose(",".join(request.headers.getlist("accept-encoding")), file.bodies)
    etag, body = file.etag(coding), file.bodies[coding]
    headers = {"Cache-Control": caching, "ETag": etag, "Vary": "Accept-Encoding"}
    if file.media_type.startswith(RUNS):
        # Under no-referrer a browser may send a write with `Origin: null`, which the guard must refuse.
        headers |= {"Content-Security-Policy": POLICY, "Referrer-Policy": "same-origin"}
    if is_known(request.headers.getlist("if-none-match"), etag):
        return Response(status_code=304, headers=headers)
    if coding != IDENTITY:
        headers["Content-Encoding"] = coding
    headers |= {"Content-Type": file.media_type, "Content-Length": str(len(body))}
    return Response(b"" if request.method == "HEAD" else body, headers=headers)
