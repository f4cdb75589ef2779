"""While somebody else uses the accelerator, jobs of its lane wait and say why, through a kill of ours; light jobs go on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from counted import Counted
from orchestra import HOLDER, Life

from tunesmith.domain.job import JobStatus, State
from tunesmith.domain.step import Lane

WHY = "waiting: LlamaBoard trains saves/Custom/lora/train_1"


def test_only_jobs_of_the_accelerator_wait(home: Path, live: Callable[..., Life]) -> None:
    job, light = Counted(home, "job-1", lane=Lane.ACCELERATOR), Counted(home, "job-2")
    (home / HOLDER).write_text(WHY)
    life = live(job.ask(), light.ask()).opened()
    light.check_succeeded(life.finish([light.id])[light.id])
    life.until(lambda: life.holds(job.id) == WHY)
    life.kill()
    life = live().opened()
    life.until(lambda: life.holds(job.id) == WHY)
    assert life.records[job.id].state is State.PENDING
    assert not job.runs(0)
    (home / HOLDER).unlink()
    record = life.finish([job.id])[job.id]
    assert record.holds is None
    job.check_succeeded(record)


def test_a_cancel_ends_the_wait(home: Path, live: Callable[..., Life]) -> None:
    job = Counted(home, "job-1", lane=Lane.ACCELERATOR)
    (home / HOLDER).write_text(WHY)
    life = live(job.ask()).opened()
    life.until(lambda: life.holds(job.id) == WHY)
    record = life.ask("cancel", job.id)
    assert isinstance(record, JobStatus) and record.state is State.CANCELLED
    job.check_never_was()


def test_a_job_waits_between_its_steps_too(home: Path, live: Callable[..., Life]) -> None:
    job = Counted(home, "job-1", held=frozenset({0}), lane=Lane.ACCELERATOR)
    life = live(job.ask()).opened()
    life.until(lambda: job.started(0))
    (home / HOLDER).write_text(WHY)
    job.let_go(0)
    life.until(lambda: life.holds(job.id) == WHY)
    assert not job.runs(1)
    (home / HOLDER).unlink()
    job.check_succeeded(life.finish([job.id])[job.id])
