"""The memory of all services: uptimes under clocks that jump, load of ten minutes, an engine that goes and comes back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tunesmith.domain.deployment import ServingState
from tunesmith.domain.errors import NotFound
from tunesmith.domain.service import Service
from tunesmith.services.board import TELL_SECONDS, Board
from tunesmith.services.known import Known
from tunesmith.services.load_ring import LoadRing
from tunesmith.services.source import Load, Seen

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


class Clocks:
    """One that only goes forward, and the time of day, which somebody may set."""

    def __init__(self) -> None:
        self.seconds, self.today = 1000.0, NOON

    def wait(self, seconds: float) -> None:
        self.seconds += seconds
        self.today += timedelta(seconds=seconds)


@pytest.fixture
def clocks() -> Clocks:
    return Clocks()


@pytest.fixture
def told() -> list[Service]:
    return []


@pytest.fixture
def board(clocks: Clocks, told: list[Service]) -> Board:
    known = (Known("ollama", "Ollama", "serves"), Known("caddy", "Caddy", "the entry", tool=False))
    return Board("docker", known, told.append, lambda: clocks.seconds, lambda: clocks.today)


def up(since: datetime) -> Seen:
    return Seen(ServingState.READY, started_at=since)


def test_uptime_counts_on_whatever_becomes_of_the_time_of_day(board: Board, clocks: Clocks) -> None:
    board.saw("ollama", up(NOON - timedelta(hours=1)))
    for jump in (timedelta(days=-3), timedelta(days=9)):
        clocks.today += jump
        clocks.wait(60)
        board.saw("ollama", up(NOON - timedelta(hours=1)))
    assert board.service("ollama").uptime_seconds == 3600 + 2 * 60


def test_a_start_in_the_future_counts_as_now(board: Board, clocks: Clocks) -> None:
    board.saw("ollama", up(NOON + timedelta(hours=5)))
    clocks.wait(7)
    assert board.service("ollama").uptime_seconds == 7


def test_a_new_life_counts_from_its_own_start(board: Board, clocks: Clocks) -> None:
    board.saw("ollama", up(NOON - timedelta(hours=1)))
    clocks.wait(100)
    board.saw("ollama", Seen(ServingState.STOPPED))
    assert board.service("ollama").uptime_seconds is None
    board.saw("ollama", up(clocks.today - timedelta(seconds=2)))
    assert board.service("ollama").uptime_seconds == 2


def test_state_is_told_at_once_and_load_now_and_then(board: Board, clocks: Clocks, told: list[Service]) -> None:
    board.saw("ollama", up(NOON))
    board.saw("ollama", up(NOON))
    assert len(told) == 1
    for _ in range(int(2 * TELL_SECONDS)):
        clocks.wait(1)
        board.measured("ollama", Load(10.0, 5))
    assert [service.cpu_percent for service in told[1:]] == [10.0, 10.0]


def test_a_stopped_service_has_no_load(board: Board) -> None:
    board.saw("ollama", up(NOON))
    board.measured("ollama", Load(10.0, 5))
    board.saw("ollama", Seen(ServingState.STOPPED))
    stopped = board.service("ollama")
    assert (stopped.cpu_percent, stopped.memory_bytes) == (None, None)


def test_an_engine_that_is_away_leaves_what_was_known(board: Board, clocks: Clocks, told: list[Service]) -> None:
    board.saw("ollama", up(NOON))
    board.measured("ollama", Load(10.0, 5))
    board.lost("The engine isn't running.")
    clocks.wait(5)
    board.lost("The engine doesn't answer.")
    away, never = board.all()
    assert (away.state, away.unseen_since, away.cpu_percent) == (ServingState.READY, NOON, None)
    assert never.detail == "The engine doesn't answer."
    assert (board.source.reachable, board.source.since) == (False, NOON)
    board.reached()
    assert board.source.reachable and board.source.problem == ""
    assert told[-1].unseen_since is None and board.service("ollama").unseen_since is None


def test_a_service_that_there_is_not_is_not_found_and_the_others_are_named(board: Board) -> None:
    with pytest.raises(NotFound, match="ollama, caddy"):
        board.service("../etc")


def test_the_ring_keeps_means_and_forgets() -> None:
    ring = LoadRing(every_seconds=5, points=4)
    for now, cpu, memory in ((0, 10.0, 100), (1, 20.0, 300), (11, None, 50)):
        ring.add(float(now), Load(cpu, memory))
    found = ring.history(12)
    assert (found.cpu_percent, found.memory_bytes) == ([15.0, None, None], [200, None, 50])
    assert ring.history(23).memory_bytes == [50, None, None]
    assert ring.history(1000).memory_bytes == []
