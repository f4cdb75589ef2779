"""What a refusal has to be: one clear problem, and nothing on the disk changed by it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .application import Application


def on_disk(home: Path) -> dict[str, tuple[int, int]]:
    """Everything that users own and every job, with size and time of change."""
    roots = [home / name for name in ("saves", "models", "data", ".tunesmith/jobs")]
    files = [path for root in roots for path in root.rglob("*")]
    return {str(path): (path.lstat().st_size, path.lstat().st_mtime_ns) for path in files}


def refused(application: Application, path: str, body: object, status: int = 422) -> dict[str, Any]:
    """The problem that `body` is answered with; nothing on the disk may have changed by it."""
    before = on_disk(application.home)
    answer = application.post(path, body)
    assert answer.status_code == status, answer.text
    assert on_disk(application.home) == before
    problem: dict[str, Any] = answer.json()
    assert problem["title"] and problem["remedy"], problem
    return problem


def says(problem: dict[str, Any], *words: str) -> None:
    text = f"{problem['title']} {problem['detail']} {problem['remedy']}"
    assert all(word in text for word in words), text
