"""Run the layers of tests one after the other and say what each took, and what was left out and why.

layers.py [check unit contract integration …]     all of them without a name; `quick`: unit, and contract without containers
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
FRONTEND = ROOT / "frontend"
BASE = "smollm2-135m-instruct"


@dataclass(frozen=True)
class Layer:
    """One layer: the commands that run it, its share of the time in minutes, and what it needs first."""

    name: str
    commands: tuple[tuple[str, ...], ...]
    minutes: float
    prepare: Callable[[], str | None] = lambda: None
    """Make what the layer needs; returns why it has to be left out, with the command that adds it."""
    part: bool = False
    """Of other layers, for those who can't wait for all of them."""


def pytest(layer: str, *more: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "pytest", "-q", f"tests/{layer}", *more)


def npm(script: str, *more: str) -> tuple[str, ...]:
    return (str(FRONTEND / "node.sh"), "npm", "run", "--silent", script, *(("--", *more) if more else ()))


SPREAD = ("-n", "2", "--dist", "loadfile")
"""Two processes: these tests mostly wait."""
QUICK = ("tests/contract", "-n", "4", "--dist", "worksteal", "-k", "not (contract and docker)")
"""Unit tests and the contract suite without containers, all at once."""


def toolboxes() -> str | None:
    """The integration layer runs on the real tools and a real small model: both are made by the product itself, once."""
    from tunesmith.domain.step import Toolbox
    from tunesmith.settings import Settings
    from tunesmith.toolboxes.native import NativeToolboxes

    settings = Settings()
    home = settings.cache / "tests" / "home"
    home.mkdir(parents=True, exist_ok=True)
    base = home / "models" / "base" / BASE
    environment = {**os.environ, "TUNESMITH_HOME": str(home), "TUNESMITH_PORT": str(free_port())}
    commands = [["toolbox", "install", "llamafactory", "llama-cpp"]]
    commands += [] if base.is_dir() else [["models", "add", "--starter", "--name", BASE]]
    for command in commands:
        if subprocess.run([BIN / "tunesmith", *command], cwd=ROOT, env=environment).returncode:
            return f"`tunesmith {' '.join(command)}` failed; run it to see why"
    subprocess.run([BIN / "tunesmith", "down"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    made = NativeToolboxes(settings, lambda: False)
    os.environ["TUNESMITH_TEST_LLAMAFACTORY"] = str(made.folder(Toolbox.LLAMAFACTORY))
    os.environ["TUNESMITH_TEST_LLAMA_CPP"] = str(made.folder(Toolbox.LLAMA_CPP))
    os.environ["TUNESMITH_TEST_BASE"] = str(base)
    return None


def pages() -> str | None:
    """The browser layer opens the built dashboard; its workshop is furnished by the real tools."""
    if shutil.which("chromium") is None:
        return "Chromium isn't installed; on Debian: apt-get install chromium"
    return toolboxes()


ENGINE = "compose/packages/engine.sh (as root, on Debian) or your system's Docker packages bring them"


def engine() -> str | None:
    """Why no containers can be run here."""
    for words, name in ((["docker", "version"], "a Docker engine"), (["docker", "compose", "version"], "Docker Compose")):
        try:
            if subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode:
                return f"{name} isn't reachable; {ENGINE}"
        except FileNotFoundError:
            return f"{name} isn't installed; {ENGINE}"
    return None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


LAYERS = (
    Layer(
        "check",
        (
            (str(BIN / "ruff"), "check", "backend", "tests"),
            (str(BIN / "ruff"), "format", "--check", "backend", "tests"),
            (str(BIN / "mypy"),),
            (str(BIN / "lint-imports"),),
        ),
        1,
    ),
    Layer("unit", (pytest("unit", *SPREAD),), 3),
    # With the Node that builds it: the machine's, or a package's.
    Layer(
        "frontend",
        (
            (str(FRONTEND / "packages.sh"),),
            (sys.executable, "-m", "tunesmith.openapi_document", "--check", "frontend/openapi.json"),
            npm("client", "--check"),
            npm("lint"),
            npm("types"),
            npm("test"),
            (str(FRONTEND / "build.sh"),),
            (str(FRONTEND / "node.sh"), "node", "budget.mjs"),
        ),
        8,
    ),
    # Built from packages; what is built already is used again. Before the layers that run some of their tests in containers.
    Layer("images", ((str(ROOT / "compose" / "packages" / "build.sh"),),), 25, engine),
    Layer("contract", (pytest("contract", *SPREAD),), 6),
    Layer("quick", (pytest("unit", *QUICK),), 1, part=True),
    Layer("durability", (pytest("durability"),), 7),
    Layer("integration", (pytest("integration"),), 17, toolboxes),
    Layer("browser", (pytest("browser"),), 15, pages),
    Layer("compose", (pytest("compose"),), 25, engine),
)


def run(layer: Layer) -> tuple[str, float]:
    began = time.monotonic()
    if missing := layer.prepare():
        return f"left out: {missing}", time.monotonic() - began
    for command in layer.commands:
        done = subprocess.run(command, cwd=ROOT)
        if done.returncode:
            return f"FAILED: {' '.join(Path(command[0]).name if i == 0 else word for i, word in enumerate(command))}", (
                time.monotonic() - began
            )
    return "passed", time.monotonic() - began


def main(names: Iterable[str]) -> int:
    wanted = list(names) or [layer.name for layer in LAYERS if not layer.part]
    results = []
    for layer in LAYERS:
        if layer.name in wanted:
            print(f"── {layer.name}", flush=True)
            results.append((layer, *run(layer)))
    print("\nlayer         took   budget  result")
    for layer, result, seconds in results:
        print(f"{layer.name:12}{seconds:5.0f} s  {layer.minutes:4.0f} min  {result}")
    failed = [layer for layer, result, _ in results if result != "passed"]
    # CI may not leave a layer out; a person's machine may, and is told.
    fatal = [layer for layer, result, _ in results if result.startswith("FAILED") or (os.environ.get("CI") and layer in failed)]
    print(f"{len(results) - len(failed)} passed, {len(fatal)} failed, {len(failed) - len(fatal)} skipped")
    return 1 if fatal else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
