"""Write a release as a numbered, immutable record, and switch the served name to it.

    record.py --request release.json

The request holds everything but hashes and number. The record appears by link, so two releases of one name never share
a number; `current` is switched by rename. Asked again for the same job, only the switch is made.
"""

import argparse
import hashlib
import json
import os
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def piece(home: Path, role: str, path: Path) -> dict:
    print(f"hashing {path.name}", flush=True)
    return {
        "role": role,
        "path": path.relative_to(home).as_posix(),
        "sha256": sha256(path),
        "bytes": path.stat().st_size,
    }


def numbers(folder: Path) -> list[int]:
    return sorted(int(path.stem) for path in folder.glob("*.json") if path.stem.isdigit())


def recorded(folder: Path, job: str) -> int | None:
    """The number under which this job's release was written before, if it was."""
    for number in reversed(numbers(folder)):
        if json.loads((folder / f"{number}.json").read_text())["job"] == job:
            return number
    return None


def keep(source: Path, target: Path) -> Path:
    """A copy of a small file, complete when it appears."""
    target.parent.mkdir(exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    shutil.copyfile(source, part)
    part.replace(target)
    return target


def write_record(folder: Path, record: dict) -> int:
    part = folder / f".{record['job']}.part"
    try:
        number = max(numbers(folder), default=0) + 1
        while True:
            part.write_text(json.dumps({**record, "number": number}, indent=1))
            try:
                os.link(part, folder / f"{number}.json")
                return number
            except FileExistsError:
                number += 1
    finally:
        part.unlink(missing_ok=True)


def switch(folder: Path, number: int) -> None:
    part = folder / f".current.{os.getpid()}"
    part.write_text(f"{number}\n")
    part.replace(folder / "current")


def make_record(request: dict, home: Path, folder: Path) -> dict:
    report_path = Path(request["parity_report"])
    report = json.loads(report_path.read_text())
    if report["verdict"] not in ("equal", "mended"):
        sys.exit(f"the parity report {report_path} says {report['verdict']}: such a release can't be made")
    pieces = [piece(home, role, Path(path)) for role, path in request["pieces"]]
    if report["verdict"] == "mended":
        template = keep(Path(request["rendering"]) / "template.jinja", folder / "templates" / f"{request['job']}.jinja")
        pieces.append(piece(home, "template", template))
    kept = keep(report_path, folder / "reports" / f"{request['job']}.json")
    return {
        **{key: request[key] for key in KEPT},
        "engine_build": " ".join(str(report.get("engine", {}).get(key, "")) for key in ("name", "build")).strip(),
        "pieces": pieces,
        "parity": kept.relative_to(home).as_posix(),
        "parity_verdict": report["verdict"],
        "made_at": datetime.now(UTC).isoformat(),
    }


KEPT = ("name", "way", "engine", "adapter", "base", "template", "system", "quantisation", "job", "warnings")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--request", type=Path, required=True)
    request = json.loads(parser.parse_args().request.read_text())
    home = Path(request["home"])
    folder = home / "models" / "served" / request["name"]
    folder.mkdir(parents=True, exist_ok=True)
    number = recorded(folder, request["job"])
    if number is None:
        number = write_record(folder, make_record(request, home, folder))
    switch(folder, number)
    print(f"{request['name']} is now release {number}", flush=True)


if __name__ == "__main__":
    main()
