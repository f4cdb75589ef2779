"""The doctor's checks of this host. Each looks at one thing and says one finding about it."""

from __future__ import annotations

import os
import platform
import shutil
import stat
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tunesmith.domain.home import Home
from tunesmith.http import httpx
from tunesmith.settings import Settings
from tunesmith.system.findings import Finding, error, ok, warn
from tunesmith.system.hardware import Hardware

GIB = 2**30
HUB_SECONDS = 3.0
OLLAMA_SECONDS = 2.0
BUILT_IN_2026 = 1_767_225_600
"""Seconds since 1970 of the first day of 2026: a clock before that is wrong."""

Find = Callable[[str], str | None]


def python_version(version: tuple[int, ...] = sys.version_info[:3]) -> Finding:
    shown = ".".join(str(part) for part in version)
    if version >= (3, 11):
        return ok("python", f"Python {shown}")
    return error("python", f"Python {shown} is too old", "Tunesmith needs 3.11 or newer.", "Install a newer Python.")


def disks(machine: Hardware, reserve_gib: float) -> list[Finding]:
    return [_disk(disk.part, disk.path, disk.free_bytes / GIB, reserve_gib) for disk in machine.disks]


def _disk(part: str, path: str, free_gib: float, reserve_gib: float) -> Finding:
    name, remedy = f"disk-{part}", "Free some space: `tunesmith du` shows where it is, `tunesmith clean` what can go."
    said = f"{path} has {free_gib:.1f} GiB free"
    if free_gib < reserve_gib:
        return error(name, f"The disk of {part} is nearly full", f"{said}; no job starts below {reserve_gib:g} GiB.", remedy)
    if free_gib < reserve_gib + 5:
        return warn(name, f"The disk of {part} is getting full", f"{said}; the reserve is {reserve_gib:g} GiB.", remedy)
    return ok(name, f"Disk of {part}: {free_gib:.1f} GiB free", path)


def memory(machine: Hardware) -> Finding:
    limit = machine.memory_limit_bytes or machine.memory_bytes
    bounded = " (a limit of this container or service)" if machine.memory_limit_bytes else ""
    said = f"{limit / GIB:.1f} GiB of memory{bounded}, {machine.memory_available_bytes / GIB:.1f} GiB available"
    if machine.memory_available_bytes < 2 * GIB:
        return warn("memory", "Little memory is available", said + ".", "End other programs, or take a smaller base model.")
    return ok("memory", said)


def writable(home: Home) -> list[Finding]:
    folders = {"saves": home.saves, "models": home.models, "data": home.data}
    return [_writable(name, folder) for name, folder in folders.items()]


def _writable(name: str, folder: Path) -> Finding:
    if folder.is_dir() and os.access(folder, os.W_OK | os.X_OK):
        return ok(f"writable-{name}", f"{folder} can be written")
    why = "It isn't there." if not folder.is_dir() else "It belongs to another user, or is mounted read-only."
    return error(f"writable-{name}", f"{folder} can't be written", why, f"Make it yours: `ls -ld {folder}` says whose it is.")


def token_mode(home: Home) -> Finding:
    try:
        mode = stat.S_IMODE(home.token.stat().st_mode)
    except OSError:
        return ok("token", "No token file", "The token comes from the environment, or is made at the next start.")
    if mode & 0o077:
        said = f"Its mode is {mode:04o}: other users of this machine can log in."
        return error("token", f"{home.token} can be read by others", said, f"Run `chmod 600 {home.token}`.")
    return ok("token", "The token file is only yours")


def listening(settings: Settings) -> Finding:
    said = f"{settings.host}:{settings.port}"
    if settings.host in ("127.0.0.1", "::1", "localhost"):
        return ok("listening", f"Listening on {said}: this machine only")
    detail = f"{said} can be reached from other machines, and speaks plain HTTP: passwords and rows can be read on the way."
    return warn("listening", "Listening beyond this machine", detail, "Put HTTPS before it, or set TUNESMITH_HOST=127.0.0.1.")


def gpu(machine: Hardware) -> Finding:
    if machine.problem:
        said, remedy = (
            f"nvidia-smi is there, but: {machine.problem}",
            "Reinstall the driver or reboot; `nvidia-smi` must list it.",
        )
        return error("gpu", "The NVIDIA driver doesn't answer", said, remedy)
    if machine.gpus:
        names = ", ".join(f"{gpu.name} ({(gpu.memory_bytes or 0) / GIB:.0f} GiB)" for gpu in machine.gpus)
        return ok("gpu", f"GPU: {names}", f"Driver {machine.gpus[0].driver}")
    if Path("/proc/driver/nvidia/version").exists():
        said = "The driver is loaded, but its program nvidia-smi isn't on PATH."
        return warn("gpu", "An NVIDIA driver is loaded, its GPU can't be seen", said, "Install nvidia-utils of the same version.")
    if machine.apple_gpu:
        return ok("gpu", "Apple GPU (MPS)")
    return ok("gpu", "No GPU: training runs on the CPU", "Right for models up to about 1 billion parameters.")


