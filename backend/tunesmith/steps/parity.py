"""The parity gate: what is served must be what was trained, token by token."""

from __future__ import annotations

import json
from pathlib import Path

from tunesmith.domain.home import Home
from tunesmith.domain.place import Programs, with_program
from tunesmith.domain.step import Estimate, Step, Toolbox
from tunesmith.steps.environment import toolbox_environment

BLOCKED = 1
"""Exit status of the check when the engine's tokens differ and can't be mended."""


def proofs_folder(home: Home, model: Path) -> Path:
    """Where the gate keeps what it proved of `model` with the first adapter on it."""
    return home.ours / "proofs" / model.stem


def ollama_parity_step(
    programs: Programs, home: Home, *, address: str, request: Path, model: Path, rendering: Path, report: Path, estimate: Estimate
) -> Step:
    """Ask Ollama what it makes of each chat with what was loaded; `model`'s own tokenizer reads it."""
    box = Toolbox.LLAMA_CPP
    args = [
        programs.script(box, "parity/check_ollama.py"),
        *("--server-argv", json.dumps(list(programs.program(box, "llama-server")))),
        *("--ollama", address, "--request", str(request)),
        *("--rendering", str(rendering), "--report", str(report)),
    ]
    return Step(
        name="parity",
        toolbox=box,
        argv=with_program(programs, box, "python", args),
        env=toolbox_environment(),
        inputs=tuple(home.relative(path) for path in (model, rendering)),
        refusal=BLOCKED,
        estimate=estimate,
    )


def parity_step(
    programs: Programs,
    home: Home,
    *,
    model: Path,
    adapter: Path | None,
    rendering: Path,
    report: Path,
    estimate: Estimate,
) -> Step:
    """Serve `model` (and `adapter`) for a moment exactly as it will be deployed, and compare with the trainer's ids.

    For the next adapter on the same model, engine and rendering, the comparison isn't repeated.
    """
    box = Toolbox.LLAMA_CPP
    args = [
        programs.script(box, "parity/check.py"),
        *("--server-argv", json.dumps(list(programs.program(box, "llama-server")))),
        *("--model", str(model)),
        *(("--adapter", str(adapter), "--proofs", str(proofs_folder(home, model))) if adapter else ()),
        *("--rendering", str(rendering), "--report", str(report)),
    ]
    pieces = [path for path in (model, adapter, rendering) if path]
    return Step(
        name="parity",
        toolbox=box,
        argv=with_program(programs, box, "python", args),
        env=toolbox_environment(),
        inputs=tuple(home.relative(path) for path in pieces),
        refusal=BLOCKED,
        estimate=estimate,
    )
