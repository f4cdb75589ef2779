"""Merge an adapter into its base by `llamafactory-cli export`."""

from __future__ import annotations

from pathlib import Path

from tunesmith.domain.artifact import Kind
from tunesmith.domain.home import Home
from tunesmith.domain.place import Programs, with_program
from tunesmith.domain.step import Estimate, Step, Toolbox
from tunesmith.steps.artifact_output import artifact_output
from tunesmith.steps.environment import toolbox_environment


def merge_config(base: Path, adapter: Path, template: str, shard_gib: int = 5) -> dict[str, object]:
    """LLaMA-Factory's export settings; `export_dir` comes from the command line, since it is the job's part folder."""
    return {
        "model_name_or_path": str(base),
        "adapter_name_or_path": str(adapter),
        "template": template,
        "finetuning_type": "lora",
        "export_size": shard_gib,
        "export_device": "cpu",
        "export_legacy_format": False,
    }


def merge_step(
    programs: Programs,
    home: Home,
    *,
    job: str,
    yaml: Path,
    merged: Path,
    parents: list[str],
    recipe: dict[str, object],
    estimate: Estimate,
) -> Step:
    """A merge that appears as the folder `merged`."""
    output = artifact_output(home, merged, Kind.MERGED, job=job, step="merge", parents=parents, recipe=recipe)
    args = ["export", str(yaml), f"export_dir={output.part}"]
    return Step(
        name="merge",
        toolbox=Toolbox.LLAMAFACTORY,
        argv=with_program(programs, Toolbox.LLAMAFACTORY, "llamafactory-cli", args),
        env=toolbox_environment(),
        inputs=tuple(parents),
        outputs=(output,),
        estimate=estimate,
    )
