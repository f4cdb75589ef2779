"""Natively services are asked by HTTP: one that answers 500 or hangs is told with its reason, and nothing else waits for it."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from tunesmith.domain.deployment import ServingState
from tunesmith.domain.errors import Conflict
from tunesmith.domain.service import Service
from tunesmith.jobs.masking import Masking
from tunesmith.runtimes.docker.streams import frames
from tunesmith.services import native_source, own_log
from tunesmith.services.board import Board
from tunesmith.services.known import NATIVE
from tunesmith.services.log_batch import Batcher, Cursor
from tunesmith.services.native_source import NativeSource, Probe
from tunesmith.services.source import Action

VERSION = b'{"version": "0.17.4"}'
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(VERSION), VERSION)
BROKEN = b"HTTP/1.1 500 Oops\r\nContent-Length: 9\r\n\r\nno models"


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What answers is waited for however slow this machine is."""
    monkeypatch.setattr(native_source, "ANSWER_SECONDS", 60.0)


@asynccontextmanager
async def answering(answer: bytes) -> AsyncIterator[str]:
    """The address of a server that gives every request this answer; without one it hangs."""
    over = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        if not answer:
            await over.wait()
        writer.write(answer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        over.set()
        server.close()


def nobody() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


async def shown(ollama: str, dataset: str, done: Callable[[Board], bool]) -> dict[str, Service]:
    """What the board says once `done`."""
    probes = {"ollama": Probe(ollama, "/api/version", "version"), "easy-dataset": Probe(dataset, "/api/projects")}
    board = Board("native", NATIVE)
    watching = asyncio.create_task(NativeSource(probes, "1.2", Path("no.log")).watch(board))
    try:
        async with asyncio.timeout(60):
            while not done(board):  # noqa: ASYNC110 — a board tells nobody who waits
                await asyncio.sleep(0.01)
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
    return {service.name: service for service in board.all()}


async def test_what_answers_is_ready_with_its_version_and_what_fails_says_why() -> None:
    async with answering(ANSWER) as ollama, answering(BROKEN) as dataset:
        found = await shown(ollama, dataset, lambda board: board.service("easy-dataset").state is ServingState.FAILED)
    assert (found["ollama"].state, found["ollama"].version) == (ServingState.READY, "0.17.4")
    assert "answers 500: no models" in found["easy-dataset"].detail
    assert found["orchestrator"].state is ServingState.READY and found["orchestrator"].version == "1.2"
    assert found["tensorboard"].state is ServingState.ABSENT and "tensorboard" in found["tensorboard"].detail


async def test_one_that_hangs_is_failed_and_keeps_no_other_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    async with answering(b"") as ollama, answering(ANSWER) as dataset:
        ready_first = await shown(ollama, dataset, lambda board: board.service("easy-dataset").state is ServingState.READY)
        assert ready_first["ollama"].state is ServingState.ABSENT
        monkeypatch.setattr(native_source, "ANSWER_SECONDS", 0.1)
        found = await shown(ollama, dataset, lambda board: board.service("ollama").state is ServingState.FAILED)
    assert "didn't answer within" in found["ollama"].detail


async def test_one_that_is_not_there_says_how_to_get_it() -> None:
    address = nobody()
    found = await shown(address, address, lambda board: address in board.service("ollama").detail)
    assert found["ollama"].state is ServingState.ABSENT
    assert "TUNESMITH_OLLAMA" in found["ollama"].detail


async def test_nothing_is_started_or_read_that_is_not_ours() -> None:
    source = NativeSource({}, "1.2", Path("no.log"))
    with pytest.raises(Conflict, match="isn't ours to restart"):
        await source.act("ollama", Action.RESTART)
    with pytest.raises(Conflict, match="The log of ollama"):
        source.log("ollama", follow=True)


def line(milliseconds: int, text: str) -> str:
    return f"2026-01-31 12:00:00,{milliseconds:03} INFO tunesmith: {text}\n"


async def taken(source: NativeSource, after: Cursor | None = None, tail: int | None = None) -> tuple[str, Cursor]:
    """The text of the orchestrator's log behind `after`, and where it ends."""
    batcher = Batcher(Masking(), after)
    async with source.log("orchestrator", follow=False, tail=tail, since=after.since if after else "") as blocks:
        async for block in blocks:
            if batch := batcher.take(block):
                return json.loads(batch.event.split(b"data: ")[1])["text"], batch.last
    raise AssertionError("nothing came")


async def test_its_own_log_is_read_and_resumed_like_a_containers(tmp_path: Path) -> None:
    path = tmp_path / "orchestrator.log"
    source = NativeSource({}, "1.2", path)
    begin = line(1, "one") + line(2, "two") + "Traceback:\n  it failed\n"
    path.write_text(begin + "half a li")
    text, cursor = await taken(source)
    assert text == begin
    assert (await taken(source, tail=2))[0] == "Traceback:\n  it failed\n"
    path.write_text(begin + line(2, "the same time") + line(3, "three"))
    assert (await taken(source, cursor))[0] == line(2, "the same time") + line(3, "three")


async def test_its_own_log_is_followed_also_when_it_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_log, "POLL_SECONDS", 0.01)
    path = tmp_path / "orchestrator.log"
    path.write_text(line(1, "one"))
    async with NativeSource({}, "1.2", path).log("orchestrator", follow=True, tail=1, timestamps=False) as blocks:
        assert text_of(await anext(aiter(blocks))) == line(1, "one")
        path.rename(tmp_path / "orchestrator.log.1")
        path.write_text(line(2, "two"))
        assert text_of(await anext(aiter(blocks))) == line(2, "two")


def text_of(block: bytes) -> str:
    return b"".join(frames(block)[0]).decode()
