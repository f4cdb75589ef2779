"""Makes the environment of one toolbox: runs to the end, or leaves a folder without `complete.json` that the next run redoes.

usage: install.py --definition FILE.toml --into DIR --uv UV --torch cpu|cuda [--find-links DIR] [--pytorch-index] [--rebuild]

Only the standard library: it runs before anything is installed. What uv needs besides (mirror, certificates, proxies) it
takes from its own environment variables.
"""

from __future__ import annotations

import argparse
import ctypes
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from definition import Definition, read

MARKER = "complete.json"
TICK_SECONDS = 3.0
SHOWN_BYTES = 2**20
REMOVE_SECONDS = 30.0
PR_SET_PDEATHSIG = 1
"""prctl(2)"""
RETRY = "Run the job again: what was downloaded is kept."
NETWORK = "Behind a mirror or a corporate certificate set TUNESMITH_INDEX_URL or TUNESMITH_CA_BUNDLE."


class Failure(Exception):
    """What happened, to what, and what to do, in one line."""


@dataclass(frozen=True)
class Request:
    definition: Definition
    into: Path
    uv: str
    torch: str
    find_links: str
    pytorch_index: bool

    @property
    def python(self) -> Path:
        return self.into / "bin" / "python"


def main() -> int:
    options = parsed()
    into = Path(options.into)
    request = Request(read(Path(options.definition)), into, options.uv, options.torch, options.find_links, options.pytorch_index)
    into.parent.mkdir(parents=True, exist_ok=True)
    try:
        with only_one(into.with_name(into.name + ".lock"), request.definition.name):
            if (into / MARKER).is_file() and not options.rebuild:
                say(f"{request.definition.name} is complete: {into}")
            else:
                make(request)
    except Failure as failure:
        print(failure, file=sys.stderr, flush=True)
        return 1
    except OSError as error:
        print(f"Making {into} failed: {error.strerror or error}. {RETRY}", file=sys.stderr, flush=True)
        return 1
    return 0


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Makes the environment of one toolbox.")
    parser.add_argument("--definition", required=True, help="TOML file of the toolbox")
    parser.add_argument("--into", required=True, help="folder of the environment")
    parser.add_argument("--uv", required=True, help="path of the uv program")
    parser.add_argument("--torch", choices=("cpu", "cuda"), default="cpu", help="which build of PyTorch is wanted")
    parser.add_argument("--find-links", default="", help="folder with wheels to prefer")
    parser.add_argument("--pytorch-index", action="store_true", help="ask PyTorch's own index for the wanted build first")
    parser.add_argument("--rebuild", action="store_true", help="make it anew although it is complete")
    return parser.parse_args()


@contextmanager
def only_one(lock: Path, name: str) -> Iterator[None]:
    """Holds `lock`; the kernel gives it back when this process dies, however it dies."""
    with lock.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"another process is making {name}; waiting for it")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def make(request: Request) -> None:
    """All steps in order; the marker comes last, by rename, so that its existence means completeness."""
    began = time.monotonic()
    if request.into.exists():
        (request.into / MARKER).unlink(missing_ok=True)
        say(f"removing what is in {request.into}")
        remove(request.into)
    todo = steps(request)
    for number, (title, act) in enumerate(todo, 1):
        say(f"step {number} of {len(todo)}: {title}")
        act()
    record = facts(request, time.monotonic() - began)
    part = request.into / (MARKER + ".part")
    part.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    part.replace(request.into / MARKER)
    say(f"{request.definition.name} is complete: {gib(record['bytes'])} in {record['seconds']:.0f} s at {request.into}")


def steps(request: Request) -> list[tuple[str, Callable[[], None]]]:
    """What there is to do, each with the title that is shown."""
    definition = request.definition
    todo: list[tuple[str, Callable[[], None]]] = [("the environment itself", lambda: create(request))]
    if definition.torch:
        todo.append((f"PyTorch ({request.torch.upper()})", lambda: install_torch(request)))
    todo.append(("libraries", lambda: install(request, "the libraries", "-r", str(definition.requirements))))
    if definition.no_deps:
        parts = str(definition.no_deps)
        todo.append(("parts without dependencies", lambda: install_parts(request, parts)))
    todo.append(("self-check", lambda: check(request)))
    return todo


def create(request: Request) -> None:
    run([request.uv, "venv", "--no-project", "--python", sys.executable, str(request.into)], "Making the environment")


def install_torch(request: Request) -> None:
    """The wanted build: from the wheels folder (CPU), else PyTorch's own index, else the package index's default build.

    A `+cpu` wheel outranks the plain version wherever uv sees it, so a CUDA build must not see the wheels folder.
    """
    files = ["-r", str(request.definition.torch)]
    links = request.find_links if request.torch == "cpu" else ""
    has_wheel = bool(links) and any(Path(links).glob("torch-*+cpu-*.whl"))
    if request.pytorch_index and not has_wheel:
        backend = "cpu" if request.torch == "cpu" else "auto"
        argv = [*pip_install(request), "--torch-backend", backend, *files]
        if watched(argv, uv_environment(links) | {"UV_HTTP_RETRIES": "1", "UV_HTTP_CONNECT_TIMEOUT": "10"}) == 0:
            return
        say(f"PyTorch's own index has not given a {request.torch.upper()} build; taking the package index's default build")
    install(request, "PyTorch", *files, links=links)


