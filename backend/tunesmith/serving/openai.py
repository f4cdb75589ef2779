"""The OpenAI-compatible door: a request names a served name, the answer is the engine's own, byte for byte."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Literal

from tunesmith.domain.errors import EngineFailed, InvalidInput, NotFound, TunesmithError
from tunesmith.http import httpx
from tunesmith.serving.client import EngineClient
from tunesmith.serving.instances import Route
from tunesmith.serving.ollama import OllamaRoute, OllamaServing
from tunesmith.serving.ollama_answers import OllamaAnswers
from tunesmith.serving.supervisor import Lease, Supervisor
from tunesmith.serving.usage import Ledger, Tail

Path = Literal["/v1/chat/completions", "/v1/completions"]
MAX_BODY = 16 * 2**20
"""Bytes. The longest context of today's models is a few megabytes of text."""
EVENTS = "text/event-stream"


class TooLarge(InvalidInput):
    status = 413
    kind = "too-large"


@dataclass(frozen=True)
class Request:
    """A checked request: what the client sent, as JSON."""

    path: Path
    model: str
    body: dict[str, Any]


@dataclass
class Answer:
    """`chunks` is the body: as it comes from the engine for a stream, in one piece otherwise."""

    status: int
    content_type: str
    chunks: AsyncIterator[bytes]


def checked(path: Path, body: bytes) -> Request:
    """Raises InvalidInput (to be said with status 400) or TooLarge."""
    if len(body) > MAX_BODY:
        raise TooLarge("The request is too large", f"It has more than {MAX_BODY // 2**20} MiB.", "Send fewer messages.")
    try:
        request = json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise InvalidInput("The request isn't JSON", f"{error}.") from error
    if not isinstance(request, dict):
        raise InvalidInput("The request isn't a JSON object")
    model = request.get("model")
    if not isinstance(model, str) or not model:
        raise InvalidInput("`model` is missing", "It is a string, the served name.", "GET /v1/models lists all.")
    if "lora" in request:
        raise InvalidInput(
            "`lora` can't be chosen by a request",
            "Which adapter answers follows from the served name.",
            "Leave it out and name the released model in `model`.",
        )
    _check_prompt(path, request)
    return Request(path, model, request)


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} isn't JSON")


def _check_prompt(path: Path, request: dict[str, Any]) -> None:
    if path == "/v1/completions":
        if not isinstance(request.get("prompt"), str | list) or not request["prompt"]:
            raise InvalidInput("`prompt` is missing", "It is a text that isn't empty, or a list of such.")
        return
    messages = request.get("messages")
    if not isinstance(messages, list) or not messages:
        raise InvalidInput("`messages` is missing", "It is a list with at least one message.")
    for number, message in enumerate(messages):
        if not isinstance(message, dict) or not isinstance(message.get("role"), str):
            raise InvalidInput(f"`messages[{number}]` isn't a message", "A message is an object with a `role` and its `content`.")


def for_engine(request: Request, route: Route) -> bytes:
    """What the engine gets: the client's request with every adapter's scale, and the release's system message if it has none."""
    body = {**request.body, "lora": route.lora} if route.lora else dict(request.body)
    if request.path == "/v1/chat/completions":
        body["messages"] = with_system(body["messages"], route.served.system)
    return json.dumps(body).encode()


def with_system(messages: list[dict[str, Any]], system: str | None) -> list[dict[str, Any]]:
    """`messages`, opened by the release's system message unless they bring their own."""
    if system is None or any(message.get("role") in ("system", "developer") for message in messages):
        return messages
    return [{"role": "system", "content": system}, *messages]


def error_body(error: TunesmithError) -> dict[str, object]:
    """The error as OpenAI's clients read it."""
    server = error.status >= 500
    return {
        "error": {
            "message": str(error),
            "type": "server_error" if server else "invalid_request_error",
            "param": "model" if isinstance(error, NotFound) else None,
            "code": "model_not_found" if isinstance(error, NotFound) else error.kind.replace("-", "_"),
        }
    }


def error_status(error: TunesmithError) -> int:
    """OpenAI says 400 where we say 422."""
    return 400 if error.status == 422 else error.status


@dataclass
class _Count:
    """One request on its way to the ledger. Without a name it reached no engine; without a tail it got no answer."""

    ledger: Ledger
    name: str | None = None
    tail: Tail | None = None

    def done(self) -> None:
        if self.name is not None:
            self.ledger.count(self.name, self.tail.tokens() if self.tail else None)


