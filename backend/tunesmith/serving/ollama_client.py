"""What we ask of Ollama besides passing requests through: which models it has, which are in memory, and to copy one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from pydantic import BaseModel, Field, ValidationError

from tunesmith.domain.errors import EngineFailed, InvalidInput, NotFound
from tunesmith.http import httpx

QUICK = httpx.Timeout(5.0)
LOADING = httpx.Timeout(5.0, read=600.0)


class Details(BaseModel):
    family: str = ""
    parameter_size: str = ""
    quantization_level: str = ""


class OllamaModel(BaseModel):
    """One of `GET /api/tags`. `name` always has a tag; the digest is that of its manifest, which copies share."""

    name: str
    digest: str
    size: int
    modified_at: datetime
    details: Details = Details()


class _Models(BaseModel):
    models: list[OllamaModel]


class _Loaded(BaseModel):
    digest: str


class _AllLoaded(BaseModel):
    models: list[_Loaded]


class _Version(BaseModel):
    version: str


class _Debug(BaseModel):
    rendered_template: str


class _Render(BaseModel):
    debug: _Debug = Field(alias="_debug_info")


class _Nothing(BaseModel):
    pass


T = TypeVar("T", bound=BaseModel)


class OllamaClient:
    """`address` is `http://host:port`. Raises EngineFailed when Ollama doesn't answer or fails, NotFound for a model it lacks."""

    def __init__(self, http: httpx.AsyncClient, address: str, quick: httpx.Timeout = QUICK) -> None:
        self.http, self.address, self._quick = http, address.rstrip("/"), quick

    async def version(self) -> str:
        return (await self._call("GET", "/api/version", _Version)).version

    async def models(self) -> list[OllamaModel]:
        return (await self._call("GET", "/api/tags", _Models)).models

    async def loaded(self) -> set[str]:
        """Digests of what is in memory now."""
        return {one.digest for one in (await self._call("GET", "/api/ps", _AllLoaded)).models}

    async def copy(self, source: str, destination: str) -> None:
        await self._call("POST", "/api/copy", _Nothing, {"source": source, "destination": destination})

    async def delete(self, model: str) -> None:
        await self._call("DELETE", "/api/delete", _Nothing, {"model": model})

    async def load(self, model: str) -> None:
        """Returns when it is in memory."""
        await self._call("POST", "/api/generate", _Nothing, {"model": model, "stream": False}, LOADING)

    async def unload(self, model: str) -> None:
        await self._call("POST", "/api/generate", _Nothing, {"model": model, "stream": False, "keep_alive": 0}, LOADING)

    async def render(self, model: str, messages: Sequence[Mapping[str, Any]], more: Mapping[str, Any]) -> str:
        """The prompt as text that the model's template makes of a chat. Loads the model."""
        body = {**more, "model": model, "messages": messages, "stream": False, "_debug_render_only": True}
        return (await self._call("POST", "/api/chat", _Render, body, LOADING)).debug.rendered_template

    async def _call(
        self,
        method: str,
        path: str,
        answer: type[T],
        body: Mapping[str, object] | None = None,
        within: httpx.Timeout | None = None,
    ) -> T:
        try:
            response = await self.http.request(method, self.address + path, json=body, timeout=within or self._quick)
        except httpx.HTTPError as error:
            raise self.unreachable(error) from error
        if response.status_code == httpx.codes.NOT_FOUND:
            raise NotFound("Ollama hasn't got this model", f"{path}: {response.text[:500]}", "Release the adapter again.")
        if response.is_client_error:
            raise InvalidInput("Ollama refused the request", f"{path}: {response.text[:500]}")
        if response.is_error:
            raise failed(f"{path}: {response.status_code}: {response.text[:500]}")
        try:
            return answer.model_validate_json(response.content or b"{}")
        except ValidationError as error:
            raise EngineFailed(
                "Ollama's answer can't be read", f"{path}: {error}", f"Is it Ollama that answers at {self.address}?"
            ) from error

    def unreachable(self, error: Exception) -> EngineFailed:
        return EngineFailed(
            "Ollama doesn't answer",
            f"{self.address}: {str(error) or type(error).__name__}.",
            "Start it with `ollama serve`, or say with TUNESMITH_OLLAMA where it is.",
        )


def failed(detail: str) -> EngineFailed:
    return EngineFailed("Ollama failed on the request", detail, "Ollama's own log says more.")
