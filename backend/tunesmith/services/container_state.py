"""What the engine's records say of a service. Pure: JSON and `Container` in, `Seen` and `Load` out."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tunesmith.domain.deployment import ServingState
from tunesmith.domain.service import Health
from tunesmith.runtimes.docker.containers import Container
from tunesmith.services.source import Load, Seen

ASKED_TO_END = (0, 130, 143)
"""Exit statuses of a program that ended by itself, by Ctrl-C, or by TERM: stopped, not failed."""
KILLED = 137
MACHINE_BYTES = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
"""Of a container without a limit the engine says the machine's memory, or (control groups v1) a number near 2⁶³."""
LONGEST_REASON = 300


def seen(container: Container) -> Seen:
    """A container as a service."""
    state, detail = _state(container)
    up = container.state in ("running", "paused")
    return Seen(
        state=state,
        detail=detail,
        health=Health(container.health) if up and container.health in tuple(Health) else None,
        started_at=_time(container.started_at) if up else None,
        restarts=container.restarts,
        image=container.image,
        version=container.version,
    )


def _state(container: Container) -> tuple[ServingState, str]:
    match container.state:
        case "running" if container.health == Health.STARTING:
            return ServingState.STARTING, "Its health check hasn't passed yet."
        case "running" if container.health == Health.UNHEALTHY:
            said = container.health_said[:LONGEST_REASON] or "it gives no reason"
            return ServingState.FAILED, f"Its health check fails: {said}. Its log says more; restart it if it stays so."
        case "running":
            return ServingState.READY, ""
        case "paused":
            return ServingState.STOPPED, "It is paused: `docker compose unpause` lets it go on."
        case "restarting":
            return ServingState.FAILED, f"It ends again and again, with status {container.exit_code}; its log says why."
        case "created":
            return ServingState.STOPPED, "It was made and never started."
        case _:
            return _ended(container)


def _ended(container: Container) -> tuple[ServingState, str]:
    if container.oom_killed:
        return ServingState.FAILED, "The kernel ended it for lack of memory; raise its memory limit, or load less."
    if container.exit_code in ASKED_TO_END:
        return ServingState.STOPPED, ""
    if container.exit_code == KILLED:
        return ServingState.STOPPED, "It was killed (status 137)."
    return ServingState.FAILED, f"It ended with status {container.exit_code}; its log says why."


def _time(text: str) -> datetime | None:
    """A time of the engine, which writes the year 1 for none."""
    return None if text.startswith("0001-") else datetime.fromisoformat(text)


@dataclass(frozen=True)
class CpuCount:
    """Nanoseconds of CPU that a container, and the whole machine, have had."""

    container: int
    machine: int


def cpu_count(stats: Mapping[str, Any]) -> CpuCount | None:
    """Out of one record of the stats stream; None while the container isn't up yet."""
    used = stats.get("cpu_stats") or {}
    machine = used.get("system_cpu_usage")
    return CpuCount(used["cpu_usage"]["total_usage"], machine) if machine else None


def load(stats: Mapping[str, Any], before: CpuCount | None) -> Load | None:
    """The load between two records of the stats stream, as `docker stats` computes it; None where there is no container.

    Of the memory, pages of files that the kernel gives back when they are needed don't count: `total_inactive_file` in
    control groups v1, `inactive_file` in v2.
    """
    memory = stats.get("memory_stats") or {}
    usage = memory.get("usage")
    if usage is None:
        return None
    details = memory.get("stats") or {}
    inactive = details.get("total_inactive_file", details.get("inactive_file", 0))
    limit = memory.get("limit")
    return Load(
        cpu_percent=_cpu_percent(stats, before),
        memory_bytes=usage - inactive if inactive < usage else usage,
        memory_limit_bytes=limit if limit and limit < MACHINE_BYTES else None,
    )


def _cpu_percent(stats: Mapping[str, Any], before: CpuCount | None) -> float | None:
    now = cpu_count(stats)
    if now is None or before is None or now.machine <= before.machine or now.container < before.container:
        return None
    per_core = stats["cpu_stats"]["cpu_usage"].get("percpu_usage") or [0]
    cores = stats["cpu_stats"].get("online_cpus") or len(per_core)
    return round(100 * cores * (now.container - before.container) / (now.machine - before.machine), 2)
