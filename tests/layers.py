"""Run the layers of tests, two at a time, and say what each took, what was left out and why, and which tests took longest.

layers.py [NAME…]   all without a name; `fast`: those that one runs while working; `quick`: unit and native contract tests at once

Each layer's output lies in tests/.logs/<layer>.log, its tests in <layer>.xml. docs/testing.md describes the layers.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterable, Sequence

from kit.lanes import Lanes, Outcome
from kit.layer import Command, Layer
from kit.needs import BIN, FRONTEND, MAKERS, ROOT
from kit.progress import Progress, span, tail
from kit.slowest import by_wait, read, slowest

LOGS = ROOT / "tests" / ".logs"
FAILED_LINES = 400
ENGINE = ("engine",)
"""What uses the machine's Docker engine: one test of compose restarts it, so no two of these run at once."""
NATIVE, STACK = 0, 1
"""The lanes."""
ONE_THREAD = {"OMP_NUM_THREADS": "1"}
"""For all tools that tests start: why stands in tests/compose/one_thread.yml."""


def pytest(name: str, *words: str) -> Command:
    """One run of pytest, whose tests are listed in the layer's JUnit file."""
    return (sys.executable, "-m", "pytest", "-q", f"--junitxml={LOGS / name}.xml", *words)


def npm(script: str, *more: str) -> Command:
    return (str(FRONTEND / "node.sh"), "npm", "run", "--silent", script, *(("--", *more) if more else ()))


LAYERS = (
    Layer(
        "check",
        "lint, format, types, one-way imports",
        0.8,
        (
            (str(BIN / "ruff"), "check", "backend", "tests"),
            (str(BIN / "ruff"), "format", "--check", "backend", "tests"),
            (str(BIN / "mypy"),),
            (str(BIN / "lint-imports"),),
        ),
        fast=True,
    ),
    Layer("unit", "pure code", 2.5, (pytest("unit", "tests/unit", "-n", "2", "--dist", "worksteal"),), fast=True),
    Layer(
        "frontend",
        "the dashboard: client, lint, types",
        4,
        (
            (sys.executable, "-m", "tunesmith.openapi_document", "--check", "frontend/openapi.json"),
            npm("client", "--check"),
            npm("lint"),
            npm("types"),
        ),
        needs=("dashboard",),
        fast=True,
    ),
    Layer(
        "components",
        "the dashboard: unit tests, the weight of its pages",
        2,
        (npm("test"), (str(FRONTEND / "node.sh"), "node", "budget.mjs")),
        needs=("dashboard",),
        lane=STACK,
        fast=True,
    ),
    Layer(
        "contract",
        "what every runtime must do, on processes of this machine",
        0.8,
        (pytest("contract", "tests/contract", "-n", "2", "--dist", "worksteal", "-k", "not docker"),),
        fast=True,
    ),
    Layer(
        "doors", "the lock behind a real Caddy: attacks and honest visitors", 1.8, (pytest("doors", "tests/doors"),), fast=True
    ),
    Layer(
        "containers",
        "the same contract in containers of a real engine",
        1.5,
        (pytest("containers", "tests/contract", "-n", "4", "--dist", "worksteal", "-k", "docker"),),
        needs=("images",),
        lane=STACK,
        holds=ENGINE,
    ),
    Layer(
        "compose",
        "the whole stack: ways, faults, permissions, gate, its pages in a browser",
        32,
        (pytest("compose", "tests/compose"),),
        needs=("toolboxes", "images", "chromium"),
        lane=STACK,
        holds=ENGINE,
    ),
    Layer(
        "ollama",
        "releases on a real Ollama",
        6,
        (pytest("ollama", "tests/integration/test_ollama.py", "tests/integration/test_ollama_versions.py"),),
        needs=("toolboxes", "images"),
        lane=STACK,
        holds=ENGINE,
    ),
    Layer(
        "integration",
        "the real tools, natively: from rows to an answer",
        18,
        (pytest("integration", "tests/integration", "-n", "3", "--dist", "loadgroup", "--ignore-glob", "*/test_ollama*"),),
        needs=("dashboard", "toolboxes"),
    ),
    Layer(
        "browser",
        "the pages in a real browser, on a real orchestrator",
        13,
        ((sys.executable, "tests/kit/own_network.py", *pytest("browser", "tests/browser", "-n", "2", "--dist", "loadgroup")),),
        needs=("chromium", "dashboard", "toolboxes"),
    ),
    Layer(
        "durability",
        "orchestrators killed at every moment",
        5.5,
        (pytest("durability", "tests/durability", "-n", "2", "--dist", "loadgroup"),),
    ),
    Layer(
        "way",
        "one whole way: trained, released, asked, rolled back",
        4,
        (pytest("way", "tests/integration/test_whole_path.py"),),
        needs=("toolboxes",),
        lane=STACK,
        fast=True,
        whole=False,
    ),
    Layer(
        "quick",
        "unit, and the native contract, all at once",
        1,
        (pytest("quick", "tests/unit", "tests/contract", "-n", "4", "--dist", "worksteal", "-k", "not (contract and docker)"),),
        whole=False,
    ),
)


