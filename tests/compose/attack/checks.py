"""What counts as refused at the gate: nothing was said by the engine, which names its version in each of its answers."""

from __future__ import annotations

from dataclasses import dataclass

from doors.ledger import Ledger
from doors.wire import Reply

from .engine import FOREIGN, Gate


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
