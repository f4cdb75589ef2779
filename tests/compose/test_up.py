"""The whole stack as it came up, images present: who runs as whom, what it leaves in home, what it shows outside."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import httpx
import pytest

from .stack import SERVICES, USER, Stack

CONVERTERS = ("/app/convert_hf_to_gguf.py", "/app/convert_lora_to_gguf.py")
PROGRAMS = {
    "llamafactory": ("python3", "llamafactory-cli"),
    "llama-cpp": ("python3", "/app/llama-server", "/app/llama-quantize", *CONVERTERS),
    "ollama": ("ollama",),
}
"""What steps name, at the published images' paths."""


def docker(*words: str) -> str:
    return subprocess.run(["docker", *words], capture_output=True, text=True, check=True).stdout


def inspect(stack: Stack, service: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(docker("inspect", stack.container(service)))[0]
    return found


def test_all_are_healthy(stack: Stack) -> None:
    health = {service: inspect(stack, service)["State"]["Health"]["Status"] for service in SERVICES}
    assert health == dict.fromkeys(SERVICES, "healthy")
    assert inspect(stack, "permissions")["State"]["ExitCode"] == 0
    assert stack.door.healthy()


@pytest.mark.parametrize("service", sorted(SERVICES))
def test_no_program_runs_as_root(stack: Stack, service: str) -> None:
    """But the engine's own init in the gate, which starts as root to learn the socket's group."""
    lines = docker("top", stack.container(service), "-eo", "pid,uid,args").splitlines()[1:]
    programs = [line.split(None, 2)[1:] for line in lines if "docker-init" not in line.split(None, 2)[2]]
    assert programs and {int(uid) for uid, _ in programs} == {99 if service == "gate" else USER}


@pytest.mark.parametrize("service", sorted(SERVICES))
def test_the_kernel_holds_what_compose_promised(stack: Stack, service: str) -> None:
    pid = "1" if service == "gate" else "self"
    wanted = {"gate": 1 << 6 | 1 << 7, "caddy": 1 << 10}.get(service, 0)  # SETGID and SETUID, NET_BIND_SERVICE
    status = stack.compose("exec", "-T", service, "sh", "-c", f"cat /proc/{pid}/status").stdout
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert int(fields["CapBnd"], 16) == wanted
    assert fields["NoNewPrivs"].strip() == "1"


def test_home_holds_what_it_held_and_all_of_it_is_the_users(stack: Stack) -> None:
    assert {path.name for path in stack.home.iterdir()} == {"saves", "models", "data", ".tunesmith"}
    assert {path.lstat().st_uid for path in stack.home.rglob("*")} == {USER}


def test_only_caddy_is_reached_by_a_port_of_this_machine(stack: Stack) -> None:
    ports = {service: inspect(stack, service)["HostConfig"]["PortBindings"] for service in SERVICES}
    assert {service for service, bound in ports.items() if bound} == {"caddy"}
    assert {entry["HostIp"] for bound in ports["caddy"].values() for entry in bound} == {"127.0.0.1"}
    answer = httpx.get(stack.url, follow_redirects=False, trust_env=False)
    assert answer.is_redirect or answer.status_code == httpx.codes.UNAUTHORIZED


def test_tools_cannot_reach_the_gate(stack: Stack) -> None:
    ask = "import socket; socket.create_connection(('gate', 2375), 3)"
    done = stack.compose("exec", "-T", "llamafactory", "python3", "-c", ask, check=False)
    assert done.returncode != 0 and "gaierror" in done.stderr


def test_tools_cannot_read_our_token(stack: Stack) -> None:
    assert (stack.home / ".tunesmith" / "token").stat().st_mode & 0o077 == 0
    done = stack.compose("exec", "-T", "llamafactory", "ls", "-A", str(stack.home / ".tunesmith"))
    assert set(done.stdout.split()) == {"jobs", "services", "renderings", "proofs", "demo", "tools"}


def test_llamaboard_keeps_its_own_files_out_of_home(stack: Stack) -> None:
    """It writes these as it starts."""
    assert (stack.home / ".tunesmith/tools/llamafactory/llamaboard_cache/ds_z2_config.json").is_file()
    assert not (stack.home / "llamaboard_cache").exists()


@pytest.mark.parametrize("service", sorted(PROGRAMS))
def test_toolboxes_have_the_wrapper_and_the_programs_that_steps_name(stack: Stack, service: str) -> None:
    for program in [*PROGRAMS[service], "setsid", "/opt/tunesmith/toolbox/job.sh"]:
        stack.compose("exec", "-T", service, "sh", "-c", f"test -r $(command -v {program})")
    assert stack.compose("exec", "-T", service, "pwd").stdout.strip() == str(stack.home)
