"""Convert a Hugging Face folder to GGUF by llama.cpp's own converter."""

from __future__ import annotations

from pathlib import Path

from tunesmith.domain.artifact import Kind
from tunesmith.domain.home import Home
from tunesmith.domain.place import Programs, with_program
from tunesmith.domain.step import Estimate, Step, Toolbox
from tunesmith.steps.artifact_output import artifact_output
from tunesmith.steps.environment import toolbox_environment

DIRECT = ("f32", "f16", "bf16", "q8_0")
"""What the converter itself can write; every other quantisation goes through f16 and llama-quantize."""


def convert_step(
    programs: Programs,
    home: Home,
    *,
    job: str,
    model: Path,
    gguf: Path,
    outtype: str,
    estimate: Estimate,
    name: str = "convert",
) -> Step:
    """`model` (a folder with config.json) as `gguf` in one of DIRECT."""
    parent = home.relative(model)
    output = artifact_output(home, gguf, Kind.GGUF, job=job, step=name, parents=[parent], recipe={"quantisation": outtype})
    args = [str(model), "--outfile", output.part, "--outtype", outtype]
    return Step(
        name=name,
        toolbox=Toolbox.LLAMA_CPP,
        argv=with_program(programs, Toolbox.LLAMA_CPP, "convert_hf_to_gguf", args),
        env=toolbox_environment(),
        inputs=(parent,),
        outputs=(output,),
        progress="tqdm",
        estimate=estimate,
    )
