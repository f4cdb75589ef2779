"""Write a release as a numbered, immutable record, and switch the served name to it.

    record.py --request release.json

The request holds everything but hashes and number. The record appears by link, so two releases of one name never share
a number; `current` is switched by rename. Asked again for the same job, only the switch is made.

A release on Ollama (the request has `ollama`) was loaded as NAME:JOB. Under the lock of its name it becomes NAME:rN before the
record says so; after the switch NAME becomes a copy of it, and NAME:JOB goes.
"""

import argparse
import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "ollama"))
from client import Ollama, OllamaFailed
from modelfile import modelfile, stop_words


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def identity(path: Path) -> list[int]:
    """Another one means that the file may be another: inode, size in bytes, both times of change in nanoseconds."""
    found = path.stat()
    return [found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns]


def known(home: Path, name: str, ours: list[int]) -> str | None:
    """The hash that an earlier record of any release has of this very file: a base is gigabytes, and serves many adapters."""
    for record in (home / "models" / "served").glob("*/*.json"):
        try:
            pieces = json.loads(record.read_text())["pieces"] if record.stem.isdigit() else []
            found = next((each["sha256"] for each in pieces if each["path"] == name and each.get("identity") == ours), None)
        except (OSError, ValueError, KeyError, TypeError):
            continue  # deleted meanwhile, or no record of ours: the file is read
        if found:
            return str(found)
    return None


def piece(home: Path, role: str, path: Path) -> dict:
    name, ours = path.relative_to(home).as_posix(), identity(path)
    digest = known(home, name, ours)
    print(f"{'known from an earlier release:' if digest else 'hashing'} {path.name}", flush=True)
    return {
        "role": role,
        "path": name,
        "sha256": digest or sha256(path),
        "bytes": ours[1],
        "identity": ours,
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
        number = next_number(folder)
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
    on_ollama = request.get("ollama")
    if report["verdict"] == "mended" and not on_ollama:
        template = keep(Path(request["rendering"]) / "template.jinja", folder / "templates" / f"{request['job']}.jinja")
        pieces.append(piece(home, "template", template))
    if on_ollama:
        pieces.append(piece(home, "modelfile", keep_modelfile(on_ollama, Path(request["rendering"]), report, folder)))
    kept = keep(report_path, folder / "reports" / f"{request['job']}.json")
    return {
        **{key: request[key] for key in KEPT},
        "engine_build": " ".join(str(report.get("engine", {}).get(key, "")) for key in ("name", "build")).strip(),
        "pieces": pieces,
        "parity": kept.relative_to(home).as_posix(),
        "parity_verdict": report["verdict"],
        "model_digest": report["model_digest"] if on_ollama else None,
        "made_at": datetime.now(UTC).isoformat(),
    }


def keep_modelfile(on_ollama: dict, rendering: Path, report: dict, folder: Path) -> Path:
    """What `ollama create` makes this very model of, with the template that passed."""
    template = (rendering / "ollama" / report["template_file"]).read_text(encoding="utf-8")
    target = folder / "modelfiles" / f"{on_ollama['job']}.Modelfile"
    target.parent.mkdir(exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    part.write_text(modelfile(on_ollama, template, stop_words(rendering)), encoding="utf-8")
    part.replace(target)
    return target


def next_number(folder: Path) -> int:
    """Never one that was given before: `last` has the highest of those whose releases were deleted."""
    last = folder / "last"
    return max([*numbers(folder), int(last.read_text()) if last.exists() else 0]) + 1


def name_on_ollama(on_ollama: dict, name: str, number: int, digest: str) -> None:
    """NAME:rN is what was checked: a copy of NAME:JOB, whose digest it keeps."""
    ollama, numbered = Ollama(on_ollama["address"]), f"{name}:r{number}"
    if ollama.digest(numbered) == digest:
        return
    found = ollama.digest(on_ollama["tag"])
    if found != digest:
        sys.exit(f"{on_ollama['tag']} in Ollama isn't what was checked ({found or 'it is gone'}): release the adapter again")
    ollama.copy(on_ollama["tag"], numbered)


def follow_on_ollama(on_ollama: dict, name: str, number: int) -> None:
    """NAME is a copy of the current release. The serving side looks after it from now on."""
    ollama = Ollama(on_ollama["address"])
    ollama.copy(f"{name}:r{number}", name)
    ollama.delete(on_ollama["tag"])


@contextlib.contextmanager
def alone(folder: Path):
    """One record at a time: between the choice of a number and its record nobody else may choose it."""
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def release(request: dict, home: Path, folder: Path) -> int:
    number, on_ollama = recorded(folder, request["job"]), request.get("ollama")
    if number is None:
        record = make_record(request, home, folder)
        if on_ollama:
            name_on_ollama(on_ollama, request["name"], next_number(folder), record["model_digest"])
        number = write_record(folder, record)
    switch(folder, number)
    if on_ollama:
        follow_on_ollama(on_ollama, request["name"], number)
    return number


KEPT = ("name", "way", "engine", "adapter", "base", "template", "system", "quantisation", "job", "warnings")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--request", type=Path, required=True)
    request = json.loads(parser.parse_args().request.read_text())
    home = Path(request["home"])
    folder = home / "models" / "served" / request["name"]
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with alone(folder):
            number = release(request, home, folder)
    except OllamaFailed as error:
        sys.exit(f"release on Ollama: {error}")
    print(f"{request['name']} is now release {number}", flush=True)


if __name__ == "__main__":
    main()
