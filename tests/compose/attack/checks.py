"""What counts as refused. At the door: said so, nothing set, and nothing arrived at any tool. At the gate: nothing said by the
engine, which names its version in each of its answers."""

from __future__ import annotations

from dataclasses import dataclass

from .engine import FOREIGN, Gate
from .ledger import Ledger
from .recorder import MARK
from .stand import Stand
from .wire import Reply

REFUSALS = {400, 401, 403, 408, 411, 413, 414, 421, 429, 431, 499, 501, 504, 505}
LEADS_TO_LOGIN = ("/auth/login?next=", "/auth/handoff?to=")


@dataclass(frozen=True)
class Door:
    stand: Stand
    ledger: Ledger

    def refuses(self, theme: str, case: str, reply: Reply) -> None:
        arrived = self.stand.arrived()
        self.ledger.attack(theme, case, _turned_away(reply) and not arrived, (reply.data[:1500], arrived))

    def serves(self, theme: str, case: str, reply: Reply, status: int = 200) -> None:
        self.ledger.control(theme, case, reply.status == status, reply.data[:1500])
        self.stand.arrived()


@dataclass(frozen=True)
class GateDoor:
    gate: Gate
    ledger: Ledger

    def refuses(self, theme: str, case: str, reply: Reply) -> None:
        silent = b"api-version" not in reply.data.lower() and FOREIGN.encode() not in reply.data
        self.ledger.attack(theme, case, silent and all(status >= 400 for status in reply.statuses), reply.data[:1500])

    def hides(self, theme: str, case: str, reply: Reply, hidden: list[bytes], shown: bytes = b"") -> None:
        """The engine answers, or the gate refuses; what is hidden isn't there, and what is ours is, where the engine answered."""
        answered = reply.status == 200
        seen = any(each in reply.data for each in hidden)
        self.ledger.attack(theme, case, not seen and (not answered or shown in reply.data), reply.data[:1500])

    def serves(self, theme: str, case: str, reply: Reply, status: int = 200) -> None:
        answered = reply.status == status and b"api-version" in reply.data.lower()
        self.ledger.control(theme, case, answered, reply.data[:1500])


def _turned_away(reply: Reply) -> bool:
    data = reply.data.lower()
    if MARK.encode() in data or b"set-cookie" in data:
        return False
    return all(status in REFUSALS or (status == 303 and _leads_to_login(reply)) for status in reply.statuses)


def _leads_to_login(reply: Reply) -> bool:
    place = reply.header("location") or ""
    return any(part in place for part in LEADS_TO_LOGIN) and "ticket" not in place
