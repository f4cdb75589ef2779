"""The stack: how long until all of it is healthy, and what a step costs beside the same command by `docker exec`.

A release (convert-adapter, parity, release) is made as a job, then by the job's own script of `docker exec` lines; five pairs,
in turn.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from rows import at_most, left_out, shown

from compose.door import Door
from compose.stack import USER, Stack, make_home
from doors.ports import free_ports
from kit.home import ADAPTER, BASE, NAME, ROWS, TRAINING

PAIRS = 5
HEALTHY_SECONDS, OWN_SECONDS = 60.0, 0.3


def measure() -> list[dict[str, Any]]:
    if shutil.which("docker") is None or subprocess.run(["docker", "version"], capture_output=True).returncode:
        return [left_out("stack", "needs a Docker engine and `make images`")]
    folder = Path(tempfile.mkdtemp(prefix="tunesmith-bench-"))
    folder.chmod(0o755)
    stack = Stack(f"tunesmith-bench-{os.getpid()}", make_home(folder / "home", USER), *free_ports(2))
    try:
        began = time.monotonic()
        stack.compose("up", "-d", "--wait")
        healthy = time.monotonic() - began
        return [at_most("stack: `docker compose up --wait`, all healthy", healthy, "s", HEALTHY_SECONDS), *_own_time(stack)]
    finally:
        stack.down()
        shutil.rmtree(folder, ignore_errors=True)


def _own_time(stack: Stack) -> list[dict[str, Any]]:
    _train(stack.door)
    _released(stack)  # the base's GGUF is made, and every cache is as warm as in the pairs
    pairs = []
    for _ in range(PAIRS):
        job = _released(stack)
        pairs.append((_wall(job), _by_hand(stack, job), len(job["steps"])))
    own = statistics.median((ours - by_hand) / steps for ours, by_hand, steps in pairs)
    return [
        at_most("stack: own time a step beside `docker exec`", own, "s", OWN_SECONDS),
        shown("stack: that release as a job", statistics.median(ours for ours, _, _ in pairs), "s"),
        shown("stack: the same by its script of `docker exec`", statistics.median(by_hand for _, by_hand, _ in pairs), "s"),
    ]


def _train(door: Door) -> None:
    """The adapter of the tests' tuned home, by the stack."""
    door.succeed(door.post("/api/models", {"source": "starter", "name": BASE}))
    door.upload(NAME, "".join(json.dumps({"prompt": prompt, "completion": answer}) + "\n" for prompt, answer in ROWS).encode())
    door.succeed(door.post("/api/runs", TRAINING))


def _released(stack: Stack) -> dict[str, Any]:
    _forget(stack)
    door: Door = stack.door
    return door.succeed(
        door.post("/api/releases", {"adapter": ADAPTER, "name": "timed", "way": "adapter", "quantisation": "f16"}),
        every=1.0,  # its record says when it ended; asking often would slow it down
    )


def _forget(stack: Stack) -> None:
    for made in (stack.home / "models" / "adapters").glob("*"):
        made.unlink()


def _wall(job: dict[str, Any]) -> float:
    """Seconds from the request to the end of the last step."""
    return (datetime.fromisoformat(job["ended_at"]) - datetime.fromisoformat(job["created_at"])).total_seconds()


def _by_hand(stack: Stack, job: dict[str, Any]) -> float:
    script = stack.door.call("GET", f"/api/jobs/{job['id']}/script").text
    _forget(stack)
    began = time.monotonic()
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True)
    seconds = time.monotonic() - began
    assert done.returncode == 0, done.stderr[-2000:]
    return seconds
