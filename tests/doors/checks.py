"""What counts as refused at the door: it was said so, nothing was set, and nothing arrived at any tool."""

from __future__ import annotations

from dataclasses import dataclass

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


def _turned_away(reply: Reply) -> bool:
    data = reply.data.lower()
    if MARK.encode() in data or b"set-cookie" in data:
        return False
    return all(status in REFUSALS or (status == 303 and _leads_to_login(reply)) for status in reply.statuses)


def _leads_to_login(reply: Reply) -> bool:
    place = reply.header("location") or ""
    return any(part in place for part in LEADS_TO_LOGIN) and "ticket" not in place
