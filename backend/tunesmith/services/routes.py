"""HTTP of services."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from pydantic import BaseModel
from sse_starlette import EventSourceResponse
from starlette.responses import Response, StreamingResponse

from tunesmith.domain.service import LoadHistory
from tunesmith.services.board import SourceState
from tunesmith.services.engine_logs import EngineLogs
from tunesmith.services.links import Visit
from tunesmith.services.logs import Logs
from tunesmith.services.service import ServicesDesk, ServiceView
from tunesmith.services.source import Action
from tunesmith.web.problems import answers
from tunesmith.web.stream import event_stream, stream_of

TEXT: dict[str, object] = {"content": {"text/plain": {"schema": {"type": "string", "format": "binary"}}}}
LONGEST_TAIL = 1_000_000
Tail = Annotated[int, Query(ge=0, le=LONGEST_TAIL)]


class ServiceList(BaseModel):
    source: SourceState
    services: list[ServiceView]


class ServiceReport(ServiceView):
    history: LoadHistory


def routes(desk: ServicesDesk) -> APIRouter:
    router = APIRouter(tags=["services"])

    async def find(name: str) -> str:
        return desk.with_log(name)

    _add_states(router, desk)
    _add_logs(router, "/api/services/{name}", desk.logs, find)
    return router


def engine_routes(engines: EngineLogs) -> APIRouter:
    """The logs of the engines behind served names."""
    router = APIRouter(tags=["deployments"])
    _add_logs(router, "/api/deployments/{name}", engines.logs, engines.with_log)
    return router


def _add_states(router: APIRouter, desk: ServicesDesk) -> None:
    @router.get("/api/services", summary="All services, as they were last seen; nobody is asked for it")
    async def list_services(request: Request) -> ServiceList:
        return ServiceList(source=desk.source_state, services=desk.views(_visit(request)))

    @router.get("/api/services/{name}", summary="One service, with its load of the last ten minutes", responses=answers(404))
    async def show_service(request: Request, name: str) -> ServiceReport:
        view = desk.view(name, _visit(request))
        return ServiceReport(**view.model_dump(), history=desk.history(name))

    def add(action: Action, summary: str) -> None:
        @router.post(
            f"/api/services/{{name}}:{action.value}",
            summary=summary,
            responses=answers(404, 409, 502, 503),
            operation_id=f"{action.value}_service",
        )
        async def act(request: Request, name: str, force: bool = False) -> ServiceView:
            """Answers when it is done. `force`: although a job runs in it."""
            await desk.act(name, action, force)
            return desk.view(name, _visit(request))

    add(Action.START, "Start a tool")
    add(Action.STOP, "Stop a tool; refused while a job runs in it")
    add(Action.RESTART, "Restart a tool; refused while a job runs in it")


def _add_logs(router: APIRouter, prefix: str, logs: Logs, find: Callable[[str], Awaitable[str]]) -> None:
    """`find`: by what `logs` knows the log of the name in the address."""

    @router.get(
        f"{prefix}/logs",
        summary="The end of its log, or all of it",
        response_class=Response,
        responses={**answers(404, 409, 503), 200: {"description": "The lines, as they were printed", **TEXT}},
    )
    async def read_log(
        name: str,
        tail: Tail = 1000,
        whole: bool = False,
        since: Annotated[str, Query(pattern=r"^[0-9]{0,11}(\.[0-9]{1,9})?$")] = "",
        timestamps: bool = False,
    ) -> StreamingResponse:
        """The last `tail` lines, or the `whole` log; only what came `since` (seconds of 1970); with the engine's time of each."""
        blocks = logs.read(await find(name), None if whole else tail, since, timestamps)
        # The first block is fetched here, so that an error still is an answer.
        first = await anext(blocks, b"")
        return StreamingResponse(_with_first(first, blocks), media_type="text/plain; charset=utf-8")

    @router.get(
        f"{prefix}/logs/follow",
        summary="The log as it grows",
        response_class=Response,
        responses={
            **stream_of("ServiceLogEvent", "The log as it grows, in batches, without end; also across restarts."),
            **answers(404, 409),
        },
    )
    async def follow_log(
        name: str,
        tail: Tail = 1000,
        cursor: Annotated[str | None, Query(max_length=60)] = None,
        last_event_id: Annotated[str | None, Header(max_length=60)] = None,
    ) -> EventSourceResponse:
        """The log as server-sent events: from `Last-Event-ID` or `cursor` on, else the last `tail` lines first.

        Who is too slow gets a `gap` and goes on with what is in memory; `GET …/logs` has what is in the gap.
        """
        return event_stream(logs.follow(await find(name), last_event_id or cursor, tail))


def _visit(request: Request) -> Visit:
    """By the Host that the guard has accepted."""
    address = getattr(request.state, "address", None)
    return Visit(request.url.scheme, address.port if address else request.url.port)


async def _with_first(first: bytes, blocks: AsyncGenerator[bytes]) -> AsyncIterator[bytes]:
    try:
        yield first
        async for block in blocks:
            yield block
    finally:
        await blocks.aclose()
