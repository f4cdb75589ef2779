"""One process owns a home; real processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tunesmith.domain.errors import Conflict, Refused
from tunesmith.domain.home import Home
from tunesmith.ownership import claim, is_owned, running_server

OWNER = """
import sys, time
from pathlib import Path
from tunesmith.domain.home import Home
from tunesmith.ownership import claim
owned = claim(Home(Path(sys.argv[1])))
if sys.argv[2] != "-":
    owned.announce("0.0.0.0", int(sys.argv[2]))
print("ready", flush=True)
time.sleep(60)
"""


@contextmanager
def owner(home: Home, port: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen([sys.executable, "-c", OWNER, str(home.root), port], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def test_a_second_owner_is_refused_and_told_who_the_first_is(home: Home) -> None:
    with owner(home, "8765") as process:
        with pytest.raises(Conflict) as refused:
            claim(home)
        assert f"process {process.pid} at http://127.0.0.1:8765" in str(refused.value)
        found = running_server(home)
        assert found is not None and (found.pid, found.host, found.port) == (process.pid, "0.0.0.0", 8765)
        assert (home.ours / "server.json").stat().st_mode & 0o777 == 0o600


def test_an_owner_that_isnt_listening_yet_has_no_address(home: Home) -> None:
    with owner(home, "-") as process:
        assert running_server(home) is None
        assert is_owned(home)
        with pytest.raises(Conflict, match=f"{process.pid}, which is still starting"):
            claim(home)


def test_a_killed_owner_leaves_nothing_that_blocks(home: Home) -> None:
    with owner(home, "8765") as process:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert (home.ours / "server.json").exists()
        assert running_server(home) is None
        claim(home).release()
    assert not (home.ours / "server.json").exists()
    assert not is_owned(home)


def test_folders_are_made_private(home: Home) -> None:
    home.root.mkdir()
    home.ours.mkdir(mode=0o755)
    owned = claim(home)
    try:
        assert home.ours.stat().st_mode & 0o777 == 0o700
        assert all(folder.is_dir() for folder in (home.jobs, home.services, home.saves, home.models, home.data))
        assert home.lock.stat().st_mode & 0o777 == 0o600
        address = owned.announce("::1", 80)
        assert address.url == "http://[::1]:80" and running_server(home) == address
    finally:
        owned.release()


def test_a_home_that_cant_be_one_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Refused, match="TUNESMITH_HOME"):
        claim(Home(tmp_path / "file"))


def test_looking_never_makes_a_lock(tmp_path: Path) -> None:
    assert running_server(Home(tmp_path)) is None
    assert list(tmp_path.iterdir()) == []
