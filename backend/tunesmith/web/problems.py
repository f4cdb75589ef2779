"""Errors as RFC 9457 problem details: one shape for every answer that isn't what was asked for."""

from __future__ import annotations

import errno
import logging
import secrets
from collections.abc import Sequence
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tunesmith.domain.errors import NotEnough, NotFound, Refused, TunesmithError
from tunesmith.web.errors import LoginNeeded, RangeNotSatisfiable, TooLarge, TooMany

MEDIA_TYPE = "application/problem+json"
FULL = (errno.ENOSPC, errno.EDQUOT)
FORBIDDEN = (errno.EROFS, errno.EACCES, errno.EPERM)
log = logging.getLogger("tunesmith.web")


class WrongValue(BaseModel):
    """One value of a request that was refused. The value itself isn't repeated: it may be a secret."""

    where: str
    """Its place: `body.name`, `query.limit`; or its name alone, `rank`."""
    message: str


class Problem(BaseModel):
    """RFC 9457, with what to do about it."""

    type: str
    """`/problems/<kind>`: one for each kind of error."""
    title: str
    status: int
    detail: str = ""
    remedy: str = ""
    instance: str | None = None
    """The path that was asked for."""
    errors: list[WrongValue] | None = None
    incident: str | None = None
    """Of unexpected errors: what to look for in `.tunesmith/logs/orchestrator.log`."""


MEANINGS = {
    400: "The request can't be read",
    401: "No login",
    403: "Refused",
    404: "Not there",
    409: "It exists already, or is in use",
    413: "The body is too large",
    421: "The Host header names none of our names",
    422: "A value is wrong; nothing was touched",
    429: "Too many failed logins",
    500: "An error of ours",
    502: "An engine answered with an error, or not at all",
    503: "The place where a command should run can't be reached",
    507: "Not enough disk or memory",
}


KINDS = {error.status: error.kind for error in (NotFound, Refused, LoginNeeded, TooLarge)}
"""What a framework's error of that status is called: the same as ours."""


Answers = dict[int | str, dict[str, object]]


def answers(*statuses: int) -> Answers:
    """What routes hand to FastAPI as `responses=` for these statuses. `web.openapi.describe` adds the schema it names."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {status: {"description": MEANINGS[status], "content": {MEDIA_TYPE: {"schema": schema}}} for status in statuses}


EVERYWHERE = answers(400, 401, 403, 413, 421, 422, 429, 500)
"""What the entrance and the checks of a request may answer on any route. `web.openapi.describe` adds them."""

WRITING = EVERYWHERE | answers(503, 507)
"""The same for a route that may write: the home can be gone, the disk full."""

PROBLEMS = answers(*(status for status in MEANINGS if status != 502))
"""For routes that start or change a job: `responses=PROBLEMS`, or `{**PROBLEMS, 206: …}`."""


def problem_of(error: TunesmithError, instance: str | None = None) -> Problem:
    return Problem(
        type=f"/problems/{error.kind}",
        title=error.title,
        status=error.status,
        detail=error.detail,
        remedy=error.remedy,
        instance=instance,
        errors=[WrongValue(where=where, message=message) for where, message in error.wrong.items()] or None,
    )


def response_to(error: TunesmithError, instance: str | None = None) -> Response:
    """The answer to `error`, with the headers that its status asks for."""
    headers = {}
    if error.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Bearer realm="tunesmith"'
    if isinstance(error, TooMany):
        headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, RangeNotSatisfiable):
        headers["Content-Range"] = f"bytes */{error.total}"
    return _response(problem_of(error, instance), headers)


def _response(problem: Problem, headers: dict[str, str] | None = None) -> Response:
    return Response(problem.model_dump_json(exclude_none=True), problem.status, headers, MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Answer every error of routes as a problem. What nobody expected is `UnexpectedErrors`' part."""
    app.add_exception_handler(TunesmithError, _from_ours)
    app.add_exception_handler(RequestValidationError, _from_validation)
    app.add_exception_handler(HTTPException, _from_http)
    app.add_exception_handler(OSError, _from_system)


async def _from_ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, TunesmithError)
    return response_to(error, request.url.path)


async def _from_validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    wrong = [WrongValue(where=".".join(map(str, each["loc"])), message=str(each["msg"])) for each in error.errors()]
    return _response(
        Problem(
            type="/problems/invalid-input",
            title="The request has a wrong value" if len(wrong) == 1 else f"The request has {len(wrong)} wrong values",
            status=422,
            detail=_summary(wrong),
            remedy="Correct what is listed and send it again; nothing was touched.",
            instance=request.url.path,
            errors=wrong,
        )
    )


def _summary(wrong: Sequence[WrongValue]) -> str:
    shown = "; ".join(f"{each.where}: {each.message}" for each in wrong[:3])
    return f"{shown}; and {len(wrong) - 3} more" if len(wrong) > 3 else shown


async def _from_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    phrase = HTTPStatus(error.status_code).phrase
    problem = Problem(
        type=f"/problems/{KINDS.get(error.status_code) or phrase.lower().replace(' ', '-')}",
        title=phrase,
        status=error.status_code,
        detail="" if error.detail == phrase else error.detail,
        remedy="`/docs` lists the addresses and methods there are." if error.status_code in (404, 405) else "",
        instance=request.url.path,
    )
    return _response(problem, dict(error.headers or {}))


async def _from_system(request: Request, error: Exception) -> Response:
    """What the disk refuses, wherever a route met it. Everything else that the system says is an error of ours."""
    assert isinstance(error, OSError)
    where = str(error.filename or "A file")
    if error.errno in FULL:
        return response_to(
            NotEnough(
                "The disk is full", f"{where} can't be written.", "Make room, then try again: `tunesmith du` shows what takes it."
            ),
            request.url.path,
        )
    if error.errno in FORBIDDEN:
        return response_to(
            Refused(f"{where} can't be changed", f"{error.strerror}.", "Make it writable for the user that runs Tunesmith."),
            request.url.path,
        )
    raise error


class UnexpectedErrors:
    """Turns what no handler knew into a 500 problem with an incident id, and logs the traceback under it.

    Starlette's own handler for these stands outside all other middleware and raises again; this one stands inside.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def noted_send(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, noted_send)
        except Exception:
            incident = scope.get("state", {}).get("request_id") or secrets.token_hex(8)
            log.exception("incident %s: %s %s", incident, scope["method"], ascii(scope["path"]))
            if begun:
                raise
            await _response(_unexpected(scope["path"], incident))(scope, receive, send)


def _unexpected(path: str, incident: str) -> Problem:
    return Problem(
        type="/problems/unexpected",
        title="An error of ours",
        status=500,
        detail=f"Nobody expected this one. It is logged as incident {incident}.",
        remedy="Look for the incident in .tunesmith/logs/orchestrator.log, and report it with the lines there.",
        instance=path,
        incident=incident,
    )
