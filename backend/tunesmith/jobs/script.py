"""A job as a shell script that does the same by hand."""

from __future__ import annotations

import json
import shlex

from tunesmith.domain.job import JobPlan
from tunesmith.domain.step import Output, Step
from tunesmith.jobs.execution import SECRET


def job_script(plan: JobPlan) -> str:
    """POSIX sh: the commands of `plan` in order; stops at the first that fails. Secrets are taken from the environment."""
    parts = [
        "#!/bin/sh",
        f"# {plan.title}: the commands of job {plan.id}, in order.",
        "# Its input files lie in the job's folder; outputs that exist already are not overwritten.",
        "set -eu",
        f"cd {shlex.quote(plan.home)}",
    ]
    for number, step in enumerate(plan.steps, 1):
        parts += ["", f"# {number}. {step.name} (in {step.toolbox.value})", *_step_lines(step)]
    return "\n".join(parts) + "\n"


def _step_lines(step: Step) -> list[str]:
    before = [line for output in step.outputs for line in _before(output)]
    after = [line for output in step.outputs for line in _after(output)]
    return [*before, f"{_environment(step)}{shlex.join(step.argv)}", *after]


def _environment(step: Step) -> str:
    words = []
    for key, value in sorted(step.env.items()):
        if value.startswith(SECRET):
            name = value.removeprefix(SECRET)
            words.append(f'{key}="${{{name}:-}}"')
        else:
            words.append(f"{key}={shlex.quote(value)}")
    return f"env {' '.join(words)} " if words else ""


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
