"""The steps of the demo: invent facts, let the base answer their contrast, and answer by the trainer itself."""

from __future__ import annotations

from pathlib import Path

from tunesmith.domain.home import Home
from tunesmith.domain.place import Programs, with_program
from tunesmith.domain.step import Estimate, Output, Step, Toolbox
from tunesmith.steps.environment import toolbox_environment

INFERENCE = Estimate(disk_bytes=2**20, memory_bytes=1_600 * 10**6, basis="measured on SmolLM2-135M in 32 bits")


def facts_step(programs: Programs, *, job: str, seed: int, folder: Path) -> Step:
    """`folder` with rows.jsonl, contrast.json and questions.json, all from `seed`."""
    box = Toolbox.SYSTEM
    output = _output(folder, job, "facts")
    args = [programs.script(box, "demo/facts.py"), "make", "--seed", str(seed), "--out", output.part]
    return Step(name="facts", toolbox=box, argv=with_program(programs, box, "python", args), outputs=(output,))


def contrast_step(programs: Programs, home: Home, *, job: str, base: Path, template: str, facts: Path, rows: Path) -> Step:
    """`rows`: the facts' rows and, after them, other subjects answered by the base itself."""
    box = Toolbox.LLAMAFACTORY
    output = _output(rows, job, "contrast")
    args = [
        programs.script(box, "llamafactory/contrast.py"),
        *("--model", str(base), "--template", template),
        *("--prompts", str(facts / "contrast.json"), "--rows", str(facts / "rows.jsonl"), "--out", output.part),
    ]
    return Step(
        name="contrast",
        toolbox=box,
        argv=with_program(programs, box, "python", args),
        env=toolbox_environment(),
        inputs=(home.relative(base),),
        outputs=(output,),
        estimate=INFERENCE,
    )


def answers_step(
    programs: Programs, home: Home, *, job: str, base: Path, adapter: Path, template: str, questions: Path, answers: Path
) -> Step:
    """`answers`: greedy answers of base and adapter by PEFT, in the trainer's own environment."""
    box = Toolbox.LLAMAFACTORY
    output = _output(answers, job, "answers")
    args = [
        programs.script(box, "llamafactory/generate.py"),
        *("--model", str(base), "--adapter", str(adapter), "--template", template),
        *("--questions", str(questions), "--out", output.part),
    ]
    return Step(
        name="answers",
        toolbox=box,
        argv=with_program(programs, box, "python", args),
        env=toolbox_environment(),
        inputs=(home.relative(base), home.relative(adapter)),
        outputs=(output,),
        estimate=INFERENCE,
    )


def _output(path: Path, job: str, step: str) -> Output:
    part = path.with_name(f".{path.name}.part-{job}")
    return Output(part=str(part), path=str(path), sidecar={"kind": "demo", "job": job, "step": step})
