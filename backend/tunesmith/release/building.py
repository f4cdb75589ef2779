"""From decisions to steps. Pure: what exists already is passed in as `exists`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tunesmith.domain.home import Home
from tunesmith.domain.place import Programs
from tunesmith.domain.release import Engine, Way
from tunesmith.domain.step import Estimate, Step
from tunesmith.domain.timing import BYTES, ONCE, PROVED, total_time
from tunesmith.release.files import Files
from tunesmith.steps.convert import DIRECT, convert_step
from tunesmith.steps.convert_adapter import convert_adapter_step
from tunesmith.steps.merge import merge_step
from tunesmith.steps.ollama_create import job_tag, modelfile_step, ollama_create_step
from tunesmith.steps.parity import ollama_parity_step, parity_step, proofs_folder
from tunesmith.steps.quantise import quantise_step
from tunesmith.steps.record import record_step
from tunesmith.steps.render import render_step

BITS = {"f32": 32.0, "f16": 16.0, "bf16": 16.0, "q8_0": 8.5, "q6_k": 6.6, "q5_k_m": 5.7, "q4_k_m": 4.9}
"""Bits a weight in GGUF, from llama.cpp's block layouts; other K-quants are predicted with 6.6, an upper bound."""

CANARY = 3.3
"""How much longer the parity check takes where the canary asks base and adapter in turn, and the engine starts twice
(4.18 s against 2.37 s, both with the starter in 16 bits)."""

TORCH_BYTES = 700 * 2**20
"""What a Python process with PyTorch and transformers needs before any weight (measured 0.6 to 0.7 GiB)."""


@dataclass(frozen=True)
class Build:
    """Everything a release's steps are made from. Sizes in bytes."""

    programs: Programs
    home: Home
    job: str
    inputs: Path
    files: Files
    adapter: Path
    base: Path
    parameters: int
    base_bytes: int
    adapter_bytes: int
    quantisation: str
    way: Way
    threads: int
    exists: Callable[[Path], bool]
    name: str = ""
    """The name it will be served under."""
    engine: Engine = Engine.LLAMA_CPP
    ollama: str = ""
    """Where Ollama answers: `http://host:port`."""

    @property
    def model(self) -> Path:
        """The GGUF file that will be served."""
        if self.way is Way.ADAPTER:
            return self.files.base_gguf(self.quantisation)
        return self.files.merged_gguf(self.quantisation)

    @property
    def adapter_gguf(self) -> Path | None:
        return self.files.adapter_gguf if self.way is Way.ADAPTER else None

    @property
    def report(self) -> Path:
        return self.inputs.parent / "parity.json"

    @property
    def modelfile(self) -> Path:
        return self.inputs.parent / "Modelfile"

    @property
    def request(self) -> Path:
        return self.inputs / "release.json"

    @property
    def tag(self) -> str:
        """What it is called on Ollama until it is recorded."""
        return job_tag(self.name, self.job)

    @property
    def pieces(self) -> list[Path]:
        """The files that will be served."""
        return [self.model, *([self.adapter_gguf] if self.adapter_gguf else [])]


def release_steps(build: Build) -> list[Step]:
    """The steps of a release, without those whose result is there already."""
    making = _adapter_way(build) if build.way is Way.ADAPTER else _merge_way(build)
    checking = _on_ollama(build) if build.engine is Engine.OLLAMA else [_parity(build)]
    hashed = gguf_bytes(build.parameters, build.quantisation) + (build.adapter_bytes if build.way is Way.ADAPTER else 0)
    pieces = tuple(map(build.home.relative, build.pieces))
    recording = record_step(build.programs, request=build.request, inputs=pieces, hashed_bytes=hashed)
    return [*_rendering(build), *making, *checking, recording]


def gguf_steps(build: Build, source: Path, target: Callable[[str], Path], name: str = "convert") -> list[Step]:
    """Steps that make `target(quantisation)` out of the folder `source`, through f16 where the converter can't."""
    wanted = build.quantisation
    if build.exists(target(wanted)):
        return []
    direct = wanted if wanted in DIRECT else "f16"
    steps = []
    if not build.exists(target(direct)):
        estimate = _gguf_estimate(build, direct)
        steps.append(
            convert_step(
                build.programs,
                build.home,
                job=build.job,
                model=source,
                gguf=target(direct),
                outtype=direct,
                estimate=estimate,
                name=name,
            )
        )
    if direct != wanted:
        steps.append(
            quantise_step(
                build.programs,
                build.home,
                job=build.job,
                source=target(direct),
                gguf=target(wanted),
                quantisation=wanted,
                threads=build.threads,
                estimate=_gguf_estimate(build, wanted),
            )
        )
    return steps


