"""The same two doors where they stand in the stack: real tools behind Caddy, the real gate, and no third way in."""

from __future__ import annotations

import json

import httpx
import pytest

from doors.ledger import Ledger
from doors.stand import HTML
from doors.wire import Reply, request, send

from ..stack import Stack
from .checks import GateDoor
from .engine import Gate, docker

TOOLS = {
    "llamafactory": ("/", "/config", "/gradio_api/queue/join"),
    "tensorboard": ("/", "/data/runs", "/data/plugins_listing"),
    "llama-cpp": ("/", "/v1/models", "/completion"),
    "ollama": ("/", "/api/tags", "/api/generate"),
}
REACH = """
import socket, sys
try:
    socket.create_connection((sys.argv[1], 2375), 3)
    print("reached")
except OSError:
    print("unreachable")
"""
UNAUTHORISED = (401, 403, 421)


def asked(stack: Stack, method: str, host: str, target: str, *headers: str) -> Reply:
    body = "{}" if method == "POST" else None
    data = request(method, target, headers, body, host=f"{host}:{stack.http_port}")
    return send(("127.0.0.1", stack.http_port), data)


@pytest.fixture
def bearer(stack: Stack) -> str:
    return f"Authorization: Bearer {stack.token}"


@pytest.fixture
def stack_gate(stack: Stack, ledger: Ledger) -> GateDoor:
    """Reached from the host, as nothing in the stack but the orchestrator can."""
    inspected = json.loads(docker("inspect", stack.container("gate"), stack.container("llamafactory")))
    [network] = inspected[0]["NetworkSettings"]["Networks"].values()
    return GateDoor(Gate((network["IPAddress"], 2375), "0" * 64, "0" * 64, inspected[1]["Id"]), ledger)


@pytest.mark.parametrize("tool", TOOLS)
def test_a_tools_host_is_shut_without_a_login_and_open_with_one(stack: Stack, ledger: Ledger, bearer: str, tool: str) -> None:
    host = f"{tool}.localhost"
    for target in TOOLS[tool]:
        for method in ("GET", "POST", "DELETE", "OPTIONS"):
            for more in ((), ("Authorization: Bearer wrong-token-0123456789",), ("X-Forwarded-User: admin",)):
                reply = asked(stack, method, host, target, *more)
                refused = reply.status in (*UNAUTHORISED, 429) and b"set-cookie" not in reply.data.lower()
                ledger.attack("stack: tools", f"{method} {host}{target} {more}", refused, reply.data[:500])
        foreign = asked(stack, "POST", host, target, bearer, "Origin: http://evil.example")
        ledger.attack("stack: tools", f"foreign page at {host}{target}", foreign.status == 403, foreign.data[:500])
    led = asked(stack, "GET", host, "/", HTML)
    ledger.attack("stack: tools", f"page of {host}", "/auth/handoff?to=" in (led.header("location") or ""), led.data[:500])
    opened = asked(stack, "GET", host, TOOLS[tool][0], bearer, HTML)
    ledger.control("stack: tools", host, opened.status == 200, opened.data[:500])


def test_llamaboards_own_addresses_hold_host_and_port(stack: Stack, bearer: str) -> None:
    """Gradio writes its root into the page: with another host or port its queue wouldn't be found."""
    page = asked(stack, "GET", "llamafactory.localhost", "/config", bearer)
    assert f'"root":"http://llamafactory.localhost:{stack.http_port}"'.encode() in page.data, page.data[:2000]


def test_llamaboards_queue_answers_through_the_door(stack: Stack, bearer: str) -> None:
    """A page's call is put into Gradio's queue by one request; its result comes as an event of another."""
    host = {"Host": f"llamafactory.localhost:{stack.http_port}", "Authorization": bearer.partition(": ")[2]}
    call = {"data": ["en"], "fn_index": 0, "session_hash": "attack"}
    with httpx.Client(base_url=f"http://127.0.0.1:{stack.http_port}", headers=host, trust_env=False, timeout=300) as page:
        joined = page.post("/gradio_api/queue/join", json=call)
        assert joined.status_code == 200, joined.text
        with page.stream("GET", "/gradio_api/queue/data", params={"session_hash": "attack"}) as events:
            assert events.headers["content-type"].startswith("text/event-stream")
            told = next(line for line in events.iter_lines() if "process_completed" in line)
    assert joined.json()["event_id"] in told


