"""Wrapper, subreaper and command of a step are killed at once: the job is lost, and what was half made goes with it."""

from __future__ import annotations

import contextlib
import os
import signal
import uuid
from collections.abc import Callable
from pathlib import Path

from orchestra import Ask, Life, wait_until

from tunesmith.domain.job import Reason, State
from tunesmith.domain.step import Lane, Output, Step, Toolbox

HALF = 'mkdir "$1"; echo half >"$1/weights"; sleep 1000'


def processes(mark: str) -> list[int]:
    """The command's and its wrapper's: both have the mark among their words."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def kill_all(mark: str) -> list[int]:
    """Those that there still were."""
    found = processes(mark)
    for pid in found:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return found


def test_parts_of_a_lost_step_are_taken_away(home: Path, live: Callable[..., Life]) -> None:
    mark = f"lost-{uuid.uuid4()}"
    final = home / "models" / "merged" / mark
    part = final.with_name(f".{mark}.part-job-1")
    output = Output(part=str(part), path=str(final), sidecar={"job": "job-1"})
    step = Step(name="make", toolbox=Toolbox.SYSTEM, argv=("sh", "-c", HALF, "sh", str(part)), outputs=(output,))
    life = live(Ask("job-1", Lane.LIGHT, (step,)))
    life.opened()
    life.until(lambda: (part / "weights").exists())
    wait_until(lambda: not kill_all(mark), "all of its processes are killed")
    record = life.finish(["job-1"])["job-1"]
    assert (record.state, record.reason) == (State.FAILED, Reason.LOST)
    life.until(lambda: not part.exists())
    assert not final.exists()
