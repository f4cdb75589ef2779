"""Ollama's API as the parity gate and the release record need it: standard library only."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import json
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

# A model that is loaded from a slow disk, then asked for one token.
SECONDS = 300
# Never through a proxy that the environment names: Ollama is on this host or in our network.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))

Message = dict[str, Any]


class OllamaFailed(Exception):
    """Ollama didn't answer, or answered with an error: its own words."""


class NotThere(OllamaFailed):
    """Ollama has no model of this name."""


class Ollama:
    """`address` is `http://host:port`."""

    def __init__(self, address: str) -> None:
        self.address = address.rstrip("/")

    def version(self) -> str:
        return str(self.ask("GET", "/api/version")["version"])

    def digest(self, model: str) -> str | None:
        """Of the model's manifest: equal for copies, another one after any change. None when it isn't there."""
        listed = self.ask("GET", "/api/tags")["models"]
        return next((str(one["digest"]) for one in listed if one["name"] == model), None)

    def template(self, model: str) -> str | None:
        """The Go template in force; None when the model isn't there."""
        try:
            return str(self.ask("POST", "/api/show", {"model": model}).get("template", ""))
        except NotThere:
            return None

    def rendered(self, model: str, messages: list[Message]) -> str:
        """The prompt as text, as a real call would give it to the model."""
        body = {"model": model, "messages": messages, "stream": False, "_debug_render_only": True}
        answer = self.ask("POST", "/api/chat", body)
        try:
            return str(answer["_debug_info"]["rendered_template"])
        except KeyError:
            raise OllamaFailed("it doesn't know `_debug_render_only`: Ollama 0.12 or newer is needed") from None

    def prompt_length(self, model: str, messages: list[Message]) -> int:
        """Tokens of the prompt of a real call."""
        body = {"model": model, "messages": messages, "stream": False, "options": {"num_predict": 1, "temperature": 0}}
        return int(self.ask("POST", "/api/chat", body).get("prompt_eval_count", 0))

    def create(self, model: str, request: dict[str, Any]) -> None:
        answer = self.ask("POST", "/api/create", {"model": model, **request, "stream": False})
        if answer.get("status") != "success":
            raise OllamaFailed(f"creating {model}: {answer.get('error') or answer}")

    def copy(self, source: str, destination: str) -> None:
        self.ask("POST", "/api/copy", {"source": source, "destination": destination})

    def delete(self, model: str) -> None:
        """Also when it isn't there."""
        with contextlib.suppress(NotThere):
            self.ask("DELETE", "/api/delete", {"model": model})

    def add_file(self, path: Path) -> str:
        """Ollama's digest of the file, which is sent when it doesn't have it yet."""
        with path.open("rb") as file:
            digest = f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
        try:
            self.ask("HEAD", f"/api/blobs/{digest}")
        except NotThere:
            self.send(path, f"/api/blobs/{digest}")
        return digest

    def send(self, path: Path, to: str) -> None:
        where = urllib.parse.urlsplit(self.address)
        kind = http.client.HTTPSConnection if where.scheme == "https" else http.client.HTTPConnection
        connection = kind(where.hostname or "", where.port, timeout=SECONDS)
        try:
            with path.open("rb") as file:
                connection.request("POST", to, file, {"Content-Length": str(path.stat().st_size)})
                answer = connection.getresponse()
                said = answer.read().decode(errors="replace")
        except (OSError, http.client.HTTPException) as error:
            raise OllamaFailed(f"sending {path} to {self.address}: {error}") from error
        finally:
            connection.close()
        if answer.status >= 400:
            raise OllamaFailed(f"it refused {path}: {said[:500]}")

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.address + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with OPENER.open(request, timeout=SECONDS) as answer:
                text = answer.read()
                return json.loads(text) if text else {}
        except urllib.error.HTTPError as error:
            said = error.read().decode(errors="replace")[:500]
            kind = NotThere if error.code == http.client.NOT_FOUND else OllamaFailed
            raise kind(f"{self.address}{path} answered {error.code}: {said}") from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise OllamaFailed(f"{self.address}{path}: {error}") from error
