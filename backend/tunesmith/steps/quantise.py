"""Quantise a GGUF file by `llama-quantize`."""

from __future__ import annotations

from pathlib import Path

from tunesmith.domain.artifact import Kind
from tunesmith.domain.home import Home
from tunesmith.domain.place import Programs, with_program
from tunesmith.domain.step import Estimate, Step, Toolbox
from tunesmith.steps.artifact_output import artifact_output

K_QUANTS = ("q2_k", "q3_k_s", "q3_k_m", "q3_k_l", "q4_0", "q4_k_s", "q4_k_m", "q5_k_s", "q5_k_m", "q6_k")


def quantise_step(
    programs: Programs,
    home: Home,
    *,
    job: str,
    source: Path,
    gguf: Path,
    quantisation: str,
    threads: int,
    estimate: Estimate,
) -> Step:
    """`source` (f16) as `gguf` in `quantisation`."""
    output = artifact_output(
        home,
        gguf,
        Kind.GGUF,
        job=job,
        step="quantise",
        parents=[home.relative(source)],
        recipe={"quantisation": quantisation},
    )
    args = [str(source), output.part, quantisation.upper(), str(threads)]
    return Step(
        name="quantise",
        toolbox=Toolbox.LLAMA_CPP,
        argv=with_program(programs, Toolbox.LLAMA_CPP, "llama-quantize", args),
        inputs=(home.relative(source),),
        outputs=(output,),
        progress="brackets",
        estimate=estimate,
    )
