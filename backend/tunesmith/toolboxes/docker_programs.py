"""Where each program of each toolbox is, in the images of the stack. The one table of it.

The published images' paths, read from their Dockerfiles. Those that compose/packages builds have the same; only they were run.
"""

from __future__ import annotations

from tunesmith.domain.errors import NotFound
from tunesmith.domain.step import Toolbox

SCRIPTS = "/opt/tunesmith/toolbox"
"""Our scripts, mounted read-only in every toolbox, and in our own image."""

SERVICES = {
    Toolbox.LLAMAFACTORY: "llamafactory",
    Toolbox.LLAMA_CPP: "llama-cpp",
    Toolbox.OLLAMA: "ollama",
    Toolbox.TENSORBOARD: "tensorboard",
    # Ours has no exec; this one has a Python with the hub's library.
    Toolbox.SYSTEM: "llamafactory",
}

TITLES = {
    Toolbox.LLAMAFACTORY: "LLaMA-Factory: trains and merges",
    Toolbox.LLAMA_CPP: "llama.cpp: converts, quantises and serves",
    Toolbox.OLLAMA: "Ollama: serves",
    Toolbox.TENSORBOARD: "TensorBoard: shows curves",
}
"""The toolboxes that are shown."""

PYTHON = ("python3",)

TABLE: dict[tuple[Toolbox, str], tuple[str, ...]] = {
    (Toolbox.SYSTEM, "python"): PYTHON,
    (Toolbox.LLAMAFACTORY, "python"): PYTHON,
    (Toolbox.LLAMAFACTORY, "llamafactory-cli"): ("llamafactory-cli",),
    # The published image has none of these on PATH.
    (Toolbox.LLAMA_CPP, "python"): PYTHON,
    (Toolbox.LLAMA_CPP, "llama-server"): ("/app/llama-server",),
    (Toolbox.LLAMA_CPP, "llama-quantize"): ("/app/llama-quantize",),
    # Ours run /app/convert_*.py, and refuse first what those would convert without a word.
    (Toolbox.LLAMA_CPP, "convert_hf_to_gguf"): (*PYTHON, f"{SCRIPTS}/llama_cpp/convert_hf_to_gguf.py"),
    (Toolbox.LLAMA_CPP, "convert_lora_to_gguf"): (*PYTHON, f"{SCRIPTS}/llama_cpp/convert_lora_to_gguf.py"),
    (Toolbox.OLLAMA, "ollama"): ("ollama",),
    (Toolbox.TENSORBOARD, "python"): PYTHON,
    (Toolbox.TENSORBOARD, "tensorboard"): ("tensorboard",),
}


def words(toolbox: Toolbox, name: str) -> tuple[str, ...]:
    """The first words of an argv for `name`; `NotFound` when that image has no such program."""
    if (toolbox, name) not in TABLE:
        known = ", ".join(sorted(program for owner, program in TABLE if owner is toolbox)) or "none"
        raise NotFound(f"The toolbox {toolbox.value} has no program {name!r}", f"It has: {known}.")
    return TABLE[toolbox, name]
