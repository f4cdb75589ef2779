"""One process owns a home. A file lock is taken before anything else; the owner says beside it where it can be reached.

Two processes on the same SQLite file ran one live step twice (measured), so a second owner is refused, not queued.
"""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import BaseModel, ValidationError

from tunesmith.domain.errors import Conflict, Refused
from tunesmith.domain.home import Home

PATIENCE_SECONDS = 0.5
"""How long a starting owner tries: `running_server` holds the lock for a moment when it looks whether it is free."""


class Owner(BaseModel):
    """`.tunesmith/server.json`. Without an address while the owner is still starting."""

    pid: int
    host: str | None = None
    port: int | None = None
    stack: bool = False
    started_at: datetime


class ServerAddress(BaseModel):
    """Where the owner of a home listens."""

    pid: int
    host: str
    port: int
    stack: bool = False
    """It runs in a container of the Compose stack: `pid` is that container's, and `host` and `port` are Caddy's."""
    started_at: datetime

    @property
    def url(self) -> str:
        """The address to connect to: a wildcard listens on loopback too."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"


class Ownership:
    """A held lock on a home. It ends with `release`, or with the process, however that ends."""

    def __init__(self, home: Home, lock: FileLock) -> None:
        self._home, self._lock = home, lock
        self._started_at = datetime.now(UTC)
        self._write(Owner(pid=os.getpid(), started_at=self._started_at))

    def announce(self, host: str, port: int, stack: bool = False) -> ServerAddress:
        """Say where this machine's programs reach us; to be called once the port is bound."""
        owner = Owner(pid=os.getpid(), host=host, port=port, stack=stack, started_at=self._started_at)
        self._write(owner)
        return ServerAddress.model_validate(owner.model_dump())

    def release(self) -> None:
        _server_file(self._home).unlink(missing_ok=True)
        self._lock.release()

    def _write(self, owner: Owner) -> None:
        write_private(_server_file(self._home), owner.model_dump_json())


def claim(home: Home) -> Ownership:
    """Own `home`, its folders made; `Conflict` names the owner when there is one, `Refused` when home can't be written."""
    try:
        _make_folders(home)
        lock = FileLock(home.lock, mode=0o600, thread_local=False, timeout=PATIENCE_SECONDS)
        lock.acquire()
    except Timeout as error:
        raise _taken(home) from error
    except OSError as error:
        raise Refused(
            f"{home.root} can't be used as home",
            f"{error.strerror or error}: {error.filename or home.ours}",
            "Make it writable for this user, or name another folder by TUNESMITH_HOME.",
        ) from error
    return Ownership(home, lock)


def running_server(home: Home) -> ServerAddress | None:
    """The server that owns `home` now; None when there is none, or when it isn't listening yet."""
    if not is_owned(home):
        return None
    owner = _owner(home)
    if owner is None or owner.host is None or owner.port is None:
        return None
    return ServerAddress.model_validate(owner.model_dump())


def is_owned(home: Home) -> bool:
    """Whether some process (this one included) holds the lock of `home`."""
    if not home.lock.is_file():
        return False
    probe = FileLock(home.lock, mode=0o600, timeout=0, is_singleton=False)
    try:
        probe.acquire()
    except Timeout:
        return True
    probe.release()
    return False


def write_private(path: Path, text: str) -> None:
    """Write `text` to `path` by rename, readable by this user only."""
    part = path.with_name(f".{path.name}.part-{os.getpid()}")
    with suppress(FileNotFoundError):
        part.unlink()
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    part.replace(path)


def _make_folders(home: Home) -> None:
    home.root.mkdir(parents=True, exist_ok=True)
    home.ours.mkdir(mode=0o700, exist_ok=True)
    home.ours.chmod(0o700)
    for folder in (home.jobs, home.services, home.ours / "logs"):
        folder.mkdir(exist_ok=True)
    for folder in (home.saves, home.models, home.data):
        folder.mkdir(exist_ok=True)


def _taken(home: Home) -> Conflict:
    owner = _owner(home)
    if owner is None:
        who = "another process"
    elif owner.port is None:
        who = f"process {owner.pid}, which is still starting"
    else:
        address = ServerAddress.model_validate(owner.model_dump())
        who = f"process {owner.pid} at {address.url}"
    return Conflict(
        "This home has an owner already",
        f"{home.root} is owned by {who}.",
        "Use that one, end it by `tunesmith down`, or name another home by TUNESMITH_HOME.",
    )


def _owner(home: Home) -> Owner | None:
    try:
        return Owner.model_validate_json(_server_file(home).read_bytes())
    except (OSError, ValidationError):
        return None


def _server_file(home: Home) -> Path:
    return home.ours / "server.json"
