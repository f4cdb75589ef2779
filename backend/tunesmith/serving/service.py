"""Deployments: what is served, how it is, how much it was used, and what an engine makes of a chat."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from tunesmith.domain.deployment import Deployment, ServingState
from tunesmith.domain.errors import Conflict
from tunesmith.domain.release import Engine as EngineKind
from tunesmith.serving.client import Sampling, Token
from tunesmith.serving.instances import Route
from tunesmith.serving.ollama import OllamaRoute, OllamaServing
from tunesmith.serving.openai import Door, with_system
from tunesmith.serving.usage import Usage


class DeploymentStatus(Deployment):
    """A deployment with what its engine is doing."""

    in_flight: int = 0
    """Requests that the instance answers now."""
    usage: Usage


OLLAMA_SAMPLING = Sampling(temperature=1.0, top_p=1.0)
"""What its OpenAI-compatible address sets where a request says nothing, whatever the model's own parameters are; the others are
left to those (0.17.4, openai/openai.go)."""


class ChatToRender(BaseModel):
    """A chat to render. `tools` and whatever else a template reads may come with it."""

    model_config = {"extra": "allow"}

    messages: list[dict[str, Any]] = Field(min_length=1)


class Rendered(BaseModel):
    """What the model would see."""

    prompt: str
    tokens: list[Token] | None
    """None where the engine doesn't tell them (Ollama)."""


class Deployments:
    """The verbs on a served name. `door` is the one of /v1, whose ledger holds the usage."""

    def __init__(self, door: Door) -> None:
        self._door, self._supervisor, self._ollama = door, door.supervisor, door.ollama

    async def all(self) -> list[DeploymentStatus]:
        """Every served name, then what was made on Ollama by hand."""
        llama_cpp = [self._status(route) for route in await self._supervisor.routes()]
        if self._ollama is None:
            return llama_cpp
        released = [self._on_ollama(self._ollama, route) for route in await self._ollama.released()]
        outside = [self._on_ollama(self._ollama, route) for route in await self._ollama.outside()]
        served = sorted([*llama_cpp, *released], key=lambda deployment: deployment.name)
        names = {deployment.name for deployment in served}
        return [*served, *(one for one in outside if one.name not in names)]

    async def records(self) -> list[Deployment]:
        """The same without what every request changes: use and requests in flight."""
        fields = set(Deployment.model_fields)
        return [Deployment(**deployment.model_dump(include=fields)) for deployment in await self.all()]

    async def get(self, name: str) -> DeploymentStatus:
        if self._ollama is not None and (route := await self._door.on_ollama(name)) is not None:
            return self._on_ollama(self._ollama, route)
        return self._status(await self._supervisor.route(name))

    async def instance(self, name: str) -> str:
        """The key of the engine that answers for it, which is a process of ours: `Conflict` on Ollama."""
        if self._ollama is not None and await self._door.on_ollama(name) is not None:
            raise Conflict(f"{name} is answered by Ollama", "It keeps one log for all of its models.", "Read that of Ollama.")
        return (await self._supervisor.route(name)).instance.key

    async def start(self, name: str) -> DeploymentStatus:
        """Begin to start; also an engine that was given up. Ollama answers when the model is in memory."""
        if self._ollama is not None and (route := await self._door.on_ollama(name)) is not None:
            await self._ollama.client.load(route.model)
            await self._ollama.look()
            return self._on_ollama(self._ollama, route)
        return self._status(await self._supervisor.wake(name))

    async def stop(self, name: str) -> DeploymentStatus:
        """Stop the engine, which other names may share; answers that it is giving break off. Ollama ends them first."""
        if self._ollama is not None and (route := await self._door.on_ollama(name)) is not None:
            await self._ollama.client.unload(route.model)
            await self._ollama.look()
            return self._on_ollama(self._ollama, route)
        return self._status(await self._supervisor.stop(name))

    async def render(self, name: str, chat: ChatToRender) -> Rendered:
        """The prompt and its tokens, by the engine itself. Starts it if need be."""
        if self._ollama is not None and (route := await self._door.on_ollama(name)) is not None:
            asked = chat.model_dump()
            messages = with_system(asked.pop("messages"), route.system)
            return Rendered(prompt=await self._ollama.client.render(route.model, messages, asked), tokens=None)
        async with self._supervisor.lease(name) as lease:
            body = chat.model_dump()
            body["messages"] = with_system(body["messages"], lease.route.served.system)
            prompt = await self._door.client.render(lease.attempt.address, body)
            return Rendered(prompt=prompt, tokens=await self._door.client.tokenize(lease.attempt.address, prompt))

    async def sampling(self, name: str) -> Sampling:
        """What its engine takes where a request to /v1 says nothing. Only one that runs is asked, and none is started for it."""
        if self._ollama is not None and await self._door.on_ollama(name) is not None:
            return OLLAMA_SAMPLING
        engine = self._supervisor.engine(await self._supervisor.route(name))
        if engine.state is not ServingState.READY or engine.attempt is None:
            return Sampling()
        return await self._door.client.sampling(engine.attempt.address)

    def _on_ollama(self, ollama: OllamaServing, route: OllamaRoute) -> DeploymentStatus:
        state, detail = ollama.state(route)
        model = ollama.seen.models.get(route.model)
        return DeploymentStatus(
            name=route.name,
            engine=EngineKind.OLLAMA,
            release=route.release.number if route.release else None,
            base=route.release.base if route.release else model.details.family if model else "",
            state=state,
            detail=detail,
            address=ollama.client.address if state is ServingState.READY else None,
            instance=route.model,
            made_outside=route.release is None,
            bytes=model.size if model else None,
            usage=self._door.ledger.of(route.name),
        )

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
