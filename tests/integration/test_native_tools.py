"""TensorBoard and LlamaBoard natively: started and stopped by the API, found again after a kill, and nobody else's to read."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from kit.waiting import waiting
from tunesmith.settings import Settings

from .application import Application, running

pytestmark = [pytest.mark.timeout(1200), pytest.mark.xdist_group("native-tools", seconds=80)]
PATIENCE_SECONDS = 600.0
PAGES = {"tensorboard": "/data/environment", "llamafactory": "/gradio_api/app_id"}


@pytest.fixture(scope="module")
def equipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    """An application with the real LLaMA-Factory toolbox, in whose environment both tools are."""
    if "TUNESMITH_TEST_LLAMAFACTORY" not in os.environ:
        pytest.skip("TUNESMITH_TEST_LLAMAFACTORY is not set: `tests/layers.py integration` makes the toolbox")
    with running(tmp_path_factory.mktemp("equipped") / "home", cache=Settings().cache) as started:
        started.client.timeout = PATIENCE_SECONDS
        yield started


def service(application: Application, name: str) -> dict[str, Any]:
    found: dict[str, Any] = application.ask("GET", f"/api/services/{name}").raise_for_status().json()
    return found


def until(application: Application, name: str, state: str) -> dict[str, Any]:
    deadline = time.monotonic() + PATIENCE_SECONDS
    with waiting("toolbox"):
        while (found := service(application, name))["state"] != state:
            assert time.monotonic() < deadline, found
            time.sleep(0.1)
    return found


def start(application: Application, name: str) -> dict[str, Any]:
    """The service once it is ready. The start itself answers sooner where a busy machine takes minutes for the imports."""
    with waiting("toolbox"):
        answer = application.ask("POST", f"/api/services/{name}:start")
    assert answer.status_code == 200, answer.text
    return until(application, name, "ready")


def listeners(port: int) -> set[tuple[int, str]]:
    """Process and address of who listens on a port. Another test's tool may take it as soon as ours is gone."""
    found = psutil.net_connections("tcp")
    return {(each.pid, each.laddr.ip) for each in found if each.status == psutil.CONN_LISTEN and each.laddr.port == port}


def write_run(saves: Path) -> None:
    """Something that TensorBoard would show, if it were read: a folder is enough for it to start."""
    (saves / "facts" / "tensorboard").mkdir(parents=True)


@pytest.mark.parametrize("name", list(PAGES))
def test_a_tool_is_started_serves_this_machine_only_and_is_stopped(equipped: Application, name: str) -> None:
    until(equipped, name, "stopped")
    found = start(equipped, name)
    assert (found["state"], found["page"]) == ("ready", found["address"])
    port = int(found["address"].rpartition(":")[2])
    with httpx.Client(base_url=found["address"], trust_env=False, timeout=PATIENCE_SECONDS) as browser:
        page = PAGES[name]
        assert browser.get(page).status_code == 200
        assert browser.get("/").status_code == 200
        assert browser.get(page, headers={"Host": f"evil.example:{port}"}).status_code == 403
        assert browser.get(page, headers={"Origin": "http://evil.example"}).status_code == 403
    listening = listeners(port)
    assert {address for _, address in listening} == {"127.0.0.1"}
    assert equipped.ask("POST", f"/api/services/{name}:start").status_code == 409
    log = equipped.ask("GET", f"/api/services/{name}/logs").text
    assert str(port) in log
    stopped = equipped.ask("POST", f"/api/services/{name}:stop")
    assert (stopped.status_code, stopped.json()["state"], stopped.json()["page"]) == (200, "stopped", None)
    assert not listening & listeners(port)
    made = {path.name for path in equipped.home.iterdir()}
    assert not made & {"llamaboard_cache", "llamaboard_config"}, "home's top is the user's"


def test_it_survives_the_orchestrator_and_is_found_by_the_next(tmp_path: Path) -> None:
    if "TUNESMITH_TEST_LLAMAFACTORY" not in os.environ:
        pytest.skip("TUNESMITH_TEST_LLAMAFACTORY is not set")
    home = tmp_path / "home"
    write_run(home / "saves")
    with running(home, cache=Settings().cache) as first:
        first.client.timeout = PATIENCE_SECONDS
        until(first, "tensorboard", "stopped")
        began = start(first, "tensorboard")
        spec = json.loads((home / ".tunesmith/services/tools/tensorboard/0001/spec.json").read_text())
        assert began["address"].endswith(str(spec["port"]))
        first.process.kill()
        first.process.wait()
        page = f"{began['address']}/data/environment"
        assert httpx.get(page, trust_env=False, timeout=PATIENCE_SECONDS).status_code == 200
        listening = listeners(spec["port"])
        with running(home, cache=Settings().cache) as second:
            found = until(second, "tensorboard", "ready")
            assert (found["address"], found["pid"]) == (began["address"], began["pid"])
            second.ask("POST", "/api/system:shutdown", json={"force": True}).raise_for_status()
            second.process.wait(PATIENCE_SECONDS)
            assert listening and not listening & listeners(spec["port"])
