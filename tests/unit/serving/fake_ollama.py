"""A tiny HTTP server that answers like Ollama: what stands in at the process boundary.

A chat is answered with what was sent. The last message steers it: `fail` is a 500, `hang` never answers.
"""

from __future__ import annotations

import contextlib
import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

CHUNKS = (
    b'data: {"choices":[{"index":0,"delta":{"content":"a"}}]}\n\n',
    b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n',
)
USAGE = b'data: {"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":5}}\n\n'
DONE = b"data: [DONE]\n\n"


@dataclass
class FakeOllama:
    """`models` is name → digest. `silent` answers nothing any more."""

    models: dict[str, str] = field(default_factory=dict)
    loaded: set[str] = field(default_factory=set)
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    version: str = "0.17.4"
    silent: bool = False
    closed: bool = False

    def __post_init__(self) -> None:
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
                while fake.silent:
                    time.sleep(0.01)
                fake.asked.append((f"{self.command} {self.path}", body))
                status, kind, answer = fake.answered(self.path, body)
                with contextlib.suppress(OSError):  # whoever asked may have given up
                    self.send_response(status)
                    self.send_header("Content-Type", kind)
                    self.send_header("Connection", "close")
                    self.send_header("Content-Length", str(len(answer)))
                    self.end_headers()
                    self.wfile.write(answer)

            do_GET = do_POST = do_DELETE = answer

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def sent(self, path: str) -> list[dict[str, Any]]:
        return [body for asked, body in self.asked if asked.endswith(path)]

    def close(self) -> None:
        self.silent, self.closed = False, True
        self.server.shutdown()
        self.server.server_close()

    def answered(self, path: str, body: dict[str, Any]) -> tuple[int, str, bytes]:
        if path == "/api/tags":
            shown = [
                {"name": name, "digest": digest, "size": 9, "modified_at": "2026-01-01T00:00:00Z", "details": {"family": "llama"}}
                for name, digest in self.models.items()
            ]
            return _json({"models": shown})
        if path == "/api/ps":
            return _json({"models": [{"digest": digest} for digest in self.loaded]})
        if path == "/api/version":
            return _json({"version": self.version})
        if path == "/api/copy":
            self.models[_whole(body["destination"])] = self.models[_whole(body["source"])]
            return _json({})
        if path == "/api/delete":
            gone = self.models.pop(_whole(body["model"]), None)
            return _json({}, 200 if gone else 404)
        if path == "/api/generate":
            digest = self.models[body["model"]]
            (self.loaded.discard if body.get("keep_alive") == 0 else self.loaded.add)(digest)
            return _json({"done": True})
        if path == "/api/chat":
            return _json({"_debug_info": {"rendered_template": f"<{body['messages'][-1]['content']}>"}})
        return self._completion(body)

    def _completion(self, body: dict[str, Any]) -> tuple[int, str, bytes]:
        if body["messages"][-1]["content"] == "fail":
            return _json({"error": {"message": "runner died"}}, 500)
        while body["messages"][-1]["content"] == "hang" and not self.closed:
            time.sleep(0.01)
        if body.get("stream"):
            told = USAGE if body.get("stream_options", {}).get("include_usage") else b""
            return 200, "text/event-stream", b"".join(CHUNKS) + told + DONE
        return _json({"sent": body, "usage": {"prompt_tokens": 7, "completion_tokens": 2}})


def _whole(name: str) -> str:
    return name if ":" in name else f"{name}:latest"


def _json(answer: dict[str, Any], status: int = 200) -> tuple[int, str, bytes]:
    return status, "application/json", json.dumps(answer).encode()
