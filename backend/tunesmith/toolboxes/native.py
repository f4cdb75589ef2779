"""Toolboxes on this host: each an environment in the cache, named after its lock files. Implements `domain.ports.Toolboxes`."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel

from tunesmith.domain.errors import NotFound, PlaceMissing
from tunesmith.domain.ports import Draft
from tunesmith.domain.step import Estimate, Step, Toolbox
from tunesmith.settings import Settings
from tunesmith.toolboxes import native_programs
from tunesmith.toolboxes.definition import Definition, Torch, defined, definition_file, read_definition
from tunesmith.toolboxes.location import scripts_folder
from tunesmith.toolboxes.native_programs import COMPILED
from tunesmith.toolboxes.uv_environment import find_links, has_cpu_torch, uv_environment

MARKER = "complete.json"
BROUGHT = (Toolbox.SYSTEM, Toolbox.OLLAMA)
"""Toolboxes without an environment: our own Python, and what the user has put on PATH."""


class Presence(StrEnum):
    READY = "ready"
    MISSING = "missing"
    HALF_MADE = "half-made"
    """A folder without the marker: an installation was interrupted, or is going on."""


class Made(BaseModel):
    """`complete.json`, as setup/install.py writes it. Bytes on disk, seconds it took."""

    made_at: datetime
    seconds: float
    bytes: int
    python: str
    torch_wanted: Torch | None = None
    versions: dict[str, str]


class ToolboxReport(BaseModel):
    """One toolbox as the API shows it."""

    name: Toolbox
    title: str
    presence: Presence
    path: str
    made: Made | None = None
    download_bytes: int
    """About what an installation downloads when nothing is cached."""
    disk_bytes: int
    torch: str | None = None
    """The build of PyTorch that this machine asks for: cpu or cuda."""

    @property
    def torch_version(self) -> str | None:
        """The PyTorch that is installed, such as 2.13.0+cpu."""
        return self.made.versions.get("torch") if self.made else None


@dataclass(frozen=True)
class NativeToolboxes:
    """`has_gpu` says whether an NVIDIA GPU is found; asked only when an installation is planned."""

    settings: Settings
    has_gpu: Callable[[], bool]
    scripts: Path = field(default_factory=scripts_folder)
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)

    @property
    def root(self) -> Path:
        """The folder of all environments."""
        return self._cache / "toolboxes"

    def reports(self) -> list[ToolboxReport]:
        return [self.report(name) for name in self.names()]

    def names(self) -> list[Toolbox]:
        """Those that can be installed."""
        return defined(self.scripts)

    def folder(self, toolbox: Toolbox) -> Path:
        """Where its environment is, or will be."""
        definition = self.definition(toolbox)
        return self.root / f"{toolbox.value}-{definition.key(self.scripts, definition_file(self.scripts, toolbox))}"

    def definition(self, toolbox: Toolbox) -> Definition:
        if toolbox not in self.names():
            known = ", ".join(name.value for name in self.names())
            raise NotFound(f"The toolbox {toolbox.value} isn't one that Tunesmith makes", f"It makes: {known}.")
        return read_definition(self.scripts, toolbox)

    def presence(self, toolbox: Toolbox) -> Presence:
        folder = self.folder(toolbox)
        if (folder / MARKER).is_file() and (folder / "bin" / "python").exists():
            return Presence.READY
        return Presence.HALF_MADE if folder.exists() else Presence.MISSING

    def ready(self, toolbox: Toolbox) -> bool:
        if toolbox is Toolbox.SYSTEM:
            return True
        if toolbox not in self.names():
            return shutil.which(toolbox.value) is not None
        return self.presence(toolbox) is Presence.READY

    def report(self, toolbox: Toolbox) -> ToolboxReport:
        definition, folder, presence = self.definition(toolbox), self.folder(toolbox), self.presence(toolbox)
        cost = definition.estimate[self._cost_of(definition)]
        return ToolboxReport(
            name=toolbox,
            title=definition.title,
            presence=presence,
            path=str(folder),
            made=Made.model_validate(json.loads((folder / MARKER).read_bytes())) if presence is Presence.READY else None,
            download_bytes=cost.download_bytes,
            disk_bytes=cost.disk_bytes,
            torch=self._build(definition) if definition.torch else None,
        )

    def quantize_steps(self) -> list[Step]:
        """The step that compiles llama-quantize into its toolbox; none when there is one. `PlaceMissing` without a compiler."""
        if self.find(COMPILED):
            return []
        if lacking := [name for name in ("cmake", "c++") if shutil.which(name) is None]:
            said = f"{' and '.join(lacking)} can't be found on PATH."
            raise PlaceMissing("llama-quantize can't be compiled here", said, "Install a C++ compiler and cmake, or choose q8_0.")
        python = self.planned.program(Toolbox.LLAMA_CPP, "python")
        return [
            Step(
                name="build-quantize",
                toolbox=Toolbox.LLAMA_CPP,
                argv=(*python, self.script(Toolbox.LLAMA_CPP, "llama_cpp/build_quantise.py")),
                progress="ninja",
                estimate=Estimate(disk_bytes=300_000_000, seconds=600, basis="measured on 2 cores"),
            )
        ]

    def install_steps(self, toolbox: Toolbox, draft: Draft | None = None, rebuild: bool = False) -> list[Step]:
        """One step that makes the environment complete; none when it is and no rebuild is asked for."""
        if self.ready(toolbox) and not rebuild:
            return []
        definition = self.definition(toolbox)
        links, build = find_links(self.settings, self.environ), self._build(definition)
        argv = [
            *self.planned.program(Toolbox.SYSTEM, "python"),
            self.script(Toolbox.SYSTEM, "setup/install.py"),
            *("--definition", str(definition_file(self.scripts, toolbox))),
            *("--into", str(self.folder(toolbox))),
            *("--uv", uv_program()),
            *("--torch", build),
            *(("--find-links", links) if links else ()),
            *(("--pytorch-index",) if self._may_ask_pytorch() else ()),
            *(("--rebuild",) if rebuild else ()),
        ]
        return [
            Step(
                name=f"install-{toolbox.value}",
                toolbox=Toolbox.SYSTEM,
                argv=tuple(argv),
                env=uv_environment(self.settings, self.environ),
                progress="step-of",
                estimate=self._estimate(definition),
            )
        ]

    def program(self, toolbox: Toolbox, name: str) -> tuple[str, ...]:
        """The first words of `name` in this toolbox; `PlaceMissing` when the environment it needs isn't complete."""
        words = self.planned.program(toolbox, name)
        if toolbox not in BROUGHT and Path(words[0]).is_relative_to(self.folder(toolbox)) and not self.ready(toolbox):
            raise missing(toolbox)
        return words

    @property
    def planned(self) -> Planned:
        """The same programs for jobs that begin with `install_steps`: an environment may still have to be made."""
        return Planned(self)

    def find(self, name: str) -> str | None:
        """Where a llama.cpp program is, when one is on PATH or was compiled here."""
        compiled = self.folder(Toolbox.LLAMA_CPP) / "bin" / name
        return shutil.which(name) or (str(compiled) if name == COMPILED and compiled.is_file() else None)

    def script(self, toolbox: Toolbox, relative: str) -> str:
        """All toolboxes of this host see the same files."""
        path = (self.scripts / relative).resolve()
        if not path.is_relative_to(self.scripts.resolve()) or not path.is_file():
            raise NotFound(f"There is no toolbox script {relative!r}", f"Looked in {self.scripts}.")
        return str(path)

    @property
    def _cache(self) -> Path:
        return self.settings.cache.expanduser().absolute()

    def _build(self, definition: Definition) -> Torch:
        """The build of PyTorch this machine shall have."""
        if definition.torch_build:
            return definition.torch_build
        if self.settings.torch_backend != "auto":
            return "cuda" if self.settings.torch_backend == "cuda" else "cpu"
        return "cuda" if self.has_gpu() else "cpu"

    def _may_ask_pytorch(self) -> bool:
        """Not behind a mirror (nothing else may be reachable, or wanted) and not offline."""
        return not (self.settings.index_url or self.settings.offline or self.environ.get("UV_OFFLINE"))

    def _cost_of(self, definition: Definition) -> Torch:
        """Which of its costs to tell: the default build of an index is CUDA's, also where only the CPU is used."""
        if not definition.torch or "cuda" not in definition.estimate:
            return "cpu"
        if self._build(definition) == "cuda":
            return "cuda"
        return "cpu" if has_cpu_torch(find_links(self.settings, self.environ)) else "cuda"

    def _estimate(self, definition: Definition) -> Estimate:
        which = self._cost_of(definition)
        cost = definition.estimate[which]
        basis = "measured on Linux x86-64; the time is without the download"
        if which == "cuda" and self._build(definition) == "cpu":
            basis = "the index's default PyTorch, with CUDA; much less where a CPU build is found (TUNESMITH_FIND_LINKS)"
        return Estimate(disk_bytes=cost.disk_bytes, seconds=cost.seconds, basis=basis)


