"""`make dev`: one command, a page from its sources that is logged in and may write, and nothing left after Ctrl-C."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from kit.waiting import waiting

from .application import free_port

ROOT = Path(__file__).parents[2]
PAGE = {"Accept": "text/html"}

pytestmark = [pytest.mark.timeout(900), pytest.mark.xdist_group("dev", seconds=40)]
PATIENCE_SECONDS = 600.0


@dataclass(frozen=True)
class Development:
    process: subprocess.Popen[bytes]
    page: int
    api: int
    link: str
    """Logs in once."""


@pytest.fixture(scope="module")
def development(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Development]:
    folder = tmp_path_factory.mktemp("development")
    page, api, output = free_port(), free_port(), folder / "output"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TUNESMITH_")}
    ours = {"TUNESMITH_HOME": str(folder / "home"), "TUNESMITH_PORT": str(api), "DEV_PORT": str(page)}
    with output.open("wb") as writing:
        process = subprocess.Popen(
            [str(ROOT / "frontend" / "dev.sh")], env=kept | ours, stdout=writing, stderr=subprocess.STDOUT, start_new_session=True
        )
    deadline = time.monotonic() + PATIENCE_SECONDS
    with waiting("orchestrator"):
        while not (found := re.search(r"Open once: (\S+)", output.read_text())):
            assert process.poll() is None and time.monotonic() < deadline, output.read_text()
            time.sleep(0.1)
    yield Development(process, page, api, found[1])
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(PATIENCE_SECONDS)


@pytest.fixture(scope="module")
def browser(development: Development) -> Iterator[httpx.Client]:
    """Logged in by the link that was printed."""
    entered = httpx.get(development.link, trust_env=False, timeout=PATIENCE_SECONDS)
    cookie = entered.headers["set-cookie"].partition(";")[0]
    with httpx.Client(base_url=f"http://localhost:{development.page}", headers={"Cookie": cookie}, trust_env=False) as client:
        client.timeout = httpx.Timeout(PATIENCE_SECONDS)
        yield client


def test_pages_come_from_the_sources_and_reload_while_one_works(browser: httpx.Client) -> None:
    index = browser.get("/jobs/some-job?tab=log", headers=PAGE)
    assert index.status_code == 200 and "/@vite/client" in index.text
    [script] = re.findall(r'<script type="module" src="(/src/[^"]+)"', index.text)
    module = browser.get(script)
    imported = [browser.get(path) for path in re.findall(r'from "(/src/[^"]+)"', module.text)]
    assert imported and {answer.status_code for answer in (module, *imported)} == {200}
    assert any("import.meta.hot" in answer.text for answer in imported)


def test_the_api_is_there_behind_its_login_and_takes_writes_of_this_page_only(
    development: Development, browser: httpx.Client
) -> None:
    origin = f"http://localhost:{development.page}"
    assert browser.get("/api/jobs").json() == []
    assert httpx.get(f"{origin}/api/jobs", trust_env=False, timeout=PATIENCE_SECONDS).status_code == 401
    wanted = {"host": f"localhost:{development.page}"}
    answers = {
        who: browser.post("/auth/tickets", json=wanted, headers={"Origin": who}).status_code for who in (origin, f"{origin}1")
    }
    assert answers == {origin: 201, f"{origin}1": 403}


def test_ctrl_c_ends_both(development: Development) -> None:
    os.killpg(development.process.pid, signal.SIGINT)
    assert development.process.wait(PATIENCE_SECONDS) == 0
    for port in (development.page, development.api):
        with pytest.raises(OSError):
            socket.create_connection(("localhost", port), 2)
