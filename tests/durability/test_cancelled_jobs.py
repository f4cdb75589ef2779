"""Cancelled at a random moment, in half of the rounds with the orchestrator killed meanwhile: nothing of the job is left."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import random
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from counted import Counted
from orchestra import SCRIPTS, Ask, Life, PythonOnly, wait_until
from settled import until_settled

from tunesmith.domain.job import JobStatus, State
from tunesmith.domain.place import Command
from tunesmith.domain.step import Lane, Output, Step, Toolbox
from tunesmith.runtimes.native import NativeRuntime

ROUNDS = 40
AT_ONCE = 8
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


def left_of(mark: str) -> dict[int, str]:
    """Who is alive when the wrapper, which needs some ms to go after it has written `exit`, is no longer alone."""
    left: dict[int, str] = {}

    def wrapper_is_alone() -> bool:
        left.clear()
        left.update(alive(mark))
        return bool(left) and all("job.sh run" in line or "subreaper.py" in line for line in left.values())

    wait_until(lambda: not wrapper_is_alone(), "the wrapper goes")
    return left


def check(home: Path, mark: str, record: JobStatus, at_cancel: list[str]) -> None:
    assert record.state is State.CANCELLED, record
    assert record.processes_left == ()
    assert left_of(mark) == {}
    assert started(home) == at_cancel, "a step began after the cancel"
    for path in (home / "models").rglob("*"):
        assert ".part" not in path.name, path
        assert path.name != "weights" or path.read_text() == "whole\n"
    for made in (home / "models" / "merged").glob("*"):
        assert (made / "tunesmith.json").exists()


@contextlib.contextmanager
def living(home: Path, *asks: Ask) -> Iterator[Life]:
    life = Life(home, asks)
    try:
        yield life.opened()
    finally:
        life.kill()


def cancelled(home: Path, seed: int, number: int) -> tuple[str, int]:
    """Round `number`; how it went, and how many steps had begun."""
    dice, mark = random.Random(seed + number), f"{MARK}-{uuid.uuid4()}"
    killed = number % 2 == 0
    with living(home, job(home, mark)) as life:
        life.until(lambda: "job-1" in life.records)
        if number % 8 < 6:
            life.until(lambda: bool(started(home)))
        life.listen(dice.uniform(0.0, 1.8))
        if not killed:
            record = life.ask("cancel", "job-1")
            return "at once", checked(home, mark, record)
        life.tell("cancel", "job-1")
        if number % 4:
            life.until(lambda: begun(home))
        life.listen(dice.uniform(0.0, 1.0))
    return carried_on(home, mark)


def carried_on(home: Path, mark: str) -> tuple[str, int]:
    """The life after the one that was killed under a cancel."""
    # Whatever was being started when the orchestrator was killed, the cancel's own process too, has started then.
    until_settled(home, has_begun)
    before = started(home)
    how = "by the next life" if begun(home) else "before it had begun"
    with living(home) as life:
        if how == "before it had begun":
            life.until(lambda: "job-1" in life.records)
            return how, checked(home, mark, life.ask("cancel", "job-1"))
        record = life.finish(["job-1"])["job-1"]
        assert started(home) == before, "a step began although a cancel was under way"
        return how, checked(home, mark, record)


def checked(home: Path, mark: str, record: object) -> int:
    """How many steps had begun when the cancel was answered, and never another."""
    assert isinstance(record, JobStatus), record
    at_cancel = started(home)
    until_settled(home, has_begun)
    check(home, mark, record, at_cancel)
    return len(at_cancel)


def has_begun(attempt: Path) -> bool:
    home, index = attempt.parents[4], attempt.parent.name.rpartition("-")[2]
    return (home / "runs" / index).exists()


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
        rounds = list(threads.map(cancelled, homes, itertools.repeat(seed), range(ROUNDS)))
    ways = Counter(way for way, _ in rounds)
    steps = Counter(begun for _, begun in rounds)
    print(f"{ROUNDS} cancels in {time.monotonic() - began:.0f} s: {dict(ways)}; steps begun: {dict(sorted(steps.items()))}")
    # By design: half of the lives that are killed have begun their cancel, and three of four rounds a first step.
    assert ways["by the next life"] >= ROUNDS / 4
    assert sum(steps[begun] for begun in (1, 2, 3)) >= ROUNDS * 3 / 4


def test_what_an_interrupted_cancel_has_claimed_stops_the_steps_before_it(home: Path, live: Callable[..., Life]) -> None:
    """The last step was claimed, then the orchestrator was killed; the running step has ended by itself meanwhile."""
    made = Counted(home, "job-1", held=frozenset({0}))
    life = live(made.ask()).opened()
    life.until(lambda: made.started(0))
    life.kill()
    attempt = made.folder / "03-step-2" / "1"
    attempt.mkdir(parents=True)
    command = Command(Toolbox.SYSTEM, ("true",), home)
    asyncio.run(NativeRuntime(PythonOnly(), SCRIPTS).cancel(attempt, command, 0))
    made.let_go(0)
    wait_until((made.folder / "01-step-0" / "1" / "exit").exists, "the running step ends")
    life = live().opened()
    assert life.finish([made.id])[made.id].state is State.CANCELLED
    assert [len(made.runs(index)) for index in range(3)] == [2, 0, 0]
