"""What a job works with: its inputs and outputs, what lies in them, and what holds them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tunesmith.domain.job import JobPlan
from tunesmith.domain.step import Lane, Output, Step, Toolbox
from tunesmith.jobs.uses import uses

HOME = Path("/home/me")
STEP = Step(
    name="merge",
    toolbox=Toolbox.LLAMAFACTORY,
    argv=("true",),
    inputs=("saves/facts", "models/base/tiny"),
    outputs=(Output(part="/home/me/models/merged/.x.part", path="/home/me/models/merged/x", sidecar={}),),
)
PLAN = JobPlan(
    id="job-1", kind="release", title="t", lane=Lane.LIGHT, created_at=datetime.now(UTC), home=str(HOME), steps=(STEP,)
)


@pytest.mark.parametrize(
    ("path", "used"),
    [
        ("saves/facts", True),
        ("saves/facts/checkpoint-1", True),
        ("saves", True),
        ("models/base/tiny", True),
        ("models/merged/x", True),
        ("models/base/tin", False),
        ("saves/facts-2", False),
        ("data/rows.jsonl", False),
    ],
)
def test_inputs_and_outputs_count(path: str, used: bool) -> None:
    assert uses(PLAN, HOME / path) is used
