# ruff: noqa: ASYNC110, ASYNC220
"""A container that ends under a command, an engine that is away, an orchestrator that is killed: what is said then is true."""

from __future__ import annotations

import asyncio
import os
import pickle
import signal
import subprocess
import sys

import docker
import pytest
from containers import Box
from fake_engine import FakeEngine, served
from places import PythonOnly
from trial import PATIENCE_SECONDS, Trial

from tunesmith.domain.errors import PlaceMissing
from tunesmith.domain.place import Life
from tunesmith.domain.step import Output
from tunesmith.runtimes.docker import starting
from tunesmith.runtimes.docker.errors import EngineMissing
from tunesmith.runtimes.docker.runtime import LATE_SECONDS
from tunesmith.runtimes.folder import read_attempt

NOWHERE = "unix:///nowhere/docker.sock"


@pytest.mark.parametrize("end", ["kill", "restart", "remove"])
async def test_a_container_that_ends_under_a_command(inside: Trial, box: Box, engine: docker.APIClient, end: str) -> None:
    final = inside.folder / "final"
    made = Output(part=str(inside.folder / ".part"), path=str(final), sidecar={})
    attempt = await inside.running(f"mkdir '{made.part}'; ", (made,))
    if end == "kill":
        engine.kill(box.place.container, signal="KILL")
    elif end == "restart":
        engine.restart(box.place.container, timeout=0)
    else:
        engine.remove_container(box.place.container, force=True)
    seen = await inside.ended(attempt)
    assert (seen.life, seen.exit_code, seen.processes_left) == (Life.LOST, None, ())
    told = {"kill": "ended with status 137", "restart": "was restarted", "remove": "was removed"}[end]
    assert seen.why_lost.startswith(f"{box.place.container} {told} while the command ran in it.")
    assert not final.exists() and inside.processes() == {}
    box.ensure()
    engine.start(box.place.container)
    again = await inside.run(inside.shell(f"mkdir '{made.part}'", outputs=(made,)))
    assert again[1].exit_code == 0 and final.exists()
    # What was lost stays lost, whatever runs there now.
    assert (await inside.runtime.observe(attempt)).life is Life.LOST


@pytest.mark.parametrize("end", ["kill", "restart"])
async def test_a_cancel_after_its_container_has_ended(inside: Trial, box: Box, engine: docker.APIClient, end: str) -> None:
    attempt = await inside.running()
    getattr(engine, end)(box.place.container)
    seen = await inside.runtime.cancel(attempt, inside.shell("exit 0"), 1)
    assert (seen.life, seen.exit_code, seen.cancelled) == (Life.EXITED, 143, True)


async def test_a_container_killed_under_a_cancel(inside: Trial, box: Box, engine: docker.APIClient) -> None:
    attempt = await inside.running("trap '' TERM; ")
    cancelling = asyncio.create_task(inside.runtime.cancel(attempt, inside.shell("exit 0"), 10 * PATIENCE_SECONDS))
    while not (attempt / "cancelling").exists():
        await asyncio.sleep(0.01)
    engine.kill(box.place.container, signal="KILL")
    seen = await asyncio.wait_for(cancelling, PATIENCE_SECONDS)
    assert (seen.life, seen.cancelled, seen.processes_left) == (Life.EXITED, True, ())


# ---- what is alive


async def test_a_late_heartbeat_is_no_death(inside: Trial, box: Box) -> None:
    attempt = await inside.running()
    heart = await inside.stop_heart(attempt)
    inside.make_late(attempt)
    assert (await asyncio.to_thread(read_attempt, attempt)).beat_age > LATE_SECONDS
    for _ in range(3):
        assert (await inside.runtime.observe(attempt)).life is Life.RUNNING
    os.kill(heart, signal.SIGCONT)
    assert (await inside.runtime.cancel(attempt, inside.shell("exit 0"), 1)).cancelled


async def test_without_the_engine_nobody_is_called_dead(inside: Trial, box: Box, engine: docker.APIClient) -> None:
    attempt, blind = await inside.running(), box.runtime(PythonOnly(), NOWHERE)
    engine.kill(box.place.container, signal="KILL")
    await inside.nothing_left(attempt)
    inside.make_late(attempt)
    assert (await blind.observe(attempt)).life is Life.RUNNING
    assert (await inside.runtime.observe(attempt)).life is Life.LOST
    assert (await blind.observe(attempt)).life is Life.LOST


