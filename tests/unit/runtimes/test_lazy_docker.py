"""Natively nobody waits for docker-py, nor needs it to work."""

from __future__ import annotations

import subprocess
import sys

LOADED = "import sys, tunesmith.main, tunesmith.cli.main; print([name for name in sys.modules if name.split('.')[0] == 'docker'])"


def test_a_native_orchestrator_does_not_load_it() -> None:
    assert subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True).stdout == "[]\n"
