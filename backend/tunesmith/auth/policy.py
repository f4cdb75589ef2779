"""Which Host and Origin may reach us. Pure decisions over header values; nothing here reads X-Forwarded-*."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tunesmith.domain.errors import InvalidInput, Refused
from tunesmith.settings import Settings
from tunesmith.web.errors import Misdirected

HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?)(?::(?P<port>[0-9]{1,5}))?", re.IGNORECASE)
LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
WILDCARDS = frozenset({"0.0.0.0", "::", ""})
DEFAULT_PORTS = {"http": 80, "https": 443}
TOOLS = ("easy-dataset", "llama-cpp", "llamafactory", "ollama", "tensorboard")
"""Each has the host TOOL.DOMAIN in the stack (`caddy/hosts/TOOL.caddy`)."""


@dataclass(frozen=True)
class Address:
    """What a Host header says. `name` in lower case, IPv6 in brackets; `port` None: the scheme's own."""

    name: str
    port: int | None = None

    @property
    def is_loopback(self) -> bool:
        """Whether browsers take it for this machine."""
        return self.name in LOOPBACK or self.name.endswith(".localhost")

    def origin(self, scheme: str) -> str:
        port = self.port if self.port != DEFAULT_PORTS.get(scheme) else None
        return f"{scheme}://{self.name}" if port is None else f"{scheme}://{self.name}:{port}"


@dataclass(frozen=True)
class Policy:
    """`hosts`: names besides localhost's, in lower case. `origins`: foreign origins that may call us, with their port."""

    hosts: frozenset[str] = frozenset()
    origins: frozenset[str] = frozenset()
    domain: str = "localhost"
    """The main host; the tools' lie below it."""
    proxied: bool = False
    """Whether nobody but the stack's Caddy and the tools beside it can reach us: then scheme and client are what Caddy says."""

    def is_tool(self, name: str) -> bool:
        """Whether `name` is a tool's host, where nothing of ours is served but the way in."""
        label, _, rest = name.partition(".")
        return label in TOOLS and rest == self.domain

    def address(self, hosts: list[str]) -> Address:
        """The address in the Host headers; `Misdirected` unless there is exactly one and it is ours (DNS rebinding)."""
        found = HOST.fullmatch(hosts[0]) if len(hosts) == 1 else None
        name = found["name"].lower() if found else ""
        ours = Address(name).is_loopback or name in self.hosts or name == self.domain or self.is_tool(name)
        if found is None or ".." in name or not ours:
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
    return Policy(frozenset(names), domain=settings.domain, proxied=settings.runtime == "docker")
