"""Render the parity corpus by the trainer's own template and tokenizer."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from tunesmith.domain.home import Home
from tunesmith.domain.place import Programs, with_program
from tunesmith.domain.step import Estimate, Output, Step, Toolbox
from tunesmith.steps.environment import toolbox_environment

CONTENT = 2
"""Changes with what render.py writes: a rendering of an earlier version lacks the Go templates."""


@dataclass(frozen=True)
class Template:
    """The template that a training really used: LLaMA-Factory's name of it, and the settings that change what it renders."""

    name: str
    system: str | None = None
    """`default_system`: what stands for a chat without a system message."""
    thinking: bool = True
    """`enable_thinking`."""
    mask_history: bool = False

    def flags(self) -> list[str]:
        """For render.py."""
        system = ["--system", self.system] if self.system is not None else []
        return [
            *("--template", self.name),
            *system,
            *([] if self.thinking else ["--no-thinking"]),
            *(["--mask-history"] if self.mask_history else []),
        ]


def rendering_folder(home: Home, base_hash: str, template: Template, corpus_hash: str) -> Path:
    """Where the rendering of a corpus by this base's tokenizer and this template lies: equal inputs are rendered once."""
    key = hashlib.sha256(json.dumps([CONTENT, base_hash, template.flags(), corpus_hash]).encode()).hexdigest()[:16]
    return home.ours / "renderings" / key


def render_step(
    programs: Programs, home: Home, *, job: str, base: Path, template: Template, rendering: Path, estimate: Estimate
) -> Step:
    """The trainer's side of the parity gate as the folder `rendering`: rendering.json, template.jinja and ollama/*.gotmpl."""
    part = rendering.with_name(f".{rendering.name}.part-{job}")
    sidecar: dict[str, object] = {"kind": "rendering", "job": job, "step": "render", "template": template.name}
    box = Toolbox.LLAMAFACTORY
    args = [
        programs.script(box, "llamafactory/render.py"),
        *("--model", str(base)),
        *template.flags(),
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
