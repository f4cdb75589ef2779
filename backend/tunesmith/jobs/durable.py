"""Durable execution: one generic workflow over `job.json`, queued by DBOS on the home's own SQLite file.

DBOS remembers which jobs wait and which step a job has reached; what a step did stands in its attempt folder. Its own
cancel is never called while a step runs (it frees the lane at once, so two accelerator jobs overlapped): a cancel ends
the processes, and the step then ends by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from dbos import DBOS, SetWorkflowID

from tunesmith.domain.job import State
from tunesmith.domain.step import Lane

LOOK_SECONDS = 0.3
"""How often a lane looks for its next job. Each look costs about 3 ms of one core, also of an idle one."""

WAITS_OR_RUNS = ("PENDING", "ENQUEUED", "DELAYED")
"""DBOS's words for a workflow that it will still run."""


class RunStep(Protocol):
    def __call__(self, job_id: str, index: int) -> State: ...


class Durable:
    """The queues. `run_step` attaches to, or starts, one step and blocks its own thread until that step is final."""

    def __init__(
        self,
        database: Path,
        light_jobs: int,
        step_count: Callable[[str], int],
        run_step: RunStep,
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        """`look_seconds`: between two looks of a lane for its next job."""
        self._light_jobs, self._look = light_jobs, look_seconds
        # A constant version: under a new one, jobs of the old version stayed pending and their lane stood still.
        DBOS(
            config={
                "name": "tunesmith",
                "system_database_url": f"sqlite:///{database}",
                "application_version": "1",
                "executor_id": "local",
                "log_level": "WARNING",
                "notification_listener_polling_interval_sec": 5.0,
                "scheduler_polling_interval_sec": 3600.0,
            }
        )

        @DBOS.step(name="run_step")
        def durable_step(job_id: str, index: int, round_: str) -> str:
            return run_step(job_id, index).value

        # No limit: a job may meet any number of restarts.
        @DBOS.workflow(name="run_job", max_recovery_attempts=None)
        def run_job(job_id: str, round_: str) -> str:
            for index in range(step_count(job_id)):
                outcome = durable_step(job_id, index, round_)
                if outcome != State.SUCCEEDED.value:
                    return outcome
            return State.SUCCEEDED.value

        self._run_job = run_job

    def launch(self) -> None:
        """Open the queues; jobs that ran when we were killed are taken up by DBOS's own recovery."""
        DBOS.launch()
        DBOS.register_queue(Lane.ACCELERATOR.value, worker_concurrency=1, global_concurrency=1, polling_interval_sec=self._look)
        DBOS.register_queue(Lane.LIGHT.value, worker_concurrency=self._light_jobs, polling_interval_sec=self._look)

    def enqueue(self, job_id: str, round_: str, lane: Lane) -> None:
        """Queue a round (first run or retry) of a job. A round that waits or runs already is left alone.

        To be asked only for a job that isn't final. A round of it that has ended all the same broke (no room for the
        database, an end of ours in mid-step) and is queued under another name: DBOS would not run the same one again.
        """
        name = f"{job_id}.{round_}"
        while (known := DBOS.get_workflow_status(name)) and known.status not in WAITS_OR_RUNS:
            name += "+"
        with SetWorkflowID(name):
            DBOS.enqueue_workflow(lane.value, self._run_job, job_id, round_)
