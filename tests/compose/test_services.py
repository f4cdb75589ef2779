"""Services on a real engine: what they are, what becomes of them, their logs, and an engine that goes and comes back."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import pytest

from tunesmith.domain.deployment import ServingState
from tunesmith.domain.errors import Conflict, NotFound
from tunesmith.domain.job import JobStatus, State
from tunesmith.domain.service import Health
from tunesmith.domain.step import Lane
from tunesmith.services.docker_source import LOOK_SECONDS
from tunesmith.services.links import Visit
from tunesmith.services.log_feed import MEMORY_BYTES
from tunesmith.services.source import Action

from .services_stand import PATIENCE_SECONDS, Project, Stand, new_project, standing

LINES = 5


@pytest.fixture(scope="module")
def project(engine: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    made = new_project(tmp_path_factory.mktemp("services"))
    try:
        made.compose("up", "--detach", "--wait")
        yield made
    finally:
        made.compose("down", "--volumes", "--timeout", "1")


@pytest.fixture
async def stand(project: Project) -> AsyncIterator[Stand]:
    async with standing(project) as made:
        yield made
        await asyncio.to_thread(project.mend)


class Viewer:
    """Follows a log. `text` and `missed` (messages of each gap) as they came; `cursor`: the last event's id."""

    def __init__(self, stand: Stand, cursor: str | None = None, tail: int = 0, service: str = "ollama") -> None:
        self.frames = stand.desk.logs.follow(service, cursor, tail)
        self.text, self.cursor = "", ""
        self.missed: list[int] = []

    async def take(self, until: str, seconds: float = PATIENCE_SECONDS) -> None:
        async with asyncio.timeout(seconds):
            while until not in self.text:
                await self.next()

    async def next(self) -> None:
        fields = dict(line.split(": ", 1) for line in (await anext(self.frames)).decode().strip().split("\n"))
        data = json.loads(fields["data"])
        if fields["event"] == "gap":
            self.missed.append(data["messages"])
        else:
            self.text += data["text"]
            self.cursor = fields["id"]


async def attached(stand: Stand, *viewers: Viewer) -> None:
    """Until each gets what is printed from now on. What it took on the way is forgotten."""
    heard = [asyncio.create_task(viewer.take("anybody?\n")) for viewer in viewers]
    while not all(task.done() for task in heard):
        await stand.project.print("ollama", "anybody?\n")
        await asyncio.wait(heard, timeout=0.5)
    await stand.project.print("ollama", "from here\n")
    for viewer in viewers:
        await viewer.take("from here\n")
        viewer.text = ""


def numbers(start: int, end: int, what: str) -> str:
    return "".join(f"{what} {number}\n" for number in range(start, end))


async def test_what_there_is_what_it_uses_and_what_is_missing(stand: Stand) -> None:
    await stand.until(lambda: stand.service("llamafactory").cpu_percent is not None)
    found = stand.service("llamafactory")
    assert (found.state, found.health, found.version) == (ServingState.READY, Health.HEALTHY, "trixie")
    assert found.memory_bytes and 0 < found.memory_bytes < 64 * 2**20
    assert found.memory_limit_bytes == 64 * 2**20
    assert found.uptime_seconds and found.uptime_seconds > 0
    assert stand.board.history("llamafactory").memory_bytes[-1]
    missing = stand.service("tensorboard")
    assert missing.state is ServingState.ABSENT and "docker compose up -d tensorboard" in missing.detail
    with pytest.raises(NotFound, match="docker compose up -d tensorboard"):
        stand.desk.with_log("tensorboard")


async def test_a_health_check_that_fails_is_told_with_its_reason(stand: Stand) -> None:
    container = stand.project.container("llamafactory")
    stand.project.docker("exec", container, "touch", "/sick")
    await stand.until(lambda: stand.service("llamafactory").state is ServingState.FAILED)
    assert "no models" in stand.service("llamafactory").detail
    stand.project.docker("exec", container, "rm", "/sick")
    await stand.until(lambda: stand.service("llamafactory").state is ServingState.READY)
    assert [told.state for told in stand.told if told.name == "llamafactory"][-1] is ServingState.READY


async def test_a_container_that_vanishes_is_absent_and_the_rest_is_as_it_was(stand: Stand) -> None:
    before = stand.service("llamafactory").since
    await asyncio.to_thread(stand.project.docker, "rm", "--force", stand.project.container("ollama"))
    await stand.until(lambda: stand.service("ollama").state is ServingState.ABSENT)
    assert stand.service("ollama").uptime_seconds is None
    assert stand.service("llamafactory").since == before
    await asyncio.to_thread(stand.project.compose, "up", "--detach", "ollama")
    await stand.until(lambda: stand.service("ollama").state is ServingState.READY)


async def test_a_container_of_another_name_is_told(stand: Stand) -> None:
    name = stand.project.container("ollama")
    stand.project.docker("rename", name, f"{name}-mine")
    try:
        await stand.until(lambda: f"docker rename {name}-mine" in stand.service("ollama").detail)
        assert stand.service("ollama").state is ServingState.ABSENT
    finally:
        stand.project.docker("rename", f"{name}-mine", name)


async def test_stop_start_and_restart(stand: Stand) -> None:
    first = stand.service("ollama").since
    await stand.desk.act("ollama", Action.STOP, force=False)
    assert stand.service("ollama").state is ServingState.STOPPED
    await stand.desk.act("ollama", Action.START, force=False)
    second = stand.service("ollama").since
    await stand.desk.act("ollama", Action.RESTART, force=False)
    third = stand.service("ollama").since
    assert first and second and third and first < second < third
    assert stand.service("ollama").state is ServingState.READY


