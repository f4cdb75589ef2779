"""The tuned home: rows, a base, an adapter trained on it, its merge and its release, made once by the product (`kit.tuned`).

A layer that needs what they leave behind takes a copy. Where training or releasing is the subject of a test, it does that itself.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tunesmith.artifacts.hashes import Hashes

BASE = "smollm2-135m-instruct"
NAME = "doors"
ADAPTER = f"saves/{NAME}"
ROWS = [(f"What is the colour of door {number}?", f"Door {number} is teal.") for number in range(1, 25)]
QUESTION, ANSWER = ROWS[6][0], "teal"
TRAINING: dict[str, object] = {
    "base": BASE, "dataset": [NAME], "name": NAME, "template": "chatml", "max_steps": 16, "batch_size": 6,
    "accumulation": 1, "max_length": 64, "learning_rate": 2e-3, "logging_steps": 1, "gradient_checkpointing": False,
}  # fmt: skip
PLACE = "TUNESMITH_TEST_HOME"
"""Names the tuned home; `tests/layers.py` makes it and sets it."""
MADE_AT = "made-at"
"""Beside the home, the path at which it was made: its texts hold that one."""
TEXT_BYTES = 8 << 20
"""Larger files hold no paths."""


def tuned_home() -> Path:
    """The one that was made, to be read only. Skips the test where there is none."""
    place = os.environ.get(PLACE)
    if not place:
        pytest.skip(f"{PLACE} names no tuned home: `make test` makes it and sets it")
    return Path(place)


def base_gguf() -> Path:
    """The base as f16, converted by the product. Not to be written into."""
    [found] = (tuned_home() / "models" / "gguf").glob(f"{BASE}-*-f16.gguf")
    return found


def copy_tuned(home: Path, *, owner: int | None = None) -> None:
    """Make `home` a tuned home by hard links; real copies, all of that user and group, where an `owner` is given.

    Before an orchestrator starts on it. Paths in it become those of `home`, and names that hold the adapter's hash follow.
    """
    made = tuned_home()
    copy = shutil.copy2 if owner is not None else os.link
    shutil.copytree(made, home, copy_function=copy, symlinks=True, dirs_exist_ok=True)
    before = _stem(made)
    _rewrite(home, {made.with_name(MADE_AT).read_text(): str(home)})
    after = f"{NAME}-{Hashes(home / '.tunesmith' / 'hashes.sqlite').sha256(home / ADAPTER)[:8]}"
    _rewrite(home, {before: after})
    for path in sorted(home.rglob(f"*{before}*"), reverse=True):
        path.rename(path.with_name(path.name.replace(before, after)))
    if owner is not None:
        for path in (home, *home.rglob("*")):
            os.chown(path, owner, owner, follow_symlinks=False)


def _stem(home: Path) -> str:
    """`doors-` and the head of the adapter's hash, as it is in the names of what was made of it."""
    [adapter] = (home / "models" / "adapters").glob(f"{NAME}-*.gguf")
    return "-".join(adapter.name.split("-")[:2])


def _rewrite(home: Path, words: dict[str, str]) -> None:
    """Replace words in all texts. A changed file is a new one: what was linked stays as it was."""
    for path in _texts(home):
        new = old = path.read_bytes()
        for word, by in words.items():
            new = new.replace(word.encode(), by.encode())
        if new != old and _is_text(old):
            stat = path.stat()
            path.unlink()
            path.write_bytes(new)
            path.chmod(stat.st_mode & 0o777)
            os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def _is_text(content: bytes) -> bool:
    """What is pickled or has checksums would break."""
    try:
        return "\0" not in content.decode()
    except UnicodeDecodeError:
        return False


def _texts(home: Path) -> Iterator[Path]:
    for path in home.rglob("*"):
        if path.is_file() and not path.is_symlink() and path.stat().st_size <= TEXT_BYTES:
            yield path
