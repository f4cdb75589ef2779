"""`/auth/…`: log in by link, token or form; log out; ask whether one is logged in; make a link for another host."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, Field

from tunesmith.auth.core import TICKET_SECONDS, Logins, Session
from tunesmith.auth.guard import COOKIE
from tunesmith.auth.page import HEADERS, login_page, safe_next
from tunesmith.auth.policy import Address, Policy
from tunesmith.domain.errors import TunesmithError
from tunesmith.web.errors import LoginNeeded, TooMany
from tunesmith.web.problems import answers

ASKED_BY_FORM = answers(400, 401, 403, 413, 421, 422, 429, 500)
PAGE = {"description": "The login page", "content": {"text/html": {"schema": {"type": "string"}}}}
MOVED = {"description": "Logged in", "headers": {"Location": {"schema": {"type": "string"}}}}


class TicketRequest(BaseModel):
    host: str = Field(max_length=300)
    """The host the link shall be for, with its port: `tensorboard.localhost:8765`."""


class Ticket(BaseModel):
    url: str
    """Logs one browser in, once."""
    seconds: int
    """How long it is good for."""


def routes(logins: Logins, policy: Policy) -> APIRouter:
    router = APIRouter(prefix="/auth", tags=["auth"])
    _add_login(router, logins)
    _add_session(router, logins, policy)
    return router


def _add_login(router: APIRouter, logins: Logins) -> None:
    @router.get(
        "/login", response_class=HTMLResponse, responses={**answers(421, 500), 200: PAGE, 303: MOVED, 401: PAGE, 429: PAGE}
    )
    def show_login(
        request: Request,
        ticket: Annotated[str | None, Query(max_length=200)] = None,
        next_path: Annotated[str | None, Query(alias="next", max_length=2000)] = None,
    ) -> Response:
        """The login page; with the `ticket` of a one-time link, straight in."""
        if ticket is None:
            return HTMLResponse(login_page(safe_next(next_path)), headers=HEADERS)
        try:
            session = logins.redeem(ticket, _host(request).name, _client(request))
        except (LoginNeeded, TooMany) as error:
            return _again(error, next_path)
        return _entered(session, next_path)

    @router.post("/login", response_class=HTMLResponse, responses={**ASKED_BY_FORM, 200: PAGE, 303: MOVED, 401: PAGE, 429: PAGE})
    def log_in(
        request: Request,
        token: Annotated[str, Form(max_length=1000)],
        next_path: Annotated[str | None, Form(alias="next", max_length=2000)] = None,
    ) -> Response:
        """The login page's form."""
        try:
            session = logins.log_in(token.strip(), _host(request).name, _client(request))
        except (LoginNeeded, TooMany) as error:
            return _again(error, next_path)
        return _entered(session, next_path)


def _add_session(router: APIRouter, logins: Logins, policy: Policy) -> None:
    @router.post("/logout", status_code=204, responses=answers(401, 403, 421, 500))
    def log_out() -> Response:
        """End all sessions on all hosts, and void all one-time links."""
        logins.log_out_everywhere()
        response = Response(status_code=204)
        response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="lax")
        return response

    @router.get("/check", status_code=204, responses=answers(401, 403, 421, 429, 500))
    def check(request: Request) -> Response:
        """For a proxy that asks before it lets someone through to a tool: 204 when logged in, 401 when not."""
        if getattr(request.state, "identity", None) is None:
            raise LoginNeeded("Log in first", "", "Open /auth/login.")
        return Response(status_code=204)

    @router.post("/tickets", status_code=201, responses=ASKED_BY_FORM)
    def make_ticket(request: Request, wanted: TicketRequest) -> Ticket:
        """A link that logs a browser in on another of our hosts: a session is good for one host only."""
        address = policy.address([wanted.host])
        ticket = logins.new_ticket(address.name)
        return Ticket(url=link(address.origin(request.url.scheme), ticket), seconds=TICKET_SECONDS)


def link(origin: str, ticket: str) -> str:
    """The one-time link of `ticket` at `origin`."""
    return f"{origin}/auth/login?ticket={ticket}"


def _host(request: Request) -> Address:
    address: Address = request.state.address
    return address


def _client(request: Request) -> str:
    return request.client.host if request.client else ""


def _again(error: TunesmithError, next_path: str | None) -> Response:
    wait = {"Retry-After": str(error.retry_after)} if isinstance(error, TooMany) else {}
    page = login_page(safe_next(next_path), str(error))
    return HTMLResponse(page, error.status, {**HEADERS, **wait})


def _entered(session: Session, next_path: str | None) -> Response:
    response = RedirectResponse(safe_next(next_path), 303, {"Cache-Control": "no-store"})
    response.set_cookie(COOKIE, session.secret, max_age=session.seconds, path="/", secure=True, httponly=True, samesite="lax")
    return response
