"""The whole entrance before a few routes, on a real server, and a client that sends exactly the headers it is given."""

from __future__ import annotations

import http.client
import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse

from tunesmith.auth.core import Logins
from tunesmith.auth.entrance import entrance
from tunesmith.auth.policy import Policy
from tunesmith.auth.routes import routes
from tunesmith.web.audit import AuditFile
from tunesmith.web.problems import install

TOKEN = "a-token-for-the-tests-0123456789"
Headers = list[tuple[str, str]]
PATIENCE_SECONDS = 60.0


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> dict[str, object]:
        found: dict[str, object] = json.loads(self.body)
        return found


@dataclass(frozen=True)
class Door:
    """A running server."""

    port: int
    logins: Logins
    audit: Path

    def ask(self, method: str, path: str, headers: Headers, body: bytes | None = None) -> Answer:
        """Send exactly these headers ({port} is filled in); without a Host among them none is sent."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in headers:
            connection.putheader(name, value.replace("{port}", str(self.port)))
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        response = connection.getresponse()
        answer = Answer(response.status, response.headers, response.read())
        connection.close()
        return answer

    def ask_chunked(self, path: str, headers: Headers, body: bytes) -> Answer:
        """POST `body`, which has its chunks marked already. The server may answer, and hang up, before it has read all."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        connection.putrequest("POST", path, skip_host=True)
        for name, value in headers:
            connection.putheader(name, value.replace("{port}", str(self.port)))
        connection.endheaders()
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.send(body)
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read())

    def session(self, host: str = "localhost") -> str:
        return f"__Host-tunesmith={self.logins.log_in(TOKEN, host, 'test').secret}"


def application(logins: Logins, audit: Path, proxied: bool = False) -> FastAPI:
    policy = Policy(frozenset({"box.example"}), frozenset({"https://friend.example:8443"}), proxied=proxied)
    app = FastAPI(middleware=entrance(logins, policy, AuditFile(audit), {"/api/uploads": 2_000_000}))
    install(app)
    app.include_router(routes(logins, policy))

    @app.api_route("/api/things", methods=["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
    @app.api_route("/v1/things", methods=["GET", "POST"])
    def things(request: Request) -> dict[str, str]:
        return dict(request.headers)

    @app.get("/api/health")
    def health() -> dict[str, str]:
        return {"status": "ok"}

    @app.post("/api/uploads")
    async def upload(request: Request) -> int:
        return len(await request.body())

    @app.get("/", response_class=HTMLResponse)
    def home() -> str:
        return "<p>home</p>"

    return app
