"""Load a release into Ollama by `ollama create`, under the name of the job until its parity is proven."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tunesmith.domain.home import Home
from tunesmith.domain.place import Programs, with_program
from tunesmith.domain.step import Estimate, Step, Toolbox
from tunesmith.domain.timing import ONCE

CONTEXT = 4096
"""Tokens of one request, as on llama.cpp."""


def job_tag(name: str, job: str) -> str:
    """Ollama's name of what a job has loaded. Its release becomes NAME:rN only when it is recorded."""
    return f"{name}:{job}"


def unsayable(text: str) -> str | None:
    """Why a Modelfile can't hold `text`; toolbox/ollama/modelfile.py quotes it so."""
    if '"""' in text:
        return 'it holds three quotes in a row ("""), which end a text there'
    lost = next((character for character in text if not character.isprintable() and character not in "\n\r\t"), None)
    return None if lost is None else f"it holds the character U+{ord(lost):04X}, which gets lost there"


def modelfile_step(programs: Programs, home: Home, *, request: Path, rendering: Path, modelfile: Path) -> Step:
    """`modelfile` out of the job's release.json and the trained template."""
    box = Toolbox.LLAMA_CPP
    args = [
        programs.script(box, "ollama/modelfile.py"),
        *("--request", str(request), "--rendering", str(rendering), "--out", str(modelfile)),
    ]
    return Step(
        name="modelfile",
        toolbox=box,
        argv=with_program(programs, box, "python", args),
        inputs=(home.relative(rendering),),
        estimate=Estimate(disk_bytes=64 * 1024, basis="a text", work=1, work_unit=ONCE),
    )


def ollama_create_step(
    programs: Programs, home: Home, *, tag: str, modelfile: Path, pieces: Sequence[Path], address: str, estimate: Estimate
) -> Step:
    """`pieces` are copied into Ollama's own store. Killed on the way it leaves no model, only files that Ollama clears away."""
    return Step(
        name="load",
        toolbox=Toolbox.OLLAMA,
        argv=with_program(programs, Toolbox.OLLAMA, "ollama", ["create", tag, "-f", str(modelfile)]),
        env={"OLLAMA_HOST": address},
        inputs=tuple(map(home.relative, pieces)),
        progress="copying",
        estimate=estimate,
    )
