"""A gate of our own before the real engine, with containers that it lets at and one that it must never let at."""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from doors.wire import Reply, request, send

ROOT = Path(__file__).resolve().parents[3]
[IMAGE] = re.findall(r"image: (\S*gate:\S+)", (ROOT / "compose" / "packages" / "compose.yml").read_text())
PROJECT = f"tunesmith-attack-{os.getpid()}"
VIEW = ("orchestrator", "gate", "caddy", "llamafactory", "llama-cpp", "ollama", "tensorboard", "easy-dataset")
POWER = ("llamafactory", "llama-cpp", "ollama", "tensorboard", "easy-dataset")
TOOLBOX = ("llamafactory", "llama-cpp", "ollama")
RUNNING = ("llamafactory", "tensorboard", "orchestrator")
HOME = "/srv/a home.of-tests"
FOREIGN = f"foreign-attack-{os.getpid()}"
JOB_SH = "/opt/tunesmith/toolbox/job.sh"
ATTEMPT = f"{HOME}/.tunesmith/jobs/20260101-a/01-merge/1"


@dataclass(frozen=True)
class Gate:
    address: tuple[str, int]
    foreign_id: str
    foreign_exec: str
    """An exec in the foreign container."""
    own_id: str

    def ask(self, method: str, target: str, body: object = None, headers: list[str] | None = None, wait: float = 60) -> Reply:
        return self.raw(request(method, target, headers or [], body, host="gate", close=False), wait)

    def raw(self, data: bytes, wait: float = 60) -> Reply:
        return send(self.address, data, wait)


def docker(*words: str, check: bool = True) -> str:
    return subprocess.run(["docker", *words], check=check, capture_output=True, text=True).stdout.strip()


def container(service: str) -> str:
    return f"{PROJECT}-{service}-1"


def exec_body(**changes: object) -> dict[str, object]:
    """What the orchestrator sends, by docker-py."""
    body = {
        "Container": container("llamafactory"), "User": "", "Privileged": False, "Tty": False, "AttachStdin": False,
        "AttachStdout": False, "AttachStderr": False, "Cmd": [JOB_SH, "run", ATTEMPT, "--argv"], "Env": ["A=é\t\"b\""],
        "WorkingDir": HOME,
    }  # fmt: skip
    return body | changes


@contextlib.contextmanager
def gated() -> Iterator[Gate]:
    with contextlib.ExitStack() as held:
        labels = ["--label", f"com.docker.compose.project={PROJECT}", "--label", "com.docker.compose.oneoff=False"]
        for service in RUNNING:
            held.enter_context(_running(container(service), *labels, IMAGE, "sleep", "3600"))
        held.enter_context(_running(FOREIGN, IMAGE, "sleep", "3600"))
        held.enter_context(_running(container("gate"), *labels, *_gate_words()))
        address = docker("inspect", "-f", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", container("gate"))
        gate = Gate(
            (address, 2375), docker("inspect", "-f", "{{.Id}}", FOREIGN), _foreign_exec(),
            docker("inspect", "-f", "{{.Id}}", container("llamafactory")),
        )  # fmt: skip
        _wait_for(gate)
        yield gate


def _gate_words() -> list[str]:
    environment = {
        "PROJECT": PROJECT, "HOME_PATH": HOME, "VIEW": "|".join(VIEW), "POWER": "|".join(POWER), "TOOLBOX": "|".join(TOOLBOX),
    }  # fmt: skip
    words = [word for name, value in environment.items() for word in ("--env", f"{name}={value}")]
    configuration = f"{ROOT / 'compose' / 'gate' / 'haproxy.cfg'}:/usr/local/etc/haproxy/haproxy.cfg:ro"
    script = "SOCKET_GROUP=$(stat -c %g /var/run/docker.sock) exec haproxy -db -f /usr/local/etc/haproxy/haproxy.cfg"
    return [
        *words, "--user", "0:0", "--cap-drop", "ALL", "--cap-add", "SETUID", "--cap-add", "SETGID", "--read-only",
        "--memory", "64m",
        "--volume", configuration, "--volume", "/var/run/docker.sock:/var/run/docker.sock:ro", IMAGE, "sh", "-c", script,
    ]  # fmt: skip


@contextlib.contextmanager
def _running(name: str, *words: str) -> Iterator[None]:
    docker("rm", "--force", name, check=False)
    docker("run", "--detach", "--init", "--name", name, *words)
    try:
        yield
    finally:
        docker("rm", "--force", name, check=False)


def _foreign_exec() -> str:
    """Made by the engine's own API: `docker exec` starts what it makes."""
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as engine:
        engine.connect("/var/run/docker.sock")
        engine.sendall(request("POST", f"/containers/{FOREIGN}/exec", [], {"Cmd": ["true"]}, host="docker"))
        answer = b"".join(iter(lambda: engine.recv(65536), b""))
    return str(json.loads(answer.partition(b"\r\n\r\n")[2])["Id"])


def _wait_for(gate: Gate) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            if gate.ask("GET", "/_ping").status == 200:
                return
        time.sleep(0.1)
    raise AssertionError(docker("logs", container("gate"), check=False))
