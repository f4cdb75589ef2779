"""What layers need before they run. Each is made by the product itself or by its own build, once for all of them.

A maker gets a way to run a command into its log. It returns why the thing can't be had here and what would bring it, or None.
"""

from __future__ import annotations

import os
import shutil
import socket
import sys
from collections.abc import Callable
from pathlib import Path

from kit.home import BASE, PLACE
from kit.layer import Command

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
FRONTEND = ROOT / "frontend"
Run = Callable[[Command], int]
ENGINE = "compose/packages/engine.sh (as root, on Debian) or your system's Docker packages bring them"


def dashboard(run: Run) -> str | None:
    """The built dashboard, which the orchestrator and the wheel carry."""
    if run((str(FRONTEND / "packages.sh"),)) or run((str(FRONTEND / "build.sh"),)):
        return "the dashboard can't be built; `make frontend` shows why"
    return None


def chromium(run: Run) -> str | None:
    """A browser. It isn't installed here: what a person's machine lacks is left out, and said."""
    if shutil.which("chromium") is None or run(("chromium", "--version")):
        return "Chromium isn't installed; on Debian: apt-get install chromium"
    return None


def engine(run: Run) -> str | None:
    """Why no containers can be run here."""
    for name, words in (("a Docker engine", ("docker", "version")), ("Docker Compose", ("docker", "compose", "version"))):
        if shutil.which("docker") is None or run(words):
            return f"{name} isn't reachable; {ENGINE}"
    return None


def images(run: Run) -> str | None:
    """The stack's images, built from packages; what is built already is used again."""
    if why := engine(run):
        return why
    if run((str(ROOT / "compose" / "packages" / "build.sh"),)):
        return "the images can't be built; `make images` shows why"
    return None


def toolboxes(run: Run) -> str | None:
    """The real tools, and the tuned home that is made with them."""
    from kit import tuned
    from tunesmith.domain.step import Toolbox
    from tunesmith.settings import Settings
    from tunesmith.toolboxes.native import NativeToolboxes

    settings = Settings()
    home = settings.cache / "tests" / "toolboxes"
    home.mkdir(parents=True, exist_ok=True)
    tunesmith = ("env", f"TUNESMITH_HOME={home}", f"TUNESMITH_PORT={free_port()}", str(BIN / "tunesmith"))
    failed = run((*tunesmith, "toolbox", "install", "llamafactory", "llama-cpp"))
    run((*tunesmith, "down"))
    if failed:
        return "the toolboxes can't be made; `.venv/bin/tunesmith toolbox install llamafactory llama-cpp` shows why"
    made = NativeToolboxes(settings, lambda: False)
    os.environ["TUNESMITH_TEST_LLAMAFACTORY"] = str(made.folder(Toolbox.LLAMAFACTORY))
    os.environ["TUNESMITH_TEST_LLAMA_CPP"] = str(made.folder(Toolbox.LLAMA_CPP))
    if run(("env", f"PYTHONPATH={ROOT / 'tests'}", sys.executable, "-m", "kit.tuned")):
        return "the tuned home can't be made; `PYTHONPATH=tests .venv/bin/python -m kit.tuned` shows why"
    os.environ[PLACE] = str(tuned.place() / "home")
    os.environ["TUNESMITH_TEST_BASE"] = str(tuned.place() / "home" / "models" / "base" / BASE)
    return None


MAKERS: dict[str, Callable[[Run], str | None]] = {
    "dashboard": dashboard,
    "chromium": chromium,
    "engine": engine,
    "images": images,
    "toolboxes": toolboxes,
}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
