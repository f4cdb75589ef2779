"""A tiny real HTTP server in the place of Tunesmith's: answers what a test has laid out, and keeps what it was asked."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class Answer:
    """`body`: JSON unless it is bytes. With several answers to one request each is given once, the last for ever."""

    body: Any = None
    status: int = 200
    kind: str = "application/json"
    hang_up: bool = False
    """Close the connection in the middle of the answer."""

    def content(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    query: dict[str, list[str]]
    body: bytes
    headers: dict[str, str]

    @property
    def token(self) -> str:
        return self.headers.get("authorization", "").removeprefix("Bearer ")

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class FakeApi:
    """`answers`: "GET /api/…" → answers in order."""

    answers: dict[str, list[Answer]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    port: int = 0

    def on(self, request: str, *answers: Answer) -> None:
        self.answers[request] = list(answers)

    def last(self, request: str) -> Asked:
        return [asked for asked in self.asked if f"{asked.method} {asked.path}" == request][-1]

    def next_answer(self, request: str) -> Answer:
        answers = self.answers.get(request)
        if not answers:
            return Answer({"title": f"the test has no answer to {request}", "status": 404}, 404)
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def start(self) -> ThreadingHTTPServer:
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.port = server.server_port
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        return server


def _handler(api: FakeApi) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            address = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            api.asked.append(Asked(self.command, address.path, parse_qs(address.query), body, headers))
            answer = api.next_answer(f"{self.command} {address.path}")
            content = answer.content()
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.kind)
            self.send_header("Content-Length", str(len(content) + (1000 if answer.hang_up else 0)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = answer

        def log_message(self, format: str, *args: object) -> None:
            return

    return Handler


def sse(*events: tuple[str, Any]) -> bytes:
    """Server-sent events; data as JSON unless it is text. A heartbeat comes first, as from the real server."""
    texts = [": heartbeat\n\n"]
    for name, data in events:
        texts.append(f"event: {name}\ndata: {data if isinstance(data, str) else json.dumps(data)}\n\n")
    return "".join(texts).encode()


def step(name: str, state: str = "pending", **more: Any) -> dict[str, Any]:
    return {"name": name, "state": state, **more}


def job(state: str, *steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "id": "261121-101010-train-abcde",
        "kind": "train",
        "title": "Train facts",
        "lane": "light",
        "state": state,
        "created_at": "2026-11-21T10:10:10Z",
        "started_at": "2026-11-21T10:10:11Z",
        "ended_at": "2026-11-21T10:11:11Z" if state in ("succeeded", "failed", "cancelled") else None,
        "steps": list(steps),
        **more,
    }
