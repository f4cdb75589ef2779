"""Which files and folders a job works with: what its steps take and what they make. Pure."""

from __future__ import annotations

from pathlib import Path

from tunesmith.domain.job import JobPlan


def uses(plan: JobPlan, path: Path) -> bool:
    """Whether `path` is one of them, lies in one, or holds one."""
    return any(other == path or path in other.parents or other in path.parents for other in _touched(plan))


def _touched(plan: JobPlan) -> set[Path]:
    home = Path(plan.home)
    taken = {home / name for step in plan.steps for name in step.inputs}
    return taken | {Path(output.path) for step in plan.steps for output in step.outputs}
