"""`tunesmith jobs …`"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from tunesmith.cli.show import JsonOption, print_json, remark, say, table

app = typer.Typer(help="Jobs: list, show, follow, cancel, retry.", no_args_is_help=True)
JobId = Annotated[str, typer.Argument(help="Id of the job, as `tunesmith jobs list` shows it.")]


@app.command("list")
def list_jobs(
    state: Annotated[str | None, typer.Option(help="pending, running, succeeded, failed or cancelled.")] = None,
    kind: Annotated[str | None, typer.Option(help="train, release, import, toolbox, …")] = None,
    search: Annotated[str | None, typer.Option(help="Text in id, title or kind.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many, newest first.")] = 20,
    as_json: JsonOption = False,
) -> None:
    """Jobs, newest first."""
    from tunesmith.cli.client import connect
    from tunesmith.cli.words import ago
    from tunesmith.domain.job import JobStatus

    found = connect().get("/api/jobs", list[JobStatus], state=state, kind=kind, q=search, limit=limit)
    if as_json:
        print_json(found)
        return
    rows = [(job.id, job.state.value, job.title, ago(job.created_at)) for job in found]
    table(("id", "state", "title", "made"), rows, "No jobs yet. `tunesmith train rows.jsonl` makes one.")


@app.command()
def show(
    job_id: JobId,
    plan: Annotated[bool, typer.Option("--plan", help="Also the exact commands.")] = False,
    as_json: JsonOption = False,
) -> None:
    """One job: its steps and how they stand."""
    from tunesmith.cli.client import connect
    from tunesmith.cli.job_lines import heading, outcome, progress_line, step_line
    from tunesmith.cli.plan import print_steps
    from tunesmith.domain.job import JobPlan, JobStatus

    client = connect()
    job = client.get(f"/api/jobs/{job_id}", JobStatus)
    written = client.get(f"/api/jobs/{job_id}/plan", JobPlan) if plan else None
    if as_json:
        print_json([job, written] if written else job)
        return
    say(heading(job))
    for step in job.steps:
        say(f"  {step_line(step)} {progress_line(step)}".rstrip())
    if job.holds:
        say(f"waiting: {job.holds}")
    if job.state.final:
        for line in outcome(job):
            say(line)
    if written:
        print_steps(list(written.steps))


@app.command()
def log(
    job_id: JobId, follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on while it is written.")] = False
) -> None:
    """What the job's commands printed, byte for byte."""
    from tunesmith.cli.client import connect
    from tunesmith.cli.follow import follow_log

    client = connect()
    if follow:
        raise typer.Exit(follow_log(client, job_id))
    with client.stream("GET", f"/api/jobs/{job_id}/log") as answer:
        for piece in answer.iter_bytes():
            sys.stdout.buffer.write(piece)
    sys.stdout.buffer.flush()


@app.command()
def follow(job_id: JobId) -> None:
    """Watch its steps until it ends. Ctrl-C detaches; the job goes on."""
    from tunesmith.cli import follow as following
    from tunesmith.cli.client import connect

    raise typer.Exit(following.follow(connect(), job_id))


@app.command()
def cancel(job_id: JobId) -> None:
    """End a job. It is cancelled when none of its processes is left."""
    from tunesmith.cli.client import connect
    from tunesmith.cli.follow import records
    from tunesmith.cli.job_lines import outcome
    from tunesmith.domain.job import JobStatus, State

    client = connect()
    client.post(f"/api/jobs/{job_id}:cancel", JobStatus)
    for job in records(client, job_id):
        last = job
    for line in outcome(last):
        say(line)
    if last.state is not State.CANCELLED or last.processes_left:
        raise typer.Exit(1)


@app.command()
def retry(job_id: JobId, detach: Annotated[bool, typer.Option("--detach", help="Don't wait for its end.")] = False) -> None:
    """Go on from the step that failed; what was done before stays."""
    from tunesmith.cli.client import connect
    from tunesmith.cli.follow import end_with
    from tunesmith.domain.job import JobStatus

    client = connect()
    end_with(client, client.post(f"/api/jobs/{job_id}:retry", JobStatus), detach)


@app.command()
def script(job_id: JobId) -> None:
    """A shell script that does the same by hand."""
    from tunesmith.cli.client import connect

    sys.stdout.buffer.write(connect().text(f"/api/jobs/{job_id}/script"))
    sys.stdout.buffer.flush()
    if sys.stdout.isatty():
        remark(f"# keep it: tunesmith jobs script {job_id} > {job_id}.sh")
