"""Convert a PEFT LoRA adapter to a GGUF adapter. Needs only the base's config and tokenizer."""

from __future__ import annotations

from pathlib import Path

from tunesmith.domain.artifact import Kind
from tunesmith.domain.home import Home
from tunesmith.domain.place import Programs, with_program
from tunesmith.domain.step import Estimate, Step, Toolbox
from tunesmith.steps.artifact_output import artifact_output
from tunesmith.steps.environment import toolbox_environment


def convert_adapter_step(
    programs: Programs, home: Home, *, job: str, adapter: Path, base: Path, gguf: Path, estimate: Estimate
) -> Step:
    """`adapter` (trained on `base`) as the GGUF adapter `gguf`, in f16."""
    parents = [home.relative(adapter), home.relative(base)]
    output = artifact_output(
        home, gguf, Kind.GGUF_ADAPTER, job=job, step="convert-adapter", parents=parents, recipe={"quantisation": "f16"}
    )
    args = ["--base", str(base), "--outfile", output.part, "--outtype", "f16", str(adapter)]
    return Step(
        name="convert-adapter",
        toolbox=Toolbox.LLAMA_CPP,
        argv=with_program(programs, Toolbox.LLAMA_CPP, "convert_lora_to_gguf", args),
        env=toolbox_environment(),
        inputs=tuple(parents),
        outputs=(output,),
        progress="tqdm",
        estimate=estimate,
    )
