"""A job as a shell script that does the same by hand."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable

from tunesmith.domain.job import JobPlan
from tunesmith.domain.step import Output, Step, Toolbox
from tunesmith.jobs.execution import SECRET

Container = Callable[[Toolbox], str | None]
"""The name of the container that a toolbox's commands run in; None: they are processes of this host."""


def job_script(plan: JobPlan, container: Container = lambda _: None) -> str:
    """POSIX sh: the commands of `plan` in order; stops at the first that fails. Secrets are taken from the environment."""
    parts = [
        "#!/bin/sh",
        f"# {plan.title}: the commands of job {plan.id}, in order.",
        "# Its input files lie in the job's folder; outputs that exist already are not overwritten.",
        "set -eu",
        f"cd {shlex.quote(plan.home)}",
    ]
    for number, step in enumerate(plan.steps, 1):
        parts += ["", f"# {number}. {step.name} (in {step.toolbox.value})", *_step_lines(plan, step, container(step.toolbox))]
    return "\n".join(parts) + "\n"


def _step_lines(plan: JobPlan, step: Step, container: str | None) -> list[str]:
    before = [line for output in step.outputs for line in _before(output)]
    after = [line for output in step.outputs for line in _after(output)]
    words = _environment(step)
    if container is None:
        start = f"env {' '.join(words)} " if words else ""
    else:
        given = "".join(f"-e {word} " for word in words)
        start = f"docker exec -w {shlex.quote(plan.home)} {given}{shlex.quote(container)} "
    return [*before, f"{start}{shlex.join(step.argv)}", *after]


def _environment(step: Step) -> list[str]:
    words = []
    for key, value in sorted(step.env.items()):
        if value.startswith(SECRET):
            name = value.removeprefix(SECRET)
            words.append(f'{key}="${{{name}:-}}"')
        else:
            words.append(f"{key}={shlex.quote(value)}")
    return words


def _before(output: Output) -> list[str]:
    path, part = shlex.quote(output.path), shlex.quote(output.part)
    if output.part == output.path:
        return []
    return [f'[ ! -e {path} ] || {{ echo {path} "exists already" >&2; exit 73; }}', f"rm -rf {part}"]


def _after(output: Output) -> list[str]:
    path, part = shlex.quote(output.path), shlex.quote(output.part)
    record = shlex.quote(json.dumps(output.sidecar))
    move = [] if output.part == output.path else [f"mv {part} {path}"]
    return [
        *move,
        f"if [ -d {path} ]; then printf '%s\\n' {record} >{path}/tunesmith.json; "
        f"else printf '%s\\n' {record} >{path}.tunesmith.json; fi",
    ]
