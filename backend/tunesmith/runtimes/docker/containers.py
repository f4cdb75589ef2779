"""Containers and execs as we speak of them, read from the engine's JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PROJECT, SERVICE = "com.docker.compose.project", "com.docker.compose.service"
VERSION = "org.opencontainers.image.version"
Json = Mapping[str, Any]


@dataclass(frozen=True)
class Place:
    """One service of a Compose project, and the name that its container has."""

    project: str
    service: str

    @property
    def container(self) -> str:
        return f"{self.project}-{self.service}-1"


@dataclass(frozen=True)
class Container:
    """One container now. `id` and `started_at` together name one life of it: a restart changes the second."""

    id: str
    name: str
    project: str
    service: str
    state: str
    """created, running, paused, restarting, removing, exited or dead"""
    started_at: str
    """RFC 3339, by the engine's clock; only compared, never computed with."""
    finished_at: str
    exit_code: int
    oom_killed: bool
    health: str | None
    """starting, healthy or unhealthy; None without a health check."""
    image: str
    image_id: str
    restarts: int
    gpu: bool
    """A device is reserved for it."""
    version: str = ""
    """What the image says of itself (org.opencontainers.image.version), else its tag."""
    health_said: str = ""
    """The last output of its health check."""
    restarted_by_engine: bool = False
    """The engine starts it again: after its own restart, and after a crash."""

    @property
    def can_run(self) -> bool:
        return self.state == "running"

    @property
    def may_come(self) -> bool:
        """It is being started, or the engine may be about to."""
        return self.state == "restarting" or (self.state in ("created", "exited") and self.restarted_by_engine)

    @property
    def has_processes(self) -> bool:
        return self.state in ("running", "paused", "removing")

    @classmethod
    def parse(cls, found: Json) -> Container:
        state, labels = found["State"], found["Config"].get("Labels") or {}
        return cls(
            id=found["Id"],
            name=found["Name"].lstrip("/"),
            project=labels.get(PROJECT, ""),
            service=labels.get(SERVICE, ""),
            state=state["Status"],
            started_at=state["StartedAt"],
            finished_at=state["FinishedAt"],
            exit_code=state["ExitCode"],
            oom_killed=bool(state.get("OOMKilled")),
            health=(state.get("Health") or {}).get("Status"),
            image=found["Config"]["Image"],
            image_id=found["Image"],
            restarts=found.get("RestartCount", 0),
            gpu=bool(found["HostConfig"].get("DeviceRequests")),
            version=labels.get(VERSION) or _tag(found["Config"]["Image"]),
            health_said=_last_output(state.get("Health") or {}),
            restarted_by_engine=(found["HostConfig"].get("RestartPolicy") or {}).get("Name", "no") not in ("", "no"),
        )


@dataclass(frozen=True)
class Listed:
    """One line of the list: what the engine tells of all containers in one call."""

    id: str
    name: str
    service: str
    state: str
    image: str
    status: str
    """In words: "Up 5 minutes (healthy)"."""

    @classmethod
    def parse(cls, found: Json) -> Listed:
        return cls(
            id=found["Id"],
            name=found["Names"][0].lstrip("/") if found["Names"] else "",
            service=(found.get("Labels") or {}).get(SERVICE, ""),
            state=found["State"],
            image=found["Image"],
            status=found["Status"],
        )


@dataclass(frozen=True)
class Exec:
    running: bool
    exit_code: int | None


@dataclass(frozen=True)
class Version:
    engine: str
    api: str
    min_api: str


def _tag(image: str) -> str:
    """`1.2` of `host:5000/name:1.2@sha256:…`."""
    return image.partition("@")[0].rpartition("/")[2].partition(":")[2]


def _last_output(health: Json) -> str:
    found = health.get("Log") or []
    return str(found[-1].get("Output", "")).strip() if found else ""
