"""Cancelled at a random moment, in half of the rounds with the orchestrator killed meanwhile: nothing of the job is left."""

from __future__ import annotations

import asyncio
import os
import random
import time
import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from counted import Counted
from orchestra import SCRIPTS, Ask, Life, PythonOnly

from tunesmith.domain.job import JobStatus, State
from tunesmith.domain.place import Command
from tunesmith.domain.step import Lane, Output, Step, Toolbox
from tunesmith.runtimes.native import NativeRuntime

ROUNDS = 40
AT_ONCE = 5
MARK = "never-alive-after-a-cancel"

# $1 mark, $2 file to count in, $3 seconds, $4 where to write. Each child carries the mark among its own words.
# In the steps that end by themselves the children go with the command; in the last one they would stay for ever.
FORKS = r"""
echo started >>"$2"
mkdir "$4"; echo half >"$4/weights"
pid=$$; [ "$3" != 1000 ] || pid=1
sh -c 'trap "" TERM; while [ -d "/proc/$2" ]; do sleep 0.1; done' sh "$1" $pid &
(setsid env -i /bin/sh -c 'while [ -d "/proc/$2" ]; do sleep 0.1; done' sh "$1" $pid &)
sleep "$3" &
wait $!
echo whole >"$4/weights"
"""


def job(home: Path, mark: str) -> Ask:
    """Three steps; the last would go on for ever, so that no round ends before its cancel."""
    (home / "runs").mkdir(parents=True)
    steps = []
    for index, seconds in enumerate((0.3, 0.3, 1000)):
        path = home / "models" / "merged" / f"made-{index}"
        part = str(path.with_name(f".made-{index}.part"))
        words = (mark, str(home / "runs" / str(index)), str(seconds), part)
        output = Output(part=part, path=str(path), sidecar={"job": "job-1"})
        steps.append(
            Step(name=f"step-{index}", toolbox=Toolbox.SYSTEM, argv=("sh", "-c", FORKS, "sh", *words), outputs=(output,))
        )
    return Ask("job-1", Lane.ACCELERATOR, tuple(steps))


def alive(mark: str) -> dict[int, str]:
    """Every process whose command line holds the mark; the job's own wrapper and subreaper too."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if mark in line:
                found[int(entry.name)] = line
    return found


def started(home: Path) -> list[str]:
    return sorted(entry.name for entry in (home / "runs").iterdir())


def check(home: Path, mark: str, record: JobStatus, at_cancel: list[str]) -> None:
    assert record.state is State.CANCELLED, record
    assert record.processes_left == ()
    deadline = time.monotonic() + 5
    while (left := alive(mark)) and all("job.sh run" in line or "subreaper.py" in line for line in left.values()):
        # The wrapper itself needs some ms to go after it has written `exit`.
        assert time.monotonic() < deadline, left
        time.sleep(0.02)
    assert left == {}
    assert started(home) == at_cancel, "a step began after the cancel"
    for path in (home / "models").rglob("*"):
        assert ".part" not in path.name, path
        assert path.name != "weights" or path.read_text() == "whole\n"
    for made in (home / "models" / "merged").glob("*"):
        assert (made / "tunesmith.json").exists()


def cancelled(home: Path, seed: int) -> tuple[str, int]:
    """One round; how it went, and how many steps had begun."""
    dice, mark = random.Random(seed), f"{MARK}-{uuid.uuid4()}"
    life = Life(home, (job(home, mark),)).opened()
    try:
        life.until(lambda: "job-1" in life.records)
        if dice.random() < 0.75:
            life.until(lambda: bool(started(home)))
        life.listen(dice.uniform(0.0, 1.8))
        if seed % 2:
            record = life.ask("cancel", "job-1")
            how = "at once"
        else:
            life.tell("cancel", "job-1")
            life.listen(dice.uniform(0.0, 1.0))
            life.kill()
            # Whatever was being started when the orchestrator was killed, the cancel's own process too, has started by then.
            time.sleep(0.5)
            how = "by the next life" if begun(home) else "before it had begun"
            before = started(home)
            life = Life(home).opened()
            if how == "by the next life":
                record = life.finish(["job-1"])["job-1"]
                assert started(home) == before, "a step began although a cancel was under way"
            else:
                life.until(lambda: "job-1" in life.records)
                record = life.ask("cancel", "job-1")
                # On a busy machine that process may still come between our look and this question.
                if isinstance(record, str) and life.has_ended("job-1"):
                    record = life.records["job-1"]
        assert isinstance(record, JobStatus), record
        at_cancel = started(home)
        time.sleep(0.3)
        check(home, mark, record, at_cancel)
        return how, len(at_cancel)
    finally:
        life.kill()


def begun(home: Path) -> bool:
    """Whether the cancel has left anything behind by which it can be known."""
    job = home / ".tunesmith" / "jobs" / "job-1"
    return any(job.glob("*/1/cancelling")) or any(job.glob("*/1/cancelled"))


@pytest.mark.timeout(400)
def test_cancelled_at_random_moments(tmp_path: Path) -> None:
    seed = int(os.environ.get("DURABILITY_SEED", random.randrange(10**6)))
    print(f"\nseed {seed} (set DURABILITY_SEED to have it again)")
    began = time.monotonic()
    with ThreadPoolExecutor(AT_ONCE) as threads:
        homes = [tmp_path / f"home-{index}" for index in range(ROUNDS)]
        rounds = list(threads.map(cancelled, homes, range(seed, seed + ROUNDS)))
    ways = Counter(way for way, _ in rounds)
    steps = Counter(begun for _, begun in rounds)
    print(f"{ROUNDS} cancels in {time.monotonic() - began:.0f} s: {dict(ways)}; steps begun: {dict(sorted(steps.items()))}")
    assert ways["by the next life"] >= 3
    assert sum(steps[begun] for begun in (1, 2, 3)) >= ROUNDS / 2


def test_what_an_interrupted_cancel_has_claimed_stops_the_steps_before_it(home: Path, live: Callable[..., Life]) -> None:
    """The last step was claimed, then the orchestrator was killed; the running step has ended by itself meanwhile."""
    made = Counted(home, "job-1", seconds=(0.8, 0.0, 0.0))
    life = live(made.ask()).opened()
    life.until(lambda: bool(made.runs(0)))
    life.kill()
    attempt = made.folder / "03-step-2" / "1"
    attempt.mkdir(parents=True)
    command = Command(Toolbox.SYSTEM, ("true",), home)
    asyncio.run(NativeRuntime(PythonOnly(), SCRIPTS).cancel(attempt, command, 0))
    while not (made.folder / "01-step-0" / "1" / "exit").exists():
        time.sleep(0.02)
    life = live().opened()
    assert life.finish([made.id])[made.id].state is State.CANCELLED
    assert [len(made.runs(index)) for index in range(3)] == [2, 0, 0]