async def test_without_the_engine_what_never_started_never_will(inside: Trial, box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starting, "RESTART_SECONDS", 0.0)
    attempt, blind = inside.attempt(), box.runtime(PythonOnly(), NOWHERE)
    with pytest.raises(PlaceMissing):
        await blind.start(attempt, inside.shell("exit 0"))
    seen = await blind.cancel(attempt, inside.shell("exit 0"), 1)
    assert (seen.life, seen.exit_code, seen.cancelled) == (Life.EXITED, 143, True)
    await inside.runtime.start(attempt, inside.shell("echo ran"))
    assert not (attempt / "log").exists()


async def test_what_cannot_be_proven_to_be_ours_is_named(inside: Trial, box: Box) -> None:
    """Without a subreaper nobody knows whose this child is: it lives on, the cancel says so, and another job's are left alone."""
    other = await inside.running()
    there = f"'{inside.folder}/escaped'"
    escape = f"(setsid env -i /bin/sh -c 'echo >\"$0\"; sleep 1000; : {inside.mark}' {there} &); "
    attempt = await inside.running(f"{escape}while [ ! -e {there} ]; do sleep 0.01; done; ")
    seen = await inside.runtime.cancel(attempt, inside.shell("exit 0"), 1)
    assert (seen.cancelled, len(seen.processes_left), seen.going_on) == (False, 1, True)
    assert (await inside.runtime.observe(other)).life is Life.RUNNING
    escaped = next(pid for pid, line in inside.processes().items() if line.startswith("/bin/sh -c echo >"))
    os.killpg(os.getpgid(escaped), signal.SIGKILL)
    again = await inside.runtime.cancel(attempt, inside.shell("exit 0"), 1)
    assert (again.cancelled, again.processes_left) == (True, ())
    assert (await inside.runtime.cancel(other, inside.shell("exit 0"), 1)).cancelled


async def test_an_engine_that_breaks_off_a_start(
    inside: Trial, box: Box, engine: docker.APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody knows whether the command comes: it is made sure that it never does, and said."""
    monkeypatch.setattr(starting, "SILENT_SECONDS", 0.1)
    attempt, command = inside.attempt(), inside.shell("echo ran")
    with served(FakeEngine(container=engine.inspect_container(box.place.container))) as breaking:
        with pytest.raises(EngineMissing):
            await box.runtime(PythonOnly(), breaking.address).start(attempt, command)
        assert breaking.asked[-1].endswith("/start")
    assert (await inside.runtime.observe(attempt)).life is Life.LOST
    await inside.runtime.start(attempt, command)
    assert not (attempt / "log").exists()


# ---- once


ORCHESTRATOR = """
import asyncio, pickle, sys
from pathlib import Path
from containers import Box
from fake_engine import FakeEngine, served
from places import PythonOnly
folder, service, attempt = sys.argv[1:]
runtime, command = Box(Path(folder), service).runtime(PythonOnly()), pickle.load(sys.stdin.buffer)
print("now", flush=True)
asyncio.run(runtime.start(Path(attempt), command))
"""


@pytest.mark.parametrize("delay", [0.01, 0.03, 0.06, 0.12])
async def test_orchestrator_killed_between_request_and_claim(inside: Trial, box: Box, delay: float) -> None:
    attempt, counter = inside.attempt(), inside.folder / "counter"
    command = inside.shell('echo ran >>"$1"', str(counter))
    orchestrator = subprocess.Popen(
        [sys.executable, "-c", ORCHESTRATOR, str(box.folder), box.service, str(attempt)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    with orchestrator:
        assert orchestrator.stdin and orchestrator.stdout
        orchestrator.stdin.write(pickle.dumps(command))
        orchestrator.stdin.close()
        assert await asyncio.to_thread(orchestrator.stdout.readline) == b"now\n"
        await asyncio.sleep(delay)
        orchestrator.kill()
    _, seen = await inside.run(command, attempt)
    assert seen.exit_code == 0
    # Whatever else was on its way to the container has come by the time that another command has.
    await inside.run(inside.shell("exit 0"))
    await inside.nothing_left(attempt)
    assert counter.read_text() == "ran\n"
