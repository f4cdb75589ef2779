"""Where a browser finds a service: on the stack one host a tool, natively the address where it answers."""

from __future__ import annotations

from dataclasses import dataclass

from tunesmith.domain.deployment import ServingState
from tunesmith.domain.service import Service
from tunesmith.services.known import Known


@dataclass(frozen=True)
class Visit:
    """How the asking browser reached us."""

    scheme: str
    port: int | None
    """None: the scheme's own."""


@dataclass(frozen=True)
class Links:
    """`domain`: the stack's host name; empty natively."""

    domain: str
    http_port: int
    https_port: int

    def page(self, known: Known, service: Service, visit: Visit) -> str | None:
        """The address of the service's page; None when it has none, or doesn't run."""
        if known.opens != "page" or service.state in (ServingState.ABSENT, ServingState.STOPPED):
            return None
        return f"{self.origin(known, visit)}/" if self.domain else service.address

    def api(self, known: Known, service: Service, visit: Visit) -> str | None:
        """The address of its API, for programs, with the token as `Authorization: Bearer`."""
        if known.opens != "api":
            return None
        return self.origin(known, visit) if self.domain else service.address

    def origin(self, known: Known, visit: Visit) -> str:
        """The tool's host at the port that we were reached at.

        Which scheme the browser used isn't told by a proxy before us that ends TLS (its headers aren't trusted): the port
        says it where it is one of ours.
        """
        scheme = {self.https_port: "https", self.http_port: "http"}.get(visit.port or 0, visit.scheme)
        return f"{scheme}://{known.name}.{self.domain}" + (f":{visit.port}" if visit.port else "")
