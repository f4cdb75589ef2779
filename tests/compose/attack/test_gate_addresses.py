"""The gate: which addresses of the engine there are, for whom, and in how many spellings none of the others is."""

from __future__ import annotations

import pytest

from .checks import GateDoor
from .engine import FOREIGN, HOME, JOB_SH, container, exec_body

V = "/v1.41"
NAME = container("llamafactory")
OWN = f"{V}/containers/{NAME}"
OTHERS = [
    ("POST", "/containers/create?name=x", {"Image": "x", "HostConfig": {"Privileged": True, "Binds": ["/:/host"]}}),
    ("POST", "/images/create?fromImage=x", ""), ("POST", "/build", b"x"), ("POST", "/volumes/create", {}),
    ("POST", "/networks/create", {}), ("POST", "/swarm/init", {}), ("POST", "/session", ""), ("POST", "/auth", {}),
    ("POST", "/containers/prune", ""), ("POST", "/images/load", b"x"), ("POST", "/commit?container=x", ""), ("POST", "/grpc", ""),
    ("GET", "/images/json", None), ("GET", "/volumes", None), ("GET", "/networks", None), ("GET", "/info", None),
    ("GET", "/system/df", None), ("GET", "/secrets", None), ("GET", "/plugins", None), ("GET", "/nodes", None),
    ("GET", "/configs", None), ("GET", "/distribution/x/json", None), ("GET", "/images/x/get", None),
    ("DELETE", "/images/x", None), ("DELETE", "/volumes/x", None),
]  # fmt: skip
OF_OUR_OWN = [
    ("GET", "archive?path=/etc"), ("HEAD", "archive?path=/etc"), ("PUT", "archive?path=/"), ("GET", "export"), ("GET", "changes"),
    ("GET", "attach/ws"), ("POST", "attach?stream=1"), ("POST", "kill"), ("POST", "pause"), ("POST", "unpause"),
    ("POST", "update"),
    ("POST", "rename?name=x"), ("POST", "resize?h=1&w=1"), ("POST", "wait"), ("DELETE", ""), ("DELETE", "?force=1"),
    ("POST", "start?checkpoint=x&checkpoint-dir=/"), ("POST", "start?detachKeys=x"), ("POST", "stop?t=-1"),
    ("POST", "stop?signal=9"),
    ("GET", "json?size=1"), ("GET", "logs?details=1&stdout=1"), ("GET", "stats?x=1"),
]  # fmt: skip
SPELLINGS = [
    f"{OWN}/../{FOREIGN}/json", f"{OWN}/json/../../{FOREIGN}/json", f"{OWN}/%2e%2e/{FOREIGN}/json",
    f"{OWN}%2f..%2f{FOREIGN}/json",
    f"{OWN}%2fjson", f"/{OWN}/json", f"{V}//containers/{NAME}/json", f"{OWN}//json", f"{OWN}/json/",
    f"{V}/containers/./{NAME}/json", f"{OWN}/json;x=1", f"{OWN}/json%00", f"{OWN}/json%20", f"{OWN}\\json",
    f"{OWN}/JSON", f"{V}/Containers/{NAME}/json", f"{OWN}0/json", f"{V}/containers/x{NAME}/json",
    f"{V}/containers/{NAME.upper()}/json", f"{OWN[:-1]}2/json", f"{V}/containers/{container('llama.cpp')}/json",
    f"http://docker{OWN}/archive?path=/", f"http://docker{V}/info", "*", "info", f"{V}/_ping/../info", f"{V}/_ping?/../info",
    f"/v1.41.1/containers/{NAME}/json", f"/v0/containers/{NAME}/json", f"{V}/info#/_ping",
    f"/v1.41/v1.41/containers/{NAME}/json", f"{OWN}/json?x=1", f"{V}/version?x", "/%5fping", "/_ping/",
    "/",
]  # fmt: skip


@pytest.mark.parametrize("prefix", ["", V])
def test_every_other_address(gate_door: GateDoor, prefix: str) -> None:
    for method, path, body in OTHERS:
        gate_door.refuses("gate: addresses", f"{method} {prefix}{path}", gate_door.gate.ask(method, prefix + path, body))


