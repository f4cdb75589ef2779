"""A job in lines of text."""

from __future__ import annotations

from datetime import UTC, datetime

from tunesmith.cli.words import quantity, span
from tunesmith.domain.job import JobStatus, Reason, State, StepStatus

MARKS = {
    State.PENDING: "○",
    State.RUNNING: "▶",
    State.SUCCEEDED: "✔",
    State.FAILED: "✘",
    State.CANCELLED: "■",
}
REMEDIES = {
    Reason.LOST: "Its processes are gone without a word (power cut, out of memory, restart); a retry goes on from this step.",
    Reason.DISK_FULL: "Free some space (`tunesmith du`, `tunesmith clean`), then retry.",
    Reason.PLACE_MISSING: "`tunesmith doctor` says what is missing; then retry.",
    Reason.REFUSED: "Nothing was released or changed; the line above says what was found.",
    Reason.COMMAND: "The log has the tool's own words.",
}


def heading(job: JobStatus) -> str:
    return f"{job.title} · job {job.id}"


def step_line(step: StepStatus, now: datetime | None = None) -> str:
    """Mark, name, state in words, and how long it took or has taken."""
    parts = [MARKS[step.state], f"{step.name:<18}", f"{step.state.value:<9}"]
    if (seconds := step_seconds(step, now)) is not None:
        parts.append(span(seconds))
    if step.attempt > 1:
        parts.append(f"(attempt {step.attempt})")
    return " ".join(parts).rstrip()


def step_seconds(step: StepStatus, now: datetime | None = None) -> float | None:
    if step.started_at is None:
        return None
    return max(0.0, ((step.ended_at or now or datetime.now(UTC)) - step.started_at).total_seconds())


def progress_line(step: StepStatus) -> str:
    """What the tool says of how far it is; '' when it says nothing."""
    progress = step.progress
    if progress is None:
        return ""
    parts = [quantity(progress.done, progress.total, progress.unit)]
    if progress.total:
        parts.append(f"{min(100.0, 100 * progress.done / progress.total):.0f} %")
    if progress.eta_seconds is not None:
        parts.append(f"{span(progress.eta_seconds)} left")
    if progress.note:
        parts.append(progress.note)
    return " · ".join(parts)


def outcome(job: JobStatus) -> list[str]:
    """How it ended, why, and what to do."""
    began, ended = job.started_at or job.created_at, job.ended_at
    took = f" after {span((ended - began).total_seconds())}" if ended else ""
    if job.state is State.SUCCEEDED:
        return [f"succeeded{took}"]
    if job.state is State.CANCELLED:
        left = ", ".join(str(pid) for pid in job.processes_left)
        return [f"cancelled{took}" + (f"; these processes are left: {left}" if left else "; no process is left")]
    return [*_failure(job, took), f"log:    tunesmith jobs log {job.id}", f"retry:  tunesmith jobs retry {job.id}"]


def _failure(job: JobStatus, took: str) -> list[str]:
    step = next((step for step in job.steps if step.state is State.FAILED), None)
    reason = (step.reason if step else None) or job.reason
    if step is None:
        return [f"failed{took}: {reason.value if reason else 'for an unknown reason'}"]
    status = f", exit status {step.exit_code}" if step.exit_code else ""
    lines = [f"failed{took}: step {step.name} ({reason.value if reason else 'unknown reason'}{status})"]
    if step.message:
        lines.append(f"  {step.message}")
    return lines + ([REMEDIES[reason]] if reason else [])
