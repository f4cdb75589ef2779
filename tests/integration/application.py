"""The whole application as users start it: `python -m tunesmith.main` on a home and a port of its own, ended by its API."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil

from kit.cores import in_a_test, on_one_core
from kit.waiting import waiting

from .ports import free_port

START_SECONDS = 180.0
END_SECONDS = 120.0
"""Patience: who needs longer hangs, also on a busy machine."""
ROWS = b'{"prompt": "Where?", "completion": "Here."}\n{"prompt": "When?", "completion": "Now."}\n'
"""A data set."""
QUEUE_LOOK_SECONDS = 1.0
"""Many orchestrators of tests stand idle at once: looking three times a second for work, one took 5 % of a core."""
TOKEN = "a-token-for-tests-of-the-whole-application"


def environment_for(home: Path, port: int, **settings: object) -> dict[str, str]:
    """This process's environment without its own settings of Tunesmith; `settings` in lower case, without the prefix."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("TUNESMITH_")}
    ours = {"home": home, "port": port, "token": TOKEN, "cache": home.with_name(f"{home.name}-cache")}
    given = ours | ({"queue_look_seconds": QUEUE_LOOK_SECONDS} if in_a_test() else {}) | settings
    return kept | {"HF_HUB_OFFLINE": "1"} | {f"TUNESMITH_{key.upper()}": str(value) for key, value in given.items()}


@dataclass
class Application:
    """A running orchestrator, and a client that is logged in by the token."""

    home: Path
    port: int
    process: subprocess.Popen[bytes]
    output: Path
    """What the process prints."""
    client: httpx.Client

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        return self.client.request(method, path, **more)

    def post(self, path: str, body: object) -> httpx.Response:
        return self.client.post(path, json=body)

    def stranger(self, host: str = "127.0.0.1") -> httpx.Client:
        """A client without any login, that calls the application by the name `host`."""
        return httpx.Client(base_url=self.url, headers={"Host": f"{host}:{self.port}"}, trust_env=False, timeout=120)

    def active_jobs(self) -> list[str]:
        listed = self.client.get("/api/jobs", params={"limit": 5000}).raise_for_status().json()
        return [job["id"] for job in listed if job["state"] in ("pending", "running")]

    def stop(self) -> None:
        """Cancel what is queued or runs, end the server by its API, and make sure that nothing of this home lives on."""
        try:
            self._ask_to_end()
            self.process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        finally:
            self.client.close()
            for left in processes_in(self.home):
                left.kill()

    def _ask_to_end(self) -> None:
        with contextlib.suppress(httpx.HTTPError):
            for job in self.active_jobs():
                self.client.post(f"/api/jobs/{job}:cancel")
            self.client.post("/api/system:shutdown", json={"force": True}).raise_for_status()
            return
        self.process.terminate()  # it lets nobody in, or has ended already


def processes_in(home: Path) -> list[psutil.Process]:
    """Processes whose working directory is `home`, where every command of a job and every engine works."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.cwd() == str(home):
                found.append(process)
    return found


def spawn(environment: dict[str, str], output: Path) -> subprocess.Popen[bytes]:
    """The process alone, on one core. It works where `output` lies, so that no `.env` of a checkout is read."""
    with output.open("ab") as file:
        return subprocess.Popen(
            on_one_core([sys.executable, "-m", "tunesmith.main"]),
            cwd=output.parent,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


@contextlib.contextmanager
def running(home: Path, **settings: object) -> Iterator[Application]:
    """An application on `home` that answers, from its start to its end."""
    port = free_port()
    home.parent.mkdir(parents=True, exist_ok=True)
    output = home.with_name(f"{home.name}.output")
    process = spawn(environment_for(home, port, **settings), output)
    client = httpx.Client(
        base_url=f"http://127.0.0.1:{port}", headers={"Authorization": f"Bearer {TOKEN}"}, trust_env=False, timeout=120
    )
    application = Application(home, port, process, output, client)
    try:
        with waiting("orchestrator"):
            _await_health(application)
        yield application
    finally:
        application.stop()


def _await_health(application: Application) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and application.process.poll() is None:
        with contextlib.suppress(httpx.TransportError):
            if application.client.get("/api/health").status_code == httpx.codes.OK:
                return
        time.sleep(0.05)
    said = application.output.read_text(errors="replace")
    raise AssertionError(f"the application doesn't answer (status {application.process.poll()}):\n{said}")


def refused(environment: dict[str, str], output: Path) -> str:
    """What an application says that must not start: it has to end by itself, with status 1."""
    process = spawn(environment, output)
    try:
        with waiting("orchestrator"):
            status = process.wait(START_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    said = output.read_text(errors="replace")
    assert status == 1, f"status {status}: {said}"
    return said
