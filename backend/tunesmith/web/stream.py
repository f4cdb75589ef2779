"""`GET /api/events`: the one stream of events."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from typing import Annotated

from fastapi import APIRouter, Header
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.responses import Response

from tunesmith.jobs.events import Events

HEARTBEAT_SECONDS = 15
HEARTBEAT = b": heartbeat\n\n"


def event_stream(frames: AsyncGenerator[bytes]) -> EventSourceResponse:
    """An SSE answer of ready-made frames. The comment at once tells proxies and clients that the stream is open."""
    return EventSourceResponse(
        _opened(frames),
        ping=HEARTBEAT_SECONDS,
        sep="\n",
        ping_message_factory=lambda: ServerSentEvent(comment="heartbeat", sep="\n"),
    )


async def _opened(frames: AsyncGenerator[bytes]) -> AsyncIterator[bytes]:
    yield HEARTBEAT
    async with aclosing(frames):
        async for frame in frames:
            yield frame


def stream_of(model: str, description: str) -> dict[int | str, dict[str, object]]:
    """The `responses=` of a route that streams: its events' data are JSON of the component `model`."""
    schema = {
        "type": "string",
        "contentMediaType": "application/json",
        "contentSchema": {"$ref": f"#/components/schemas/{model}"},
    }
    return {200: {"description": description, "content": {"text/event-stream": {"schema": schema}}}}


async def _at_once() -> None:
    """Where nothing has to be known before somebody listens."""


def routes(events: Events, join: Callable[[], Awaitable[None]] = _at_once) -> APIRouter:
    """`join` is called before somebody begins to listen."""
    router = APIRouter(prefix="/api", tags=["events"])

    @router.get("/events", response_class=Response, responses=stream_of("Event", "A snapshot, then whole records, without end."))
    async def follow_events(last_event_id: Annotated[str | None, Header(max_length=100)] = None) -> EventSourceResponse:
        """Everything that changes, as server-sent events. `Last-Event-ID` resumes without a gap and without doubles."""
        await join()
        return event_stream(events.subscribe(last_event_id))

    return router
