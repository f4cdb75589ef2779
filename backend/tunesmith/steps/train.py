"""Train by `llamafactory-cli train`."""

from __future__ import annotations

from pathlib import Path

from tunesmith.domain.artifact import Kind
from tunesmith.domain.home import Home
from tunesmith.domain.place import Programs, with_program
from tunesmith.domain.step import Estimate, Step, Toolbox
from tunesmith.steps.artifact_output import artifact_output
from tunesmith.steps.environment import toolbox_environment


def train_step(
    programs: Programs,
    home: Home,
    *,
    job: str,
    yaml: Path,
    run: Path,
    parents: list[str],
    recipe: dict[str, object],
    estimate: Estimate,
) -> Step:
    """A training that writes to `run` (a folder under saves/), where TensorBoard and LlamaBoard see it live.

    The folder's adapter counts as complete once its sidecar is there, which the wrapper adds at success.
    """
    return Step(
        name="train",
        toolbox=Toolbox.LLAMAFACTORY,
        argv=with_program(programs, Toolbox.LLAMAFACTORY, "llamafactory-cli", ["train", str(yaml)]),
        env=toolbox_environment(TENSORBOARD_LOGGING_DIR=str(run / "tensorboard"), WANDB_DISABLED="true"),
        inputs=tuple(parents),
        outputs=(artifact_output(home, run, Kind.ADAPTER, job=job, step="train", parents=parents, recipe=recipe, in_place=True),),
        progress="trainer-log",
        watch=str(run / "trainer_log.jsonl"),
        stop="abort-leaves",
        estimate=estimate,
    )