def _rendering(build: Build) -> list[Step]:
    if build.exists(build.files.rendering):
        return []
    estimate = Estimate(
        disk_bytes=256 * 1024,
        memory_bytes=TORCH_BYTES,
        basis="tokenizer and template only, no weights",
        work=1,
        work_unit=ONCE,
    )
    return [
        render_step(
            build.programs,
            build.home,
            job=build.job,
            base=build.base,
            template=build.files.template,
            rendering=build.files.rendering,
            estimate=estimate,
        )
    ]


def _adapter_way(build: Build) -> list[Step]:
    steps = gguf_steps(build, build.base, build.files.base_gguf, "convert-base")
    if build.exists(build.files.adapter_gguf):
        return steps
    estimate = Estimate(
        disk_bytes=build.adapter_bytes,
        memory_bytes=TORCH_BYTES + 2 * build.adapter_bytes,
        basis="the adapter's size; the base's weights aren't read",
        work=build.adapter_bytes,
        work_unit=BYTES,
    )
    return [
        *steps,
        convert_adapter_step(
            build.programs,
            build.home,
            job=build.job,
            adapter=build.adapter,
            base=build.base,
            gguf=build.files.adapter_gguf,
            estimate=estimate,
        ),
    ]


def _merge_way(build: Build) -> list[Step]:
    converting = gguf_steps(build, build.files.merged, build.files.merged_gguf)
    if not converting or build.exists(build.files.merged):
        return converting
    estimate = Estimate(
        disk_bytes=build.base_bytes,
        memory_bytes=TORCH_BYTES + 2 * build.base_bytes,
        basis="the base's size on disk; memory for its weights twice",
        work=build.base_bytes,
        work_unit=BYTES,
    )
    merging = merge_step(
        build.programs,
        build.home,
        job=build.job,
        yaml=build.inputs / "merge.yaml",
        merged=build.files.merged,
        parents=[build.home.relative(build.adapter), build.home.relative(build.base)],
        recipe={"template": build.files.template.name},
        estimate=estimate,
    )
    return [merging, *converting]


def _parity(build: Build) -> Step:
    weights = gguf_bytes(build.parameters, build.quantisation)
    proved = build.way is Way.ADAPTER and build.exists(proofs_folder(build.home, build.model))
    return parity_step(
        build.programs,
        build.home,
        model=build.model,
        adapter=build.adapter_gguf,
        rendering=build.files.rendering,
        report=build.report,
        estimate=Estimate(
            disk_bytes=256 * 1024,
            memory_bytes=weights + 2**28,
            basis="the served file in memory",
            work=weights * (CANARY if build.way is Way.ADAPTER and not proved else 1),
            work_unit=PROVED if proved else BYTES,
        ),
    )


def _on_ollama(build: Build) -> list[Step]:
    """Load it under the job's name, and prove it there."""
    weights = gguf_bytes(build.parameters, build.quantisation)
    adapter = build.adapter_bytes if build.way is Way.ADAPTER else 0
    loading = Estimate(
        disk_bytes=weights + adapter,
        basis="Ollama keeps a copy of each file of its own",
        work=weights + adapter,
        work_unit=BYTES,
    )
    checking = Estimate(
        disk_bytes=256 * 1024,
        memory_bytes=2 * weights + adapter + 2**28,
        basis="the model, and its tokenizer's",
        work=weights,
        work_unit=f"{BYTES} on Ollama",
    )
    return [
        modelfile_step(
            build.programs, build.home, request=build.request, rendering=build.files.rendering, modelfile=build.modelfile
        ),
        ollama_create_step(
            build.programs,
            build.home,
            tag=build.tag,
            modelfile=build.modelfile,
            pieces=build.pieces,
            address=build.ollama,
            estimate=loading,
        ),
        ollama_parity_step(
            build.programs,
            build.home,
            address=build.ollama,
            request=build.request,
            model=build.model,
            rendering=build.files.rendering,
            report=build.report,
            estimate=checking,
        ),
    ]


def gguf_bytes(parameters: int, quantisation: str) -> int:
    """Predicted size of a GGUF file in bytes."""
    return int(parameters * BITS.get(quantisation, BITS["q6_k"]) / 8) + 4 * 2**20


def _gguf_estimate(build: Build, quantisation: str) -> Estimate:
    return Estimate(
        disk_bytes=gguf_bytes(build.parameters, quantisation),
        memory_bytes=TORCH_BYTES + build.base_bytes,
        basis=f"{build.parameters / 1e6:.0f} M parameters at {BITS.get(quantisation, BITS['q6_k'])} bits, 4 MiB of vocabulary",
        work=build.base_bytes,
        work_unit=BYTES,
    )


def total(steps: list[Step]) -> Estimate:
    """Disk and time add up, memory is the largest step's."""
    disk = sum(step.estimate.disk_bytes or 0 for step in steps)
    memory = max((step.estimate.memory_bytes or 0 for step in steps), default=0)
    basis = "sum of disk, largest memory of the steps"
    return total_time(steps, Estimate(disk_bytes=disk, memory_bytes=memory or None, basis=basis))
