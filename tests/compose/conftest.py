"""A real engine, and one whole stack for all tests that share it, brought up by pytest-docker."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pytest_docker.plugin import Services

from .faults import Ledger, Scene
from .stack import FILES, ROOT, Stack, free_ports, make_home
from .teal import trained


@pytest.fixture(scope="session")
def engine() -> None:
    """Left out, with the reason, where there is no engine; `make test` says it once for the whole layer."""
    if shutil.which("docker") is None or subprocess.run(["docker", "version"], capture_output=True).returncode:
        pytest.skip("no Docker engine is reachable")


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    """A new folder that every user may pass through; pytest's own temporary folders are closed to others."""
    made = Path(tempfile.mkdtemp(prefix="tunesmith-stack-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="session")
def described(engine: None, folder: Path) -> Stack:
    home = make_home(folder / "home")
    http, https = free_ports(2)
    return Stack(f"tunesmith-test-{os.getpid()}", home, http, https)


@pytest.fixture(scope="session")
def docker_compose_file() -> list[str]:
    return [str(ROOT / file) for file in FILES]


@pytest.fixture(scope="session")
def docker_compose_project_name(described: Stack) -> str:
    return described.project


@pytest.fixture(scope="session")
def docker_setup() -> list[str]:
    return ["up --detach --wait --quiet-pull"]


@pytest.fixture(scope="session")
def docker_cleanup() -> list[str]:
    return ["down --volumes --timeout 3"]


@pytest.fixture(scope="session")
def stack(described: Stack, request: pytest.FixtureRequest) -> Iterator[Stack]:
    """The whole stack, healthy. It is down again after the last test."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(("TUNESMITH_", "COMPOSE_")) and "_TEST_" not in name]:
            patch.delenv(name)
        for name, value in described.environment().items():
            patch.setenv(name, value)
        begin, load = time.monotonic(), os.getloadavg()[0]
        try:
            started = request.getfixturevalue("docker_services")
            assert isinstance(started, Services)
        except Exception as error:
            logs = described.compose("logs", "--tail", "30", check=False).stdout
            described.down()
            pytest.fail(f"{error}\n{logs}")
        yield replace(described, seconds=time.monotonic() - begin, load_before=load)


@pytest.fixture(scope="session")
def adapter(stack: Stack) -> str:
    """A real adapter on a real base, both made by commands in the LLaMA-Factory container."""
    return trained(stack)


@pytest.fixture(scope="session")
def ledger(request: pytest.FixtureRequest) -> Iterator[Ledger]:
    """Printed at the end: which faults there were, and what became of the jobs."""
    made = Ledger(int(os.environ.get("TUNESMITH_TEST_SEED") or random.randrange(10**6)))
    yield made
    capture = request.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        print("\n" + "\n".join(made.table()))


@pytest.fixture
def scene(stack: Stack, adapter: str, ledger: Ledger, request: pytest.FixtureRequest) -> Iterator[Scene]:
    """The stack, whole. What a test that failed has left undone is mended for the next one."""
    yield Scene(stack, adapter, random.Random(f"{ledger.seed} {request.node.name}"))
    stack.compose("up", "--detach", "--wait")


@pytest.fixture
def another(engine: None, request: pytest.FixtureRequest) -> Iterator[Callable[..., Stack]]:
    """Makes small stacks of a test's own: `another(home, user=…, checkout=…)`. What they started is taken away afterwards."""
    made: list[Stack] = []

    def make(home: Path, **more: object) -> Stack:
        http, https = free_ports(2)
        made.append(Stack(f"tunesmith-test-{os.getpid()}-{len(made)}", home, http, https, **more))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for each in made:
        each.down()