def llama_server(find: Find) -> Finding:
    found = find("llama-server")
    if found:
        return ok("llama-server", "llama-server is on PATH", found)
    return ok("llama-server", "Models are served by the packaged llama.cpp", "A llama-server on PATH would be used instead.")


def k_quants(find: Find) -> Finding:
    """Q4_K_M and the like need a program that no package brings."""
    if found := find("llama-quantize"):
        return ok("k-quants", "K-quants can be made", found)
    tools = [name for name in ("cmake", "c++") if shutil.which(name)]
    if len(tools) == 2:
        how = "`tunesmith toolbox install llama-cpp --quantize` compiles llama-quantize, in about 10 minutes."
        return ok("k-quants", "K-quants (q4_k_m, …) can be had", how)
    missing = " and ".join(name for name in ("cmake", "c++") if name not in tools)
    remedy = "Install cmake and a C++ compiler, or put llama-quantize on PATH; f16 and q8_0 need neither."
    return warn("k-quants", "K-quants (q4_k_m, …) can't be made here", f"{missing} is missing.", remedy)


def ollama(settings: Settings, find: Find) -> Finding:
    """The second engine, which only the user can bring. Not having it is no fault."""
    program = find("ollama") or settings.runtime == "docker"
    try:
        answer = httpx.get(f"{settings.ollama}/api/version", timeout=OLLAMA_SECONDS, trust_env=False)
        version = str(answer.raise_for_status().json()["version"])
    except (httpx.HTTPError, OSError, ValueError, KeyError, TypeError) as failure:
        if not program:
            how = "To release on it too: https://ollama.com/download, then `ollama serve`."
            return ok("ollama", "Ollama isn't here: releases are served by llama.cpp", how)
        said = f"{settings.ollama}: {failure or type(failure).__name__}"
        remedy = "Start it with `ollama serve`, or say with TUNESMITH_OLLAMA where it is. llama.cpp needs none of it."
        return warn("ollama", "Ollama doesn't answer", said, remedy)
    if program:
        return ok("ollama", f"Ollama {version} answers", settings.ollama)
    said = f"Ollama {version} answers at {settings.ollama}, but its program `ollama`, which loads releases, isn't on PATH."
    return warn(
        "ollama", "Ollama can't be released on", said, "Install it here too (https://ollama.com/download), or add it to PATH."
    )


def hub(settings: Settings, environ_offline: bool) -> Finding:
    """Whether a model hub answers: one quick HEAD, unless that is switched off."""
    if settings.offline or environ_offline:
        return ok("hub", "Offline: no model hub is asked", "Models come from folders, or the starter.")
    from huggingface_hub.constants import ENDPOINT  # here: only doctor asks, and the import is slow

    address = settings.hub_endpoint or ENDPOINT
    try:
        httpx.head(address, timeout=HUB_SECONDS, verify=settings.ca_bundle or True, follow_redirects=True)
    except (httpx.HTTPError, OSError, ValueError) as failure:
        said = f"{address}: {failure or type(failure).__name__}"
        remedy = "Set TUNESMITH_HUB_ENDPOINT to a mirror, or TUNESMITH_OFFLINE=true: models then come from folders."
        return warn("hub", "The model hub doesn't answer", said, remedy)
    return ok("hub", f"The model hub answers: {address}")


def clock(home: Home, now: float | None = None) -> Finding:
    now = time.time() if now is None else now
    newest = max((path.stat().st_mtime for path in (home.ours, home.jobs) if path.exists()), default=0.0)
    if now < BUILT_IN_2026 or newest > now + 60:
        said = f"It shows {time.strftime('%Y-%m-%d %H:%M', time.localtime(now))}; files here are newer."
        return warn("clock", "The clock of this machine is wrong", said, "Set it, or let an NTP service set it.")
    return ok("clock", "The clock is sane")


def platform_support() -> Finding:
    if platform.system() == "Linux":
        return ok("platform", f"{platform.system()} {platform.machine()}")
    said = f"{platform.system()}: cancelling is proven by group and parents only; a child that escapes both may live on."
    return warn("platform", "Not Linux", said, "Nothing to do for single-user work.")
