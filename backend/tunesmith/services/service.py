"""What users ask of services: how they are, their logs, starting and stopping them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial

from tunesmith.domain.deployment import ServingState
from tunesmith.domain.errors import Conflict, NotFound
from tunesmith.domain.job import JobStatus
from tunesmith.domain.service import LoadHistory, Service
from tunesmith.services.board import Board, SourceState
from tunesmith.services.links import Links, Visit
from tunesmith.services.logs import Logs
from tunesmith.services.source import Action, ServiceSource

AGAIN_SECONDS = 5.0
log = logging.getLogger("tunesmith.services")

Busy = Callable[[str], Sequence[JobStatus]]
"""The jobs that run a step in a service now."""


class ServiceView(Service):
    """A service with what a browser needs: the addresses are those of the tool's own host, where it has one."""

    purpose: str
    page: str | None
    """Its page; None when it has none, or doesn't run."""
    api: str | None
    """Where programs find it, with the token as `Authorization: Bearer`."""
    tool: bool
    """It can be started, stopped and restarted."""
    log: bool
    """Its log can be read here."""


class ServicesDesk:
    """All services of one kind of runtime. `secrets`: values to mask in logs.

    `beside`: what a service does that no job of ours is, such as a training started in its page; blocking.
    """

    def __init__(
        self,
        source: ServiceSource,
        board: Board,
        links: Links,
        busy: Busy,
        secrets: Iterable[str] = (),
        beside: Callable[[str], str | None] = lambda _: None,
    ) -> None:
        self._source, self._board, self._links, self._busy, self._beside = source, board, links, busy, beside
        self.logs = Logs(lambda name: partial(source.log, name), board.running, secrets)
        self._sampler: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._sampler = asyncio.create_task(self._sample())

    async def close(self) -> None:
        self.logs.close()
        if self._sampler:
            self._sampler.cancel()
            with suppress(asyncio.CancelledError):
                await self._sampler

    @property
    def source_state(self) -> SourceState:
        return self._board.source

    @property
    def settled(self) -> bool:
        """Every service was looked for, and none is starting."""
        return self._board.complete and all(each.state is not ServingState.STARTING for each in self._board.all())

    def view(self, name: str, visit: Visit) -> ServiceView:
        known, service = self._board.known(name), self._board.service(name)
        return ServiceView(
            **service.model_dump(),
            purpose=known.purpose,
            page=self._links.page(known, service, visit),
            api=self._links.api(known, service, visit),
            tool=known.tool and self._source.controls(name),
            log=service.state is not ServingState.ABSENT and self._source.keeps_log(name),
        )

    def views(self, visit: Visit) -> list[ServiceView]:
        return [self.view(service.name, visit) for service in self._board.all()]

    def history(self, name: str) -> LoadHistory:
        return self._board.history(name)

    def with_log(self, name: str) -> str:
        """`name`, when it has a log; `NotFound` with how to get the service when it is absent."""
        service = self._board.service(name)
        if service.state is ServingState.ABSENT and service.unseen_since is None and self._board.source.reachable:
            raise NotFound(f"{service.title} isn't there, and has no log", "", service.detail)
        self._source.log(name, follow=False)  # refuses here, if at all; nothing is read before it is entered
        return name

    async def act(self, name: str, action: Action, force: bool) -> None:
        """Start, stop or restart; returns when that is done and seen. `Conflict` while a job runs in it, unless forced."""
        known = self._board.known(name)
        if not known.tool:
            raise Conflict(
                f"{known.title} can't be {_participle(action)} from here",
                "The platform stands on it.",
                f"Use `docker compose {action.value} {name}` on the machine itself.",
            )
        jobs = self._busy(name) if action is not Action.START else ()
        if jobs and not force:
            raise Conflict(
                f"{known.title} is at work",
                f"A job runs in it: {', '.join(f'{job.title} ({job.id})' for job in jobs)}.",
                f"Wait, cancel it with `tunesmith jobs cancel {jobs[0].id}`, or ask with force=true: the job will fail.",
            )
        if action is not Action.START and not force and (work := await asyncio.to_thread(self._beside, name)):
            raise Conflict(
                f"{known.title} is at work", f"{work}.", "Wait, end it in its page, or ask with force=true: it will break off."
            )
        await self._source.act(name, action)
        self._board.saw(name, await self._source.look(name))

    async def _sample(self) -> None:
        while True:
            try:
                await self._source.watch(self._board)
            except Exception as error:  # one odd answer must not end the looking for good: it is logged, shown, and tried again
                log.exception("Looking at services failed")
                self._board.lost(f"Looking at services failed: {error!r}. The orchestrator's log says more.")
            await asyncio.sleep(AGAIN_SECONDS)


def _participle(action: Action) -> str:
    return {Action.START: "started", Action.STOP: "stopped", Action.RESTART: "restarted"}[action]
