"""HTTP of serving: /api/deployments and the OpenAI-compatible /v1."""

from __future__ import annotations

import asyncio
from typing import Any, Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.types import Message, Receive, Scope, Send

from tunesmith.domain.errors import TunesmithError
from tunesmith.serving.client import Sampling
from tunesmith.serving.openai import MAX_BODY, Door, Path, TooLarge, checked, error_body, error_status
from tunesmith.serving.service import ChatToRender, Deployments, DeploymentStatus, Rendered


class OpenAIError(BaseModel):
    message: str
    type: str
    param: str | None = None
    code: str | None = None


class OpenAIProblem(BaseModel):
    error: OpenAIError


class ModelCard(BaseModel):
    id: str
    object: Literal["model"] = "model"
    created: int
    """Unix time of the release, seconds; 0 for a base model."""
    owned_by: str = "tunesmith"


class ModelList(BaseModel):
    object: Literal["list"] = "list"
    data: list[ModelCard]


def _problems(**reasons: str) -> dict[int | str, dict[str, Any]]:
    """`s404="why"` and so on, as `responses=` wants it."""
    content: dict[str, Any] = {"application/problem+json": {}}
    return {int(status[1:]): {"description": reason, "content": content} for status, reason in reasons.items()}


_UNKNOWN = _problems(s404="No model is served under this name", s422="A value is wrong")
_ASKED = _UNKNOWN | _problems(s502="Ollama doesn't answer, or failed")


def routes(deployments: Deployments) -> APIRouter:
    """/api/deployments."""
    router = APIRouter(prefix="/api/deployments", tags=["deployments"])

    @router.get("")
    async def list_deployments() -> list[DeploymentStatus]:
        return await deployments.all()

    @router.get("/{name}", responses=_UNKNOWN)
    async def deployment(name: str) -> DeploymentStatus:
        return await deployments.get(name)

    @router.get("/{name}/sampling", responses=_UNKNOWN | _problems(s502="The engine failed"))
    async def sampling(name: str) -> Sampling:
        """What its engine takes where a request says nothing; all unknown while no engine of ours runs for it."""
        return await deployments.sampling(name)

    @router.post("/{name}:start", status_code=202, responses=_ASKED)
    async def start(name: str) -> DeploymentStatus:
        """Begins to start its engine; ask again for its state."""
        return await deployments.start(name)

    @router.post("/{name}:stop", responses=_ASKED)
    async def stop(name: str) -> DeploymentStatus:
        """Stops its engine and with it every name on the same instance; answers being given break off."""
        return await deployments.stop(name)

    @router.post(
        "/{name}:render",
        responses=_UNKNOWN | _problems(s502="The engine failed", s503="The engine isn't ready, or its toolbox is missing"),
    )
    async def render(name: str, chat: ChatToRender) -> Rendered:
        """What the model would see: the rendered prompt and its tokens."""
        return await deployments.render(name, chat)

    return router


def openai_routes(door: Door) -> APIRouter:
    """/v1, as OpenAI's clients expect it; errors have their form."""
    router = APIRouter(prefix="/v1", tags=["openai"])
    refusals: dict[int | str, dict[str, Any]] = {
        status: {"model": OpenAIProblem, "description": "error"} for status in (400, 404, 413, 500, 502, 503)
    }

    @router.get("/models")
    async def models() -> ModelList:
        return ModelList(data=[ModelCard(id=name, created=made_at) for name, made_at in await door.names()])

    @router.post("/chat/completions", responses=refusals, openapi_extra=_body("messages", "array"), response_class=JSONResponse)
    async def chat_completions(request: Request) -> Response:
        return await _relay(door, "/v1/chat/completions", request)

    @router.post("/completions", responses=refusals, openapi_extra=_body("prompt", "string"), response_class=JSONResponse)
    async def completions(request: Request) -> Response:
        return await _relay(door, "/v1/completions", request)

    return router


def _body(prompt: str, kind: str) -> dict[str, Any]:
    """The request body for the OpenAPI page. Everything else goes to the engine as it is, so it isn't listed here."""
    fields: dict[str, Any] = {"model": {"type": "string"}, prompt: {"type": kind}, "stream": {"type": "boolean"}}
    if kind == "array":
        message = {"type": "object", "required": ["role"], "properties": {"role": {"type": "string"}, "content": {}}}
        fields[prompt] = {"type": "array", "minItems": 1, "items": message}
    schema = {"type": "object", "required": ["model", prompt], "properties": fields, "additionalProperties": True}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


async def _relay(door: Door, path: Path, request: Request) -> Response:
    try:
        return Relay(door, path, await _read(request))
    except TunesmithError as error:
        return _refusal(error)


async def _read(request: Request) -> bytes:
    """The body, given up as soon as it is too large."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > MAX_BODY:
            raise TooLarge("The request is too large", f"It has more than {MAX_BODY // 2**20} MiB.", "Send fewer messages.")
        parts.append(part)
    return b"".join(parts)


def _refusal(error: TunesmithError) -> JSONResponse:
    headers = {"Retry-After": "5"} if error.status == 503 else None
    return JSONResponse(error_body(error), error_status(error), headers=headers)


class Relay(Response):
    """Sends the engine's answer as it comes. The request's whole life is inside the call, so nothing is held when it ends."""

    def __init__(self, door: Door, path: Path, body: bytes) -> None:
        super().__init__()
        self._door, self._request = door, checked(path, body)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A client that goes away ends the engine's work, also before the first byte."""
        answering = asyncio.ensure_future(self._answer(scope, receive, send))
        leaving = asyncio.ensure_future(_gone(receive))
        try:
            await asyncio.wait({answering, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (answering, leaving):
                task.cancel()
            await asyncio.gather(answering, leaving, return_exceptions=True)
        if not answering.cancelled():
            answering.result()

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            async with self._door.ask(self._request) as answer:
                headers = [(b"content-type", answer.content_type.encode("latin-1")), (b"cache-control", b"no-cache")]
                await send({"type": "http.response.start", "status": answer.status, "headers": headers})
                async for chunk in answer.chunks:
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        except TunesmithError as error:
            await _refusal(error)(scope, receive, send)


async def _gone(receive: Receive) -> None:
    """Returns when the client has closed its connection."""
    message: Message = {"type": ""}
    while message["type"] != "http.disconnect":
        message = await receive()
