"""Where engines listen: any free port of this host, or one of a container's own."""

from __future__ import annotations

import asyncio
import os
import socket
from pathlib import Path

import pytest

from tunesmith.domain.errors import EngineFailed
from tunesmith.domain.home import Home
from tunesmith.serving.attempts import Attempts, Bind, Shape
from tunesmith.serving.instances import Instance

from .fake_engine import FakePlace


def instance(key: str) -> Instance:
    return Instance(key, f"models/gguf/{key}.gguf", None, (), (), key)


def two_ports() -> range:
    """Two in a row that nobody has, below those that the kernel gives to connections by itself.

    Each process begins to look somewhere else, so that none beside this one finds the same.
    """
    begin = 20_000 + os.getpid() % 5_000 * 2
    first = next(port for port in (*range(begin, 30_000, 2), *range(20_000, begin, 2)) if is_free(port) and is_free(port + 1))
    return range(first, first + 2)


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


async def test_engines_of_a_container_share_out_its_ports_also_when_they_start_together(tmp_path: Path) -> None:
    place, ports = FakePlace(), two_ports()
    attempts = Attempts(Home(tmp_path), place, Shape(), bind=Bind("0.0.0.0", "llama-cpp", ports))
    one, other = await asyncio.gather(attempts.start(instance("one")), attempts.start(instance("other")))
    assert {one.address, other.address} == {f"http://llama-cpp:{port}" for port in ports}
    assert [process.word("--host") for process in place.alive] == ["0.0.0.0", "0.0.0.0"]
    with pytest.raises(EngineFailed, match="No port is left"):
        await attempts.start(instance("third"))
    place.processes[one.folder].end(0)
    assert (await attempts.start(instance("third"))).spec.port == one.spec.port
    for process in place.alive:
        process.end(0)


async def test_engines_of_this_host_listen_on_loopback_only(tmp_path: Path) -> None:
    place = FakePlace()
    attempt = await Attempts(Home(tmp_path), place, Shape()).start(instance("one"))
    assert attempt.address == f"http://127.0.0.1:{attempt.spec.port}"
    assert place.alive[0].word("--host") == "127.0.0.1"
    place.alive[0].end(0)


async def test_a_spec_that_a_tool_has_written_is_no_engine_of_ours(tmp_path: Path) -> None:
    """Tools can write where specs lie: our key and users' prompts go to an engine's own address only."""
    place = FakePlace()
    attempts = Attempts(Home(tmp_path), place, Shape(), bind=Bind("0.0.0.0", "llama-cpp", two_ports()))
    attempt = await attempts.start(instance("one"))
    assert [found.folder for found in await attempts.running()] == [attempt.folder]
    spec = attempt.folder / "spec.json"
    spec.write_text(spec.read_text().replace('"llama-cpp"', '"elsewhere"'))
    assert await attempts.running() == []
    place.alive[0].end(0)
