"""Render the parity corpus by the trainer's own template and tokenizer."""

from __future__ import annotations

import hashlib
from pathlib import Path

from tunesmith.domain.home import Home
from tunesmith.domain.place import Programs, with_program
from tunesmith.domain.step import Estimate, Output, Step, Toolbox
from tunesmith.steps.environment import toolbox_environment


def rendering_folder(home: Home, base_hash: str, template: str, corpus_hash: str) -> Path:
    """Where the rendering of a corpus by this base's tokenizer and this template lies: equal inputs are rendered once."""
    key = hashlib.sha256(f"{base_hash} {template} {corpus_hash}".encode()).hexdigest()[:16]
    return home.ours / "renderings" / key


def render_step(
    programs: Programs, home: Home, *, job: str, base: Path, template: str, rendering: Path, estimate: Estimate
) -> Step:
    """The trainer's side of the parity gate as the folder `rendering`: rendering.json and template.jinja."""
    part = rendering.with_name(f".{rendering.name}.part-{job}")
    sidecar: dict[str, object] = {"kind": "rendering", "job": job, "step": "render", "template": template}
    box = Toolbox.LLAMAFACTORY
    args = [
        programs.script(box, "llamafactory/render.py"),
        *("--model", str(base), "--template", template),
        *("--corpus", programs.script(box, "parity/corpus.json"), "--out", str(part)),
    ]
    return Step(
        name="render",
        toolbox=box,
        argv=with_program(programs, box, "python", args),
        env=toolbox_environment(),
        inputs=(home.relative(base),),
        outputs=(Output(part=str(part), path=str(rendering), sidecar=sidecar),),
        estimate=estimate,
    )
