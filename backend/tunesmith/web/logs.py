"""The log of a job: its bytes with Range (`…/log`), and its tail as a stream (`…/log/stream`)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from fastapi import Path as PathValue
from pydantic import BaseModel
from sse_starlette import EventSourceResponse
from starlette.responses import Response, StreamingResponse

from tunesmith.domain.errors import NotFound
from tunesmith.jobs.logfiles import JOB_ID, Segment, count_lines, cut, job_folder, pieces, segments
from tunesmith.jobs.masking import Masking
from tunesmith.jobs.tail import Tails
from tunesmith.web.errors import RangeNotSatisfiable
from tunesmith.web.problems import answers
from tunesmith.web.stream import event_stream, stream_of

RANGE = re.compile(r"bytes=(?:(?P<first>[0-9]{1,18})-(?P<last>[0-9]{0,18})|-(?P<back>[0-9]{1,18}))")
TEXT: dict[str, object] = {"content": {"text/plain": {"schema": {"type": "string", "format": "binary"}}}}
BYTES: dict[int | str, dict[str, object]] = {
    **answers(404),
    200: {"description": "The whole log", **TEXT},
    206: {"description": "The bytes asked for by Range", **TEXT},
    416: {"description": "There are fewer bytes", "content": answers(404)[404]["content"]},
}
JobId = Annotated[str, PathValue(pattern=JOB_ID)]
StepName = Annotated[str, Query(pattern=r"^[0-9a-z][0-9a-z-]{0,80}$")]
AttemptNumber = Annotated[int, Query(ge=1, le=999_999)]
Byte = Annotated[int, Query(ge=0)]


class LogPart(BaseModel):
    """The log of one attempt of a step. `bytes`: how long it is now; `<step>/<attempt>/<bytes>` is the cursor behind it."""

    step: str
    attempt: int
    bytes: int
    ended: bool
    """Whether the attempt is over, so that nothing more comes."""


class LineCount(BaseModel):
    lines: int
    """Line feeds in the bytes asked for."""


def routes(jobs_folder: Path, is_final: Callable[[str], bool], secrets: Iterable[str] = ()) -> APIRouter:
    """`is_final(job)`: whether nothing more will be written; called in a thread. `secrets`: values to mask."""
    router = APIRouter(prefix="/api/jobs", tags=["jobs"])
    masking = Masking(secrets)
    tails = Tails(jobs_folder, is_final, secrets)
    _add_shape(router, jobs_folder)

    @router.get("/{job_id}/log", response_class=Response, responses=BYTES)
    @router.head("/{job_id}/log", response_class=Response, responses=BYTES, include_in_schema=False)
    async def read_log(
        request: Request,
        job_id: JobId,
        step: StepName | None = None,
        attempt: AttemptNumber | None = None,
    ) -> Response:
        """The bytes of the log: of all attempts one after the other, or of one step (`merge`, `02-merge`), or attempt of it."""
        sizes = await asyncio.to_thread(_sizes, jobs_folder, job_id, step, attempt)
        total = sum(size for _, size in sizes)
        asked = None if "if-range" in request.headers else wanted_bytes(request.headers.get("range"), total)
        start, end = asked or (0, total)
        headers = {"Content-Length": str(end - start), "Accept-Ranges": "bytes"}
        if asked:
            headers["Content-Range"] = f"bytes {start}-{end - 1}/{total}"
        status = 206 if asked else 200
        if request.method == "HEAD":
            return Response(None, status, headers, "text/plain")
        return StreamingResponse(_in_thread(pieces(cut(sizes, start, end), masking)), status, headers, "text/plain")

    @router.get(
        "/{job_id}/log/stream",
        response_class=Response,
        responses={
            **stream_of("LogEvent", "The log as it grows, in batches; `end` when the job is final and all was sent."),
            **answers(404),
        },
    )
    async def follow_log(
        job_id: JobId,
        cursor: Annotated[str | None, Query(max_length=200)] = None,
        last_event_id: Annotated[str | None, Header(max_length=200)] = None,
    ) -> EventSourceResponse:
        """The log as server-sent events, from `Last-Event-ID` or `cursor` (`<step>/<attempt>/<byte>`), else from the start.

        Who is more than 4 MB behind gets a `gap`, and goes on near the end; `GET …/log` has what is in the gap.
        """
        await asyncio.to_thread(job_folder, jobs_folder, job_id)
        return event_stream(tails.follow(job_id, last_event_id or cursor))

    return router


def _add_shape(router: APIRouter, jobs_folder: Path) -> None:
    """What a viewer has to know of a log before it reads it."""

    @router.get("/{job_id}/log/parts", responses=answers(404))
    async def list_log_parts(job_id: JobId) -> list[LogPart]:
        """The attempts whose logs make up the log of the job, in order. Empty before the first step has begun."""

        def look() -> list[LogPart]:
            found = segments(job_folder(jobs_folder, job_id))
            # The end is asked for before the size, so that what is called ended has all its bytes.
            return [LogPart(step=each.step, attempt=each.attempt, ended=each.ended, bytes=each.size()) for each in found]

        return await asyncio.to_thread(look)

    @router.get("/{job_id}/log/lines", responses=answers(404))
    async def count_log_lines(job_id: JobId, step: StepName, attempt: AttemptNumber, end: Byte, start: Byte = 0) -> LineCount:
        """How many lines end in the bytes from `start` to `end` of an attempt's log: for who reads only its end."""

        def count() -> int:
            found = _sizes(jobs_folder, job_id, step, attempt)
            return sum(count_lines(segment, start, min(end, size)) for segment, size in found)

        return LineCount(lines=await asyncio.to_thread(count))


def wanted_bytes(header: str | None, total: int) -> tuple[int, int] | None:
    """First byte and end of a Range header; None when it asks for all, for several ranges, or for other units (RFC 9110, 14.2).

    Raises `RangeNotSatisfiable` when it begins behind the last byte.
    """
    found = RANGE.fullmatch((header or "").replace(" ", ""))
    if found is None:
        return None
    if found["back"] is not None:
        start, end = max(0, total - int(found["back"])), total
    else:
        start, end = int(found["first"]), min(total, int(found["last"]) + 1 if found["last"] else total)
        if found["last"] and int(found["last"]) < start:
            return None
    if start >= end:
        raise RangeNotSatisfiable("The log has fewer bytes", f"It has {total} now.", "Ask from an earlier byte, or later.", total)
    return start, end


def _sizes(jobs: Path, job_id: str, step: str | None, attempt: int | None) -> list[tuple[Segment, int]]:
    """The logs asked for, each with its size now, so that the answer's length is fixed while they grow."""
    found = segments(job_folder(jobs, job_id))
    chosen = [
        each for each in found if step in (None, each.step, each.step.partition("-")[2]) and attempt in (None, each.attempt)
    ]
    if not chosen and (step is not None or attempt is not None):
        there = ", ".join(f"{each.step}/{each.attempt}" for each in found) or "none yet"
        raise NotFound("There is no such log", f"Job {job_id} has: {there}.", "Ask without step and attempt for all of it.")
    return [(each, each.size()) for each in chosen]


async def _in_thread(parts: Iterator[bytes]) -> AsyncIterator[bytes]:
    while (data := await asyncio.to_thread(next, parts, None)) is not None:
        yield data
