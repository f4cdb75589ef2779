"""What the engine's records mean: states with their reasons, CPU and memory of control groups v1 and v2."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tunesmith.domain.deployment import ServingState
from tunesmith.domain.service import Health
from tunesmith.runtimes.docker.containers import Container
from tunesmith.services.container_state import CpuCount, cpu_count, load, seen

MIB = 2**20
V1: dict[str, Any] = {
    "cpu_stats": {
        "cpu_usage": {"total_usage": 3_000, "percpu_usage": [2_000, 1_000]},
        "system_cpu_usage": 20_000,
        "online_cpus": 2,
    },
    "memory_stats": {
        "usage": 100 * MIB,
        "max_usage": 200 * MIB,
        "stats": {"total_inactive_file": 30 * MIB, "inactive_file": 1},
        "limit": 512 * MIB,
    },
}
"""As engine 20.10 on control groups v1 answers, shortened."""
V2: dict[str, Any] = {
    "cpu_stats": {"cpu_usage": {"total_usage": 3_000}, "system_cpu_usage": 20_000, "online_cpus": 2},
    "memory_stats": {"usage": 100 * MIB, "stats": {"inactive_file": 30 * MIB}, "limit": 512 * MIB},
}


@pytest.mark.parametrize("record", [V1, V2], ids=["v1", "v2"])
def test_load_is_what_docker_stats_says(record: dict[str, Any]) -> None:
    found = load(record, CpuCount(1_000, 10_000))
    # 2,000 of 10,000 ns that two cores had together are 40 % of one.
    assert found and found.cpu_percent == 40.0
    assert (found.memory_bytes, found.memory_limit_bytes) == (70 * MIB, 512 * MIB)


def test_cores_are_counted_where_an_old_engine_does_not_say() -> None:
    record = V1 | {"cpu_stats": {key: value for key, value in V1["cpu_stats"].items() if key != "online_cpus"}}
    found = load(record, CpuCount(1_000, 10_000))
    assert found and found.cpu_percent == 40.0


def test_what_is_not_known_is_none() -> None:
    first = load(V1, None)
    assert first and first.cpu_percent is None
    again = load(V1, CpuCount(9_000, 10_000))  # a new life of the container counts from 0
    assert again and again.cpu_percent is None
    assert load({"cpu_stats": {"cpu_usage": {"total_usage": 0}}, "memory_stats": {}}, None) is None
    assert cpu_count({"cpu_stats": {"cpu_usage": {"total_usage": 0}}}) is None
    unlimited = load(V1 | {"memory_stats": V1["memory_stats"] | {"limit": 2**63 - 4096}}, None)
    assert unlimited and unlimited.memory_limit_bytes is None


def container(state: str, **given: Any) -> Container:
    record = {
        "Id": "1f",
        "Name": "/stack-ollama-1",
        "State": {
            "Status": state,
            "StartedAt": "2026-01-31T12:00:00.123456789Z",
            "FinishedAt": "0001-01-01T00:00:00Z",
            "ExitCode": given.get("exit_code", 0),
            "OOMKilled": given.get("oom", False),
            "Health": {"Status": given["health"], "Log": [{"Output": given.get("said", "")}]} if "health" in given else None,
        },
        "Config": {"Image": given.get("image", "ollama/ollama:0.17.4"), "Labels": given.get("labels")},
        "Image": "sha256:0",
        "HostConfig": {},
    }
    return Container.parse(record)


@pytest.mark.parametrize(
    ("state", "given", "expected", "said"),
    [
        ("running", {}, ServingState.READY, ""),
        ("running", {"health": "healthy"}, ServingState.READY, ""),
        ("running", {"health": "starting"}, ServingState.STARTING, "hasn't passed"),
        ("running", {"health": "unhealthy", "said": "HTTP 500"}, ServingState.FAILED, "HTTP 500"),
        ("paused", {}, ServingState.STOPPED, "unpause"),
        ("restarting", {"exit_code": 3}, ServingState.FAILED, "again and again, with status 3"),
        ("created", {}, ServingState.STOPPED, "never started"),
        ("exited", {}, ServingState.STOPPED, ""),
        ("exited", {"exit_code": 143}, ServingState.STOPPED, ""),
        ("exited", {"exit_code": 137}, ServingState.STOPPED, "killed"),
        ("exited", {"exit_code": 137, "oom": True}, ServingState.FAILED, "lack of memory"),
        ("exited", {"exit_code": 2}, ServingState.FAILED, "status 2"),
        ("dead", {"exit_code": 1}, ServingState.FAILED, "status 1"),
    ],
)
def test_a_container_as_a_service(state: str, given: dict[str, Any], expected: ServingState, said: str) -> None:
    found = seen(container(state, **given))
    assert found.state is expected
    assert said in found.detail and bool(said) == bool(found.detail)
    assert (found.started_at is not None) == (state in ("running", "paused"))


def test_start_health_and_version() -> None:
    found = seen(container("running", health="healthy"))
    assert found.started_at == datetime(2026, 1, 31, 12, 0, 0, 123456, tzinfo=UTC)
    assert (found.health, found.version) == (Health.HEALTHY, "0.17.4")
    labelled = container("running", image="host:5000/x@sha256:0", labels={"org.opencontainers.image.version": "2.1"})
    assert seen(labelled).version == "2.1"
    assert seen(container("running", image="host:5000/x")).version == ""
