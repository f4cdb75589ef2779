"""How long a scan of 10,000 run folders takes: the first one, and one when nothing changed."""

from __future__ import annotations

import json
import os
import statistics
import struct
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tunesmith.artifacts.scan import Scanner
from tunesmith.domain.home import Home

RUNS = 10_000
COLD_BAR_SECONDS, WARM_BAR_SECONDS = 2.0, 0.1
_MODULES = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")


def _header(layers: int = 30, rank: int = 1) -> tuple[bytes, int]:
    """A header as long as that of a LoRA on every linear layer of a 30-layer model (420 tensors), and its data's bytes."""
    tensors: dict[str, object] = {"__metadata__": {"format": "pt"}}
    at = 0
    for layer in range(layers):
        for module in _MODULES:
            for side in "AB":
                name = f"base_model.model.model.layers.{layer}.self_attn.{module}.lora_{side}.weight"
                shape = [rank, 4] if side == "A" else [4, rank]
                tensors[name] = {"dtype": "F32", "shape": shape, "data_offsets": [at, at + 16]}
                at += 16
    raw = json.dumps(tensors, separators=(",", ":")).encode()
    return struct.pack("<Q", len(raw)) + raw, at


def make_home(root: Path, runs: int = RUNS) -> Home:
    """A home with `runs` finished trainings, each with its adapter, log and state."""
    config = {
        "peft_type": "LORA", "base_model_name_or_path": "models/base/smollm2", "r": 1, "lora_alpha": 2,
        "target_modules": list(_MODULES), "bias": "none", "task_type": "CAUSAL_LM",
    }  # fmt: skip
    header, size = _header()
    weights = header + bytes(size)
    sidecar = {
        "kind": "adapter",
        "job": "train-1",
        "step": "train",
        "parents": ["models/base/smollm2"],
        "made_at": "2026-01-01T00:00:00Z",
    }
    contents = {
        "adapter_config.json": json.dumps(config, indent=2).encode(), "adapter_model.safetensors": weights,
        "trainer_log.jsonl": b'{"current_steps": 1, "total_steps": 1, "loss": 0.1}\n', "trainer_state.json": b"{}",
        "tunesmith.json": json.dumps(sidecar).encode(), ".tunesmith-run.json": b"{}",
    }  # fmt: skip
    home = Home(root)
    for number in range(runs):
        folder = home.saves / f"run-{number:05d}"
        folder.mkdir(parents=True)
        for name, content in contents.items():
            (folder / name).write_bytes(content)
    return home


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _walk(root: Path) -> int:
    """The least any scan must do: list every folder and look at every file once."""
    return sum(os.stat(os.path.join(folder, name)).st_size for folder, _, names in os.walk(root) for name in names)  # noqa: PTH116, PTH118


def measure() -> list[dict[str, object]]:
    """Rows of `name, value, unit, bar, ok`. Cold means a new scanner; the files themselves were just written."""
    with tempfile.TemporaryDirectory(prefix="scan-bench-") as folder:
        home = make_home(Path(folder))
        time.sleep(0.2)
        walks, colds, warms = [], [], []
        for _ in range(3):
            scanner = Scanner(home)
            walks.append(_seconds(lambda: _walk(home.saves)))
            colds.append(_seconds(scanner.scan))
            warms.extend(_seconds(scanner.scan) for _ in range(5))
            assert len(scanner.scan().artifacts) == RUNS
    walk, cold, warm = statistics.median(walks), statistics.median(colds), statistics.median(warms)
    return [
        _row("scan of 10,000 run folders, cold", cold, "s", COLD_BAR_SECONDS),
        _row("scan of 10,000 run folders, nothing changed", warm, "s", WARM_BAR_SECONDS),
        _row("cold scan / plain walk with stat", cold / walk, "×", None),
        _row("unchanged scan / plain walk with stat", warm / walk, "×", None),
    ]


def _row(name: str, value: float, unit: str, bar: float | None) -> dict[str, object]:
    return {
        "name": name,
        "value": round(value, 4),
        "unit": unit,
        "bar": f"≤ {bar} {unit}" if bar else "",
        "ok": bar is None or value <= bar,
    }


if __name__ == "__main__":
    json.dump(measure(), sys.stdout, indent=2, ensure_ascii=False)
