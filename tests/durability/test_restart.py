"""What the next life finds: after an orderly end, after the loss of the database, beside another owner."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from counted import Counted, check_models, check_one_at_a_time
from orchestra import Life

from tunesmith.domain.job import JobStatus, State
from tunesmith.domain.step import Lane

Begin = Callable[..., Life]


@pytest.mark.parametrize("moment", ["at once", "between", "late"])
def test_an_orderly_end_in_mid_job_loses_nothing(home: Path, live: Begin, moment: str) -> None:
    goes_on = {"at once": 0, "between": 0, "late": 1}[moment]
    jobs = [Counted(home, f"job-{lane.value}", held=frozenset({goes_on}), lane=lane) for lane in Lane]
    life = live().opened()
    for job in jobs:
        life.submit(job.ask())
    if moment != "at once":
        life.until(lambda: all(job.started(goes_on) for job in jobs))
    life.stop()
    for job in jobs:
        job.let_go(goes_on)
    records = live().finish(job.id for job in jobs)
    for job in jobs:
        job.check_succeeded(records[job.id])
    check_models(home, jobs)


def lose_database(home: Path) -> None:
    files = list((home / ".tunesmith").glob("state.sqlite*"))
    assert files
    for file in files:
        file.unlink()


def test_database_deleted_in_mid_job(home: Path, live: Begin) -> None:
    done = Counted(home, "job-done")
    jobs = [Counted(home, f"job-{lane.value}", held=frozenset({0}), lane=lane) for lane in Lane]
    life = live().opened()
    life.submit(done.ask())
    life.finish([done.id])
    for job in jobs:
        life.submit(job.ask())
    life.until(lambda: all(job.started(0) for job in jobs))
    life.kill()
    lose_database(home)
    life = live().opened()
    for job in jobs:
        job.let_go(0)
    records = life.finish(job.id for job in [done, *jobs])
    for job in [done, *jobs]:
        job.check_succeeded(records[job.id])
    check_models(home, [done, *jobs])


def test_without_database_the_running_job_keeps_the_lane(home: Path, live: Begin) -> None:
    """The folder's name sorts after those of the jobs that wait: the order of names is not the order of the queue."""
    runs = Counted(home, "job-z-runs", held=frozenset({0}), lane=Lane.ACCELERATOR)
    looks = Counted(home, "job-looks")
    waits = [Counted(home, f"job-a-waits-{index}", lane=Lane.ACCELERATOR) for index in range(3)]
    life = live().opened()
    life.submit(runs.ask())
    life.until(lambda: runs.started(0))
    for job in waits:
        life.submit(job.ask())
    life.kill()
    lose_database(home)
    life = live().opened()
    # While a job of the other lane is run from its beginning to its end, the queues look for more several times.
    life.submit_and_finish(looks.ask())
    assert not any(job.started(0) for job in waits)
    runs.let_go(0)
    records = life.finish(job.id for job in [runs, *waits])
    for job in [runs, *waits]:
        job.check_succeeded(records[job.id])
    assert check_one_at_a_time([runs, *waits]) == 12
    order = sorted([runs, *waits], key=lambda job: job.interval(0))
    assert [job.id for job in order] == [runs.id, *(job.id for job in waits)]


def test_a_second_orchestrator_is_refused(home: Path, live: Begin) -> None:
    job = Counted(home, "job-1", held=frozenset({1}))
    first = live(job.ask()).opened()
    second = live(Counted(home, "job-2").ask()).opened()
    assert f"{home} is owned by process {first.pid}" in second.refusal
    assert "tunesmith down" in second.refusal
    job.let_go(1)
    first.finish([job.id])
    job.check_succeeded(first.records[job.id])
    assert [record.id for record in first.all()] == [job.id]


def test_the_next_may_begin_as_soon_as_the_first_is_killed(home: Path, live: Begin) -> None:
    first = live().opened()
    os.kill(first.pid, 9)
    first.gone()
    assert not live().opened().refusal


def test_states_are_right_at_once_after_a_restart(home: Path, live: Begin) -> None:
    runs = Counted(home, "job-runs", held=frozenset({0}), lane=Lane.ACCELERATOR)
    waits = Counted(home, "job-waits", lane=Lane.ACCELERATOR)
    life = live(runs.ask()).opened()
    life.until(lambda: runs.started(0))
    life.submit(waits.ask())
    life.kill()
    life = live().opened()
    states = {record.id: record.state for record in life.all()}
    assert states == {runs.id: State.RUNNING, waits.id: State.PENDING}
    known = life.ask("status", runs.id)
    assert isinstance(known, JobStatus) and known.state is State.RUNNING
    runs.let_go(0)
    life.finish([runs.id, waits.id])


@pytest.mark.parametrize("text", ["", '{"id": "job-0"}'])
def test_a_job_that_cannot_be_read_keeps_none_of_the_others(home: Path, live: Begin, text: str) -> None:
    job, later = Counted(home, "job-1", makes=("",), held=frozenset({0})), Counted(home, "job-2", makes=("",))
    life = live(job.ask()).opened()
    life.until(lambda: job.started(0))
    life.kill()
    for name in ("job-0", "job-9"):
        (job.folder.with_name(name)).mkdir()
        (job.folder.with_name(name) / "job.json").write_text(text)
    life = live().opened()
    life.submit(later.ask())
    job.let_go(0)
    records = life.finish([job.id, later.id])
    job.check_succeeded(records[job.id])
    later.check_succeeded(records[later.id])
    assert {record.id for record in life.all()} == {job.id, later.id}
