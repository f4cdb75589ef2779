"""Which Host and Origin may reach us. Pure decisions over header values; nothing here trusts X-Forwarded-*."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tunesmith.domain.errors import InvalidInput, Refused
from tunesmith.settings import Settings
from tunesmith.web.errors import Misdirected

HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?)(?::(?P<port>[0-9]{1,5}))?", re.IGNORECASE)
WILDCARDS = frozenset({"0.0.0.0", "::", ""})
DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Address:
    """What a Host header says. `name` in lower case, IPv6 in brackets; `port` None: the scheme's own."""

    name: str
    port: int | None = None

    def origin(self, scheme: str) -> str:
        port = self.port if self.port != DEFAULT_PORTS.get(scheme) else None
        return f"{scheme}://{self.name}" if port is None else f"{scheme}://{self.name}:{port}"


@dataclass(frozen=True)
class Policy:
    """`hosts`: names besides localhost's, in lower case. `origins`: foreign origins that may call us, with their port."""

    hosts: frozenset[str] = frozenset()
    origins: frozenset[str] = frozenset()

    def address(self, hosts: list[str]) -> Address:
        """The address in the Host headers; `Misdirected` unless there is exactly one and it is ours (DNS rebinding)."""
        found = HOST.fullmatch(hosts[0]) if len(hosts) == 1 else None
        name = found["name"].lower() if found else ""
        local = name in ("localhost", "127.0.0.1", "[::1]") or name.endswith(".localhost")
        if found is None or ".." in name or not (local or name in self.hosts):
            shown = ascii(hosts[0])[:80] if hosts else "missing"
            raise Misdirected(
                "This address isn't one of ours",
                f"The Host header is {shown}.",
                "Use localhost, or add the name to TUNESMITH_ALLOWED_HOSTS.",
            )
        return Address(name, int(found["port"]) if found["port"] else None)

    def is_own(self, origin: str, address: Address, scheme: str) -> bool:
        """Whether `origin` is the page's own, its port included.

        A proxy that ends TLS before us makes our scheme `http` while the page's is `https`: that one counts as own too.
        The reverse does not.
        """
        return origin in (address.origin(scheme), address.origin("https")) or origin in self.origins

    def check_origin(self, origins: list[str], address: Address, scheme: str) -> None:
        """Raises `Refused` when there is an Origin and it is another page's."""
        if origins and not (len(origins) == 1 and self.is_own(origins[0], address, scheme)):
            raise Refused(
                "A page of another origin asked",
                f"The Origin header is {ascii(', '.join(origins))[:120]}, ours is {address.origin(scheme)}.",
                "Open Tunesmith under its own address.",
            )

    def check_same_page(self, origins: list[str], fetch_sites: list[str], *, browser_only: bool) -> None:
        """Raises `Refused` when a write that rides on a cookie doesn't show that our own page made it.

        `browser_only`: what says nothing of itself at all is no browser, and passes (the login form, which needs no cookie).
        """
        if origins or fetch_sites == ["same-origin"] or (browser_only and not fetch_sites):
            return
        raise Refused(
            "The request doesn't say which page made it",
            "A write with a session cookie needs an Origin header, or Sec-Fetch-Site: same-origin.",
            "In scripts send the token: Authorization: Bearer ….",
        )


def policy_from(settings: Settings) -> Policy:
    """The hosts of `allowed_hosts`, and the address we listen on unless that is a wildcard."""
    names = {name.strip().lower() for name in settings.allowed_hosts.split(",") if name.strip()}
    for name in names:
        found = HOST.fullmatch(name)
        if found is None or found["port"]:
            raise InvalidInput(
                f"{name!r} is no host name",
                "TUNESMITH_ALLOWED_HOSTS holds it.",
                "Give names without scheme and port, with commas between.",
            )
    listening = settings.host.lower()
    if listening not in WILDCARDS:
        names.add(f"[{listening}]" if ":" in listening else listening)
    return Policy(frozenset(names))
