"""Requests to /v1 that Ollama answers: passed on, with its own name of the model and the release's system message."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

from tunesmith.http import httpx
from tunesmith.serving.ollama import OllamaRoute, OllamaServing, unanswered
from tunesmith.serving.ollama_client import failed


class OllamaAnswers:
    """One request's way to Ollama. `counts_usage`: it was asked for its figures, which the client didn't ask for."""

    def __init__(self, ollama: OllamaServing, route: OllamaRoute) -> None:
        self._ollama, self.route = ollama, route
        self.counts_usage = False

    def body(self, path: str, body: Mapping[str, Any]) -> bytes:
        """In a stream Ollama tells its figures only when asked; that extra event is left out again of what the client gets."""
        sent = {**body, "model": self.route.model}
        asked = sent.get("stream_options")
        if path == "/v1/chat/completions" and sent.get("stream") is True and not (isinstance(asked, dict) and asked):
            sent["stream_options"] = {"include_usage": True}
            self.counts_usage = True
        return json.dumps(sent).encode()

    async def open(self, stack: contextlib.AsyncExitStack, path: str, content: bytes) -> httpx.Response:
        """Raises EngineFailed when Ollama doesn't answer, fails, or is hung: then also its other doors stay shut."""
        client, gone = self._ollama.client, self._ollama.gone()
        headers = {"Content-Type": "application/json", "Accept-Encoding": "identity"}
        request = client.http.build_request("POST", client.address + path, content=content, headers=headers)
        sending = asyncio.ensure_future(client.http.send(request, stream=True))
        waiting = asyncio.ensure_future(gone.wait())
        try:
            await asyncio.wait({sending, waiting}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
            if not sending.done():
                sending.cancel()
        try:
            response = await sending
        except httpx.TransportError as error:
            raise client.unreachable(error) from error
        except asyncio.CancelledError:
            if gone.is_set():
                raise unanswered(client) from None
            raise
        stack.push_async_callback(response.aclose)
        if response.is_server_error:
            raise failed((await response.aread()).decode(errors="replace")[:500])
        return response

    def events(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        return without_usage(chunks) if self.counts_usage else chunks


async def without_usage(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """A stream of events as it would be without the one that holds nothing but the figures."""
    rest = b""
    async for chunk in chunks:
        *events, rest = (rest + chunk).split(b"\n\n")
        if passed := b"".join(event + b"\n\n" for event in events if not only_usage(event)):
            yield passed
    if rest:
        yield rest


def only_usage(event: bytes) -> bool:
    data = event.removeprefix(b"data: ")
    if b'"usage"' not in data or not data.startswith(b"{"):
        return False
    try:
        told = json.loads(data)
    except ValueError:
        return False
    return told.get("choices") == [] and bool(told.get("usage"))
