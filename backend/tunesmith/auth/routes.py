"""`/auth/…`: log in by link, token or form; log out; ask whether one is logged in; go on to another host, or get a link there."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, Field

from tunesmith.auth.core import TICKET_SECONDS, Logins, Session
from tunesmith.auth.forwarded import Asked
from tunesmith.auth.guard import COOKIE, LOGIN, LONGEST_NEXT, login_address
from tunesmith.auth.handoff import HANDOFF, form_target, handoff_link, target_of
from tunesmith.auth.page import login_page, page_headers, safe_next
from tunesmith.auth.policy import Address, Policy
from tunesmith.domain.errors import TunesmithError
from tunesmith.web.errors import LoginNeeded, TooMany
from tunesmith.web.problems import answers

ASKED_BY_FORM = answers(400, 401, 403, 413, 421, 422, 429, 500)
PAGE = {"description": "The login page", "content": {"text/html": {"schema": {"type": "string"}}}}
MOVED = {"description": "Logged in, or on the way to where one can", "headers": {"Location": {"schema": {"type": "string"}}}}
ONLY_BY_HTTPS = (
    "At this address browsers keep a login by https:// only. If a proxy of yours ends it, name that in TUNESMITH_TRUSTED_PROXIES."
)
HANDOFF_SECONDS = 60
"""A browser follows a redirect at once."""


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
    _add_login(router, logins, policy)
    _add_session(router, logins, policy)
    _add_handoff(router, logins, policy)
    return router


def _add_login(router: APIRouter, logins: Logins, policy: Policy) -> None:
    @router.get(
        "/login", response_class=HTMLResponse, responses={**answers(421, 500), 200: PAGE, 303: MOVED, 401: PAGE, 429: PAGE}
    )
    def show_login(
        request: Request,
        ticket: Annotated[str | None, Query(max_length=200)] = None,
        next_path: Annotated[str | None, Query(alias="next", max_length=LONGEST_NEXT)] = None,
    ) -> Response:
        """The login page; with the `ticket` of a one-time link, straight in. A tool's host asks for no token: see the handoff."""
        if ticket is None:
            if policy.is_tool(_host(request).name):
                return _to_main_host(policy, request, safe_next(next_path))
            return _page(policy, request, next_path)
        try:
            session = logins.redeem(ticket, _host(request).name, _client(request))
        except (LoginNeeded, TooMany) as error:
            return _page(policy, request, next_path, error)
        return _entered(session, next_path)

    @router.post("/login", response_class=HTMLResponse, responses={**ASKED_BY_FORM, 200: PAGE, 303: MOVED, 401: PAGE, 429: PAGE})
    def log_in(
        request: Request,
        token: Annotated[str, Form(max_length=1000)],
        next_path: Annotated[str | None, Form(alias="next", max_length=LONGEST_NEXT)] = None,
    ) -> Response:
        """The login page's form."""
        try:
            session = logins.log_in(token.strip(), _host(request).name, _client(request))
        except (LoginNeeded, TooMany) as error:
            return _page(policy, request, next_path, error)
        return _entered(session, next_path)


def _add_session(router: APIRouter, logins: Logins, policy: Policy) -> None:
    @router.post("/logout", status_code=204, responses=answers(401, 403, 421, 500))
    def log_out() -> Response:
        """End all sessions on all hosts, and void all one-time links."""
        logins.log_out_everywhere()
        response = Response(status_code=204)
        response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="lax")
        return response

    @router.post("/tickets", status_code=201, responses=ASKED_BY_FORM)
    def make_ticket(request: Request, wanted: TicketRequest) -> Ticket:
        """A link that logs a browser in on another of our hosts: a session is good for one host only."""
        address = policy.address([wanted.host])
        ticket = logins.new_ticket(address.name)
        return Ticket(url=link(address.origin(request.url.scheme), ticket), seconds=TICKET_SECONDS)


def _add_handoff(router: APIRouter, logins: Logins, policy: Policy) -> None:
    @router.get("/check", status_code=204, responses={**answers(401, 403, 421, 429, 500), 303: MOVED})
    def check(request: Request) -> Response:
        """For a proxy that asks before it lets someone through to a tool: 204 when logged in, 401 when not, and for a browser
        that opens a page 303: from a tool's host to the main host, there to the login page."""
        if _known(request):
            return Response(status_code=204)
        asked: Asked = request.state.asked
        opens_page = asked.method in ("GET", "HEAD") and not asked.websocket
        if opens_page and "text/html" in request.headers.get("accept", ""):
            at_tool = policy.is_tool(_host(request).name)
            return _to_main_host(policy, request, asked.uri) if at_tool else _moved(login_address(asked.uri))
        raise LoginNeeded(
            "Log in first",
            "",
            "Open /auth/login at the main host, or send Authorization: Bearer with the token of `tunesmith token`.",
        )

    @router.get("/handoff", status_code=303, response_class=RedirectResponse, responses=answers(401, 403, 421, 422, 429, 500))
    def hand_on(request: Request, to: Annotated[str, Query(max_length=3000)]) -> Response:
        """Go on to the page `to` of a tool, logged in there too; by the login page for who isn't logged in here."""
        target = target_of(to, policy, _host(request), request.url.scheme)
        if not _known(request):
            there = f"{HANDOFF}?to={quote(target.origin + target.path, safe='')}"
            return _moved(f"{LOGIN}?next={quote(there, safe='')}")
        ticket = logins.new_ticket(target.name, HANDOFF_SECONDS)
        return _moved(f"{link(target.origin, ticket)}&next={quote(target.path, safe='')}")


def link(origin: str, ticket: str) -> str:
    """The one-time link of `ticket` at `origin`."""
    return f"{origin}{LOGIN}?ticket={ticket}"


def _host(request: Request) -> Address:
    address: Address = request.state.address
    return address


def _client(request: Request) -> str:
    return request.client.host if request.client else ""


def _known(request: Request) -> bool:
    return getattr(request.state, "identity", None) is not None


def _to_main_host(policy: Policy, request: Request, uri: str) -> Response:
    return _moved(handoff_link(policy, _host(request), request.url.scheme, uri))


def _moved(url: str) -> Response:
    return RedirectResponse(url, 303, {"Cache-Control": "no-store"})


def _page(policy: Policy, request: Request, next_path: str | None, error: TunesmithError | None = None) -> Response:
    """The login page, where it makes sense: at a tool's host a link that can't be used leads to the main host's."""
    address, wanted = _host(request), safe_next(next_path)
    if error is not None and policy.is_tool(address.name) and "text/html" in request.headers.get("accept", ""):
        return _to_main_host(policy, request, wanted)
    message = str(error or "") or ("" if address.is_loopback or request.url.scheme == "https" else ONLY_BY_HTTPS)
    headers = page_headers(form_target(wanted, policy, address, request.url.scheme))
    if isinstance(error, TooMany):
        headers["Retry-After"] = str(error.retry_after)
    return HTMLResponse(login_page(wanted, message), error.status if error else 200, headers)


def _entered(session: Session, next_path: str | None) -> Response:
    response = _moved(safe_next(next_path))
    response.set_cookie(COOKIE, session.secret, max_age=session.seconds, path="/", secure=True, httponly=True, samesite="lax")
    return response
