"""The event hub: snapshot first, whole records, resuming without gap or double, slow viewers."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from tunesmith.domain.artifact import Artifact
from tunesmith.domain.artifact import Kind as ArtifactKind
from tunesmith.domain.job import JobStatus, State
from tunesmith.domain.step import Lane
from tunesmith.jobs.events import Event, Events

PATIENCE_SECONDS = 60.0


@dataclass(frozen=True)
class Got:
    id: str
    event: str
    data: dict[str, object]


def job(name: str, state: State = State.RUNNING, title: str = "") -> JobStatus:
    return JobStatus(
        id=name, kind="train", title=title, lane=Lane.LIGHT, state=state, created_at=datetime(2026, 1, 1, tzinfo=UTC), steps=[]
    )


def parsed(frame: bytes) -> Got:
    fields = dict(line.split(": ", 1) for line in frame.decode().rstrip("\n").split("\n"))
    assert frame.endswith(b"\n\n") and set(fields) == {"id", "event", "data"}
    Event.model_validate_json(fields["data"])
    return Got(fields["id"], fields["event"], json.loads(fields["data"]))


async def take(stream: AsyncGenerator[bytes], count: int = 1) -> list[Got]:
    return [parsed(await asyncio.wait_for(anext(stream), PATIENCE_SECONDS)) for _ in range(count)]


def titles(got: list[Got]) -> list[object]:
    return [each.data["record"]["title"] for each in got]  # type: ignore[index]


async def test_a_snapshot_comes_first_then_whole_records() -> None:
    events = Events()
    events.publish("job", job("first", title="old"))
    events.publish("job", job("first", title="new"))
    events.publish("artifact", Artifact(id="models/x", kind=ArtifactKind.BASE, name="x", bytes=1, modified_at=datetime.now(UTC)))
    stream = events.subscribe()
    [snapshot] = await take(stream)
    assert snapshot.event == "snapshot"
    assert [each["title"] for each in snapshot.data["jobs"]] == ["new"]  # type: ignore[attr-defined]
    events.publish("job", job("second", title="whole"))
    events.remove("job", "first")
    later, removed = await take(stream, 2)
    assert later.data == {"kind": "job", "record": job("second", title="whole").model_dump(mode="json")}
    assert removed.data == {"kind": "removed", "of": "job", "key": "first"}
    [fresh] = await take(events.subscribe())
    assert [each["id"] for each in fresh.data["jobs"]] == ["second"]  # type: ignore[attr-defined]


async def test_resuming_leaves_no_gap_and_doubles_nothing() -> None:
    events = Events()
    stream = events.subscribe()
    [snapshot] = await take(stream)
    for number in range(10):
        events.publish("job", job("same", title=str(number)))
    got = await take(stream, 4)
    await stream.aclose()
    events.publish("job", job("same", title="10"))
    again = events.subscribe(got[-1].id)
    resumed = await take(again, 7)
    assert titles(got + resumed) == [str(number) for number in range(11)]
    assert len({each.id for each in [snapshot, *got, *resumed]}) == 12
    events.publish("job", job("same", title="11"))
    assert titles(await take(again)) == ["11"]


async def test_nothing_missed_means_nothing_sent() -> None:
    events = Events()
    events.publish("job", job("a"))
    [snapshot] = await take(events.subscribe())
    stream = events.subscribe(snapshot.id)
    waiting = asyncio.ensure_future(anext(stream))
    await asyncio.sleep(0)
    events.publish("job", job("b", title="next"))
    assert titles([parsed(await asyncio.wait_for(waiting, PATIENCE_SECONDS))]) == ["next"]


@pytest.mark.parametrize(
    "last", ["", "other-1", "nonsense", "{epoch}-", "{epoch}-x", "{epoch}-99", "{epoch}--1", "{epoch}-1", "{epoch}-²"]
)
async def test_what_cant_be_resumed_gets_a_snapshot(last: str) -> None:
    events = Events(ring=4)
    for number in range(6):
        events.publish("job", job("a", title=str(number)))
    [first] = await take(events.subscribe())
    epoch = first.id.partition("-")[0]
    [got] = await take(events.subscribe(last.replace("{epoch}", epoch)))
    assert got.event == "snapshot"
    assert (await take(events.subscribe(f"{epoch}-2")))[0].event == "job"


async def test_a_slow_viewer_gets_the_latest_of_each_record_and_stalls_nobody() -> None:
    events = Events(waiting=10)
    slow = events.subscribe()
    await take(slow)
    for number in range(1000):
        events.publish("job", job(f"job-{number % 3}", title=str(number)))
    got = await take(slow, 4)
    assert len(got) == len({each.id for each in got})
    while titles(got)[-1] != "999":
        got += await take(slow)
    assert len(got) <= 11
    latest = {each.data["record"]["id"]: each.data["record"]["title"] for each in got}  # type: ignore[index]
    assert latest == {"job-0": "999", "job-1": "997", "job-2": "998"}
    assert [each.id for each in got] == sorted((each.id for each in got), key=lambda each: int(each.split("-")[1]))


async def test_a_viewer_that_missed_too_many_records_gets_a_snapshot() -> None:
    events = Events(waiting=10)
    slow = events.subscribe()
    await take(slow)
    for number in range(50):
        events.publish("job", job(f"job-{number}"))
    [got] = await take(slow)
    assert got.event == "snapshot"
    assert len(got.data["jobs"]) == 50  # type: ignore[arg-type]
    events.publish("job", job("after", title="goes on"))
    assert titles(await take(slow)) == ["goes on"]


async def test_a_snapshot_shows_a_bounded_number_of_ended_jobs() -> None:
    events = Events(finished=2)
    events.publish("job", job("runs"))
    for number in range(5):
        events.publish("job", job(f"done-{number}", State.SUCCEEDED))
    events.publish("job", job("done-3", State.RUNNING))
    [got] = await take(events.subscribe())
    assert {each["id"] for each in got.data["jobs"]} == {"runs", "done-3", "done-4"}  # type: ignore[attr-defined]


async def test_other_threads_may_publish() -> None:
    events = Events(waiting=100_000)
    stream = events.subscribe()
    await take(stream)

    def publish(name: str) -> None:
        for number in range(200):
            events.publish("job", job(name, title=str(number)))

    threads = [threading.Thread(target=publish, args=(f"job-{index}",)) for index in range(4)]
    for thread in threads:
        thread.start()
    got = await take(stream, 800)
    for thread in threads:
        thread.join()
    numbers = [int(each.id.split("-")[1]) for each in got]
    assert numbers == list(range(1, 801))
    for index in range(4):
        mine = [each for each in got if each.data["record"]["id"] == f"job-{index}"]  # type: ignore[index]
        assert titles(mine) == [str(number) for number in range(200)]


async def test_starting_over_gives_a_snapshot_to_all_and_to_who_resumes() -> None:
    events = Events()
    stream = events.subscribe()
    [first] = await take(stream)
    events.publish("job", job("a"))
    events.start_over()
    [got] = await take(stream)
    assert got.event == "snapshot" and [each["id"] for each in got.data["jobs"]] == ["a"]  # type: ignore[attr-defined]
    assert (await take(events.subscribe(first.id)))[0].event == "snapshot"
    events.publish("job", job("b", title="goes on"))
    assert titles(await take(stream)) == ["goes on"]
    assert titles(await take(events.subscribe(got.id))) == ["goes on"]
