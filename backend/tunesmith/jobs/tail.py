"""Following the log of a job. A log is read once however many follow it: each batch becomes one frame of bytes for all.

The file is the buffer. A viewer holds only its cursor: at the end it waits for the next frame, a little behind it takes
frames from memory, further behind it reads the file at its own pace, and too far behind it is told of a gap (whose bytes
`GET …/log` has) and goes on near the end. So nobody stalls anybody, and memory is bounded.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

from tunesmith.domain.errors import NotFound
from tunesmith.jobs.logevents import LogEnd, LogGap, LogPlace, LogText, LogTruncated, Stretch, sse
from tunesmith.jobs.logfiles import PIECE, Segment, job_folder, line_start, read_piece, segments, whole_characters
from tunesmith.jobs.masking import Masking

log = logging.getLogger("tunesmith.tail")
POLL_SECONDS = 0.08
MEMORY_BYTES = 2_000_000
BEHIND_BYTES = 4_000_000
BACK_BYTES = 256 * 1024


Place = tuple[int, int]
"""Index of the segment, and byte in it."""


@dataclass(frozen=True)
class Frame:
    data: bytes
    next: Place


@dataclass(frozen=True)
class _Look:
    """What one look at the files found, decided in a thread and applied in the event loop."""

    found: list[Segment]
    """Logs that there are; empty when nobody had to look."""
    data: bytes = b""
    last: bool = True
    """The end of the file is reached: time to wait for more."""
    closed: bool = False
    """Nothing more will be written to this log."""
    final: bool = False
    """Nothing more will be written to any."""
    truncated: bool = False
    skip_to: int | None = None


class Follower:
    """Reads one job's log as it grows, for as long as somebody follows."""

    def __init__(self, folder: Path, is_final: Callable[[], bool], masking: Masking) -> None:
        self._folder, self._is_final, self._masking = folder, is_final, masking
        self._segments: list[Segment] = []
        self._sizes: list[int] = []
        self._live: Place = (0, 0)
        self._frames: OrderedDict[Place, Frame] = OrderedDict()
        self._held_bytes = 0
        self._cuts = 0
        self._done = False
        self._ready = asyncio.Event()
        self._moved = asyncio.Event()
        self._task = asyncio.create_task(self._run())

    async def follow(self, cursor: str | None) -> AsyncGenerator[bytes]:
        """SSE frames from `cursor` on; from the beginning without one, or when it names nothing of this job."""
        await self._wait_for(self._ready)
        place, cuts = self._place(cursor), self._cuts
        while True:
            if cuts != self._cuts:
                place, cuts = (self._live[0], 0), self._cuts
                yield self._truncated(place)
            place = self._over_the_edge(place)
            if place >= self._live:
                if self._done:
                    yield sse(LogEnd(), self._id(self._live))
                    return
                await self._wait_for(self._moved)
                continue
            frame = self._frames.get(place) or await self._earlier(place)
            yield frame.data
            place = frame.next

    def close(self) -> None:
        self._task.cancel()

    async def _wait_for(self, event: asyncio.Event) -> None:
        """Wait for news; when reading has failed there will be none, and the viewer gets the error."""
        if self._task.done():
            self._task.result()
        await event.wait()

    async def _run(self) -> None:
        try:
            await self._begin()
            self._ready.set()
            while not self._done:
                look = await asyncio.to_thread(self._look)
                index = self._live[0]
                self._apply(look)
                if look.last and self._live[0] == index:
                    await asyncio.sleep(POLL_SECONDS)
        finally:
            # Whoever waits wakes up, and sees the end or the error.
            self._ready.set()
            self._moved.set()

    async def _begin(self) -> None:
        """Start at the end of what is there, or a little before, so that old logs aren't read for nothing."""

        def look() -> tuple[list[Segment], list[int], int]:
            found = segments(self._folder)
            sizes = [segment.size() for segment in found]
            size = sizes[-1] if sizes else 0
            return found, sizes, line_start(found[-1], size - BACK_BYTES) if size > BACK_BYTES else 0

        self._segments, self._sizes, start = await asyncio.to_thread(look)
        self._live = (max(0, len(self._segments) - 1), start)

    def _look(self) -> _Look:
        """One look at the files. Ends are asked for before the bytes, so that none that was written before is missed."""
        index, start = self._live
        if index >= len(self._segments):
            final = self._final()
            found = segments(self._folder)
            return _Look(found, final=final and not found)
        segment = self._segments[index]
        ended, size = segment.ended, segment.size()
        if size < start:
            return _Look([], truncated=True)
        if size - start > BEHIND_BYTES:
            return _Look([], skip_to=line_start(segment, size - BACK_BYTES), last=False)
        data = read_piece(segment, start, min(start + PIECE, size), self._masking)
        last = start + len(data) >= size
        kept = data if last and ended else data[: self._presentable(data, last)]
        if kept or not last:
            return _Look([], kept, last)
        return self._look_around(segment, data, ended)

    def _look_around(self, segment: Segment, held: bytes, ended: bool) -> _Look:
        """Nothing new in this log: is it over, and what comes next? `held`: its last bytes, half a character perhaps."""
        final = self._final()
        found = segments(self._folder)
        # An attempt that was lost leaves no `exit`; the next attempt or step, or the end of the job, shows that it is over.
        over = ended or final or any(each > segment for each in found)
        if over and segment.size() > self._live[1] + len(held):
            return _Look(found, last=False)
        return _Look(found, held if over else b"", closed=over, final=final)

    def _presentable(self, data: bytes, last: bool) -> int:
        """How many bytes can be shown now: whole characters, and nothing that may turn out to be half a secret."""
        shown = whole_characters(data)
        return shown - self._masking.held(data[:shown]) if last else shown

    def _final(self) -> bool:
        try:
            return self._is_final()
        except NotFound:
            return True

    def _apply(self, look: _Look) -> None:
        """Take over what was found."""
        known = set(self._segments)
        new = [each for each in look.found if each not in known]
        self._segments += new
        self._sizes += [0] * len(new)
        index, start = self._live
        if look.truncated:
            self._cuts, self._live = self._cuts + 1, (index, 0)
            self._frames.clear()
            self._held_bytes = 0
        elif look.skip_to is not None:
            self._live = (index, look.skip_to)
        elif look.data:
            frame = self._text(index, start, look.data)
            self._live = frame.next
            self._remember((index, start), frame)
        elif look.closed and index + 1 < len(self._segments):
            self._live = (index + 1, 0)
        elif look.final:
            self._done = True
        else:
            return
        if index < len(self._sizes):
            self._sizes[index] = self._live[1] if self._live[0] == index else start
        self._tell()

    def _tell(self) -> None:
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    def _remember(self, place: Place, frame: Frame) -> None:
        self._frames[place] = frame
        self._held_bytes += len(frame.data)
        while self._held_bytes > MEMORY_BYTES and len(self._frames) > 1:
            self._held_bytes -= len(self._frames.popitem(last=False)[1].data)

    def _text(self, index: int, start: int, data: bytes) -> Frame:
        segment, end = self._segments[index], start + len(data)
        text = data.decode("utf-8", "replace")
        event = LogText(step=segment.step, attempt=segment.attempt, offset=start, end=end, text=text)
        return Frame(sse(event, self._id((index, end))), (index, end))

    def _truncated(self, place: Place) -> bytes:
        segment = self._segments[place[0]]
        return sse(LogTruncated(step=segment.step, attempt=segment.attempt), self._id(place))

    async def _earlier(self, place: Place) -> Frame:
        """The frame at a place that is no longer in memory, or never was: from the file, or a gap."""
        live = self._live
        if self._total(live) - self._total(place) > BEHIND_BYTES:
            return self._gap(place, await self._near_end(live))
        index, start = place
        edge = live[1] if index == live[0] else self._sizes[index]
        end = min(start + PIECE, edge)
        data = await asyncio.to_thread(read_piece, self._segments[index], start, end, self._masking)
        if end < edge:
            data = data[: whole_characters(data)]
        if not data:
            # Deleted or cut since: go on where there is something.
            return self._gap(place, live)
        return self._text(index, start, data)

    async def _near_end(self, live: Place) -> Place:
        index, end = live
        if end <= BACK_BYTES:
            return index, 0
        return index, min(end, await asyncio.to_thread(line_start, self._segments[index], end - BACK_BYTES))

    def _gap(self, place: Place, target: Place) -> Frame:
        stretch = Stretch(begin=self._named(place), to=self._named(target), bytes=(self._total(place), self._total(target)))
        return Frame(sse(LogGap(gap=stretch), self._id(target)), target)

    def _total(self, place: Place) -> int:
        return sum(self._sizes[: place[0]]) + place[1]

    def _over_the_edge(self, place: Place) -> Place:
        """The same place, said as the beginning of the next log when it is the end of one."""
        while place[0] < self._live[0] and place[1] >= self._sizes[place[0]]:
            place = (place[0] + 1, 0)
        return place

    def _place(self, cursor: str | None) -> Place:
        step, _, rest = (cursor or "").partition("/")
        attempt, _, byte = rest.partition("/")
        for index, segment in enumerate(self._segments):
            if segment.step == step and str(segment.attempt) == attempt and byte.isascii() and byte.isdecimal():
                return (index, int(byte)) if index <= self._live[0] else (0, 0)
        return (0, 0)

    def _named(self, place: Place) -> LogPlace:
        segment = self._segments[place[0]]
        return LogPlace(step=segment.step, attempt=segment.attempt, byte=place[1])

    def _id(self, place: Place) -> str:
        if not self._segments:
            return ""
        named = self._named(place)
        return f"{named.step}/{named.attempt}/{named.byte}"


