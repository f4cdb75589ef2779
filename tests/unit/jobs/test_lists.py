"""Lists that are told by events: what changed and nothing else, and nothing is read while nobody listens."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from pydantic import BaseModel

from tunesmith.domain.artifact import Artifact, Kind
from tunesmith.domain.deployment import Deployment, ServingState
from tunesmith.domain.errors import InvalidInput
from tunesmith.domain.release import Engine
from tunesmith.jobs.events import Events
from tunesmith.jobs.lists import MOST, Lists, changes

PATIENCE_SECONDS = 60.0


def artifact(name: str, size: int = 1) -> Artifact:
    return Artifact(id=f"models/{name}", kind=Kind.BASE, name=name, bytes=size, modified_at=datetime(2026, 1, 1, tzinfo=UTC))


def deployment(state: ServingState) -> Deployment:
    return Deployment(name="facts", engine=Engine.LLAMA_CPP, base="b", state=state)


@dataclass
class Disk:
    """Two lists as somebody else changes them."""

    artifacts: list[Artifact] = field(default_factory=list)
    deployments: list[Deployment] = field(default_factory=list)
    reads: int = 0
    broken: Exception | None = None

    async def read(self) -> Sequence[BaseModel]:
        self.reads += 1
        if self.broken:
            raise self.broken
        return list(self.artifacts)


class Asked(Events):
    """Counts how often somebody wanted to know whether anybody listens: once in each round of the following."""

    rounds = 0

    @property
    def heard(self) -> bool:
        self.rounds += 1
        return super().heard


@dataclass
class Stand:
    disk: Disk
    events: Asked
    lists: Lists

    async def listen(self) -> AsyncGenerator[bytes]:
        """A viewer who has got the snapshot."""
        await self.lists.join()
        stream = self.events.subscribe()
        self.snapshot = (await take(stream))[0]
        return stream

    async def go_round(self, times: int = 3) -> None:
        upto = self.events.rounds + times
        async with asyncio.timeout(PATIENCE_SECONDS):
            while self.events.rounds < upto:  # noqa: ASYNC110 — the rounds tell nobody who waits
                await asyncio.sleep(0.005)


@pytest.fixture
async def stand() -> AsyncIterator[Stand]:
    disk, events = Disk(), Asked()

    async def deployments() -> Sequence[BaseModel]:
        return list(disk.deployments)

    lists = Lists(events, {"artifact": disk.read, "deployment": deployments}, every=0.01)
    following = asyncio.create_task(lists.follow())
    yield Stand(disk, events, lists)
    assert not following.done(), "it follows on, whatever happened"
    following.cancel()


async def take(stream: AsyncGenerator[bytes], count: int = 1) -> list[dict[str, object]]:
    frames = [await asyncio.wait_for(anext(stream), PATIENCE_SECONDS) for _ in range(count)]
    return [json.loads(frame.decode().partition("data: ")[2]) for frame in frames]


async def until_read_again(disk: Disk) -> None:
    seen = disk.reads
    async with asyncio.timeout(PATIENCE_SECONDS):
        while disk.reads < seen + 2:  # noqa: ASYNC110 — the second one began after the call
            await asyncio.sleep(0.005)


def test_only_what_differs_counts() -> None:
    same, old, new = artifact("same"), artifact("old"), artifact("new", 2)
    found = changes({"a": same, "b": old, "c": old}, {"a": artifact("same"), "b": new, "d": same})
    assert (found.new, found.gone, found.count) == ((new, same), ("c",), 3)


async def test_what_others_change_is_told_record_by_record(stand: Stand) -> None:
    stand.disk.artifacts = [artifact("first"), artifact("second")]
    stream = await stand.listen()
    await until_read_again(stand.disk)
    stand.disk.artifacts = [artifact("first"), artifact("second", 2), artifact("third")]
    second, third = await take(stream, 2)
    assert [second["record"]["bytes"], third["record"]["name"]] == [2, "third"]  # type: ignore[index]
    stand.disk.artifacts = [artifact("first"), artifact("third")]
    assert await take(stream) == [{"kind": "removed", "of": "artifact", "key": "models/second"}]


async def test_deployments_are_in_the_first_snapshot(stand: Stand) -> None:
    stand.disk.deployments = [deployment(ServingState.STOPPED)]
    stream = await stand.listen()
    assert [each["state"] for each in stand.snapshot["deployments"]] == ["stopped"]  # type: ignore[attr-defined]
    stand.disk.deployments = [deployment(ServingState.READY)]
    stand.lists.poke("deployment")
    assert (await take(stream))[0]["record"]["state"] == "ready"  # type: ignore[index]


async def test_nothing_is_read_while_nobody_listens_and_who_comes_back_is_told(stand: Stand) -> None:
    stream = await stand.listen()
    await stream.aclose()
    await stand.go_round()
    reads = stand.disk.reads
    stand.lists.poke()
    await stand.go_round()
    assert stand.disk.reads == reads
    stand.disk.artifacts = [artifact("meanwhile")]
    await stand.lists.join()
    await take(again := stand.events.subscribe())
    stand.disk.artifacts = [artifact("meanwhile"), artifact("later")]
    stand.lists.poke("artifact")
    assert (await take(again))[0]["record"]["name"] == "later"  # type: ignore[index]


async def test_thousands_of_changes_are_one_snapshot(stand: Stand) -> None:
    stream = await stand.listen()
    await until_read_again(stand.disk)
    stand.disk.artifacts = [artifact(str(number)) for number in range(MOST + 1)]
    assert (await take(stream))[0]["kind"] == "snapshot"
    stand.disk.artifacts = stand.disk.artifacts[1:]
    assert (await take(stream))[0]["kind"] == "removed"


async def test_a_list_that_cant_be_read_is_said_once_and_followed_on(stand: Stand, caplog: pytest.LogCaptureFixture) -> None:
    stand.disk.broken = InvalidInput("The list is no JSON")
    stream = await stand.listen()
    await until_read_again(stand.disk)
    stand.disk.broken = ZeroDivisionError("of ours")
    await until_read_again(stand.disk)
    stand.disk.broken, stand.disk.artifacts = None, [artifact("mended")]
    assert (await take(stream))[0]["record"]["name"] == "mended"  # type: ignore[index]
    assert caplog.text.count("no JSON") == 1 and "ZeroDivisionError" in caplog.text


async def test_who_doesnt_get_the_lists_in_time_gets_a_snapshot_after_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tunesmith.jobs.lists.JOIN_SECONDS", 0.01)
    go_on, events = asyncio.Event(), Events()

    async def slowly() -> Sequence[BaseModel]:
        await go_on.wait()
        return [artifact("there")]

    lists = Lists(events, {"artifact": slowly}, every=60)
    following = asyncio.create_task(lists.follow())
    await lists.join()
    stream = events.subscribe()
    [first] = await take(stream)
    go_on.set()
    [second] = await take(stream)
    assert (first["kind"], second["kind"]) == ("snapshot", "snapshot")
    following.cancel()
