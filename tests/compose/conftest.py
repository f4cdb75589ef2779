"""A real engine, and one whole stack for all tests that share it, brought up by pytest-docker."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytest_docker.plugin import Services

from doors.ports import free_ports
from kit.home import ADAPTER, PLACE, copy_tuned
from kit.waiting import waiting

from .faults import Ledger, Scene
from .needs import leave_out
from .stack import FILES, QUICK, ROOT, USER, Stack, make_home

HERE = Path(__file__).parent
FIRST, AS_IT_CAME_UP, ON_THE_STACK, LAST = range(4)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: _turn(item) if item.path.is_relative_to(HERE) else FIRST)


def _turn(item: pytest.Item) -> int:
    """First what needs no stack, while it comes up; last what ends every container of the machine. The rest as it is."""
    if item.path.name == "test_faults_engine.py":
        return LAST
    if item.path.name == "test_up.py":
        return AS_IT_CAME_UP
    return ON_THE_STACK if _uses_the_stack(item) or item.path.name == "test_total.py" else FIRST


def _uses_the_stack(item: pytest.Item) -> bool:
    return "stack" in getattr(item, "fixturenames", ())


def has_engine() -> bool:
    return shutil.which("docker") is not None and not subprocess.run(["docker", "version"], capture_output=True).returncode


@pytest.fixture(scope="session")
def engine() -> None:
    """Left out, with the reason, where there is no engine; `make test` says it once for the whole layer."""
    if not has_engine():
        leave_out("no Docker engine is reachable")


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    """A new folder that every user may pass through; pytest's own temporary folders are closed to others."""
    made = Path(tempfile.mkdtemp(prefix="tunesmith-stack-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="session")
def described(engine: None, folder: Path) -> Stack:
    """Its home is a tuned one, where there is one to be copied: the orchestrator finds it as it starts."""
    home = make_home(folder / "home")
    if os.environ.get(PLACE):
        copy_tuned(home, owner=USER)
    http, https = free_ports(2)
    return Stack(f"tunesmith-test-{os.getpid()}", home, http, https)


@pytest.fixture(scope="session")
def begun(described: Stack) -> Iterator[subprocess.Popen[bytes]]:
    """The stack on its way up."""
    command, environment = described.command("up", "--detach", "--quiet-pull"), described.environment()
    nowhere = subprocess.DEVNULL  # what goes wrong is said when the stack is waited for
    process = subprocess.Popen(command, cwd=described.checkout, env=environment, stdout=nowhere, stderr=nowhere)
    yield process
    process.wait()
    described.down()


@pytest.fixture(scope="session", autouse=True)
def begin(request: pytest.FixtureRequest) -> None:
    """Before the first test, where any needs the stack: it comes up beside those that don't."""
    if any(map(_uses_the_stack, request.session.items)) and has_engine():
        request.getfixturevalue("begun")


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
def stack(described: Stack, begun: subprocess.Popen[bytes], request: pytest.FixtureRequest) -> Iterator[Stack]:
    """The whole stack, healthy. It is down again after the last test."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(("TUNESMITH_", "COMPOSE_")) and "_TEST_" not in name]:
            patch.delenv(name)
        for name, value in described.environment().items():
            patch.setenv(name, value)
        try:
            with waiting("stack"):
                begun.wait()
                started = request.getfixturevalue("docker_services")
            assert isinstance(started, Services)
        except Exception as error:
            logs = described.compose("logs", "--tail", "30", check=False).stdout
            described.down()
            pytest.fail(f"{error}\n{logs}")
        yield described


@pytest.fixture(scope="session")
def adapter(stack: Stack) -> str:
    """Trained on a real base, natively; both lay in home as the stack came up."""
    if not os.environ.get(PLACE):
        leave_out(
            f"{PLACE} names no tuned home: `make test` makes it and sets it; so does `PYTHONPATH=tests python -m kit.tuned`"
        )
    return ADAPTER


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
    """The stack, whole. What a test has left undone is mended for the next one."""
    made = Scene(stack, adapter, random.Random(f"{ledger.seed} {request.node.name}"))
    yield made
    made.leave()
    stack.mend()


@pytest.fixture
def another(engine: None, request: pytest.FixtureRequest) -> Iterator[Callable[..., Stack]]:
    """Makes small stacks of a test's own: `another(home, user=…, checkout=…)`. What they started is taken away afterwards."""
    made: list[Stack] = []

    def make(home: Path, **more: object) -> Stack:
        name = f"tunesmith-test-{os.getpid()}-{len(made)}"
        made.append(Stack(name, home, *free_ports(2), **{"overlays": (QUICK,), **more}))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for each in made:
        each.down()
