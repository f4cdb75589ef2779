"""Many follow one stream: each gets every line once, in order, and who is too slow a gap that says how much it missed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from functools import partial

import pytest

from tunesmith.jobs.masking import Masking
from tunesmith.services import log_feed
from tunesmith.services.log_batch import Cursor
from tunesmith.services.log_feed import MEMORY_BYTES, Feed

from .fakes import FakeSource


@pytest.fixture
def source() -> FakeSource:
    return FakeSource()


@asynccontextmanager
async def feeding(source: FakeSource) -> AsyncIterator[Feed]:
    feed = Feed(partial(source.log, "ollama"), lambda: True, Masking())
    try:
        yield feed
    finally:
        feed.close()


class Viewer:
    """Takes frames one by one. `lines`, and `gaps` (messages, bytes), as they came; `cursor`: the last event's id."""

    def __init__(self, frames: AsyncGenerator[bytes]) -> None:
        self.frames = frames
        self.lines: list[str] = []
        self.gaps: list[tuple[int, int]] = []
        self.cursor = ""

    async def take(self, until: str) -> None:
        """Frames up to the one that has the line `until`."""
        async with asyncio.timeout(60):
            while until not in self.lines:
                fields = dict(line.split(": ", 1) for line in (await anext(self.frames)).decode().strip().split("\n"))
                data = json.loads(fields["data"])
                if fields["event"] == "gap":
                    self.gaps.append((data["messages"], data["bytes"]))
                else:
                    self.lines += data["text"].splitlines()
                    self.cursor = fields["id"]


def numbers(start: int, end: int) -> list[str]:
    return [f"line {number}" for number in range(start, end)]


async def test_the_last_lines_and_then_what_comes_without_gap_or_double(source: FakeSource) -> None:
    await source.add(*numbers(0, 50))
    async with feeding(source) as feed, aclosing(feed.follow(None, 10)) as frames:
        viewer = Viewer(frames)
        await viewer.take("line 49")
        await source.add(*numbers(50, 60))
        await viewer.take("line 59")
    assert viewer.lines == numbers(40, 60) and not viewer.gaps


async def test_one_stream_however_many_follow(source: FakeSource) -> None:
    await source.add(*numbers(0, 5))
    async with feeding(source) as feed:
        viewers = [Viewer(feed.follow(None, 5)) for _ in range(20)]
        await asyncio.gather(*(viewer.take("line 4") for viewer in viewers))
        await source.add(*numbers(5, 9))
        await asyncio.gather(*(viewer.take("line 8") for viewer in viewers))
        assert all(viewer.lines == numbers(0, 9) for viewer in viewers)
        assert source.opened.count(True) == 1


@pytest.mark.parametrize("meanwhile", [3, 300])
async def test_a_viewer_comes_back_to_where_it_was(source: FakeSource, meanwhile: int) -> None:
    await source.add(*numbers(0, 20))
    async with feeding(source) as feed:
        viewer = Viewer(feed.follow(None, 20))
        await viewer.take("line 19")
        await viewer.frames.aclose()
        await source.add(*numbers(20, 20 + meanwhile))
        again = Viewer(feed.follow(Cursor.parse(viewer.cursor), 0))
        await again.take(f"line {19 + meanwhile}")
    assert viewer.lines + again.lines == numbers(0, 20 + meanwhile) and not again.gaps


async def test_also_when_nobody_followed_in_between(source: FakeSource) -> None:
    await source.add(*numbers(0, 20))
    async with feeding(source) as feed:
        viewer = Viewer(feed.follow(None, 20))
        await viewer.take("line 19")
    await source.add(*numbers(20, 30))
    async with feeding(source) as feed:
        again = Viewer(feed.follow(Cursor.parse(viewer.cursor), 0))
        await again.take("line 29")
        await source.add(*numbers(30, 33))
        await again.take("line 32")
    assert viewer.lines + again.lines == numbers(0, 33)


async def test_a_slow_viewer_gets_a_gap_that_says_how_much_and_stalls_nobody(source: FakeSource) -> None:
    filler = "x" * 100_000
    rounds = 3 * MEMORY_BYTES // len(filler)
    async with feeding(source) as feed:
        await source.add("first")
        slow, quick = Viewer(feed.follow(None, 1)), Viewer(feed.follow(None, 1))
        await asyncio.gather(slow.take("first"), quick.take("first"))
        await source.add("second")
        await asyncio.gather(slow.take("second"), quick.take("second"))
        for number in range(rounds):
            await source.add(f"{number} {filler}")
            await quick.take(f"{number} {filler}")
        await source.add("last")
        await asyncio.gather(slow.take("last"), quick.take("last"))
    assert len(quick.lines) == rounds + 3 and not quick.gaps
    [(missed, size)] = slow.gaps
    assert missed + len(slow.lines) == rounds + 3
    whole = sum(len(line) + 1 for line in quick.lines)
    assert size + sum(len(line) + 1 for line in slow.lines) == whole
    assert slow.lines[2:] == quick.lines[-len(slow.lines) + 2 :]


async def test_a_service_that_is_not_there_yet_is_followed_once_it_is(
    source: FakeSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_feed, "AGAIN_SECONDS", 0.01)
    source.missing = True
    async with feeding(source) as feed:
        viewer = Viewer(feed.follow(None, 5))
        waiting = asyncio.create_task(viewer.take("hello"))
        async with asyncio.timeout(60):
            while source.refused < 2:  # noqa: ASYNC110 — a source tells nobody who waits
                await asyncio.sleep(0.005)
        source.missing = False
        await source.add("hello")
        await waiting
    assert viewer.lines == ["hello"]
