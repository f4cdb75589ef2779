"""Who owns home, and what else is wrong with a machine or a setting: each stops at once, with the line that helps."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from .needs import need_root
from .stack import FILES, ROOT, Stack, make_home

Another = Callable[..., Stack]
NEVER = "0001-01-01T00:00:00Z"
"""When the engine started a container that it never did."""


needs_root = pytest.mark.usefixtures("as_root")


@pytest.fixture
def as_root() -> None:
    need_root("giving folders away")


def clone(target: Path, owner: int) -> Path:
    """The checkout as a fresh clone has it, with what isn't committed yet."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, check=True, text=True).stdout.split("\0")
    for name in filter(None, names):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    subprocess.run(["chown", "-R", f"{owner}:{owner}", target], check=True)
    return target


def refusal(stack: Stack) -> str:
    """What a user reads when `docker compose up` stops: it must, before anything else has begun."""
    done = stack.compose("up", "--detach", "--wait", "gate", "tensorboard", check=False)
    assert done.returncode != 0 and 'service "permissions" didn\'t complete successfully' in done.stderr
    started = {
        service: started_at(stack.container(service)) for service in ("permissions", "gate", "orchestrator", "tensorboard")
    }
    assert [service for service, when in started.items() if when not in (None, NEVER)] == ["permissions"]
    return stack.compose("logs", "--no-log-prefix", "permissions").stdout


def started_at(container: str) -> str | None:
    """By the engine's clock; None where there is no such container."""
    done = subprocess.run(["docker", "inspect", "--format", "{{.State.StartedAt}}", container], capture_output=True, text=True)
    return done.stdout.strip() or None


@needs_root
def test_a_fresh_clone_of_user_1000_comes_up_without_any_setting(folder: Path, another: Another) -> None:
    home = clone(folder / "clone", owner=1000)
    stack = another(home, checkout=home, user=None)
    stack.compose("up", "--detach", "--wait", "gate", "orchestrator", "caddy", "tensorboard")
    assert stack.door.healthy()
    made = [home, *home.rglob("*")]
    assert {path.stat().st_uid for path in made if not path.is_symlink()} == {1000}
    running = stack.compose("exec", "orchestrator", "id", "-u").stdout.strip()
    assert running == "1000"


def test_a_clone_of_root_stops_at_once_and_works_after_the_line_is_followed(
    as_root: None, folder: Path, another: Another
) -> None:
    home = clone(folder / "roots", owner=0)
    stack = another(home, checkout=home, user=None)
    said = refusal(stack)
    assert f"{home}/saves belongs to user 0" in said
    (line,) = [line.removeprefix("tunesmith: ") for line in said.splitlines() if "printf" in line]
    subprocess.run(["sh", "-c", line], cwd=home, check=True)
    assert (home / ".env").read_text() == "TUNESMITH_UID=0\nTUNESMITH_GID=0\n"
    stack.compose("up", "--detach", "--wait", "gate", "tensorboard")


def test_another_user_than_the_owner_is_refused_with_both_ways_out(folder: Path, another: Another) -> None:
    home = make_home(folder / "other")
    said = refusal(another(home, user=os.getuid() + 4321))
    assert f"the containers run as user {os.getuid() + 4321}" in said
    assert "printf 'TUNESMITH_UID=" in said and f"sudo chown -R {os.getuid() + 4321}:" in said


def test_a_folder_that_its_own_user_cannot_write_is_named(folder: Path, another: Another) -> None:
    home = make_home(folder / "closed")
    (home / "saves").chmod(0o555)
    said = refusal(another(home))
    assert f"chmod u+rwx '{home}/saves'" in said


@needs_root
def test_what_root_left_in_our_folder_is_not_given_away(folder: Path, another: Another) -> None:
    home = make_home(folder / "used")
    (home / ".tunesmith").mkdir()
    (home / ".tunesmith" / "token").write_text("root's")
    said = refusal(another(home))
    assert f"{home}/.tunesmith belongs to user 0" in said
    assert (home / ".tunesmith").stat().st_uid == 0


def test_numbers_are_asked_for(folder: Path, another: Another) -> None:
    home = make_home(folder / "named")
    done = another(home, user="me").compose("run", "--rm", "permissions", check=False)
    assert done.returncode == 64 and "TUNESMITH_UID and TUNESMITH_GID are numbers, not 'me'" in done.stderr


def test_compose_run_from_another_folder_names_what_it_misses(folder: Path, another: Another) -> None:
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    environment = {
        name: value for name, value in another(elsewhere).environment().items() if name not in ("TUNESMITH_HOME", "PWD")
    }
    files = [word for file in FILES for word in ("-f", str(ROOT / file))]
    command = ["docker", "compose", *files, "up", "--detach", "permissions"]
    done = subprocess.run(command, cwd=elsewhere, env=environment, capture_output=True, text=True)
    assert done.returncode != 0
    assert f"bind source path does not exist: {elsewhere}/" in done.stderr
    assert list(elsewhere.iterdir()) == []


def test_a_taken_port_is_named(folder: Path, another: Another) -> None:
    stack = another(make_home(folder / "port"))
    with socket.create_server(("127.0.0.1", stack.http_port)):
        done = stack.compose("up", "--detach", "--no-deps", "caddy", check=False)
    assert done.returncode != 0
    assert str(stack.http_port) in done.stderr and "address already in use" in done.stderr


def test_a_misspelt_setting_is_refused_with_the_nearest(folder: Path, another: Another) -> None:
    home = clone(folder / "misspelt", owner=os.getuid() or 1000)
    (home / ".env").write_text("TUNESMITH_HTP_PORT=3001\n")
    stack = another(home, checkout=home)
    done = stack.compose("run", "--rm", "--no-deps", "orchestrator", check=False)
    assert done.returncode == 1
    assert "TUNESMITH_HTP_PORT is no setting of Tunesmith" in done.stderr and "Did you mean TUNESMITH_HTTP_PORT?" in done.stderr


def test_an_image_that_is_not_there_is_named(folder: Path, another: Another) -> None:
    stack = another(make_home(folder / "imageless"))
    overlay = folder / "missing-image.yml"
    overlay.write_text(
        "services: {tensorboard: {image: 'tunesmith/packages-tensorboard:0.0', pull_policy: never, build: !reset null}}"
    )
    done = stack.compose("-f", str(overlay), "up", "--detach", "--no-deps", "tensorboard", check=False)
    assert done.returncode != 0 and "tunesmith/packages-tensorboard:0.0" in done.stderr