@dataclass
class Door:
    """Passes requests to engines. One instance for all requests."""

    supervisor: Supervisor
    client: EngineClient
    ledger: Ledger = field(default_factory=Ledger)
    ollama: OllamaServing | None = None

    @contextlib.asynccontextmanager
    async def ask(self, request: Request) -> AsyncIterator[Answer]:
        """The engine's answer. Leaving the context early (the client has gone) ends the engine's work on it.

        Raises TunesmithError as long as nothing was answered; a stream that breaks off ends with an error event.
        """
        async with contextlib.AsyncExitStack() as stack:
            count = _Count(self.ledger)
            stack.callback(count.done)
            if (elsewhere := await self.on_ollama(request.model)) is not None:
                yield await self._from_ollama(elsewhere, request, stack, count)
                return
            lease, response = await self._open(request, stack, count)
            tail = count.tail = Tail()
            content_type = response.headers.get("content-type", "application/json")
            if content_type.startswith(EVENTS):
                yield Answer(response.status_code, content_type, _stream(response, tail, lease))
            else:
                yield Answer(response.status_code, content_type, _whole(response, tail))

    async def names(self) -> list[tuple[str, int]]:
        """Every name that `ask` answers, with the Unix time of its release (0: none): ours by name, then those made outside."""
        ours = {route.served.name: route.served.made_at for route in await self.supervisor.routes()}
        outside: list[tuple[str, int]] = []
        if self.ollama is not None:
            ours |= {route.name: route.made_at for route in await self.ollama.released()}
            outside = [(route.name, 0) for route in await self.ollama.outside() if route.name not in ours]
        return [*sorted(ours.items()), *outside]

    async def on_ollama(self, model: str) -> OllamaRoute | None:
        """Where Ollama answers for `model`: a release there, or what was made there by hand and no served name stands before."""
        if self.ollama is None:
            return None
        released = await self.ollama.route(model)
        if released is not None:
            return released
        outside = await self.ollama.find_outside(model)
        return None if outside is None or await self.supervisor.serves(model) else outside

    async def _from_ollama(self, route: OllamaRoute, request: Request, stack: contextlib.AsyncExitStack, count: _Count) -> Answer:
        assert self.ollama is not None
        answers = OllamaAnswers(self.ollama, route)
        body = dict(request.body)
        if request.path == "/v1/chat/completions":
            body["messages"] = with_system(body["messages"], route.system)
        count.name = route.name
        response = await answers.open(stack, request.path, answers.body(request.path, body))
        content_type = response.headers.get("content-type", "application/json")
        if content_type.startswith(EVENTS):
            count.tail = Tail()
            return Answer(response.status_code, content_type, answers.events(_ollama_stream(response, count.tail, route)))
        await response.aread()
        count.tail = Tail()
        return Answer(response.status_code, content_type, _whole(response, count.tail))

    async def _open(self, request: Request, stack: contextlib.AsyncExitStack, count: _Count) -> tuple[Lease, httpx.Response]:
        """A request that the engine left without any answer (it was killed, or ended just now) is sent to its successor, once."""
        for last in (False, True):
            async with contextlib.AsyncExitStack() as trying:
                lease = await trying.enter_async_context(self.supervisor.lease(request.model))
                count.name = lease.route.served.name
                try:
                    response = await trying.enter_async_context(self._sent(request, lease))
                    if not response.headers.get("content-type", "").startswith(EVENTS):
                        await response.aread()
                except httpx.TransportError as error:
                    lease.engine.doubt()
                    if last:
                        raise EngineFailed("The engine ended while it answered", f"{error!r}.", "Try again.") from error
                    continue
                await stack.enter_async_context(trying.pop_all())
                return lease, response
        raise AssertionError("unreachable: the last try returns or raises")

    def _sent(self, request: Request, lease: Lease) -> contextlib.AbstractAsyncContextManager[httpx.Response]:
        return self.client.http.stream(
            "POST",
            lease.attempt.address + request.path,
            content=for_engine(request, lease.route),
            headers={"Content-Type": "application/json", "Accept-Encoding": "identity"},
        )


async def _whole(response: httpx.Response, tail: Tail) -> AsyncIterator[bytes]:
    tail.add(response.content)
    yield response.content


async def _ollama_stream(response: httpx.Response, tail: Tail, route: OllamaRoute) -> AsyncIterator[bytes]:
    last = b"\n\n"
    try:
        async for chunk in response.aiter_raw():
            tail.add(chunk)
            last = chunk
            yield chunk
    except httpx.TransportError:
        yield _broken_off(last, f"Ollama ended in the middle of the answer of {route.name}", "Start it again, then ask again.")


def _broken_off(last: bytes, title: str, remedy: str) -> bytes:
    """An event begins on a line of its own, wherever the engine's last one broke off."""
    opening = b"" if last.endswith(b"\n\n") else b"\n\n"
    return opening + b"data: " + json.dumps(error_body(EngineFailed(title, "", remedy))).encode() + b"\n\n"


async def _stream(response: httpx.Response, tail: Tail, lease: Lease) -> AsyncIterator[bytes]:
    last = b"\n\n"
    try:
        async for chunk in response.aiter_raw():
            tail.add(chunk)
            last = chunk
            yield chunk
    except httpx.TransportError:
        lease.engine.doubt()
        served = lease.route.served.versioned
        yield _broken_off(last, f"The engine of {served} ended in the middle of the answer", "It is started anew; ask again.")