def chosen(names: Sequence[str]) -> list[Layer]:
    """Raises SystemExit for a name that there isn't."""
    known = {layer.name for layer in LAYERS}
    if unknown := [name for name in names if name not in known | {"fast"}]:
        sys.exit(f"layers.py: there is no layer {', '.join(unknown)}; there are: fast, {', '.join(sorted(known))}")
    if not names:
        return [layer for layer in LAYERS if layer.whole]
    return [layer for layer in LAYERS if layer.name in names or ("fast" in names and layer.fast)]


def announce(layers: Iterable[Layer]) -> None:
    print("These layers run, two at a time; minutes as on 2 cores without a GPU (docs/testing.md):")
    for layer in layers:
        print(f"  {layer.name:12}{layer.minutes:4.1f} min  {layer.proves}{_after(layer)}")
    print(f"Their output lies in {LOGS.relative_to(ROOT)}/.\n", flush=True)


def _after(layer: Layer) -> str:
    return f" (after: {', '.join(layer.needs)})" if layer.needs else ""


def run(layers: list[Layer]) -> list[Outcome]:
    LOGS.mkdir(exist_ok=True)
    for old in LOGS.iterdir():
        old.unlink()
    lanes = Lanes(layers, MAKERS, LOGS, lambda name, outcome: progress.told(name, outcome), ROOT)
    progress = Progress(LOGS, lanes.running)
    threading.Thread(target=progress.watch, daemon=True).start()
    try:
        return lanes.run()
    finally:
        progress.end()


def report(layers: list[Layer], outcomes: list[Outcome]) -> None:
    """What failed, where the time went, and a line for each layer."""
    tests = [test for layer in layers for test in read(LOGS / f"{layer.name}.xml")]
    for outcome in outcomes:
        if outcome.failed and os.environ.get("CI"):  # nobody can open the log there
            print(f"\n── the end of {outcome.log.name}\n" + "\n".join(tail(outcome.log, FAILED_LINES)))
    for test in tests:
        if test.failed is not None:
            print(f"\nFAILED {test.layer}: {test.name}\n    {test.failed}")
    if tests:
        print("\n" + "\n".join(slowest(tests)))
        print(f"\nall {len(tests)} tests together: {by_wait(tests)}")
    print("\nlayer          took  usually  tests  result")
    for outcome in outcomes:
        usual = f"{outcome.layer.minutes:4.1f} min" if outcome.layer else ""
        count = sum(test.layer == outcome.name for test in tests) or ""
        print(f"{outcome.name:12}{span(outcome.seconds):>7} {usual:>8} {count!s:>6}  {outcome.result}")


def verdict(outcomes: list[Outcome]) -> int:
    """CI may not leave a layer out; a person's machine may, and is told."""
    layers = [outcome for outcome in outcomes if outcome.layer]
    fatal = [each for each in outcomes if each.failed or (os.environ.get("CI") and not each.passed)]
    failed = [each for each in layers if each in fatal]
    passed = [each for each in layers if each.passed]
    print(f"{len(passed)} passed, {len(failed)} failed, {len(layers) - len(passed) - len(failed)} skipped")
    return 1 if fatal else 0


def main(names: Sequence[str]) -> int:
    layers = chosen(names)
    os.environ.update(ONE_THREAD)
    announce(layers)
    outcomes = run(layers)
    report(layers, outcomes)
    return verdict(outcomes)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
