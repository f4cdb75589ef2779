"""A hundred viewers follow the log of one running job, over HTTP, while somebody asks for the job's status again and again.

The job was started before the server, as after a restart of ours: the server takes it up. Bytes read are the kernel's own count
(proc(5), `rchar`); a user would otherwise have `tail -F`, whose delay on the same file is shown beside ours.
"""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from rows import at_least, at_most, shown
from server_process import Server, served

from tunesmith.domain.home import Home
from tunesmith.domain.job import JobPlan
from tunesmith.domain.place import Command
from tunesmith.domain.step import Lane, Step, Toolbox
from tunesmith.jobs.folder import attempt_folder, prepare_attempt, write_job
from tunesmith.runtimes.native import NativeRuntime

VIEWERS, LINES_PER_SECOND, WINDOW_SECONDS = 100, 2000, 20
SETTLING_SECONDS, ASK_SECONDS = 3, 0.05
DELAY_BAR_MS, STATUS_BAR_MS, CPU_BAR, READ_BAR = 300, 20, 60, 2
FOLDER = Path(__file__).parent
SCRIPTS = Path(__file__).resolve().parents[3] / "backend" / "toolbox"
JOB = "printing-for-viewers"


class NoPrograms:
    """The step names its program itself."""

    def program(self, toolbox: Toolbox, name: str) -> tuple[str, ...]:
        return (name,)

    def script(self, toolbox: Toolbox, relative: str) -> str:
        return str(SCRIPTS / relative)


@dataclass
class Window:
    """What was measured of the server between two moments."""

    cpu_percent: float = 0.0
    read_bytes: int = 0
    log_bytes: int = 0
    asked_ms: list[float] = field(default_factory=list)


def measure() -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory(prefix="viewers-") as folder:
        log = asyncio.run(start_job(Home(Path(folder))))
        try:
            with served(Path(folder)) as server:
                return rows(*watched(server, log))
        finally:
            asyncio.run(end_job(log.parent))


def rows(window: Window, seen: dict[str, float]) -> list[dict[str, Any]]:
    status = statistics.quantiles(window.asked_ms, n=100)[98]
    who = f"{VIEWERS} viewers of one log"
    return [
        at_most(f"{who}: delay of a line, p99", seen["p99_ms"], "ms", DELAY_BAR_MS),
        shown(f"{who}: delay of a line, median", seen["p50_ms"], "ms"),
        shown("the same file by `tail -F`, one reader: p99", seen["tail_p99_ms"], "ms"),
        at_most(f"{who}: server's share of a core", window.cpu_percent, "%", CPU_BAR),
        at_most(f"{who}: bytes read / bytes of the log", window.read_bytes / window.log_bytes, "×", READ_BAR),
        at_most(f"{who}: status answers meanwhile, p99", status, "ms", STATUS_BAR_MS),
        at_least(
            f"{who}: lines delivered a second", seen["lines"] / WINDOW_SECONDS, "lines/s", VIEWERS * LINES_PER_SECOND * 0.95
        ),
        at_most(f"{who}: gaps", seen["gaps"], "gaps", 0),
    ]


async def start_job(home: Home) -> Path:
    """A job that prints, running in the server's home before there is a server. Returns its log."""
    home.jobs.mkdir(parents=True)
    seconds = WINDOW_SECONDS + SETTLING_SECONDS + 60
    argv = (sys.executable, str(FOLDER / "printing.py"), str(LINES_PER_SECOND), str(seconds))
    step = Step(name="print", toolbox=Toolbox.SYSTEM, argv=argv)
    plan = JobPlan(
        id=JOB, kind="bench", title=JOB, lane=Lane.LIGHT, created_at=datetime.now(UTC), home=str(home.root), steps=(step,)
    )
    write_job(home.jobs / JOB, plan, {})
    attempt = attempt_folder(home.jobs / JOB, 0, step, 1)
    prepare_attempt(attempt, step, plan.home)
    await NativeRuntime(NoPrograms(), SCRIPTS).start(attempt, Command(Toolbox.SYSTEM, argv, home.root))
    return attempt / "log"


async def end_job(attempt: Path) -> None:
    await NativeRuntime(NoPrograms(), SCRIPTS).cancel(attempt, Command(Toolbox.SYSTEM, ("true",), Path("/")), 1)


def watched(server: Server, log: Path) -> tuple[Window, dict[str, float]]:
    assert server.ask("GET", f"/api/jobs/{JOB}")["state"] == "running"
    argv = [FOLDER / "viewers.py", server.port, server.token, JOB, VIEWERS, WINDOW_SECONDS, log]
    with subprocess.Popen([sys.executable, *map(str, argv)], stdout=subprocess.PIPE) as viewers:
        assert viewers.stdout
        time.sleep(SETTLING_SECONDS + 1)
        window = asked(server, log, WINDOW_SECONDS - 2)
        seen: dict[str, float] = json.loads(viewers.stdout.read())
    return window, seen


def asked(server: Server, log: Path, seconds: float) -> Window:
    """Ask for the status for so long, and measure the server meanwhile."""
    process, window = psutil.Process(server.pid), Window()
    cpu, read, size = process.cpu_times(), process.io_counters().read_chars, log.stat().st_size
    began = time.monotonic()
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", server.port)) as connection:
        while time.monotonic() - began < seconds:
            window.asked_ms.append(ask_status(connection, server.token))
            time.sleep(ASK_SECONDS)
    now = process.cpu_times()
    spent = time.monotonic() - began
    window.cpu_percent = 100 * (now.user + now.system - cpu.user - cpu.system) / spent
    window.read_bytes = process.io_counters().read_chars - read
    window.log_bytes = log.stat().st_size - size
    return window


def ask_status(connection: http.client.HTTPConnection, token: str) -> float:
    """Milliseconds to the whole answer."""
    began = time.perf_counter()
    connection.request("GET", f"/api/jobs/{JOB}", headers={"Authorization": f"Bearer {token}"})
    answer = connection.getresponse()
    answer.read()
    assert answer.status == 200
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    for row in measure():
        print(row)