async def test_a_tool_in_which_a_job_runs_is_restarted_only_by_force(stand: Stand) -> None:
    now = datetime.now(UTC)
    stand.busy.append(
        JobStatus(
            id="260131-merge", kind="release", title="Merge", lane=Lane.LIGHT, state=State.RUNNING, created_at=now, steps=[]
        )
    )
    since = stand.service("ollama").since
    for action in (Action.STOP, Action.RESTART):
        with pytest.raises(Conflict, match="260131-merge"):
            await stand.desk.act("ollama", action, force=False)
    assert stand.service("ollama").since == since
    await stand.desk.act("ollama", Action.RESTART, force=True)
    assert stand.service("ollama").since != since


async def test_a_log_is_whole_and_resumed_across_restarts(stand: Stand) -> None:
    text = numbers(0, 3000, "whole") + "\x1b[31mred\x1b[0m 5%\r9%\n"
    await stand.project.print("ollama", text)
    read = b"".join([block async for block in stand.desk.logs.read("ollama", 3001, "", timestamps=False)])
    assert read.decode() == text
    viewer = Viewer(stand, tail=3001)
    await viewer.take("9%\n")
    await viewer.frames.aclose()
    await stand.project.print("ollama", numbers(0, 500, "away"))
    await stand.desk.act("ollama", Action.RESTART, force=False)
    await stand.project.print("ollama", numbers(0, 500, "new life"))
    again = Viewer(stand, viewer.cursor)
    await again.take("new life 499\n")
    await stand.desk.act("ollama", Action.RESTART, force=False)
    await stand.project.print("ollama", "after\n")
    await again.take("after\n")
    assert viewer.text + again.text == text + numbers(0, 500, "away") + numbers(0, 500, "new life") + "after\n"
    assert not again.missed


async def test_lines_longer_than_the_engine_takes_at_once_are_as_it_shows_them(stand: Stand) -> None:
    long = "é" * 50_000
    viewer = Viewer(stand)
    await attached(stand, viewer)
    await stand.project.print("ollama", f"{long}\nend\n")
    await viewer.take("end\n")
    # Engine 20.10 loses the newline behind such a line.
    shown = stand.project.docker("logs", stand.project.container("ollama"))
    assert viewer.text == shown[-len(viewer.text) :] and viewer.text.replace("\n", "") == f"{long}end"


async def test_a_viewer_that_is_too_slow_gets_a_gap_and_stalls_no_other(stand: Stand) -> None:
    line = "x" * 990
    count = 4 * MEMORY_BYTES // len(line)
    slow, quick = Viewer(stand), Viewer(stand)
    await attached(stand, slow, quick)
    reading = asyncio.create_task(quick.take("end\n"))
    await stand.project.print("ollama", numbers(0, count, line) + "end\n")
    await reading
    assert quick.text == numbers(0, count, line) + "end\n"
    await slow.take("end\n")
    [missed] = slow.missed
    assert missed > 0 and missed + slow.text.count("\n") == count + 1


async def test_an_engine_that_goes_away_is_told_and_taken_up_again(stand: Stand) -> None:
    viewer = Viewer(stand)
    await attached(stand, viewer)
    await stand.project.print("ollama", "before\n")
    await viewer.take("before\n")
    await stand.proxy.close()
    await stand.until(lambda: stand.board.source.reachable is False)
    away = stand.service("ollama")
    assert away.state is ServingState.READY and away.unseen_since == stand.board.source.since
    assert "engine" in stand.board.source.problem
    await stand.project.print("ollama", "meanwhile\n")
    await stand.proxy.open()
    await stand.until(lambda: stand.board.source.reachable)
    await viewer.take("meanwhile\n")
    assert viewer.text == "before\nmeanwhile\n" and not viewer.missed
    await stand.until(lambda: stand.service("ollama").cpu_percent is not None)


async def test_twenty_viewers_cost_the_engine_no_more_than_one(stand: Stand) -> None:
    await stand.until(lambda: all(stand.service(name).cpu_percent is not None for name in ("ollama", "llamafactory")))
    one, twenty = await asked_for(stand, 1), await asked_for(stand, 20)
    assert twenty["logs"] == one["logs"] == 1, "one stream however many follow"
    assert twenty["others"] < 20, "nothing for each of them"
    assert twenty["inspects"] <= 2 * (twenty["lists"] + 2), "each look is a list and two closer looks; one may have begun before"


async def asked_for(stand: Stand, viewers: int) -> Counter[str]:
    """What the engine is asked while so many begin to follow, lines come, and each asks for the list again and again."""
    following = [Viewer(stand) for _ in range(viewers)]
    before, began = len(stand.proxy.asked), time.monotonic()
    await attached(stand, *following)
    for number in range(LINES):
        await stand.project.print("ollama", f"line {number}\n")
        for viewer in following:
            stand.desk.views(Visit("http", 3000))
            await viewer.take(f"line {number}\n")
    for viewer in following:
        assert viewer.text == numbers(0, LINES, "line")
        await viewer.frames.aclose()
    spent = Counter(kind(target) for target in stand.proxy.asked[before:])
    # All is looked at by the clock, however many look on.
    assert spent["lists"] <= 2 + (time.monotonic() - began) / LOOK_SECONDS
    stand.desk.logs.close()
    return spent


def kind(target: str) -> str:
    path = target.partition("?")[0]
    if path.endswith("/logs"):
        return "logs"
    if path.endswith("/containers/json"):
        return "lists"
    return "inspects" if path.endswith("/json") else "others"
