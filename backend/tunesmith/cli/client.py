"""The API as the commands call it: JSON in, models out, problem answers as errors."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from pydantic import TypeAdapter

from tunesmith.cli.server import Access, reach
from tunesmith.domain.errors import TunesmithError
from tunesmith.http import httpx
from tunesmith.settings import load_settings

T = TypeVar("T")
TIMEOUT = httpx.Timeout(120.0, connect=5.0)
STREAM = httpx.Timeout(60.0, connect=5.0)
"""Streams send a heartbeat every 15 s: silence for a minute is a dead connection."""


class Problem(TunesmithError):
    """An answer of the server that says what is wrong (RFC 9457)."""

    def __init__(self, status: int, title: str, detail: str = "", remedy: str = "") -> None:
        super().__init__(title, detail, remedy)
        self.status = status


class Unreachable(TunesmithError):
    """The server went away."""

    status = 503
    kind = "unreachable"


class Client:
    """A connection to one server."""

    def __init__(self, access: Access) -> None:
        self.access = access
        headers = {"Authorization": f"Bearer {access.token}"}
        self._http = httpx.Client(base_url=access.url, headers=headers, timeout=TIMEOUT, trust_env=False)

    def get(self, path: str, shape: type[T], **query: object) -> T:
        return self._parsed(self.send("GET", path, params=given(query)), shape)

    def post(self, path: str, shape: type[T], body: Mapping[str, object] | None = None, **query: object) -> T:
        return self._parsed(self.send("POST", path, json=None if body is None else dict(body), params=given(query)), shape)

    def text(self, path: str, **headers: str) -> bytes:
        return self.send("GET", path, headers=headers).content

    def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        """One exchange. Raises `Problem` for an answer that is an error, `Unreachable` when there is none."""
        try:
            answer = self._http.request(method, path, **options)
        except httpx.TransportError as error:
            raise lost(self.access, error) from error
        if answer.is_error:
            raise problem(answer)
        return answer

    @contextmanager
    def stream(self, method: str, path: str, **options: Any) -> Iterator[httpx.Response]:
        try:
            with self._http.stream(method, path, timeout=STREAM, **options) as answer:
                if answer.is_error:
                    answer.read()
                    raise problem(answer)
                yield answer
        except httpx.TransportError as error:
            raise lost(self.access, error) from error

    @staticmethod
    def _parsed(answer: httpx.Response, shape: type[T]) -> T:
        return TypeAdapter(shape).validate_json(answer.content)


def connect() -> Client:
    """To the server of this home, which is started when there is none."""
    return Client(reach(load_settings()))


def given(query: Mapping[str, object]) -> dict[str, Any]:
    """What was given: None is left out."""
    return {name: value for name, value in query.items() if value is not None}


def problem(answer: httpx.Response) -> Problem:
    """The problem in `answer`; also of OpenAI's form, and of answers that have none."""
    try:
        record = answer.json()
    except ValueError:
        record = {}
    if not isinstance(record, dict):
        record = {}
    if isinstance(inner := record.get("error"), dict):
        record = {"title": inner.get("message"), **inner}
    title = record.get("title") or f"The server answered {answer.status_code} to {answer.request.url.path}"
    return Problem(answer.status_code, str(title), str(record.get("detail") or ""), str(record.get("remedy") or ""))


def lost(access: Access, error: httpx.TransportError) -> Unreachable:
    said = f"{access.url}: {error or type(error).__name__}"
    return Unreachable("The server doesn't answer", said, "`tunesmith status` says whether it runs; jobs go on without it.")


def events(lines: Iterator[str]) -> Iterator[tuple[str, str]]:
    """(event name, data) of each server-sent event (WHATWG HTML, 9.2); comments are heartbeats and are dropped."""
    name, data = "message", list[str]()
    for line in lines:
        if not line:
            if data:
                yield name, "\n".join(data)
            name, data = "message", []
        elif line.startswith("event:"):
            name = line.removeprefix("event:").strip()
        elif line.startswith("data:"):
            data.append(line.removeprefix("data:").removeprefix(" "))


def parsed(text: str) -> dict[str, Any]:
    """`text` as a JSON object; empty when it is something else."""
    try:
        record = json.loads(text)
    except ValueError:
        return {}
    return record if isinstance(record, dict) else {}
