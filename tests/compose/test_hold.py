"""A command that starts programs is held, whenever the signal comes: also in the middle of starting one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from . import hold
from .hold import Hold, command_line

STARTING = "import subprocess\nwhile True: subprocess.run(['true'])"
ROUNDS = 200
"""Before a parent in `vfork` was counted as held, one of the first 30 never ended."""


def test_a_command_is_held_while_it_starts_a_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hold, "PATIENCE_SECONDS", 60.0)
    (tmp_path / "cookie").write_text("starting")
    command = subprocess.Popen([sys.executable, "-c", STARTING], env=os.environ | {"JOB_ID": "starting"})
    starting = Hold(tmp_path)
    try:
        for _ in range(ROUNDS):
            starting.stop()
            assert command.pid in starting.pids()
            starting.let_go()
        assert command.poll() is None
    finally:
        command.kill()
        command.wait()
        starting.let_go()
    assert command_line(command.pid) == ""
