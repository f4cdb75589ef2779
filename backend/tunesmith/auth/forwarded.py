"""What Caddy says of a request that it passes on or asks about. Clients' own words on it end at Caddy (`caddy/claims.caddy`)."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.types import Scope

CHECK = "/auth/check"


@dataclass(frozen=True)
class Asked:
    """The request that has to be let in: our own, or on `/auth/check` the one that a proxy asks about.

    Nothing here needs a proof of who says it: `/auth/check` only answers, and whoever lies to it learns what it would say of
    another request. The answer counts where Caddy asks, and Caddy writes these headers itself (docs/decisions/0005).
    """

    method: str
    uri: str
    websocket: bool = False


def asked(scope: Scope, headers: Headers) -> Asked:
    if scope["type"] == "websocket":
        return Asked("GET", scope["path"], websocket=True)
    query = scope["query_string"].decode("latin-1")
    own = Asked(scope["method"], scope["path"] + (f"?{query}" if query else ""))
    if scope["path"] != CHECK:
        return own
    return Asked(
        headers.get("x-forwarded-method", own.method),
        headers.get("x-forwarded-uri", own.uri),
        bool(headers.get("x-forwarded-upgrade")),
    )


def believe_proxy(scope: Scope, headers: Headers) -> None:
    """Take scheme and client address from the proxy before us, so that all that follows sees the ones outside."""
    scheme = headers.get("x-forwarded-proto", "")
    if scheme in ("http", "https"):
        scope["scheme"] = {"http": "ws", "https": "wss"}[scheme] if scope["type"] == "websocket" else scheme
    address = headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    try:
        scope["client"] = (str(ipaddress.ip_address(address)), 0)
    except ValueError:
        return  # the peer's own address, which is there already
