"""One process owns a home, and whoever may not start says why, and what to do, in one line."""

from __future__ import annotations

import signal
import socket
from pathlib import Path

import pytest

from .application import environment_for, free_port, refused, running


def test_a_second_one_on_a_home_names_the_first_and_leaves_it_alone(home: Path, tmp_path: Path) -> None:
    with running(home) as first:
        before = (home / ".tunesmith/server.json").read_bytes()
        said = refused(environment_for(home, free_port()), tmp_path / "second")
        assert len(said.splitlines()) == 1
        assert str(home) in said and f"process {first.process.pid} at {first.url}" in said and "tunesmith down" in said
        assert (home / ".tunesmith/server.json").read_bytes() == before
        assert first.client.get("/api/jobs").status_code == 200


def test_two_names_of_one_home_are_one_home(home: Path, tmp_path: Path) -> None:
    other = tmp_path / "another name"
    other.symlink_to(home)
    with running(home) as first:
        assert first.url in refused(environment_for(other, free_port()), tmp_path / "second")


def test_a_killed_one_leaves_no_lock_behind(home: Path) -> None:
    with running(home) as first:
        first.process.send_signal(signal.SIGKILL)
        first.process.wait()
        with running(home) as second:
            assert second.client.get("/api/jobs").json() == []


def test_a_taken_port_is_named_and_the_home_stays_free(home: Path, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = refused(environment_for(home, port), tmp_path / "said")
    assert f"Port {port} on 127.0.0.1 can't be used" in said and "TUNESMITH_PORT" in said
    with running(home) as started:
        assert started.client.get("/api/health").status_code == 200


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("PROT", "8766", ("TUNESMITH_PROT is no setting", "Did you mean TUNESMITH_PORT?")),
        ("PORT", "eighty", ("TUNESMITH_PORT", "'eighty'")),
        ("PORT", "70000", ("TUNESMITH_PORT", "65535")),
        ("DISK_RESERVE_GIB", "-1", ("TUNESMITH_DISK_RESERVE_GIB",)),
        ("TORCH_BACKEND", "rocm", ("TUNESMITH_TORCH_BACKEND", "'rocm'", "cuda")),
        ("ALLOWED_HOSTS", "http://box.example", ("TUNESMITH_ALLOWED_HOSTS", "http://box.example", "without scheme")),
        ("TOKEN", "short", ("TUNESMITH_TOKEN", "16")),
        ("HOST", "no.such.host.invalid", ("no.such.host.invalid", "TUNESMITH_HOST")),
        ("HOME", "/proc/tunesmith", ("/proc/tunesmith", "TUNESMITH_HOME")),
    ],
)
def test_a_setting_that_is_wrong_is_named(home: Path, tmp_path: Path, name: str, value: str, words: tuple[str, ...]) -> None:
    environment = environment_for(home, free_port()) | {f"TUNESMITH_{name}": value}
    said = refused(environment, tmp_path / "said")
    assert len(said.splitlines()) == 1, said
    assert all(word in said for word in words), said


def test_a_slip_in_the_env_file_is_named_too(home: Path, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("TUNESMITH_LIGHT_JOB=4\nHF_TOKEN=another program's\n")
    said = refused(environment_for(home, free_port()), tmp_path / "said")
    assert "TUNESMITH_LIGHT_JOB is no setting" in said and ".env" in said and "TUNESMITH_LIGHT_JOBS" in said
