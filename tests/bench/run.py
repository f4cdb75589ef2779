"""Run every benchmark, print a table (name, value, unit, bar, verdict) and write the same to `tests/bench/results.json`.

    run.py [NAME…]     only the programs whose file name holds one of the words

A benchmark is a file `*_bench.py` under this folder with `measure() -> list[dict]`: name, value, unit, bar (text), ok.
Each compares with what a user would do otherwise, in the same run.
"""

from __future__ import annotations

import importlib.util
import json
import sys
import time
import traceback
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent


def programs(words: list[str]) -> list[Path]:
    found = sorted(FOLDER.rglob("*_bench.py"))
    return [path for path in found if not words or any(word in path.stem for word in words)]


def measured(path: Path) -> list[dict[str, Any]]:
    """The results of one program; a program that fails is a result that isn't ok."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec and spec.loader, path
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    try:
        spec.loader.exec_module(module)
        return list(module.measure())
    except Exception as error:  # a broken benchmark must not hide the others; it is shown and fails the run
        traceback.print_exc()
        return [{"name": path.stem, "value": None, "unit": "", "bar": f"runs ({error})", "ok": False}]


def row(result: dict[str, Any]) -> str:
    value = "–" if result["value"] is None else f"{result['value']:.4g}"
    verdict = "ok" if result["ok"] else "MISSED"
    return f"{result['name']:58} {value:>10} {result['unit']:12} {result['bar']:28} {verdict}"


def main(words: list[str]) -> int:
    sys.path.insert(0, str(FOLDER))
    results = []
    for path in programs(words):
        began = time.monotonic()
        print(f"── {path.relative_to(FOLDER)}", flush=True)
        for result in measured(path):
            results.append(result)
            print(row(result), flush=True)
        print(f"   {time.monotonic() - began:.0f} s", flush=True)
    print(f"\n{'name':58} {'value':>10} {'unit':12} {'bar':28} verdict")
    print("\n".join(row(result) for result in results))
    kept = [{key: result[key] for key in ("name", "value", "unit", "bar", "ok")} for result in results]
    (FOLDER / "results.json").write_text(json.dumps(kept, indent=1) + "\n")
    return 0 if all(result["ok"] for result in results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
