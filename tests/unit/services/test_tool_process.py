"""Tools that are started natively: once, found again by the next orchestrator, started anew when they end, given up in time."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tunesmith.domain.deployment import ServingState
from tunesmith.domain.errors import Conflict, EngineFailed, PlaceMissing
from tunesmith.domain.home import Home
from tunesmith.domain.place import Command, Life, Observation
from tunesmith.domain.step import Toolbox
from tunesmith.services.tool import LLAMABOARD, TENSORBOARD
from tunesmith.services.tool_process import ToolProcess, client

BEGIN = "HTTP/1.1 {} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@dataclass
class Process:
    command: Command
    server: asyncio.Server | None
    ended: Observation | None = None

    def end(self, seen: Observation) -> None:
        self.ended = self.ended or seen
        if self.server:
            self.server.close()


@dataclass
class Place:
    """Implements Runtime: its commands answer HTTP on the port that they are given. The next `dying` end at once."""

    processes: dict[Path, Process] = field(default_factory=dict)
    dying: int = 0
    status: int = 200
    left: tuple[int, ...] = ()

    async def start(self, attempt: Path, command: Command) -> None:
        port = int(command.argv[command.argv.index("--port") + 1])
        dies, self.dying = self.dying > 0, max(0, self.dying - 1)
        server = None if dies else await asyncio.start_server(self._answer, "127.0.0.1", port)
        process = self.processes[attempt] = Process(command, server)
        if dies:
            (attempt / "log").write_text("loading\nno module named board\n\n")
            (attempt / "exit").write_text("1\n")
            process.end(Observation(Life.EXITED, 1))

    async def observe(self, attempt: Path) -> Observation:
        process = self.processes.get(attempt)
        return Observation(Life.ABSENT) if process is None else process.ended or Observation(Life.RUNNING)

    async def cancel(self, attempt: Path, command: Command, grace_seconds: float) -> Observation:
        seen = Observation(Life.EXITED, 143, cancelling=True, cancelled=not self.left, processes_left=self.left)
        self.processes[attempt].end(seen)
        return seen

    def program(self, toolbox: Toolbox, name: str) -> tuple[str, ...]:
        return (f"/box/{toolbox}/bin/{name}",)

    def script(self, toolbox: Toolbox, relative: str) -> str:
        return f"/scripts/{relative}"

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(BEGIN.format(self.status).encode())
        writer.close()

    @property
    def running(self) -> list[Process]:
        return [process for process in self.processes.values() if process.ended is None]


@dataclass
class Stand:
    home: Home
    place: Place = field(default_factory=Place)
    ready: set[Toolbox] = field(default_factory=lambda: {Toolbox.LLAMAFACTORY})

    def process(self) -> ToolProcess:
        """As each orchestrator makes it."""
        return ToolProcess(TENSORBOARD, self.home, self.place, self.ready.__contains__)

    async def state(self) -> tuple[ServingState, str]:
        async with client() as http:
            seen = await self.process().look(http)
        return seen.state, seen.detail


@pytest.fixture
async def stand(tmp_path: Path) -> AsyncIterator[Stand]:
    found = Stand(Home(tmp_path))
    yield found
    for process in found.place.running:
        process.end(Observation(Life.EXITED, 0))


async def test_it_is_absent_until_a_toolbox_has_it_and_then_waits_to_be_started(stand: Stand) -> None:
    stand.ready.clear()
    state, detail = await stand.state()
    assert state is ServingState.ABSENT and "tunesmith toolbox install tensorboard" in detail
    with pytest.raises(PlaceMissing, match="isn't installed"):
        await stand.process().start()
    stand.ready.add(Toolbox.LLAMAFACTORY)
    assert await stand.state() == (ServingState.STOPPED, "")


async def test_it_is_started_once_and_the_next_orchestrator_finds_it(stand: Stand) -> None:
    await stand.process().start()
    [process] = stand.place.running
    assert process.command.argv[:2] == ("/box/llamafactory/bin/python", "/scripts/boards/serve_tensorboard.py")
    assert process.command.env["PATH"].startswith("/box/llamafactory/bin:")
    again = stand.process()
    async with client() as http:
        seen = await again.look(http)
    assert (seen.state, seen.address) == (ServingState.READY, f"http://127.0.0.1:{process.command.argv[-1]}")
    with pytest.raises(Conflict, match="runs already"):
        await again.start()
    stand.place.status = 500
    assert (await stand.state())[0] is ServingState.STARTING
    await again.stop()
    assert await stand.state() == (ServingState.STOPPED, "")
    await again.stop()
    await again.keep()
    assert stand.place.running == [], "what was stopped stays so"


async def test_a_taken_port_is_left_to_who_has_it(stand: Stand) -> None:
    with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", TENSORBOARD.port)):
        await stand.process().start()
        assert stand.place.running[0].command.argv[-1] != str(TENSORBOARD.port)


async def test_what_ends_by_itself_is_started_anew_and_given_up_in_time(stand: Stand) -> None:
    process = stand.process()
    await process.start()
    stand.place.running[0].end(Observation(Life.EXITED, 1))
    await process.keep()
    assert len(stand.place.running) == 1
    stand.place.dying = 99
    stand.place.running[0].end(Observation(Life.EXITED, 1))
    for _ in range(10):
        await process.keep()
    assert 3 <= len(stand.place.processes) <= 4
    state, detail = await stand.state()
    assert state is ServingState.FAILED and "status 1: no module named board" in detail
    stand.place.dying = 0
    await process.start()
    assert (await stand.state())[0] is ServingState.READY


async def test_a_start_that_fails_says_its_last_words(stand: Stand) -> None:
    stand.place.dying = 1
    with pytest.raises(EngineFailed, match="ended while it started") as raised:
        await stand.process().start()
    assert raised.value.detail == "no module named board"


async def test_what_cant_be_ended_is_said(stand: Stand) -> None:
    await stand.process().start()
    stand.place.left = (4711,)
    with pytest.raises(EngineFailed, match="hasn't ended") as raised:
        await stand.process().stop()
    assert "4711" in raised.value.detail


def test_llamaboard_keeps_its_own_files_out_of_the_users(tmp_path: Path) -> None:
    home = Home(tmp_path)
    command = LLAMABOARD.command(home, Place(), Toolbox.LLAMAFACTORY, 7860, "/bin", offline=True)
    assert command.cwd == home.root
    assert command.argv[2:] == ("--state", str(home.ours / "tools" / "llamafactory"), "--port", "7860")
    assert command.env["HF_HUB_OFFLINE"] == "1" and command.env["GRADIO_ANALYTICS_ENABLED"] == "False"
    online = LLAMABOARD.command(home, Place(), Toolbox.LLAMAFACTORY, 7860, "/bin", offline=False)
    assert "HF_HUB_OFFLINE" not in online.env
