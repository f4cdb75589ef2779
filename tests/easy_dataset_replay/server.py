"""The replay as an HTTP server."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

from .recorded import Project, projects, transcript

PAGE = b"<!DOCTYPE html><html><head><title>Easy Dataset</title></head><body><h1>Easy Dataset</h1><p>a replay</p></body></html>"
Answer = tuple[int, object]
"""Status and body; bytes go out as HTML, all else as JSON."""


@dataclass
class Replay:
    """`with Replay() as easy: easy.address`. `instead`: path → what answers there, for faults that weren't recorded."""

    host: str = "127.0.0.1"
    port: int = 0
    projects: dict[str, Project] = field(default_factory=projects)
    instead: dict[str, Callable[[Handler], None]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    """Every request that arrived: `GET /api/projects?…`. Also served under /replay/calls."""
    ending: threading.Event = field(default_factory=threading.Event)
    """Set at the end: until then an answer may be held back."""

    def __enter__(self) -> Self:
        self._server = self.bound()
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ending.set()
        self._server.shutdown()
        self._server.server_close()

    def bound(self) -> ThreadingHTTPServer:
        server = ThreadingHTTPServer((self.host, self.port), type("Bound", (Handler,), {"replay": self}))
        server.daemon_threads = True
        self.port = server.server_address[1]
        return server

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answer(self, method: str, path: str, query: dict[str, str]) -> Answer:
        match [unquote(part) for part in path.strip("/").split("/")]:
            case ["replay", "calls"]:
                return 200, self.calls
            case ["api", "check-update"]:
                return 200, transcript(206)["body"]
            case ["api", "projects"]:
                return (200, [project.listed() for project in self.projects.values()]) if method == "GET" else (405, b"")
            case ["api", "projects", project]:
                found = self.projects.get(project)
                return (200, found.record) if found else (404, transcript(9)["body"])
            case ["api", "projects", project, *rest]:
                return self._of_project(self.projects.get(project), method, rest, query)
            case ["api", *_]:
                return 404, transcript(215)["body"]["$head"].encode()
        return 200, PAGE

    def _of_project(self, project: Project | None, method: str, rest: list[str], query: dict[str, str]) -> Answer:
        match method, rest:
            case "GET", ["datasets"]:
                number, size = int(query.get("page", 1)), int(query.get("size", 10))
                return 200, project.page(number, size, query.get("status")) if project else transcript(235)["body"]
            case "GET", ["dataset-conversations", "export"]:
                chosen = project and (project.confirmed_conversations if query.get("confirmed") else project.conversations)
                return 200, chosen or []
            case "POST", ["eval-datasets", "export"]:
                return 200, project.evaluation if project else []
        return 404, transcript(215)["body"]["$head"].encode()


class Handler(BaseHTTPRequestHandler):
    replay: Replay
    protocol_version = "HTTP/1.1"

    def handle_any(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        url = urlsplit(self.path)
        if not url.path.startswith("/replay/"):
            self.replay.calls.append(f"{self.command} {self.path}")
        if instead := self.replay.instead.get(url.path):
            instead(self)
            return
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        self.send(*self.replay.answer(self.command, url.path, query))

    def send(self, status: int, body: Any) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8" if isinstance(body, bytes) else "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

    def log_message(self, format: str, *args: object) -> None:
        """Silent: `calls` says what came."""
