"""A command in a network of its own reaches what it starts there, and nothing of the machine."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "kit" / "own_network.py"
ITSELF = "import socket; s = socket.create_server(('127.0.0.1', 0)); socket.create_connection(s.getsockname())"
REACH = "import socket, sys; socket.create_connection(('127.0.0.1', int(sys.argv[1])), 5)"


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(SCRIPT), *words], capture_output=True, text=True)


def test_it_has_a_loopback_of_its_own() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        if run("true").stderr:
            pytest.skip("this kernel allows no network of its own")
        assert run(sys.executable, "-c", REACH, str(server.getsockname()[1])).returncode != 0
    assert run(sys.executable, "-c", ITSELF).returncode == 0


def test_the_commands_status_is_its_own() -> None:
    assert run("sh", "-c", "exit 7").returncode == 7
