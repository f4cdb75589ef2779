"""The stack as tests use it: images built from packages, a project name, a home and ports of its own."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from kit.waiting import waiting

from .door import Door

ROOT = Path(__file__).resolve().parents[2]
FILES = ("docker-compose.yml", "compose/packages/compose.yml", "tests/compose/one_thread.yml")
QUICK = Path(__file__).with_name("quick.yml")
"""For small stacks: see there."""
USER = os.getuid() or 1000
"""Who the containers run as. Root's own tests show that nobody else needs to be root."""
SERVICES = ("gate", "orchestrator", "caddy", "llamafactory", "llama-cpp", "ollama", "tensorboard")
"""All that stay."""


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
    overlays: tuple[Path, ...] = ()

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

    def command(self, *words: str) -> list[str]:
        """`docker compose WORDS` for this project."""
        files = [word for file in (*FILES, *map(str, self.overlays)) for word in ("-f", file)]
        return ["docker", "compose", "--progress", "plain", *files, *words]

    def compose(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run it; its output is in the error when it fails and `check` is on."""
        command = self.command(*words)
        with waiting("stack"):
            done = subprocess.run(command, cwd=self.checkout, env=self.environment(), capture_output=True, text=True)
        assert not check or done.returncode == 0, f"{' '.join(command)}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done

    def mend(self) -> None:
        """Start what doesn't run. A service that has just begun to comes up by itself."""
        label = f"label=com.docker.compose.project={self.project}"
        listed = ["docker", "ps", "--filter", label, "--format", "{{.Names}}: {{.Status}}"]
        lines = subprocess.run(listed, capture_output=True, text=True, check=True).stdout
        if not all(f"{self.container(service)}: Up " in lines for service in SERVICES):
            self.compose("up", "--detach", "--wait")

    def container(self, service: str) -> str:
        return f"{self.project}-{service}-1"

    def down(self) -> None:
        self.compose("down", "--volumes", "--remove-orphans", "--timeout", "3")
