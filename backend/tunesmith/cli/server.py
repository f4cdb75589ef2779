"""The server behind the commands: the one that owns this home, started detached when there is none."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from tunesmith.domain.errors import Conflict, PlaceMissing, Refused
from tunesmith.domain.home import Home
from tunesmith.http import httpx
from tunesmith.ownership import ServerAddress, is_owned, running_server
from tunesmith.settings import Settings

START_SECONDS = 60.0
LOOK_SECONDS = 0.1
HEALTH_SECONDS = 5.0
MODULE = "tunesmith.main"
WILDCARDS = ("0.0.0.0", "::")


@dataclass(frozen=True)
class Access:
    """Where the server is and what opens it."""

    url: str
    token: str
    pid: int
    stack: bool = False
    """It runs in the Compose stack."""


def reach(settings: Settings) -> Access:
    """The server of this home; started when there is none. Raises with the log's tail when it doesn't come up."""
    server = running_server(settings.place)
    if server is None and settings.runtime == "docker":
        raise PlaceMissing("The stack isn't up", f"Nothing owns {settings.place.root}.", "Run `docker compose up -d --wait`.")
    return _access(settings, server or start(settings))


def running(settings: Settings) -> Access | None:
    """The server of this home, or None: nothing is started."""
    server = running_server(settings.place)
    return _access(settings, server) if server else None


def _access(settings: Settings, server: ServerAddress) -> Access:
    # Only the stack's own container listens on every address: from inside it Caddy's published port isn't there, ours is.
    inside = server.stack and settings.host in WILDCARDS
    url = f"http://127.0.0.1:{settings.port}" if inside else server.url
    return Access(url, token(settings), server.pid, server.stack)


def token(settings: Settings) -> str:
    if settings.token is not None:
        return settings.token.get_secret_value()
    file = settings.place.token
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise Refused(
            "The login token can't be read",
            f"{file}: {error.strerror}.",
            "Run as the user who owns this home, or set TUNESMITH_TOKEN.",
        ) from error


def start(settings: Settings) -> ServerAddress:
    """Start a server that outlives this command, and wait until it answers."""
    home = settings.place
    log = log_file(home)
    process: subprocess.Popen[bytes] | None = None
    begin = log.stat().st_size if log.exists() else 0
    if not is_owned(home):
        refuse_taken_port(settings.host, settings.port)
        process = _spawn(log)
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        server = running_server(home)
        if server and healthy(server.url):
            return server
        if process and process.poll() is not None:
            raise _did_not_start(log, begin, f"It ended with status {process.returncode}.")
        time.sleep(LOOK_SECONDS)
    raise _did_not_start(log, begin, f"It didn't answer within {START_SECONDS:.0f} s.")


def log_file(home: Home) -> Path:
    """What the server prints."""
    return home.ours / "logs" / "server.log"


def healthy(url: str) -> bool:
    try:
        answer = httpx.get(f"{url}/api/health", timeout=HEALTH_SECONDS, trust_env=False)
    except httpx.HTTPError:
        return False
    return answer.status_code == httpx.codes.OK


def refuse_taken_port(host: str, port: int) -> None:
    """Raises `Conflict` naming who holds `port`, before a server is started that could not listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Conflict(
                f"The server can't listen on {host}:{port}",
                f"{error.strerror or error}{_holder(port)}.",
                "End that program, or take another port: TUNESMITH_PORT=8766 (in the environment or .env).",
            ) from error


def _holder(port: int) -> str:
    """', by NAME (pid N)' of the process that listens on `port`, as far as this user may see it."""
    import psutil

    with contextlib.suppress(psutil.Error, OSError):
        for connection in psutil.net_connections("tcp"):
            if connection.status == psutil.CONN_LISTEN and connection.pid and tuple(connection.laddr)[1:2] == (port,):
                return f", by {psutil.Process(connection.pid).name()} (pid {connection.pid})"
    return ""


def _spawn(log: Path) -> subprocess.Popen[bytes]:
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        return subprocess.Popen(
            [sys.executable, "-m", MODULE],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _did_not_start(log: Path, begin: int, why: str) -> PlaceMissing:
    tail = tail_of(log, begin)
    said = f"{why} The end of its log:\n{tail}" if tail else f"{why} It printed nothing."
    return PlaceMissing("The server didn't start", said, f"The whole log is {log}; `tunesmith up --foreground` shows it live.")


def tail_of(log: Path, begin: int, lines: int = 12) -> str:
    """The last lines that were written after byte `begin`."""
    try:
        with log.open("rb") as file:
            file.seek(max(begin, file.seek(0, os.SEEK_END) - 8192))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return ""
    return "\n".join(f"  {line}" for line in text.rstrip().splitlines()[-lines:])
