"""Write a release: hash its files, number it, and switch the served name to it."""

from __future__ import annotations

from pathlib import Path

from tunesmith.domain.place import Programs, with_program
from tunesmith.domain.step import Estimate, Step, Toolbox
from tunesmith.domain.timing import BYTES


def record_step(programs: Programs, *, request: Path, inputs: tuple[str, ...], hashed_bytes: float) -> Step:
    """`request` is the job's release.json: what the release is made of, its hashes still missing."""
    box = Toolbox.LLAMA_CPP
    args = [programs.script(box, "release/record.py"), "--request", str(request)]
    return Step(
        name="release",
        toolbox=box,
        argv=with_program(programs, box, "python", args),
        inputs=inputs,
        estimate=Estimate(disk_bytes=64 * 1024, basis="a record, a template and a report", work=hashed_bytes, work_unit=BYTES),
    )