def test_everything_else_of_our_own_containers(gate_door: GateDoor) -> None:
    for method, path in OF_OUR_OWN:
        target = f"{OWN}{'' if path.startswith('?') or not path else '/'}{path}"
        body = "" if method == "POST" else None
        gate_door.refuses("gate: own containers", f"{method} {target}", gate_door.gate.ask(method, target, body))
    gate_door.refuses("gate: own containers", "body", gate_door.gate.ask("POST", f"{OWN}/start", {"Privileged": True}))
    for method in ("TRACE", "OPTIONS", "CONNECT", "PATCH", "FOO", "get", "HEAD"):
        gate_door.refuses("gate: methods", method, gate_door.gate.ask(method, f"{OWN}/json"))


@pytest.mark.parametrize("target", SPELLINGS)
def test_no_spelling(gate_door: GateDoor, target: str) -> None:
    gate_door.refuses("gate: spellings", target, gate_door.gate.ask("GET", target))


def test_containers_that_are_not_ours(gate_door: GateDoor) -> None:
    gate = gate_door.gate
    for name in (FOREIGN, gate.foreign_id, gate.foreign_id[:12], gate.foreign_id[:1], gate.own_id, gate.own_id[:12]):
        for method, action, body in (
            ("GET", "json", None), ("GET", "logs?stdout=1", None), ("GET", "stats", None), ("GET", "top", None),
            ("POST", "exec", exec_body()), ("POST", "stop", ""), ("POST", "restart", ""),
        ):  # fmt: skip
            target = f"{V}/containers/{name}/{action}"
            gate_door.refuses("gate: foreign containers", f"{method} {target}", gate.ask(method, target, body))


def test_rights_differ_by_service(gate_door: GateDoor) -> None:
    """The gate and the orchestrator are looked at, never stopped; commands run in toolboxes only."""
    for service in ("gate", "orchestrator", "caddy"):
        for action in ("stop", "restart", "start"):
            target = f"{V}/containers/{container(service)}/{action}"
            gate_door.refuses("gate: services", target, gate_door.gate.ask("POST", target, ""))
    for service in ("gate", "orchestrator", "caddy", "tensorboard", "easy-dataset", "permissions"):
        target = f"{V}/containers/{container(service)}/exec"
        body = exec_body(Cmd=[JOB_SH, "run", f"{HOME}/.tunesmith/jobs/a"])
        gate_door.refuses("gate: services", target, gate_door.gate.ask("POST", target, body))


def test_lists_and_events_show_this_project_only(gate_door: GateDoor) -> None:
    foreign = [FOREIGN.encode(), gate_door.gate.foreign_id.encode()]
    by_name = f"filters=%7B%22name%22%3A%5B%22{FOREIGN}%22%5D%7D"
    for query in ("", "?all=1", f"?all=1&{by_name}", "?all=1&filters=%7B%7D", f"?{by_name}&filters=%7B%7D"):
        reply = gate_door.gate.ask("GET", f"{V}/containers/json{query}")
        gate_door.hides("gate: lists", f"list {query}", reply, foreign, container("tensorboard").encode())
    for query in ("since=1&until=2&filters=%7B%7D", "since=1%26filters%3D%7B%7D", f"since=1&{by_name}"):
        reply = gate_door.gate.ask("GET", f"{V}/events?{query}", wait=1)
        gate_door.hides("gate: lists", f"events {query}", reply, foreign)


def test_what_the_orchestrator_needs(gate_door: GateDoor) -> None:
    gate = gate_door.gate
    for target in ("/_ping", "/version", f"{V}/version", f"{OWN}/json", f"{OWN}/top", f"{OWN}/logs?stdout=1&stderr=1&tail=3",
                   f"{OWN}/stats?stream=false&one-shot=true", f"{V}/containers/{container('orchestrator')}/json",
                   f"/containers/{NAME}/json"):  # fmt: skip
        gate_door.serves("gate: addresses", target, gate.ask("GET", target))
    for action in ("stop?t=0", "start", "restart?t=0"):
        reply = gate.ask("POST", f"{V}/containers/{container('tensorboard')}/{action}", "")
        gate_door.serves("gate: services", action, reply, 204)