class Tails:
    """The followers in use, one a job however many viewers it has."""

    def __init__(self, jobs: Path, is_final: Callable[[str], bool], secrets: Iterable[str] = ()) -> None:
        """`is_final` may read files; it is called in a thread. `secrets`: values to mask in what is shown."""
        self._jobs, self._is_final, self._masking = jobs, is_final, Masking(secrets)
        self._followers: dict[str, Follower] = {}
        self._viewers: dict[str, int] = {}

    async def follow(self, job_id: str, cursor: str | None = None) -> AsyncGenerator[bytes]:
        """SSE frames of the job's log from `cursor` on. Raises `NotFound` at the first frame."""
        if job_id not in self._followers:
            folder = await asyncio.to_thread(job_folder, self._jobs, job_id)
            if job_id not in self._followers:
                self._followers[job_id] = Follower(folder, lambda: self._is_final(job_id), self._masking)
        follower = self._followers[job_id]
        self._viewers[job_id] = self._viewers.get(job_id, 0) + 1
        try:
            async with aclosing(follower.follow(cursor)) as frames:
                async for frame in frames:
                    yield frame
        finally:
            self._viewers[job_id] -= 1
            if not self._viewers[job_id]:
                del self._viewers[job_id], self._followers[job_id]
                follower.close()
