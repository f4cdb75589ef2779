"""An orchestrator that hangs or is gone leaves the door shut, for the owner too; and opens it again when it is back."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from kit.waiting import waiting

from .checks import Door
from .ledger import Ledger
from .stand import BEARER, TOOLS, Stand, standing


@pytest.fixture
def alone(tmp_path_factory: pytest.TempPathFactory, caddy: str) -> Iterator[Stand]:
    with standing(tmp_path_factory.mktemp("alone"), caddy) as stand:
        yield stand


def test_nobody_comes_in_while_it_hangs_and_after_it_is_killed(alone: Stand, ledger: Ledger) -> None:
    door, session = Door(alone, ledger), alone.session("llamafactory")
    assert alone.ours is not None
    alone.ours.send_signal(signal.SIGSTOP)
    with waiting("cut-off"):
        hung = alone.ask("GET", "/x", [session], tool="llamafactory")
    _shut(door, "hangs, llamafactory", alone, hung.status, hung.data)
    alone.ours.send_signal(signal.SIGCONT)
    door.serves("no orchestrator", "awake again", alone.ask("GET", "/x", [session], tool="llamafactory"))
    alone.ours.kill()
    alone.ours.wait()
    for tool in (None, *TOOLS):
        for login in ([session], [BEARER], []):
            reply = alone.ask("GET", "/x", login, tool=tool)
            _shut(door, f"killed, {tool} {login}", alone, reply.status, reply.data)
            assert b"doesn't answer" in reply.data


def _shut(door: Door, case: str, alone: Stand, status: int, data: bytes) -> None:
    arrived = alone.arrived()
    door.ledger.attack("no orchestrator", case, status in (502, 503, 504) and not arrived, (data[:800], arrived))
