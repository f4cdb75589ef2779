"""What we ask of a llama-server besides passing requests through: is it there, is it ours, what does it make of a chat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, TypeVar

from pydantic import BaseModel, BeforeValidator, Field, ValidationError

from tunesmith.domain.errors import EngineFailed, InvalidInput
from tunesmith.http import httpx, tls_for

QUICK = httpx.Timeout(5.0)
LIKELIEST = 5
PATIENT = httpx.Timeout(5.0, read=120.0)


def http_client(key: str = "", address: str = "") -> httpx.AsyncClient:
    """The one client for all engines, `key` being theirs; `address` where it isn't one of this machine's plain ports.

    No proxy stands before a loopback port; an answer may take hours.
    """
    # llama-server closes connections that were idle for 5 s; one that we took up at that moment would look like its death.
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=64, keepalive_expiry=2)
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    timeout = httpx.Timeout(10.0, read=None, write=None, pool=None)
    return httpx.AsyncClient(trust_env=False, verify=tls_for(address), limits=limits, headers=headers, timeout=timeout)


class Token(BaseModel):
    id: int
    piece: str | list[int]
    """Text, or the bytes of a token that isn't text by itself."""


class _Prompt(BaseModel):
    prompt: str


class _Tokens(BaseModel):
    tokens: list[Token]


class _Model(BaseModel):
    id: str


class _Models(BaseModel):
    data: list[_Model]


class _Likely(BaseModel):
    token: str
    logprob: float


class _Place(BaseModel):
    top_logprobs: list[_Likely]


class _Completion(BaseModel):
    completion_probabilities: Annotated[list[_Place], Field(min_length=1, max_length=1)]
    """One a generated token."""


def _as_written(value: object) -> object:
    """llama-server keeps numbers in 32 bits: the 0.8 that it was told comes back as 0.800000011920929."""
    return float(f"{value:.6g}") if isinstance(value, float) else value


Figure = Annotated[float | None, BeforeValidator(_as_written)]


class Sampling(BaseModel):
    """What an engine takes where a request says nothing; None: it doesn't tell."""

    temperature: Figure = None
    top_p: Figure = None
    min_p: Figure = None
    repeat_penalty: Figure = None


class _Defaults(BaseModel):
    params: Sampling = Sampling()
    """Older ones tell none."""


class _Properties(BaseModel):
    default_generation_settings: _Defaults


T = TypeVar("T", bound=BaseModel)


class EngineClient:
    """`address` is `http://host:port`."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def loaded(self, address: str) -> bool:
        """Whether the model is loaded and the server answers."""
        try:
            return (await self.http.get(f"{address}/health", timeout=QUICK)).status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    async def alias(self, address: str) -> str:
        """The name this server was started with: who answers on the port."""
        models = await self._call("GET", address, "/v1/models", _Models, None)
        return models.data[0].id if models.data else ""

    async def render(self, address: str, chat: Mapping[str, object]) -> str:
        """The prompt as text that the engine's template makes of `messages` (and `tools`, …)."""
        return (await self._call("POST", address, "/apply-template", _Prompt, chat)).prompt

    async def tokenize(self, address: str, prompt: str) -> list[Token]:
        """As the engine does it for a rendered prompt."""
        request = {"content": prompt, "add_special": True, "parse_special": True, "with_pieces": True}
        return (await self._call("POST", address, "/tokenize", _Tokens, request)).tokens

    async def likeliest(self, address: str, prompt: str, lora: Sequence[Mapping[str, float]]) -> dict[str, float]:
        """The likeliest next tokens after a bare prompt with their log-probabilities in nats, the likeliest first."""
        request = {"prompt": prompt, "lora": lora, "n_predict": 1, "n_probs": LIKELIEST, "temperature": 0, "cache_prompt": True}
        answer = await self._call("POST", address, "/completion", _Completion, request)
        return {each.token: each.logprob for place in answer.completion_probabilities for each in place.top_logprobs}

    async def sampling(self, address: str) -> Sampling:
        """What it was started with: by its own defaults, or by what the model's file asks for."""
        return (await self._call("GET", address, "/props", _Properties, None)).default_generation_settings.params

    async def _call(self, method: str, address: str, path: str, answer: type[T], body: Mapping[str, object] | None) -> T:
        try:
            response = await self.http.request(method, address + path, json=body, timeout=PATIENT)
        except httpx.TransportError as error:
            raise EngineFailed("The engine doesn't answer", f"{path}: {error!r}.", "It is started anew; try again.") from error
        if response.is_client_error:
            raise InvalidInput("The engine refused the request", f"{path}: {response.text[:500]}", "")
        if response.status_code != httpx.codes.OK:
            raise EngineFailed("The engine failed on the request", f"{path}: {response.text[:500]}", "")
        try:
            return answer.model_validate_json(response.content)
        except ValidationError as error:
            raise EngineFailed("The engine's answer can't be read", f"{path}: {error}", "Is it a recent llama-server?") from error
