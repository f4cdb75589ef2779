"""Who may read a tool's page on this machine, where the tool itself has no login and asks nobody.

It listens on loopback, which keeps other machines out but no page in this machine's own browser: a page elsewhere can have its
own name lead to 127.0.0.1 (DNS rebinding), or send requests without reading the answers. Such requests name another host, or
come with another origin.
"""

from __future__ import annotations

import re

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
HOST = re.compile(r"(\[[0-9a-f:]+\]|[a-z0-9.-]+)(?::\d{1,5})?", re.IGNORECASE)


def refusal(host: str | None, origin: str | None) -> str | None:
    """Why a request with these headers is refused; None when it comes from this machine's own pages or programs."""
    named = HOST.fullmatch(host or "")
    if not named or not is_loopback(named[1]):
        return "This page is served on this machine only: ask for localhost."
    if origin is not None and origin.lower() != f"http://{host}".lower():
        return "A page of another origin asked."
    return None


def is_loopback(name: str) -> bool:
    return name.lower() in LOOPBACK or name.lower().endswith(".localhost")
