"""From asking for a release to its first answer, by the adapter path and by the merge path: real server, tools and base.

The state of a user's next release on the same base: the base's GGUF, the template's rendering and what the parity gate proved of
them are there, of the adapter there is nothing, no engine runs. Each release is of an adapter of its own (one bit of one weight
differs) and takes over the name of the one before; the ways in turns.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from rows import at_least, at_most, left_out, shown
from server_process import Server, served

from tunesmith.settings import Settings

PAIRS, SPEED_BAR, OWN_BAR_SECONDS = 3, 3, 0.3
BASE = "smollm2-135m-instruct"
ROWS = [{"prompt": f"What is the colour of door {n}?", "completion": f"Door {n} is teal."} for n in range(1, 25)]
TRAINING = {
    "base": BASE, "dataset": ["doors"], "name": "doors", "template": "chatml", "max_steps": 2, "batch_size": 4,
    "accumulation": 1, "max_length": 64, "gradient_checkpointing": False,
}  # fmt: skip
LOOK_SECONDS = 0.05


@dataclass
class Way:
    """All times in seconds, one of each a release."""

    answer: list[float] = field(default_factory=list)
    asking: list[float] = field(default_factory=list)
    """Until the request for the release is answered: hashing and planning."""
    parity: list[float] = field(default_factory=list)
    apart: list[float] = field(default_factory=list)
    """Until the first answer, without hashing, planning and the parity gate."""
    own: list[float] = field(default_factory=list)
    """A step: job − its steps, divided by their number."""


def measure() -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory(prefix="ways-") as folder:
        home = Path(folder)
        link_base(home)
        with served(home) as server:
            missing = [box["name"] for box in server.ask("GET", "/api/toolboxes") if box["name"] in NEEDED and not ready(box)]
            if missing:
                return [left_out("adapter path / merge path", f"first: tunesmith toolbox install {' '.join(missing)}")]
            try:
                prepare(server)
                return rows(measured(server))
            finally:
                server.ask("POST", "/api/system:shutdown", {"force": True})
                server.process.wait(60)


NEEDED = ("llamafactory", "llama-cpp")


def ready(box: dict[str, Any]) -> bool:
    return str(box["presence"]) == "ready"


def rows(ways: dict[str, Way]) -> list[dict[str, Any]]:
    adapter, merge = ways["adapter"], ways["merge"]
    faster = statistics.median(slow / quick for quick, slow in zip(adapter.answer, merge.answer, strict=True))
    making = statistics.median(slow / quick for quick, slow in zip(adapter.apart, merge.apart, strict=True))
    own = statistics.median(adapter.own + merge.own)
    return [
        at_least("adapter path to the first answer, against merge", faster, "× faster", SPEED_BAR),
        shown("the same without hashing and parity gate", making, "× faster"),
        shown("first release on a base to first answer, adapter path", ways["first"].answer[0], "s"),
        shown("release to first answer, adapter path", statistics.median(adapter.answer), "s"),
        shown("release to first answer, merge path", statistics.median(merge.answer), "s"),
        at_most("own time a step of a real release", own, "s", OWN_BAR_SECONDS),
        shown("apart: hashing and planning, base seen for the first time", ways["first"].asking[0], "s"),
        shown("apart: hashing and planning, base known", statistics.median(adapter.asking + merge.asking), "s"),
        shown("apart: parity gate, adapter path, first on a base", ways["first"].parity[0], "s"),
        shown("apart: parity gate, adapter path", statistics.median(adapter.parity), "s"),
        shown("apart: parity gate, merge path", statistics.median(merge.parity), "s"),
    ]


# ── what a user has before ──


def link_base(home: Path) -> None:
    """The base that tests or an earlier demo have left here; without one the starter is made."""
    found = [Path(os.environ.get("TUNESMITH_TEST_BASE", "")), Settings().place.models / "base" / BASE]
    base = next((path for path in found if (path / "config.json").is_file()), None)
    if base:
        shutil.copytree(base, home / "models" / "base" / BASE)


def prepare(server: Server) -> None:
    """A trained adapter, its rendering, and the base's GGUF by a first release."""
    if not (server.home / "models" / "base" / BASE).is_dir():
        finished(server, server.ask("POST", "/api/models", {"source": "starter", "name": BASE}))
    upload(server)
    finished(server, server.ask("POST", "/api/runs", TRAINING))


def upload(server: Server) -> None:
    content = "".join(json.dumps(row) + "\n" for row in ROWS).encode()
    httpx.post(
        f"http://127.0.0.1:{server.port}/api/datasets",
        data={"name": "doors"},
        files={"file": ("doors.jsonl", content)},
        headers={"Authorization": f"Bearer {server.token}"},
        trust_env=False,
    ).raise_for_status()


def variant(server: Server, number: int) -> str:
    """The trained adapter with another lowest bit in one weight: equal work, and nothing of it is there already."""
    run = server.home / "saves" / f"doors-{number}"
    shutil.copytree(server.home / "saves" / "doors", run, ignore=shutil.ignore_patterns("checkpoint-*"))
    weights = run / "adapter_model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-4 * (number + 1)] ^= 1  # little-endian float32
    weights.write_bytes(content)
    return f"saves/{run.name}"


# ── measuring ──


def measured(server: Server) -> dict[str, Way]:
    ways = {"first": Way(), "adapter": Way(), "merge": Way()}
    release(server, "adapter", 0, ways["first"])
    for number in range(PAIRS):
        for place, way in enumerate(sorted(("adapter", "merge"), reverse=bool(number % 2))):
            release(server, way, 1 + 2 * number + place, ways[way])
    return ways


def release(server: Server, way: str, number: int, times: Way) -> None:
    """Release a new adapter, ask it once, and end its engine."""
    adapter, name = variant(server, number), f"doors-{way}"
    began = time.perf_counter()
    job = server.ask("POST", "/api/releases", {"adapter": adapter, "name": name, "way": way})
    times.asking.append(time.perf_counter() - began)
    job = finished(server, job)
    chat = {"model": name, "messages": [{"role": "user", "content": "What is the colour of door 3?"}], "max_tokens": 8}
    assert server.ask("POST", "/v1/chat/completions", chat)["choices"][0]["message"]["content"]
    times.answer.append(time.perf_counter() - began)
    steps = {step["name"]: seconds(step["started_at"], step["ended_at"]) for step in job["steps"]}
    times.parity.append(steps["parity"])
    times.apart.append(times.answer[-1] - times.asking[-1] - times.parity[-1])
    times.own.append((seconds(job["created_at"], job["ended_at"]) - sum(steps.values())) / len(steps))
    said = ", ".join(f"{step} {spent:.1f}" for step, spent in steps.items())
    print(f"   {way}: first answer after {times.answer[-1]:.1f} s; steps: {said}", flush=True)
    server.ask("POST", f"/api/deployments/{name}:stop")


def finished(server: Server, job: dict[str, Any]) -> dict[str, Any]:
    """The record of a job that has succeeded; AssertionError with its message otherwise."""
    while job["state"] in ("pending", "running"):
        time.sleep(LOOK_SECONDS)
        job = server.ask("GET", f"/api/jobs/{job['id']}")
    assert job["state"] == "succeeded", [step["message"] for step in job["steps"] if step["message"]] or job
    return job


def seconds(begin: str, end: str) -> float:
    return (datetime.fromisoformat(end) - datetime.fromisoformat(begin)).total_seconds()


if __name__ == "__main__":
    for row in measure():
        print(row)