@dataclass(frozen=True)
class Planned:
    """Implements `domain.place.Programs`. Raises `PlaceMissing` only for what no installation brings by itself."""

    toolboxes: NativeToolboxes

    def program(self, toolbox: Toolbox, name: str) -> tuple[str, ...]:
        folder = Path(sys.prefix) if toolbox in BROUGHT else self.toolboxes.folder(toolbox)
        words = native_programs.words(toolbox, name, native_programs.Environment(folder, self.toolboxes.scripts))
        if name == COMPILED and not Path(words[0]).is_file():
            raise not_compiled()
        return words

    def script(self, toolbox: Toolbox, relative: str) -> str:
        return self.toolboxes.script(toolbox, relative)


def not_compiled() -> PlaceMissing:
    lacking = [name for name in ("cmake", "c++") if shutil.which(name) is None]
    first = f"Install {' and '.join(lacking)}, then run" if lacking else "Run"
    return PlaceMissing(
        "llama-quantize isn't on this machine",
        "No package brings it; it is looked for on PATH, and in the llama-cpp toolbox once it was compiled there.",
        f"{first} `tunesmith toolbox install llama-cpp --quantize` (compiles it, about 10 minutes), or choose q8_0 or f16.",
    )


def missing(toolbox: Toolbox) -> PlaceMissing:
    return PlaceMissing(
        f"The toolbox {toolbox.value} isn't installed",
        "Its environment is missing or half-made.",
        f"Run `tunesmith toolbox install {toolbox.value}`.",
    )


def uv_program() -> str:
    """The uv of our own environment, else the one on PATH."""
    from uv import find_uv_bin

    try:
        return str(find_uv_bin())
    except FileNotFoundError:
        found = shutil.which("uv")
        if found:
            return found
    raise PlaceMissing("The program uv is missing", "Toolboxes are made with it.", "Reinstall Tunesmith: `uv sync`.")
