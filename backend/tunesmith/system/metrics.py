"""Gauges for Prometheus, in its text format (exposition format 0.0.4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from tunesmith.domain.job import JobStatus, State
from tunesmith.system.hardware import Hardware

Sample = tuple[dict[str, str], float]


def metrics(machine: Hardware, jobs: Sequence[JobStatus]) -> str:
    """All gauges. What is unknown has no sample."""
    states = Counter(job.state for job in jobs)
    per_gpu = [({"gpu": str(gpu.index), "name": gpu.name}, gpu) for gpu in machine.gpus]
    lines = [
        *gauge("tunesmith_jobs", "Jobs by state.", [({"state": state.value}, states[state]) for state in State]),
        *gauge(
            "tunesmith_disk_free_bytes",
            "Free disk.",
            [({"part": disk.part}, disk.free_bytes) for disk in machine.disks],
        ),
        *gauge("tunesmith_memory_available_bytes", "Memory that can be had.", [({}, machine.memory_available_bytes)]),
        *gauge("tunesmith_memory_bytes", "Memory of this machine.", [({}, machine.memory_bytes)]),
        *gauge(
            "tunesmith_gpu_memory_used_bytes",
            "Memory in use on a GPU.",
            [(labels, gpu.used_bytes) for labels, gpu in per_gpu if gpu.used_bytes is not None],
        ),
        *gauge(
            "tunesmith_gpu_utilisation_ratio",
            "Share of time a GPU was busy.",
            [(labels, gpu.utilisation_percent / 100) for labels, gpu in per_gpu if gpu.utilisation_percent is not None],
        ),
    ]
    return "\n".join(lines) + "\n"


def gauge(name: str, text: str, samples: Iterable[Sample]) -> list[str]:
    return [f"# HELP {name} {text}", f"# TYPE {name} gauge", *(f"{name}{_labels(labels)} {value:g}" for labels, value in samples)]


def _labels(labels: dict[str, str]) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{key}="{_escaped(value)}"' for key, value in labels.items()) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
