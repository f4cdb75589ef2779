"""The runtimes that the contract suite is run against. A new one is one more entry; no test knows which it has."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from containers import Box, no_engine

from tunesmith.domain.place import Runtime
from tunesmith.domain.step import Toolbox
from tunesmith.runtimes.native import NativeRuntime

SCRIPTS = Path(__file__).resolve().parents[2] / "backend" / "toolbox"


class PythonOnly:
    """The programs of a place that has a Python and nothing else."""

    def program(self, toolbox: Toolbox, name: str) -> tuple[str, ...]:
        return (sys.executable,)

    def script(self, toolbox: Toolbox, relative: str) -> str:
        return str(SCRIPTS / relative)


@dataclass(frozen=True)
class Place:
    """`make(folder)` gives the runtime; `folder` is scratch space. Capabilities say what can be proven there."""

    make: Callable[[Path], Runtime]
    missing: Callable[[], str | None] = lambda: None
    """Why this place can't be tested here."""
    ends_everything: bool = True
    """Cancel reaches a double-forked child with its own session and an empty environment."""
    end: Callable[[Path], None] = lambda folder: None
    """Takes down what `make` has put up."""


def native(folder: Path) -> Runtime:
    return NativeRuntime(PythonOnly(), SCRIPTS)


def native_busybox(folder: Path) -> Runtime:
    """As in a small container image: the shell and every tool of the wrapper are busybox applets."""
    tools = folder / "busybox"
    if not tools.exists():
        tools.mkdir(parents=True)
        subprocess.run(["busybox", "--install", "-s", str(tools)], check=True)
    return NativeRuntime(PythonOnly(), SCRIPTS, shell=(str(tools / "sh"),), environ={"PATH": str(tools)})


def container(folder: Path) -> Runtime:
    box = Box(folder, "debian")
    box.ensure()
    return box.runtime(PythonOnly())


def container_busybox(folder: Path) -> Runtime:
    tools = folder / "busybox-bin"
    if not tools.exists():
        tools.mkdir(parents=True)
        shutil.copy(str(shutil.which("busybox")), tools / "busybox")
        for name in subprocess.run(["busybox", "--list"], capture_output=True, text=True, check=True).stdout.split():
            if not (tools / name).exists():
                (tools / name).symlink_to("busybox")
    box = Box(folder, "busybox")
    box.ensure(tools)
    return box.runtime(PythonOnly())


def no_busybox() -> str | None:
    return None if shutil.which("busybox") else "busybox isn't installed (Debian: apt install busybox)"


def end_containers(folder: Path) -> None:
    Box(folder).remove()


PLACES = {
    "native": Place(native),
    "native-busybox": Place(native_busybox, missing=no_busybox),
    "docker": Place(container, missing=no_engine, ends_everything=False, end=end_containers),
    "docker-busybox": Place(
        container_busybox,
        missing=lambda: no_busybox() or no_engine(),
        ends_everything=False,
        end=end_containers,
    ),
}
