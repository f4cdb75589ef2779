"""What a step costs beside its command: a job of light steps against the same commands run one after another.

Pairs in turns; the job goes through the product's own job book, queue, runtime and wrapper in a process of its own.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from rows import at_most, shown

from tunesmith.domain.home import Home
from tunesmith.domain.job import JobStatus, State
from tunesmith.domain.step import Lane, Step, Toolbox
from tunesmith.jobs.service import JobBook
from tunesmith.ownership import claim
from tunesmith.runtimes.native import NativeRuntime

PAIRS, STEPS, BAR_SECONDS = 5, 5, 0.3
COMMAND = ("sh", "-c", "echo working; sleep 0.2; echo done")
SCRIPTS = Path(__file__).resolve().parents[3] / "backend" / "toolbox"


class NoPrograms:
    """The steps name their programs themselves."""

    def program(self, toolbox: Toolbox, name: str) -> tuple[str, ...]:
        return (name,)

    def script(self, toolbox: Toolbox, relative: str) -> str:
        return str(SCRIPTS / relative)


def measure() -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory(prefix="own-time-") as folder:
        # DBOS is one a process and leaves threads behind: not in the process of the other benchmarks.
        done = subprocess.run([sys.executable, __file__, folder], stdout=subprocess.PIPE, check=True)
    pairs: list[tuple[float, float]] = json.loads(done.stdout)
    return [
        at_most("own time a step: job − its commands", statistics.median(j - c for j, c in pairs) / STEPS, "s", BAR_SECONDS),
        shown(f"a job of {STEPS} light steps", statistics.median(job for job, _ in pairs), "s"),
        shown("the same commands one after another", statistics.median(commands for _, commands in pairs), "s"),
    ]


async def measure_pairs(home: Home) -> list[tuple[float, float]]:
    """Seconds of the job and of the bare commands."""
    ended = asyncio.Event()

    def tell(record: JobStatus) -> None:
        if record.state.final:
            assert record.state is State.SUCCEEDED, record
            ended.set()

    book = JobBook(home.jobs, home.root, NativeRuntime(NoPrograms(), SCRIPTS), home.state, light_jobs=2, tell=tell)
    await book.open()

    async def job() -> float:
        ended.clear()
        began = time.perf_counter()
        steps = [Step(name=f"step-{number}", toolbox=Toolbox.SYSTEM, argv=COMMAND) for number in range(STEPS)]
        await book.submit(book.draft("bench"), kind="bench", title="bench", lane=Lane.LIGHT, steps=steps, request={})
        await ended.wait()
        return time.perf_counter() - began

    pairs = []
    for number in range(PAIRS + 1):
        first = commands(home.root) if number % 2 else None
        spent = await job()
        pairs.append((spent, first or commands(home.root)))
    return pairs[1:]  # the first one imports and makes tables


def commands(folder: Path) -> float:
    began = time.perf_counter()
    for number in range(STEPS):
        with (folder / f"plain-{number}.log").open("wb") as log:
            subprocess.run(COMMAND, stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=True)
    return time.perf_counter() - began


def main(folder: str) -> None:
    home = Home(Path(folder))
    claim(home)
    print(json.dumps(asyncio.run(measure_pairs(home))), flush=True)
    # As the server ends: the queue's threads wait for ever.
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1])
