"""Where each program of each toolbox is, on this host. The one table of it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tunesmith.domain.errors import NotFound, PlaceMissing
from tunesmith.domain.step import Toolbox

Which = Callable[[str], str | None]


@dataclass(frozen=True)
class Environment:
    """A toolbox's environment as the table needs it."""

    folder: Path
    scripts: Path
    which: Which = shutil.which

    @property
    def python(self) -> str:
        return str(self.folder / "bin" / "python")

    def bin(self, name: str) -> str:
        return str(self.folder / "bin" / name)


Words = Callable[[Environment], tuple[str, ...]]


def _env_python(env: Environment) -> tuple[str, ...]:
    return (env.python,)


def _in_bin(name: str) -> Words:
    return lambda env: (env.bin(name),)


def _script(relative: str) -> Words:
    return lambda env: (env.python, str(env.scripts / relative))


def _on_path_else(name: str, other: Words) -> Words:
    """A program on PATH is what the user (or a distribution, or a GPU build) put there: it wins."""

    def words(env: Environment) -> tuple[str, ...]:
        found = env.which(name)
        return (found,) if found else other(env)

    return words


def _on_path(name: str, missing: tuple[str, str, str]) -> Words:
    """A program that only the user can bring."""

    def words(env: Environment) -> tuple[str, ...]:
        found = env.which(name)
        if found is None:
            raise PlaceMissing(*missing)
        return (found,)

    return words


OLLAMA_MISSING = (
    "Ollama isn't on this machine",
    "Its program `ollama` can't be found on PATH.",
    "Install it (https://ollama.com/download) and start it with `ollama serve`, or release on llama.cpp.",
)

TABLE: dict[tuple[Toolbox, str], Words] = {
    (Toolbox.SYSTEM, "python"): lambda _: (sys.executable,),
    (Toolbox.LLAMAFACTORY, "python"): _env_python,
    (Toolbox.LLAMAFACTORY, "llamafactory-cli"): _in_bin("llamafactory-cli"),
    (Toolbox.LLAMA_CPP, "python"): _env_python,
    (Toolbox.LLAMA_CPP, "llama-server"): _on_path_else("llama-server", _script("llama_cpp/server.py")),
    (Toolbox.LLAMA_CPP, "convert_hf_to_gguf"): _script("llama_cpp/convert_hf_to_gguf.py"),
    (Toolbox.LLAMA_CPP, "convert_lora_to_gguf"): _script("llama_cpp/convert_lora_to_gguf.py"),
    (Toolbox.LLAMA_CPP, "llama-quantize"): _on_path_else("llama-quantize", _in_bin("llama-quantize")),
    (Toolbox.OLLAMA, "ollama"): _on_path("ollama", OLLAMA_MISSING),
    (Toolbox.TENSORBOARD, "python"): _env_python,
    (Toolbox.TENSORBOARD, "tensorboard"): _in_bin("tensorboard"),
}

COMPILED = "llama-quantize"
"""The one program that no package brings: it is on PATH, or was compiled into the environment by llama_cpp/build_quantise.py."""


def words(toolbox: Toolbox, name: str, env: Environment) -> tuple[str, ...]:
    """The first words of an argv for `name`; `NotFound` when that toolbox has no such program."""
    if (toolbox, name) not in TABLE:
        known = ", ".join(sorted(program for owner, program in TABLE if owner is toolbox)) or "none"
        raise NotFound(f"The toolbox {toolbox.value} has no program {name!r}", f"It has: {known}.")
    return TABLE[toolbox, name](env)
