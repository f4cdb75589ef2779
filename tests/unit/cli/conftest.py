"""The real commands, against a fake server that owns a real home."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tunesmith.cli.main import app
from tunesmith.domain.home import Home
from tunesmith.ownership import claim

from .fake_api import FakeApi

TOKEN = "a-token-of-this-test-only"


@dataclass(frozen=True)
class Ended:
    status: int
    out: str
    err: str


@dataclass(frozen=True)
class Cli:
    """`tunesmith` with one home: called, it runs in this process; started, in its own."""

    home: Path

    def environment(self, **more: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("TUNESMITH_")}
        ours = {"TUNESMITH_HOME": str(self.home), "TUNESMITH_CACHE": str(self.home / "cache"), "TUNESMITH_OFFLINE": "true"}
        return kept | ours | {"NO_COLOR": "1", "COLUMNS": "160"} | more

    def start(self, *args: str, **environment: str) -> subprocess.Popen[str]:
        """As from a terminal: where these tests run in the background, Ctrl-C is ignored by inheritance."""
        return subprocess.Popen(
            [sys.executable, "-m", "tunesmith.cli.main", *args],
            cwd=self.home,
            env=self.environment(**environment),
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )

    def __call__(self, *args: str, stdin: str = "", **environment: str) -> Ended:
        ours = {name: None for name in os.environ if name.startswith("TUNESMITH_")}
        result = CliRunner().invoke(app, args, input=stdin, env={**ours, **self.environment(**environment)})
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return Ended(result.exit_code, result.stdout, result.stderr)


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Without a server, and away from any .env."""
    monkeypatch.chdir(tmp_path)
    return Cli(tmp_path)


@pytest.fixture
def api(tmp_path: Path) -> Iterator[FakeApi]:
    """A fake server that owns the home of `cli`."""
    fake = FakeApi()
    server = fake.start()
    owner = claim(Home(tmp_path))
    (tmp_path / ".tunesmith" / "token").write_text(TOKEN)
    owner.announce("127.0.0.1", fake.port)
    yield fake
    owner.release()
    server.shutdown()
    server.server_close()
