"""From host to host: who is logged in at our main host gets a session at a tool's, by a ticket that is good once and there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, quote, urlsplit

from tunesmith.auth.page import safe_next
from tunesmith.auth.policy import Address, Policy
from tunesmith.domain.errors import Refused

HANDOFF = "/auth/handoff"
URL = re.compile(r"(?P<origin>https?://(?P<name>[a-z0-9.-]+)(?::(?P<port>[0-9]{1,5}))?)(?P<path>/.*)?", re.IGNORECASE)


@dataclass(frozen=True)
class Target:
    """A page of a tool."""

    name: str
    """Host name."""
    origin: str
    path: str


def handoff_link(policy: Policy, address: Address, scheme: str, uri: str) -> str:
    """Where a browser without a session at the tool's host `address` is sent, so that it comes back to `uri` with one."""
    main = Address(policy.domain, address.port)
    wanted = address.origin(scheme) + safe_next(uri)
    return f"{main.origin(scheme)}{HANDOFF}?to={quote(wanted, safe='')}"


def target_of(to: str, policy: Policy, address: Address, scheme: str) -> Target:
    """The page that `to` names; `Refused` unless it is one of our tools', by our own scheme and port.

    `address` and `scheme` are those of the main host as the browser called it.
    """
    found = URL.fullmatch(to)
    name = found["name"].lower() if found else ""
    origin = Address(name, address.port).origin(scheme)
    if found is None or not policy.is_tool(name) or _normal(found, scheme) != origin:
        raise Refused(
            "This address isn't one of our tools'", f"Got {ascii(to)[:120]}.", "Open the tool by its link on the start page."
        )
    return Target(name, origin, safe_next(found["path"]))


def form_target(next_path: str, policy: Policy, address: Address, scheme: str) -> str | None:
    """The tool's origin that a login with this `next` ends at: browsers hold a form's redirects to its page's policy as well."""
    parts = urlsplit(next_path)
    wanted = parse_qs(parts.query).get("to", [""])[0]
    if parts.path != HANDOFF:
        return None
    try:
        return target_of(wanted, policy, address, scheme).origin
    except Refused:
        return None


def _normal(found: re.Match[str], scheme: str) -> str:
    given = Address(found["name"].lower(), int(found["port"]) if found["port"] else None)
    return given.origin(scheme) if found["origin"].lower().startswith(f"{scheme}://") else ""
