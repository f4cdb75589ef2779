"""Every way in which the engine itself can't be asked: one clear sentence, and what to do."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
from fake_engine import FakeEngine, served

from tunesmith.domain.errors import PlaceMissing
from tunesmith.runtimes.docker.containers import Place
from tunesmith.runtimes.docker.engine import Engine
from tunesmith.runtimes.docker.errors import ContainerMissing, EngineMissing

PLACE = Place("stack", "llama-cpp")


def refused(address: str, **given: float) -> PlaceMissing:
    with pytest.raises(EngineMissing) as caught:
        Engine(address, **given).inspect(PLACE)
    return caught.value


def test_no_socket(tmp_path: Path) -> None:
    error = refused(f"unix://{tmp_path}/docker.sock")
    assert (error.title, error.remedy) == ("The Docker engine isn't running", "Start the engine: `sudo systemctl start docker`.")


def test_a_socket_that_nobody_listens_on(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(tmp_path / "docker.sock"))
    assert "isn't running" in refused(f"unix://{tmp_path}/docker.sock").title


def test_no_gate() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        error = refused(f"tcp://127.0.0.1:{taken.getsockname()[1]}")
    assert "`docker compose up -d gate`" in error.remedy and "can't be reached" in error.title
    assert "can't be reached" in refused("tcp://no-such-host.invalid:2375").title


def test_no_permission(tmp_path: Path) -> None:
    """In a child, which gives root up where it has it."""
    with socket.socket(socket.AF_UNIX) as closed:
        closed.bind(str(tmp_path / "docker.sock"))
        closed.listen()
        (tmp_path / "docker.sock").chmod(0)
        read, write = os.pipe()
        if not (pid := os.fork()):
            if not os.geteuid():
                os.setuid(65534)
            try:
                Engine(f"unix://{tmp_path}/docker.sock").version()
            except PlaceMissing as error:
                os.write(write, str(error).encode())
            os._exit(0)
        os.close(write)
        os.waitpid(pid, 0)
        said = os.read(read, 10_000).decode()
        os.close(read)
    assert "No permission on" in said and "group" in said


def test_too_old() -> None:
    with served(FakeEngine(api="1.40")) as engine:
        error = refused(engine.address)
    assert error.detail == "It is old-1 with API 1.40; API 1.41 is needed, which is Docker 20.10."


def test_one_that_speaks_only_newer_apis_is_asked_in_its_oldest() -> None:
    with served(FakeEngine(api="1.60", min_api="1.44")) as engine, pytest.raises(ContainerMissing):
        Engine(engine.address).inspect(PLACE)
    assert engine.asked[:2] == ["/version", "/v1.44/containers/stack-llama-cpp-1/json"]


def test_one_that_says_nothing() -> None:
    with served(FakeEngine(silent=True)) as engine:
        error = refused(engine.address, answer_seconds=0.2)
    assert error.title == "The Docker engine doesn't answer" and "0.2 s" in error.detail


@pytest.mark.parametrize(("status", "title"), [(403, "refused"), (503, "can't be reached"), (500, "failed")])
def test_answers_that_are_none(status: int, title: str) -> None:
    with served(FakeEngine(status=status)) as engine:
        assert title in refused(engine.address).title


def test_an_engine_that_was_down_is_found_when_it_is_back() -> None:
    with served(FakeEngine(api="1.40")) as engine:
        asked = Engine(engine.address)
        with pytest.raises(EngineMissing):
            asked.inspect(PLACE)
        engine.api = "1.41"
        with pytest.raises(ContainerMissing):
            asked.inspect(PLACE)
