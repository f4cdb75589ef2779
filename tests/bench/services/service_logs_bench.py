"""Logs of a container through the whole orchestrator: how fast one viewer gets them, and what a flood with many viewers costs.

The bar compares with a raw read of the engine's socket by the same request. Interleaved, medians. The flood is short here;
TUNESMITH_TEST_FLOOD_SECONDS=120 runs it as long as its bar says.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from engine_logs import ENGINE, LINE, inside, print_lines, project, rate, raw_rate
from rows import at_least, at_most, shown
from server_process import Server, served

FOLDER = Path(__file__).resolve().parent
LINES, ROUNDS, RATE_BAR = 200_000, 5, 0.8
FLOOD_SECONDS = float(os.environ.get("TUNESMITH_TEST_FLOOD_SECONDS", "25"))
FOLLOWING, WATCHING, LINES_PER_SECOND = 5, 15, 2000
RSS_BAR_MB, SETTLING_SECONDS = 150, 4
JOB_PAIRS, JOB_BAR = 5, 1.05
NAME = f"tunesmith-bench-services-{os.getpid()}"
PRINTING = f"""
exec 3<> <(:)
printf -v block '%.0s{LINE}\\n' {{1..20}}
began=${{EPOCHREALTIME/./}} printed=0
while ((spent = ${{EPOCHREALTIME/./}} - began, spent < {FLOOD_SECONDS + 10:.0f} * 1000000)); do
  for ((; printed + 20 <= spent * {LINES_PER_SECOND} / 1000000; printed += 20)); do printf %s "$block"; done
  read -rt 0.01 -u 3
done > /proc/1/fd/1
"""
"""Bash alone, without a process a turn: it is the load, and should be none of its own."""
START = """
import os, sys
os.environ.update(TUNESMITH_RUNTIME="docker", TUNESMITH_GATE={gate!r}, TUNESMITH_PROJECT={project!r})
from tunesmith.main import main
main()
"""


def measure() -> list[dict[str, Any]]:
    program = START.format(gate=f"unix://{ENGINE}", project=NAME)
    with project(NAME) as container, tempfile.TemporaryDirectory(prefix="services-") as home:
        print_lines(container, LINES)
        with served(Path(home), ("-c", program)) as server:
            time.sleep(SETTLING_SECONDS)
            return [*rates(server, container), *flood(server, container), *job_beside(server, container)]


def rates(server: Server, container: str) -> list[dict[str, Any]]:
    asked = f"Host: localhost:{server.port}\r\nAuthorization: Bearer {server.token}\r\n"
    ways = {
        "raw": lambda: raw_rate(container, LINES, timestamps=True, tail=LINES),
        "raw without times": lambda: raw_rate(container, LINES, timestamps=False),
        "followed": lambda: delivered(server, f"/api/services/ollama/logs/follow?tail={LINES}", asked),
        "read": lambda: delivered(server, "/api/services/ollama/logs?whole=true", asked),
    }
    found: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(ROUNDS):
        for way, run in ways.items():
            found[way].append(run())
    median = {way: statistics.median(all_of) for way, all_of in found.items()}
    return [
        shown("the end of a container's log, raw from the engine's socket", median["raw"], "lines/s"),
        shown("all of it, without times", median["raw without times"], "lines/s"),
        at_least("followed by one viewer / raw", median["followed"] / median["raw"], "×", RATE_BAR),
        at_least("read whole by one viewer / raw", median["read"] / median["raw without times"], "×", RATE_BAR),
    ]


def delivered(server: Server, path: str, headers: str) -> float:
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        return rate(connection, path, headers, LINES)


def flood(server: Server, container: str) -> list[dict[str, Any]]:
    """20 viewers, 5 of them follow a log of 2,000 lines/s."""
    inside(container, PRINTING, wait=False)
    process = psutil.Process(server.pid)
    words = [FOLDER / "followers.py", server.port, server.token, FOLLOWING, WATCHING, FLOOD_SECONDS]
    with subprocess.Popen([sys.executable, *map(str, words)], stdout=subprocess.PIPE) as viewers:
        cpu, began, highest = sum(process.cpu_times()[:2]), time.monotonic(), 0
        while viewers.poll() is None:
            highest = max(highest, process.memory_info().rss)
            time.sleep(0.2)
        spent = (sum(process.cpu_times()[:2]) - cpu) / (time.monotonic() - began)
        assert viewers.stdout
        seen = json.loads(viewers.stdout.read())
    who = f"{FOLLOWING + WATCHING} viewers, {FOLLOWING} of a log"
    return [
        at_least(f"{who}: lines that each got", seen["lines"] / FLOOD_SECONDS, "lines/s", LINES_PER_SECOND * 0.95),
        at_most(f"{who}: gaps", seen["gaps"], "gaps", 0),
        at_most(f"{who}: memory of the orchestrator, highest", highest / 1e6, "MB", RSS_BAR_MB),
        shown(f"{who}: share of a core", 100 * spent, "%"),
    ]


def job_beside(server: Server, container: str) -> list[dict[str, Any]]:
    """The same work beside the same flood: with us and our viewers, and with one `docker logs -f` while we stand still."""
    inside(container, PRINTING.replace(f"{FLOOD_SECONDS + 10:.0f} * 1000000", "600 * 1000000"), wait=False)
    words = [sys.executable, FOLDER / "followers.py", server.port, server.token, FOLLOWING, WATCHING, 600]
    ours: list[float] = []
    theirs: list[float] = []
    process = psutil.Process(server.pid)
    for _ in range(JOB_PAIRS):
        with ended(list(map(str, words))):
            ours.append(job(container))
        process.suspend()
        with ended(["docker", "logs", "-f", "--tail", "0", container]):
            theirs.append(job(container))
        process.resume()
    ratio = statistics.median(mine / other for mine, other in zip(ours, theirs, strict=True))
    return [
        at_most("a job beside the flood, with us / with one docker logs -f", ratio, "×", JOB_BAR),
        shown("that job beside one docker logs -f", statistics.median(theirs), "s"),
    ]


@contextlib.contextmanager
def ended(argv: list[str]) -> Iterator[None]:
    process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(2)
    try:
        yield
    finally:
        process.kill()
        process.wait()


def job(container: str) -> float:
    """Seconds that a fixed piece of work takes on every core."""
    began = time.perf_counter()
    inside(container, "for core in $(seq $(nproc)); do perl -e 'for (1 .. 60000000) { $n += $_ }' & done; wait")
    return time.perf_counter() - began


if __name__ == "__main__":
    for row in measure():
        print(row)
