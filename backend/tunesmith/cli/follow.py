"""Following a job: live on a terminal, plain lines when piped. Ctrl-C detaches and cancels nothing."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import typer

from tunesmith.cli.client import Client, Unreachable, events, parsed
from tunesmith.cli.job_lines import heading, outcome, progress_line, step_line
from tunesmith.cli.shell import INTERRUPTED
from tunesmith.cli.show import remark, say
from tunesmith.domain.job import JobStatus, State, StepStatus

if TYPE_CHECKING:
    from rich.console import RenderableType

LOOK_SECONDS = 0.5
TELL_SECONDS = 5.0
"""How often a piped progress says something."""
AWAY_SECONDS = 60.0
"""How long a server may be away (restarting) before following it is given up; the job itself doesn't notice."""


def end_with(client: Client, job: JobStatus, detach: bool = False) -> None:
    """Follow `job` to its end (or just name it) and leave with its exit status: 0 succeeded, 1 failed, 130 detached."""
    if detach:
        say(job.id)
        hints(job.id)
        return
    raise typer.Exit(follow(client, job.id))


def follow(client: Client, job_id: str) -> int:
    try:
        last = _live(client, job_id) if sys.stdout.isatty() else _plain(client, job_id)
    except KeyboardInterrupt:
        remark("\ndetached: the job goes on")
        hints(job_id)
        return INTERRUPTED
    for line in outcome(last):
        (say if last.state is State.SUCCEEDED else remark)(line)
    return 0 if last.state is State.SUCCEEDED else 1


def hints(job_id: str) -> None:
    remark(f"follow it:  tunesmith jobs log -f {job_id}")
    remark(f"cancel it:  tunesmith jobs cancel {job_id}")


def records(client: Client, job_id: str, sleep: Callable[[float], None] = time.sleep) -> Iterator[JobStatus]:
    """The job's record again and again until it has ended. A server that goes away for less than a minute is waited for."""
    away: float | None = None
    while True:
        try:
            job = client.get(f"/api/jobs/{job_id}", JobStatus)
        except Unreachable:
            if away is None:
                remark("the server is away; the job goes on, waiting for it")
            away = away or time.monotonic()
            if time.monotonic() - away > AWAY_SECONDS:
                raise
        else:
            away = None
            yield job
            if job.state.final:
                return
        sleep(LOOK_SECONDS)


def _plain(client: Client, job_id: str) -> JobStatus:
    """A line for each change of a step, and one about progress every few seconds."""
    known: dict[str, tuple[State, int]] = {}
    told = time.monotonic()
    said = held = ""
    for job in records(client, job_id):
        if not known:
            say(heading(job))
        if job.holds and job.holds != held:
            held = job.holds
            say(f"waiting: {held}")
        for step in job.steps:
            if step.state is not State.PENDING and known.get(step.name) != (step.state, step.attempt):
                say(step_line(step))
            known[step.name] = (step.state, step.attempt)
        line = "; ".join(_running(job.steps))
        if line and line != said and time.monotonic() - told >= TELL_SECONDS:
            say(line)
            told, said = time.monotonic(), line
    return job


def _running(steps: list[StepStatus]) -> list[str]:
    return [f"{step.name}: {progress_line(step)}" for step in steps if step.state is State.RUNNING and step.progress]


def _live(client: Client, job_id: str) -> JobStatus:
    from rich.live import Live

    with Live(refresh_per_second=4) as live:
        for job in records(client, job_id):
            live.update(_picture(job), refresh=True)
    return job


def _picture(job: JobStatus) -> RenderableType:
    """The job's steps one below the other, those under way with a bar where the total is known."""
    from rich.console import Group
    from rich.progress_bar import ProgressBar
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 1))
    for _ in range(3):
        grid.add_column(no_wrap=True, overflow="ellipsis")
    for step in job.steps:
        running = step.progress if step.state is State.RUNNING else None
        bar = ProgressBar(total=running.total, completed=running.done, width=14) if running and running.total else Text("")
        grid.add_row(Text(step_line(step)), bar, Text(progress_line(step) if running else ""))
    waiting = [Text(f"waiting: {job.holds}", style="yellow")] if job.holds else []
    return Group(Text(heading(job), style="bold"), grid, *waiting)


def follow_log(client: Client, job_id: str) -> int:
    """The job's log as it is written, to stdout; then its exit status. A broken stream is taken up where it broke."""
    log = _Log(client, job_id)
    try:
        while not log.print_until_break():
            next(records(client, job_id))
        job = client.get(f"/api/jobs/{job_id}", JobStatus)
    except KeyboardInterrupt:
        remark("\ndetached: the job goes on")
        hints(job_id)
        return INTERRUPTED
    for line in outcome(job):
        remark(line)
    return 0 if job.state is State.SUCCEEDED else 1


class _Log:
    """A log being followed, and the place that was reached in it."""

    def __init__(self, client: Client, job_id: str) -> None:
        self._client, self._job_id = client, job_id
        self._cursor: str | None = None

    def print_until_break(self) -> bool:
        """Print what comes; True when the log has ended, False when only the connection has."""
        query = {"cursor": self._cursor} if self._cursor else None
        try:
            with self._client.stream("GET", f"/api/jobs/{self._job_id}/log/stream", params=query) as answer:
                for name, data in events(answer.iter_lines()):
                    if name == "end":
                        return True
                    self._print(name, parsed(data))
        except Unreachable:
            return False
        return False

    def _print(self, name: str, record: dict[str, Any]) -> None:
        """Text as it is; what was left out because we were slow is fetched, so that nothing is missing."""
        if name == "log":
            sys.stdout.write(record["text"])
            sys.stdout.flush()
            self._cursor = f"{record['step']}/{record['attempt']}/{record['end']}"
        elif name == "gap":
            first, end = record["gap"]["bytes"]
            missed = self._client.text(f"/api/jobs/{self._job_id}/log", Range=f"bytes={first}-{end - 1}")
            sys.stdout.write(missed.decode("utf-8", "replace"))
        elif name == "truncated":
            remark("the log was cut off and begins anew")
