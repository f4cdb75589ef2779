"""The stack as tests use it: images built from packages, a project name, a home and ports of its own."""

from __future__ import annotations

import os
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .door import Door

ROOT = Path(__file__).resolve().parents[2]
FILES = ("docker-compose.yml", "compose/packages/compose.yml")
USER = os.getuid() or 1000
"""Who the containers run as. Root's own tests show that nobody else needs to be root."""


def free_ports(count: int) -> list[int]:
    """Ports of loopback that were free a moment ago."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    try:
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def make_home(home: Path, user: int = USER) -> Path:
    """The folders of a fresh checkout, owned by `user`; `.tunesmith` is left to the stack."""
    for folder in (home, home / "saves", home / "models", home / "data"):
        folder.mkdir(exist_ok=True)
        os.chown(folder, user, user)
    return home


@dataclass(frozen=True)
class Stack:
    """One Compose project. `checkout` is where Compose runs; `home` may be another folder."""

    project: str
    home: Path
    http_port: int
    https_port: int
    checkout: Path = ROOT
    user: int | None = USER
    """None leaves it to the stack's default."""
    seconds: float = 0
    """How long it took from nothing to all healthy, images present."""
    load_before: float = 0
    """The machine's load in the minute before."""

    @property
    def url(self) -> str:
        return f"http://localhost:{self.http_port}"

    @property
    def token(self) -> str:
        return (self.home / ".tunesmith" / "token").read_text().strip()

    @property
    def door(self) -> Door:
        return Door(self.url, self.token)

    def environment(self) -> dict[str, str]:
        """This process's, without the developer's own settings."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("TUNESMITH_", "COMPOSE_"))}
        user = {} if self.user is None else {"TUNESMITH_UID": str(self.user), "TUNESMITH_GID": str(self.user)}
        home = {} if self.home == self.checkout else {"TUNESMITH_HOME": str(self.home)}
        return inherited | user | home | {
            "TUNESMITH_PROJECT": self.project,
            "TUNESMITH_HTTP_PORT": str(self.http_port),
            "TUNESMITH_HTTPS_PORT": str(self.https_port),
            "PWD": str(self.checkout),
        }  # fmt: skip

    def compose(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """`docker compose WORDS` for this project; its output is in the error when it fails and `check` is on."""
        files = [word for file in FILES for word in ("-f", file)]
        command = ["docker", "compose", "--progress", "plain", *files, *words]
        done = subprocess.run(command, cwd=self.checkout, env=self.environment(), capture_output=True, text=True)
        assert not check or done.returncode == 0, f"{' '.join(command)}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done

    def container(self, service: str) -> str:
        return f"{self.project}-{service}-1"

    def down(self) -> None:
        self.compose("down", "--volumes", "--remove-orphans", "--timeout", "3")
