"""`jobs script`: a shell script that does the same by hand, and works."""

import subprocess
from datetime import UTC, datetime
from pathlib import Path

from tunesmith.domain.job import JobPlan
from tunesmith.domain.step import Lane, Output, Step, Toolbox
from tunesmith.jobs.script import job_script


def plan(home: Path, *steps: Step) -> JobPlan:
    return JobPlan(
        id="job-1", kind="test", title="A test", lane=Lane.LIGHT, created_at=datetime.now(UTC), home=str(home), steps=steps
    )


def run(script: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["sh", "-c", script], capture_output=True, text=True, env={"PATH": "/usr/bin:/bin", "SECRET": "s3"})


def test_it_gives_each_program_its_exact_words(tmp_path: Path) -> None:
    words = ("a b", "it's", "$(id)", "new\nline", "", "ü")
    script = job_script(plan(tmp_path, Step(name="say", toolbox=Toolbox.SYSTEM, argv=("printf", "<%s>", *words))))
    assert run(script).stdout == "".join(f"<{word}>" for word in words)


def test_it_makes_the_artifact_with_its_sidecar_and_never_overwrites(tmp_path: Path) -> None:
    out, part = tmp_path / "out dir", tmp_path / ".out.part"
    output = Output(part=str(part), path=str(out), sidecar={"kind": "merged", "note": "it's"})
    step = Step(name="make", toolbox=Toolbox.SYSTEM, argv=("mkdir", str(part)), outputs=(output,))
    assert run(job_script(plan(tmp_path, step))).returncode == 0
    assert (out / "tunesmith.json").read_text() == '{"kind": "merged", "note": "it\'s"}\n'
    assert run(job_script(plan(tmp_path, step))).returncode == 73


def test_a_secret_comes_from_the_environment_and_isnt_in_the_script(tmp_path: Path) -> None:
    step = Step(name="use", toolbox=Toolbox.SYSTEM, argv=("sh", "-c", "printf %s $TOKEN"), env={"TOKEN": "env:SECRET"})
    script = job_script(plan(tmp_path, step))
    assert "s3" not in script
    assert run(script).stdout == "s3"


def test_it_stops_at_the_first_failure(tmp_path: Path) -> None:
    steps = [Step(name=name, toolbox=Toolbox.SYSTEM, argv=argv) for name, argv in (("no", ("false",)), ("late", ("touch", "x")))]
    assert run(job_script(plan(tmp_path, *steps))).returncode == 1
    assert not (tmp_path / "x").exists()


def test_commands_of_containers_are_docker_execs_with_their_environment(tmp_path: Path) -> None:
    """A fake `docker` that shows its words stands at the border."""
    step = Step(name="say", toolbox=Toolbox.LLAMA_CPP, argv=("say", "a b"), env={"KEY": "a value", "TOKEN": "env:SECRET"})
    docker = tmp_path / "docker"
    docker.write_text('#!/bin/sh\nprintf "<%s>" "$@"\n')
    docker.chmod(0o755)
    script = job_script(plan(tmp_path, step), lambda toolbox: f"stack-{toolbox.value}-1")
    shown = run(f"PATH={tmp_path}:$PATH\n{script}").stdout
    words = ("exec", "-w", str(tmp_path), "-e", "KEY=a value", "-e", "TOKEN=s3", "stack-llama-cpp-1", "say", "a b")
    assert shown == "".join(f"<{word}>" for word in words)
