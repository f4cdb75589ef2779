"""How slow a request may be: at Caddy, before the lock and the tools."""

from __future__ import annotations

from kit.waiting import waiting

from .checks import Door
from .slow import EACH, PATIENCE_SECONDS, SLOW, SlowOnes


def test_slow_requests_are_cut_off_and_nobody_waits(door: Door, slow: SlowOnes) -> None:
    """20 of each were begun before the first test; all the others were served meanwhile."""
    for who, reply in slow.beside.items():
        door.serves("slow loris", f"{who} beside {len(SLOW) * EACH} slow ones", reply)
    with waiting("cut-off"):
        held_open = slow.held_open()
    for case in SLOW:
        door.ledger.attack("slow loris", case, case not in held_open, f"still open after {PATIENCE_SECONDS} s")
