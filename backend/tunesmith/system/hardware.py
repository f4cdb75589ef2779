"""What this machine can do: CPU, memory (also a container's limit), disks, accelerators. Sizes in bytes; unknown is None."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from pathlib import Path

from pydantic import BaseModel

from tunesmith.system.watermark import fullest_folder

GPU_FIELDS = ("index", "name", "memory.total", "memory.used", "utilization.gpu", "driver_version")
GPU_QUERY = ("nvidia-smi", f"--query-gpu={','.join(GPU_FIELDS)}", "--format=csv,noheader,nounits")
GPU_SECONDS = 10
"""A driver that hangs must not hang us."""
MIB = 2**20


class Gpu(BaseModel):
    index: int
    name: str
    memory_bytes: int | None = None
    used_bytes: int | None = None
    utilisation_percent: float | None = None
    driver: str = ""


class Disk(BaseModel):
    """The file system under `path`."""

    part: str
    """What we keep there: home or cache."""
    path: str
    total_bytes: int
    free_bytes: int


class Hardware(BaseModel):
    system: str
    cpu: str
    cores: int
    """Those this process may use."""
    memory_bytes: int
    memory_limit_bytes: int | None = None
    """A container's or service's own limit, when it is below the machine's memory."""
    memory_available_bytes: int
    disks: list[Disk]
    gpus: list[Gpu] = []
    apple_gpu: bool = False
    problem: str = ""
    """Why GPUs can't be listed although their driver's program is there."""


def hardware(home: Path, cache: Path) -> Hardware:
    """All of it, now. Blocks for as long as `nvidia-smi` takes."""
    import psutil  # only here: a start doesn't need it

    memory = psutil.virtual_memory()
    gpus, problem = nvidia_gpus()
    limit = memory_limit()
    within = limit is not None and limit < memory.total
    return Hardware(
        system=f"{platform.system()} {platform.machine()}",
        cpu=cpu_name(),
        cores=usable_cores(),
        memory_bytes=memory.total,
        memory_limit_bytes=limit if within else None,
        memory_available_bytes=min(memory.available, limit) if within and limit else memory.available,
        disks=[disk("home", home, fullest_folder(home)), disk("cache", cache)],
        gpus=gpus,
        apple_gpu=platform.system() == "Darwin" and platform.machine() == "arm64",
        problem=problem,
    )


def has_nvidia_gpu() -> bool:
    return bool(nvidia_gpus()[0])


def nvidia_gpus() -> tuple[list[Gpu], str]:
    """The GPUs that the driver lists, and why it can't ('' when it can, or when there is no driver)."""
    if shutil.which(GPU_QUERY[0]) is None:
        return [], ""
    try:
        asked = subprocess.run(GPU_QUERY, capture_output=True, text=True, timeout=GPU_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return [], f"nvidia-smi didn't answer within {GPU_SECONDS} s"
    except OSError as error:
        return [], f"nvidia-smi can't be run: {error.strerror}"
    if asked.returncode:
        said = (asked.stderr or asked.stdout).strip().splitlines()
        return [], said[0] if said else f"nvidia-smi returned {asked.returncode}"
    return parse_gpus(asked.stdout), ""


def parse_gpus(text: str) -> list[Gpu]:
    """The lines of GPU_QUERY's answer. `[N/A]` and the like become None."""
    rows = [[cell.strip() for cell in line.split(",")] for line in text.splitlines()]
    return [
        Gpu(
            index=int(row[0]),
            name=row[1],
            memory_bytes=_scaled(row[2]),
            used_bytes=_scaled(row[3]),
            utilisation_percent=_number(row[4]),
            driver=row[5],
        )
        for row in rows
        if len(row) == len(GPU_FIELDS) and row[0].isdigit()
    ]


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None


def _scaled(cell: str) -> int | None:
    number = _number(cell)
    return None if number is None else int(number * MIB)


def disk(part: str, folder: Path, fullest: Path | None = None) -> Disk:
    """The disk under `folder`, or under where it will be made; of several, the one under its `fullest` part."""
    below = fullest or folder
    place = next(path for path in (below, *below.parents) if path.exists())
    usage = shutil.disk_usage(place)
    return Disk(part=part, path=str(folder), total_bytes=usage.total, free_bytes=usage.free)


def usable_cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def cpu_name(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    try:
        lines = cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())


def memory_limit(cgroup: Path = Path("/proc/self/cgroup"), root: Path = Path("/sys/fs/cgroup")) -> int | None:
    """The tightest memory limit of the control groups above this process; None without one (cgroups(7), v2 and v1)."""
    found = _tightest(cgroup, root)
    return found[0] if found else None


def memory_used(cgroup: Path = Path("/proc/self/cgroup"), root: Path = Path("/sys/fs/cgroup")) -> int | None:
    """What counts against that limit, without file pages that could be given back at once; None without a limit."""
    found = _tightest(cgroup, root)
    if found is None:
        return None
    folder = found[1]
    try:
        used = next(int((folder / name).read_text()) for name in _USED if (folder / name).exists())
        stat = dict(line.split() for line in (folder / "memory.stat").read_text().splitlines())
    except (OSError, ValueError, StopIteration):
        return None
    return max(0, used - int(stat.get("total_inactive_file", stat.get("inactive_file", 0))))


_USED = ("memory.current", "memory.usage_in_bytes")


def _tightest(cgroup: Path, root: Path) -> tuple[int, Path] | None:
    """The tightest limit with the folder of its group."""
    try:
        lines = cgroup.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return None
    limits: list[tuple[int, Path]] = []
    for _, controllers, path in (line.split(":", 2) for line in lines if line.count(":") >= 2):
        if controllers == "":
            limits += _limits_above(root, path, "memory.max")
        elif "memory" in controllers.split(","):
            limits += _limits_above(root / "memory", path, "memory.limit_in_bytes")
    return min(limits, default=None)


def _limits_above(root: Path, path: str, name: str) -> list[tuple[int, Path]]:
    folder = root / path.lstrip("/")
    found = []
    for place in (folder, *folder.parents):
        if not place.is_relative_to(root):
            break
        try:
            found.append((int((place / name).read_text(encoding="ascii")), place))
        except (OSError, ValueError):
            continue
    return found
