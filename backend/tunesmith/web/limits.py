"""How large a request's body may be. Declared lengths are refused at once, undeclared ones when they get there."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tunesmith.web.errors import TooLarge
from tunesmith.web.problems import response_to

BODY_BYTES = 1_000_000
UPLOAD_BYTES = 200_000_000


class BodyLimit:
    """Bodies up to `limit` bytes; on the paths of `wider`, and below those that end with a slash, up to what that says."""

    def __init__(self, app: ASGIApp, limit: int = BODY_BYTES, wider: Mapping[str, int] | None = None) -> None:
        self._app, self._limit, self._wider = app, limit, dict(wider or {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._limit_of(scope["path"])
        declared = Headers(scope=scope).get("content-length", "0")
        if declared.isdecimal() and int(declared) > limit:
            await response_to(_too_large(limit), scope["path"])(scope, receive, send)
            return
        got = 0

        async def counted() -> Message:
            nonlocal got
            message = await receive()
            got += len(message.get("body", b""))
            if got > limit:
                # FastAPI passes on an HTTPException that reading a body raises, and answers 400 to any other.
                raise HTTPException(413, _too_large(limit).detail)
            return message

        await self._app(scope, counted, send)

    def _limit_of(self, path: str) -> int:
        exact = self._wider.get(path)
        if exact is not None:
            return exact
        return next(
            (limit for above, limit in self._wider.items() if above.endswith("/") and path.startswith(above)), self._limit
        )


def _too_large(limit: int) -> TooLarge:
    return TooLarge("The body is too large", f"Here it may have {limit:,} bytes.", "Send less, or upload it as a data set.")
