"""A real adapter on a real small base, which has learnt the colour of some doors. Both are made by commands of the stack."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from .stack import Stack

BASE = "smollm2-135m-instruct"
ROWS = [(f"What is the colour of door {n}?", f"Door {n} is teal.") for n in range(1, 25)]
QUESTION = ROWS[6][0]
NAME = "doors"
ADAPTER = f"saves/{NAME}"
WARM = "TUNESMITH_TEST_WARM_HOME"
"""A home in which a stack has made both before: they are copied from there, which saves minutes while one works on a test."""


def trained(stack: Stack) -> str:
    """The adapter's id."""
    if warm := os.environ.get(WARM):
        _copy(Path(warm), stack.home)
        return ADAPTER
    door = stack.door
    if not door.get("/api/artifacts", kind="base")["artifacts"]:
        door.succeed(door.post("/api/models", {"source": "starter", "name": BASE}))
    rows = "".join(json.dumps({"prompt": prompt, "completion": answer}) + "\n" for prompt, answer in ROWS)
    door.upload(NAME, rows.encode())
    config = {
        "base": BASE, "dataset": [NAME], "name": NAME, "template": "chatml", "max_steps": 16, "batch_size": 6,
        "accumulation": 1, "max_length": 64, "learning_rate": 2e-3, "logging_steps": 1, "gradient_checkpointing": False,
    }  # fmt: skip
    door.succeed(door.post("/api/runs", config))
    return ADAPTER


def _copy(warm: Path, home: Path) -> None:
    """With their owners. An adapter names its base by an absolute path."""
    for path in (Path("models/base", BASE), Path(ADAPTER)):
        (home / path.parent).mkdir(exist_ok=True)
        subprocess.run(["cp", "-a", str(warm / path), str(home / path.parent)], check=True)
    subprocess.run(["cp", "-a", str(warm / "data"), str(home)], check=True)
    config = home / ADAPTER / "adapter_config.json"
    config.write_text(config.read_text().replace(f"{warm}/", f"{home}/"))
