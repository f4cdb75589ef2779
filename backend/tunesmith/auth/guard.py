"""The guard: pure ASGI (streams pass it untouched), before every route.

It lets in who has a session or the token, refuses foreign Hosts and Origins, and takes away what a client may not claim.
"""

from __future__ import annotations

from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from tunesmith.auth.book import hashed
from tunesmith.auth.core import Logins
from tunesmith.auth.forwarded import CHECK, Asked, asked, believe_proxy
from tunesmith.auth.handoff import HANDOFF
from tunesmith.auth.policy import Address, Policy
from tunesmith.domain.errors import TunesmithError
from tunesmith.web.audit import SAFE_METHODS, Identity
from tunesmith.web.errors import LoginNeeded, Misdirected
from tunesmith.web.problems import response_to

COOKIE = "__Host-tunesmith"
LOGIN = "/auth/login"
PUBLIC = {LOGIN: {"GET", "HEAD", "POST"}, HANDOFF: {"GET"}, CHECK: {"GET"}, "/api/health": {"GET", "HEAD"}}
LONGEST_NEXT = 2000
AT_TOOLS = {LOGIN: {"GET"}, CHECK: {"GET"}}
"""What of ours is there on a tool's host. The tool's pages act there with our cookie: they must get no ticket for elsewhere."""
CLAIMS = ("forwarded", "x-forwarded-", "x-real-ip", "x-tunesmith-", "x-auth-", "x-webauth-", "remote-", "x-remote-",
          "x-original-", "x-rewrite-", "x-authenticated-")  # fmt: skip
"""How header names begin that say who a client is or where it comes from: only a proxy that we configured might know."""


class Guard:
    """Puts into `scope["state"]` for what follows: `identity` (`web.audit.Identity`), `address` (`auth.policy.Address`) and
    `asked` (`auth.forwarded.Asked`)."""

    def __init__(self, app: ASGIApp, logins: Logins, policy: Policy) -> None:
        self._app, self._logins, self._policy = app, logins, policy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        claimed = Headers(scope=scope)
        scope.setdefault("state", {})["asked"] = asked(scope, claimed)
        if self._policy.proxied:
            believe_proxy(scope, claimed)
        scope["headers"] = [(name, value) for name, value in scope["headers"] if not _is_claim(name)]
        try:
            self._admit(scope)
        except TunesmithError as error:
            await self._refuse(error, scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _admit(self, scope: Scope) -> None:
        """Raises the `TunesmithError` that says why not."""
        headers = Headers(scope=scope)
        state = scope["state"]
        state["address"] = address = self._policy.address(headers.getlist("host"))
        self._check_place(scope, address)
        origins = headers.getlist("origin")
        self._policy.check_origin(origins, address, _scheme(scope))
        identity = self._identify(headers, address, scope)
        if identity is None and not _is_public(scope):
            raise LoginNeeded(
                "Log in first", "", "Open /auth/login, or send Authorization: Bearer with the token of `tunesmith token`."
            )
        if identity is not None:
            state["identity"] = identity
        if _may_write(state["asked"]) and (identity is None or identity.by == "session"):
            self._policy.check_same_page(origins, headers.getlist("sec-fetch-site"), browser_only=identity is None)

    def _check_place(self, scope: Scope, address: Address) -> None:
        if not (self._policy.proxied and self._policy.is_tool(address.name)):
            return
        if scope["type"] == "websocket" or scope["method"] not in AT_TOOLS.get(scope["path"], ()):
            raise Misdirected("This isn't served at a tool's address", "", f"Ask {self._policy.domain} for it.")

    def _identify(self, headers: Headers, address: Address, scope: Scope) -> Identity | None:
        """A bearer token decides when there is one, even where a cookie would do: a wrong one is an error, not a fallback."""
        given = headers.getlist("authorization")
        bearer = [value[7:].strip() for value in given if value[:7].lower() == "bearer "]
        if bearer:
            client = scope.get("client")
            if len(given) > 1:
                raise LoginNeeded("Two Authorization headers", "", "Send one.")
            self._logins.check_token(bearer[0], client[0] if client else "")
            return Identity(by="bearer", hash=hashed(bearer[0])[:12])
        session = session_cookie(headers)
        if session is not None and self._logins.knows(session, address.name):
            return Identity(by="session", hash=hashed(session)[:12])
        return None

    async def _refuse(self, error: TunesmithError, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": error.title})
            return
        answer: Response = response_to(error, scope["path"])
        if isinstance(error, LoginNeeded) and _is_navigation(scope):
            answer = RedirectResponse(login_address(_target(scope)), 303)
        await answer(scope, receive, send)


def login_address(wanted: str) -> str:
    """The login page that leads on to the address `wanted`; to the start page when that is too long for it."""
    return f"{LOGIN}?next={quote(wanted if len(wanted) <= LONGEST_NEXT else '/', safe='/')}"


def _target(scope: Scope) -> str:
    """Path and query as they were sent: decoded, a name with a slash in it would be another address."""
    path: bytes = scope.get("raw_path") or quote(scope["path"]).encode()
    return (path + (b"?" + scope["query_string"] if scope["query_string"] else b"")).decode("latin-1")


def session_cookie(headers: Headers) -> str | None:
    """The value of our cookie. Only this host could have set it: that is what the `__Host-` prefix is for."""
    for header in headers.getlist("cookie"):
        for part in header.split(";"):
            name, _, value = part.strip().partition("=")
            if name == COOKIE:
                return value
    return None


def _is_claim(name: bytes) -> bool:
    # Some servers below turn "_" into "-", so both spellings are one name.
    return name.decode("latin-1").lower().replace("_", "-").startswith(CLAIMS)


def _is_public(scope: Scope) -> bool:
    return scope["type"] == "http" and scope["method"] in PUBLIC.get(scope["path"], ())


def _may_write(asked: Asked) -> bool:
    """A WebSocket carries writes as well, and a browser always names the page's origin on it."""
    return asked.websocket or asked.method not in SAFE_METHODS


def _is_navigation(scope: Scope) -> bool:
    path: str = scope["path"]
    programs = path.startswith(("/api/", "/v1/", "/auth/")) or path in ("/api", "/v1", "/auth")
    return scope["method"] in ("GET", "HEAD") and not programs and "text/html" in Headers(scope=scope).get("accept", "")


def _scheme(scope: Scope) -> str:
    scheme: str = scope["scheme"]
    return {"ws": "http", "wss": "https"}.get(scheme, scheme)
