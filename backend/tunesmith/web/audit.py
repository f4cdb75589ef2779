"""Who did what: a line in the request log for every request, and one in the audit file for every request that may write."""

from __future__ import annotations

import asyncio
import logging
import logging.handlers
import os
import queue
import secrets
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tunesmith.web.redaction import Redaction

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
LOG_BYTES = 5_000_000
LOGS_KEPT = 4
log = logging.getLogger("tunesmith.requests")


class Identity(BaseModel):
    """Who a request comes from, as the guard found it in `scope["state"]["identity"]`."""

    by: Literal["session", "bearer"]
    hash: str
    """The first 12 hexadecimal digits of the credential's SHA-256: tells two apart and opens nothing."""


class AuditLine(BaseModel):
    """One line of `.tunesmith/logs/audit.jsonl`."""

    at: datetime
    who: Identity | None
    """None: nobody was logged in."""
    address: str
    method: str
    path: str
    status: int
    """0: the client went away before there was an answer."""
    ms: float
    """Until the answer began."""
    request_id: str


class AuditFile:
    """Appends lines; each is on its way to the disk when `append` returns. Kept: this file and one before it."""

    def __init__(self, path: Path, max_bytes: int = 20_000_000) -> None:
        self._path, self._max_bytes = path, max_bytes

    def append(self, line: AuditLine) -> None:
        if self._path.exists() and self._path.stat().st_size > self._max_bytes:
            self._path.replace(self._path.with_suffix(".1.jsonl"))
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(descriptor, line.model_dump_json().encode() + b"\n")
        finally:
            os.close(descriptor)


ASKED_BY_MACHINES = ("/api/health", "/auth/check")


class RequestLog:
    """Gives every request an id (`X-Request-Id`), logs it when it is over, and audits it when it may have written.

    The query isn't logged: it can hold a one-time ticket.
    """

    def __init__(self, app: ASGIApp, audit: AuditFile) -> None:
        self._app, self._audit = app, audit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        state["request_id"] = request_id = secrets.token_hex(8)
        started, status = time.perf_counter(), 0
        writes = scope.get("method", "WEBSOCKET") not in SAFE_METHODS

        def line() -> AuditLine:
            return _line(scope, status, round((time.perf_counter() - started) * 1000, 1))

        async def noted_send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-Id"] = request_id
                if writes:
                    # Before the answer: what a client was told has its line.
                    await self._append(line())
            await send(message)

        try:
            await self._app(scope, receive, noted_send)
        finally:
            over = line()
            # Asked every few seconds by health checks, and about every request that Caddy lets through: news only when refused.
            level = logging.DEBUG if over.path in ASKED_BY_MACHINES and status < 300 else logging.INFO
            log.log(level, "%s %s %s %s %.1f ms", request_id, over.method, ascii(over.path)[1:-1], status, over.ms)
            if writes and not status:
                await asyncio.shield(self._append(over))

    async def _append(self, line: AuditLine) -> None:
        """A full disk, or a home that is gone, keeps nobody from the answer to what is done by then."""
        try:
            await asyncio.to_thread(self._audit.append, line)
        except OSError as error:
            log.error("not audited, %s: %s", error, line.model_dump_json())


def _line(scope: Scope, status: int, ms: float) -> AuditLine:
    client = scope.get("client")
    return AuditLine(
        at=datetime.now(UTC),
        who=scope["state"].get("identity"),
        address=client[0] if client else "",
        method=scope.get("method", "WEBSOCKET"),
        path=scope["path"],
        status=status,
        ms=ms,
        request_id=scope["state"]["request_id"],
    )


def start_logging(folder: Path, hidden: Iterable[str] = ()) -> logging.handlers.QueueListener:
    """Log to the console and to a rotating `orchestrator.log` in `folder`, from a thread of its own.

    `hidden`: values that must not appear. Returns the started listener, whose `stop` writes what is left.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "orchestrator.log"
    path.touch(mode=0o600)
    to_file = logging.handlers.RotatingFileHandler(path, maxBytes=LOG_BYTES, backupCount=LOGS_KEPT, encoding="utf-8")
    to_console = logging.StreamHandler()
    redaction = Redaction(hidden)
    to_file.setFormatter(redaction)
    to_console.setFormatter(redaction)
    lines: queue.SimpleQueue[logging.LogRecord] = queue.SimpleQueue()
    listener = logging.handlers.QueueListener(lines, to_file, to_console)
    root = logging.getLogger()
    root.handlers = [_WholeRecords(lines)]
    root.setLevel(logging.INFO)
    listener.start()
    return listener


class _WholeRecords(logging.handlers.QueueHandler):
    """Keeps the traceback apart from the message, so that it is formatted, and redacted, once and in the listener."""

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        record.message = record.msg = record.getMessage()
        record.args = None
        return record
