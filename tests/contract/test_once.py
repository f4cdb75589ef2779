# ruff: noqa: ASYNC220
"""Whatever happens, a command runs once, and what is known of it is true."""

from __future__ import annotations

import asyncio
import os
import pickle
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from trial import GRACE_SECONDS, Trial

from tunesmith.domain.errors import NotFound
from tunesmith.domain.place import Life
from tunesmith.domain.step import Output
from tunesmith.runtimes.process import boot_id, start_ticks

COUNT = 'echo ran >>"$1"; echo out'


async def test_never_started_is_absent(trial: Trial) -> None:
    assert (await trial.runtime.observe(trial.attempt())).life is Life.ABSENT


async def test_running_is_seen_at_once(trial: Trial) -> None:
    attempt, command = trial.attempt(), trial.shell("sleep 1000")
    await trial.runtime.start(attempt, command)
    assert (await trial.runtime.observe(attempt)).life is Life.RUNNING
    await trial.runtime.cancel(attempt, command, GRACE_SECONDS)


async def test_started_again_after_its_end_runs_once(trial: Trial) -> None:
    counter = trial.folder / "counter"
    attempt, _ = await trial.run(trial.shell(COUNT, str(counter)))
    await trial.runtime.start(attempt, trial.shell(COUNT, str(counter)))
    await trial.nothing_left(attempt)
    assert counter.read_text() == "ran\n"
    assert (attempt / "log").read_text() == "out\n"


async def test_twenty_starts_at_once_run_once(trial: Trial) -> None:
    attempt, counter = trial.attempt(), trial.folder / "counter"
    await asyncio.gather(*(trial.runtime.start(attempt, trial.shell(COUNT, str(counter))) for _ in range(20)))
    seen = await trial.ended(attempt)
    assert (seen.exit_code, counter.read_text(), (attempt / "log").read_text()) == (0, "ran\n", "out\n")
    assert not list(attempt.glob(".new-*"))


ORCHESTRATOR = """
import asyncio, pickle, sys
from pathlib import Path
from places import PLACES
name, folder, attempt = sys.argv[1:]
command = pickle.load(sys.stdin.buffer)
asyncio.run(PLACES[name].make(Path(folder)).start(Path(attempt), command))
print("started", flush=True)
asyncio.run(asyncio.sleep(1000))
"""


async def test_orchestrator_killed_right_after_the_start(
    trial: Trial, place_folder: Path, request: pytest.FixtureRequest
) -> None:
    attempt, gate = trial.attempt(), trial.folder / "gate"
    script = 'for i in 1 2 3 4 5; do echo "line $i"; done; while [ ! -e "$1" ]; do sleep 0.05; done; echo "line 6"'
    name = request.node.callspec.params["place"]
    orchestrator = subprocess.Popen(
        [sys.executable, "-c", ORCHESTRATOR, name, str(place_folder), str(attempt)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        start_new_session=True,
    )
    with orchestrator:
        assert orchestrator.stdin and orchestrator.stdout
        orchestrator.stdin.write(pickle.dumps(trial.shell(script, str(gate))))
        orchestrator.stdin.close()
        assert await asyncio.to_thread(orchestrator.stdout.readline) == b"started\n"
        os.killpg(orchestrator.pid, signal.SIGKILL)
    assert (await trial.runtime.observe(attempt)).life is Life.RUNNING
    gate.touch()
    assert (await trial.ended(attempt)).exit_code == 0
    assert (attempt / "log").read_text() == "".join(f"line {i}\n" for i in range(1, 7))


async def test_a_pid_that_came_back_is_not_the_job(trial: Trial) -> None:
    attempt = trial.attempt()
    old = time.time() - 3600
    (attempt / "claim").mkdir()
    os.utime(attempt / "claim", (old, old))
    ticks = start_ticks(os.getpid())
    assert ticks is not None
    (attempt / "started").write_text(f"{boot_id()} {os.getpid()} {ticks - 1}\n")
    assert (await trial.runtime.observe(attempt)).life is Life.LOST
    seen = await trial.runtime.cancel(attempt, trial.shell("exit 0"), 0.2)
    assert (seen.life, seen.cancelled) == (Life.EXITED, True)


async def test_a_claim_without_a_start_is_given_time_and_then_lost(trial: Trial) -> None:
    attempt = trial.attempt()
    (attempt / "claim").mkdir()
    assert (await trial.runtime.observe(attempt)).life is Life.RUNNING
    old = time.time() - 60
    os.utime(attempt / "claim", (old, old))
    assert (await trial.runtime.observe(attempt)).life is Life.LOST


async def test_a_garbled_exit_is_lost_and_never_success(trial: Trial) -> None:
    attempt, _ = await trial.run(trial.shell("exit 0"))
    await trial.nothing_left()
    for text in ("", " " * 63 + "\n", "x\n", "256\n", "-1\n", "0 0\n"):
        (attempt / "exit").write_text(text)
        seen = await trial.runtime.observe(attempt)
        assert (seen.life, seen.exit_code) == (Life.LOST, None), text


async def test_a_clock_that_jumps_changes_nothing(trial: Trial) -> None:
    attempt, command = trial.attempt(), trial.shell("sleep 1000")
    await trial.runtime.start(attempt, command)
    for then in (0.0, time.time() + 10**8):
        for path in (attempt / "heartbeat", attempt / "claim", attempt / "started"):
            os.utime(path, (then, then))
        assert (await trial.runtime.observe(attempt)).life is Life.RUNNING
    await trial.runtime.cancel(attempt, command, GRACE_SECONDS)


async def test_killed_wrapper_is_lost_and_takes_its_command_along(trial: Trial) -> None:
    attempt = trial.attempt()
    await trial.runtime.start(attempt, trial.shell("setsid sleep 1000 & sleep 1000"))
    await trial.file(attempt / "pgid")
    await trial.kill_wrapper(attempt)
    seen = await trial.ended(attempt)
    assert (seen.life, seen.exit_code) == (Life.LOST, None)
    assert trial.processes() == {}


async def test_an_attempt_folder_deleted_under_a_running_command(trial: Trial) -> None:
    """It can't be asked any more, it isn't run again, and it publishes nothing that nobody knows of."""
    out, gate = trial.folder / "out", trial.folder / "gate"
    made = Output(part=str(out / ".part"), path=str(out / "final"), sidecar={})
    attempt = await trial.running_until(gate, then=f"echo x >'{made.part}'", outputs=(made,))
    shutil.rmtree(attempt)
    assert (await trial.runtime.observe(attempt)).life is Life.ABSENT
    with pytest.raises(NotFound):
        await trial.runtime.start(attempt, trial.shell("exit 0"))
    gate.touch()
    await trial.nothing_left(attempt)
    assert list(out.iterdir()) == []