def test_the_api_and_foreign_hosts(stack: Stack, ledger: Ledger, bearer: str) -> None:
    for target in ("/", "/api/jobs", "/api/services", "/v1/models", "/metrics", "/openapi.json", "/docs"):
        reply = asked(stack, "GET", "localhost", target)
        ledger.attack("stack: API", target, reply.status == 401, reply.data[:500])
        misled = asked(stack, "GET", "evil.example", target, bearer)
        ledger.attack("stack: API", f"{target} at evil.example", misled.status == 421, misled.data[:500])
    ledger.control("stack: API", "/api/jobs", asked(stack, "GET", "localhost", "/api/jobs", bearer).status == 200, "")


def test_only_caddy_publishes_ports_and_only_on_loopback(stack: Stack) -> None:
    names = docker(
        "ps", "--all", "--format", "{{.Names}}", "--filter", f"label=com.docker.compose.project={stack.project}"
    ).split()
    published = {}
    for one in json.loads(docker("inspect", *names)):
        bindings = [each for ports in (one["HostConfig"]["PortBindings"] or {}).values() for each in ports]
        if bindings:
            published[one["Name"].strip("/")] = {each["HostIp"] for each in bindings}
    assert published == {stack.container("caddy"): {"127.0.0.1"}}


def test_the_socket_is_the_gates_alone_and_no_tool_reaches_the_gate(stack: Stack, ledger: Ledger) -> None:
    names = docker(
        "ps", "--all", "--format", "{{.Names}}", "--filter", f"label=com.docker.compose.project={stack.project}"
    ).split()
    inspected = json.loads(docker("inspect", *names))
    holders = [one["Name"] for one in inspected if any("docker.sock" in each["Source"] for each in one["Mounts"])]
    assert holders == [f"/{stack.container('gate')}"]
    address = next(
        each["IPAddress"] for one in inspected if one["Name"] in holders for each in one["NetworkSettings"]["Networks"].values()
    )
    for target in ("gate", address):
        said = docker("exec", stack.container("llamafactory"), "python3", "-c", REACH, target)
        ledger.attack("stack: gate", f"LLaMA-Factory's container reaches {target}", said == "unreachable", said)


def test_the_gate_of_the_stack(stack: Stack, stack_gate: GateDoor) -> None:
    toolbox, gate = stack.container("llamafactory"), stack_gate.gate
    job_sh, folder = "/opt/tunesmith/toolbox/job.sh", f"{stack.home}/.tunesmith/jobs/none/1"
    attacks: list[tuple[str, str, object]] = [
        ("POST", "/containers/create", {"Image": "x"}), ("GET", "/info", None), ("GET", "/images/json", None),
        ("POST", f"/containers/{stack.container('gate')}/stop", ""), ("POST", f"/containers/{stack.container('caddy')}/stop", ""),
        ("GET", f"/containers/{gate.own_id}/json", None), ("GET", f"/containers/{toolbox}/archive?path=/etc", None),
        ("POST", f"/containers/{toolbox}/exec", {"Cmd": ["id"]}),
        ("POST", f"/containers/{toolbox}/exec", {"Cmd": [job_sh, "run", folder], "User": "root"}),
        ("POST", f"/containers/{toolbox}/exec", {"Cmd": [job_sh, "run", folder], "Privileged": True}),
        ("POST", f"/containers/{toolbox}/exec", {"Cmd": [job_sh, "run", "/etc/x"]}),
        ("POST", f"/containers/{stack.container('tensorboard')}/exec", {"Cmd": [job_sh, "run", folder]}),
    ]  # fmt: skip
    for method, target, body in attacks:
        stack_gate.refuses("stack: gate", f"{method} {target} {body}", gate.ask(method, target, body))
    stack_gate.serves("stack: gate", "inspect", gate.ask("GET", f"/containers/{toolbox}/json"))
    honest = {"Cmd": [job_sh, "cancel", folder, "1"], "WorkingDir": str(stack.home)}
    stack_gate.serves("stack: gate", "exec", gate.ask("POST", f"/containers/{toolbox}/exec", honest), 201)