def install_parts(request: Request, parts: str) -> None:
    install(request, "the parts without dependencies", "--no-deps", "-r", parts)
    for pattern in request.definition.remove:
        for path in sorted(site_packages(request).glob(pattern)):
            say(f"removing {path.relative_to(request.into)}")
            path.unlink()


def install(request: Request, what: str, *args: str, links: str | None = None) -> None:
    environment = uv_environment(request.find_links if links is None else links)
    run([*pip_install(request), *args], f"Installing {what} of {request.definition.name}", environment)


def pip_install(request: Request) -> list[str]:
    return [request.uv, "pip", "install", "--python", str(request.python)]


def uv_environment(links: str) -> dict[str, str]:
    """Our environment with this wheels folder and no other, and patience for slow mirrors."""
    kept = {name: value for name, value in os.environ.items() if name not in ("UV_FIND_LINKS", "VIRTUAL_ENV")}
    return {"UV_HTTP_TIMEOUT": "120", **kept, "NO_COLOR": "1", **({"UV_FIND_LINKS": links} if links else {})}


def check(request: Request) -> None:
    """Runs what the toolbox is for, once; it also leaves the compiled bytecode behind."""
    names = {"python": str(request.python), "bin": str(request.into / "bin")}
    for argv in request.definition.checks:
        run([word.format(**names) for word in argv], f"The self-check of {request.definition.name}")


def run(argv: list[str], what: str, environment: dict[str, str] | None = None) -> None:
    status = watched(argv, environment)
    if status:
        advice = f"{NETWORK} {RETRY}" if argv[0].endswith("uv") else RETRY
        raise Failure(f"{what} failed with status {status}; its own message is above. {advice}")


def watched(argv: list[str], environment: dict[str, str] | None = None) -> int:
    """Runs `argv` with its output going straight to ours; every few seconds says how much it has written, while that grows."""
    say("$ " + " ".join(argv))
    began, shown = time.monotonic(), 0
    ours = os.getpid()
    process = subprocess.Popen(
        argv, env=environment, stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT, preexec_fn=lambda: die_with(ours)
    )
    while True:
        try:
            return process.wait(TICK_SECONDS)
        except subprocess.TimeoutExpired:
            written = bytes_written(process.pid)
            if written - shown > SHOWN_BYTES:
                say(f"  {gib(written)} written, {time.monotonic() - began:.0f} s")
                shown = written


def die_with(parent: int) -> None:
    """An installer that is killed takes uv with it: one left behind would go on writing into the next attempt's folder."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before we could ask
            os._exit(1)


def remove(folder: Path) -> None:
    """Remove a half-made environment until it stays away: a killed installer's uv may take a moment to end."""
    deadline = time.monotonic() + REMOVE_SECONDS
    while folder.exists():
        if time.monotonic() > deadline:
            raise Failure(f"{folder} can't be removed: another process writes there. End it, then run the job again.")
        shutil.rmtree(folder, ignore_errors=True)
        time.sleep(0.2)


def bytes_written(pid: int) -> int:
    """What a process has written so far, in bytes; 0 where the kernel doesn't tell (proc(5), `wchar`)."""
    try:
        lines = Path(f"/proc/{pid}/io").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("wchar:")), 0)


def facts(request: Request, seconds: float) -> dict[str, object]:
    """The record of what was made: versions of every package, size on disk in bytes, time taken."""
    argv = [request.uv, "pip", "list", "--python", str(request.python), "--format", "json"]
    found = subprocess.run(argv, env=uv_environment(""), capture_output=True, text=True, check=True).stdout
    versions = {package["name"]: package["version"] for package in json.loads(found)}
    return {
        "toolbox": request.definition.name,
        "made_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "seconds": round(seconds, 1),
        "bytes": size_on_disk(request.into),
        "python": ".".join(str(part) for part in sys.version_info[:3]),
        "torch_wanted": request.torch if request.definition.torch else None,
        "versions": versions,
    }


def site_packages(request: Request) -> Path:
    return next((request.into / "lib").glob("python*/site-packages"))


def size_on_disk(folder: Path) -> int:
    return sum(os.lstat(Path(parent) / name).st_blocks * 512 for parent, _, names in os.walk(folder) for name in names)


def gib(count: object) -> str:
    size = float(str(count))
    return f"{size / 2**30:.2f} GiB" if size >= 2**30 else f"{size / 2**20:.0f} MiB"


def say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
