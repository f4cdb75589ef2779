"""The engine itself restarts in the middle of a real job. Every container of the machine goes with it: this is the last test."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from kit.waiting import waiting

from .door import until
from .faults import Ledger, Row, Scene, kill
from .needs import leave_out, need_root

ASKED_FOR = os.environ.get("CI") or os.environ.get("TUNESMITH_TEST_RESTART_ENGINE") == "1"
pytestmark = [
    pytest.mark.timeout(3600),
    pytest.mark.skipif(not ASKED_FOR, reason="it restarts this machine's engine: TUNESMITH_TEST_RESTART_ENGINE=1 allows that"),
]


@dataclass(frozen=True)
class Engine:
    """How the engine's daemon was started, as the kernel tells it of the one that runs."""

    pid: int
    argv: tuple[str, ...]
    environment: dict[str, str]
    cwd: Path
    log: Path
    supervised: bool
    """It is systemd's, which starts it again."""

    @classmethod
    def running(cls) -> Engine:
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(FileNotFoundError):
                if (entry / "comm").read_text().strip() == "dockerd":
                    return cls._of(entry)
        raise LookupError("no dockerd runs on this machine")

    @classmethod
    def _of(cls, entry: Path) -> Engine:
        words = (entry / "cmdline").read_bytes().decode().rstrip("\0").split("\0")
        pairs = (entry / "environ").read_bytes().decode().rstrip("\0").split("\0")
        output = (entry / "fd/1").readlink()
        return cls(
            int(entry.name),
            (str((entry / "exe").readlink()), *words[1:]),
            dict(pair.split("=", 1) for pair in pairs if "=" in pair),
            where if (where := (entry / "cwd").readlink()).is_dir() else Path("/"),  # it may have been removed since
            output if output.is_file() else Path(os.devnull),
            re.search(r"docker\S*\.service", (entry / "cgroup").read_text()) is not None,
        )

    def end(self) -> None:
        """In good order. After a SIGKILL engines stop the containers that lived on, and leave those stopped (docs/stack.md)."""
        kill(self.pid, signal.SIGTERM)
        with waiting("stack"):
            until(self._is_gone)

    def _is_gone(self) -> bool:
        """A zombie has no words any more."""
        try:
            return not Path(f"/proc/{self.pid}/cmdline").read_bytes()
        except OSError:
            return True

    def start(self) -> None:
        """Unless somebody else does; the same words, in a session of its own, so that it outlives us."""
        if not self.supervised:
            with self.log.open("ab") as log:
                subprocess.Popen(
                    self.argv, env=self.environment, cwd=self.cwd, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                    start_new_session=True,
                )  # fmt: skip
        with waiting("stack"):
            until(answers)


def answers() -> bool:
    return subprocess.run(["docker", "version"], capture_output=True).returncode == 0


@pytest.fixture
def daemon(engine: None) -> Engine:
    need_root("ending the engine")
    try:
        return Engine.running()
    except LookupError as error:
        leave_out(f"{error}: it can't be restarted from here")


def test_the_engine_restarts(scene: Scene, ledger: Ledger, daemon: Engine) -> None:
    job = scene.release("engine", again="convert")
    queued = scene.ask_release("queued", "adapter")
    scene.land(job, "convert", writing=True)
    seen, begin = scene.door.log(job["id"]), time.monotonic()
    daemon.end()
    daemon.start()
    answered = scene.answered(begin)
    scene.check_broken(job, "convert", "lost", scene.stack.container("llama-cpp"), "Retry")
    assert scene.door.log(job["id"]).startswith(seen)
    scene.ready("llamafactory", "llama-cpp", "ollama", "tensorboard")
    back = time.monotonic() - begin
    next_one = scene.door.succeed(queued)
    scene.check_once(next_one)
    scene.retry(job)
    ledger.rows.append(Row("restart of dockerd", "convert", "failed (lost), retry succeeded", answered, back))
    ledger.rows.append(Row("  a job queued meanwhile", "parity", "succeeded"))
