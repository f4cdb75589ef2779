"""Deployments: what is served, how it is, how much it was used, and what an engine makes of a chat."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from tunesmith.domain.deployment import Deployment, ServingState
from tunesmith.domain.release import Engine as EngineKind
from tunesmith.serving.client import Token
from tunesmith.serving.instances import Route
from tunesmith.serving.openai import Door, with_system
from tunesmith.serving.usage import Usage


class DeploymentStatus(Deployment):
    """A deployment with what its engine is doing. Names with the same `instance` share one process."""

    instance: str
    adapter: int | None = None
    """Number of its adapter on the instance; None: the model itself."""
    in_flight: int = 0
    """Requests that the instance answers now."""
    restarts: int = 0
    """How often the process ended by itself since the orchestrator started."""
    log: str | None = None
    """The engine's log, relative to home."""
    usage: Usage


class Chat(BaseModel):
    """A chat to render. `tools` and whatever else a template reads may come with it."""

    model_config = {"extra": "allow"}

    messages: list[dict[str, Any]] = Field(min_length=1)


class Rendered(BaseModel):
    """What the model would see."""

    prompt: str
    tokens: list[Token]


class Deployments:
    """The verbs on a served name. `door` is the one of /v1, whose ledger holds the usage."""

    def __init__(self, door: Door) -> None:
        self._door, self._supervisor = door, door.supervisor

    async def all(self) -> list[DeploymentStatus]:
        return [self._status(route) for route in await self._supervisor.routes()]

    async def get(self, name: str) -> DeploymentStatus:
        return self._status(await self._supervisor.route(name))

    async def start(self, name: str) -> DeploymentStatus:
        """Begin to start; also an engine that was given up."""
        return self._status(await self._supervisor.wake(name))

    async def stop(self, name: str) -> DeploymentStatus:
        """Stop the engine, which other names may share; answers that it is giving break off."""
        return self._status(await self._supervisor.stop(name))

    async def render(self, name: str, chat: Chat) -> Rendered:
        """The prompt and its tokens, by the engine itself. Starts it if need be."""
        async with self._supervisor.lease(name) as lease:
            body = chat.model_dump()
            body["messages"] = with_system(body["messages"], lease.route.served.system)
            prompt = await self._door.client.render(lease.attempt.address, body)
            return Rendered(prompt=prompt, tokens=await self._door.client.tokenize(lease.attempt.address, prompt))

    def _status(self, route: Route) -> DeploymentStatus:
        engine, served = self._supervisor.engine(route), route.served
        ready = engine.state is ServingState.READY and engine.attempt is not None
        attempt = engine.attempt
        return DeploymentStatus(
            name=served.name,
            engine=EngineKind.LLAMA_CPP,
            release=served.release,
            base=served.base,
            state=engine.state,
            detail=engine.detail,
            address=attempt.address if ready and attempt else None,
            instance=route.instance.key,
            adapter=served.adapter,
            in_flight=engine.in_flight,
            restarts=engine.restarts,
            log=self._supervisor.relative(attempt.log) if attempt else None,
            usage=self._door.ledger.of(served.name),
        )
