"""A real Ollama for tests: the one that TUNESMITH_TEST_OLLAMA names, or a container of an image that is built from packages.

TUNESMITH_TEST_OLLAMA_IMAGE names another image than that of the stack's version.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from .application import free_port

OLD, CURRENT = "0.17.4", "0.34.1"
"""The stack's, with an engine of its own, which takes adapters; and one of today, which takes none."""
START_SECONDS = 180.0
ONE_CORE = Path(__file__).parents[1] / "compose" / "one_core.txt"


@dataclass
class OllamaServer:
    """`folder` holds the program `ollama`, for PATH. Without a `container` it can't be killed."""

    address: str
    folder: Path
    container: str | None = None

    def ask(self, method: str, path: str, **more: Any) -> Any:
        answer = httpx.request(method, self.address + path, timeout=300, trust_env=False, **more)
        answer.raise_for_status()
        return answer.json() if answer.content else {}

    def models(self) -> dict[str, str]:
        """Name → digest."""
        return {model["name"]: model["digest"] for model in self.ask("GET", "/api/tags")["models"]}

    def kill(self) -> None:
        assert self.container is not None
        docker("kill", self.container)

    def start(self) -> None:
        assert self.container is not None
        docker("start", self.container)
        self.wait()

    def wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            with contextlib.suppress(httpx.HTTPError):
                self.ask("GET", "/api/version")
                return
            time.sleep(0.1)
        raise AssertionError(f"no Ollama at {self.address}")


def docker(*words: str) -> str:
    done = subprocess.run(["docker", *words], capture_output=True, text=True)
    assert done.returncode == 0, f"docker {' '.join(words)}: {done.stderr}"
    return done.stdout


@contextlib.contextmanager
def ollama_server(shared: Path) -> Iterator[OllamaServer]:
    """`shared`: a folder that it sees under the same path."""
    if address := os.environ.get("TUNESMITH_TEST_OLLAMA"):
        program = shutil.which("ollama")
        assert program, "TUNESMITH_TEST_OLLAMA is set, and the program `ollama` isn't on PATH"
        yield OllamaServer(address, Path(program).parent)
        return
    with ollama_container(shared, os.environ.get("TUNESMITH_TEST_OLLAMA_IMAGE") or image_of(OLD)) as server:
        yield server


def image_of(version: str) -> str:
    return f"tunesmith/packages-ollama:{version}"


@contextlib.contextmanager
def ollama_container(shared: Path, image: str) -> Iterator[OllamaServer]:
    """One of that image on the host's own network: the address is the same for its client, inside, and for us."""
    if not shutil.which("docker") or subprocess.run(["docker", "image", "inspect", image], capture_output=True).returncode:
        pytest.skip(f"no Ollama: build the image {image} (compose/packages/build.sh), or set TUNESMITH_TEST_OLLAMA to an address")
    name, listen = f"tunesmith-test-ollama-{uuid.uuid4().hex[:8]}", f"127.0.0.1:{free_port()}"
    home, folder = shared / "ollama", shared / "bin"
    home.mkdir()
    folder.mkdir()
    shim = folder / "ollama"
    shim.write_text(f'#!/bin/sh\nexec docker exec -e OLLAMA_HOST -w "$PWD" {name} ollama "$@"\n')
    shim.chmod(0o755)
    # Its threads wait for each other by spinning: starved by other work, an answer takes minutes. So it gets one:
    # 0.17.4 counts the cores of /proc/cpuinfo, 0.34.1 hands llama-server's own variable on (by their logs).
    docker(
        *("run", "--cpu-shares", "16384", "--volume", f"{ONE_CORE}:/proc/cpuinfo:ro", "--env", "LLAMA_ARG_THREADS=1"),
        *("--detach", "--init", "--name", name, "--network", "host", "--user", f"{os.getuid()}:{os.getgid()}"),
        *("--env", f"OLLAMA_HOST={listen}", "--env", f"HOME={home}", "--volume", f"{shared}:{shared}", image),
    )
    try:
        server = OllamaServer(f"http://{listen}", folder, name)
        server.wait()
        yield server
    finally:
        docker("rm", "--force", name)
