"""What the gate proved before. An adapter changes neither template nor tokenizer: on the same ground (model file, engine,
rendering, and these scripts) every chat would only be compared once more with the same end.

A proof is a whole gate's report, kept when an adapter passed it. The next adapter on its ground still has to load, and to be
kept apart from the base.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rounds import write

KEPT = ("verdict", "engine", "corpus_sha256", "trained_template", "template_sha256", "rounds")


@dataclass(frozen=True)
class Ground:
    """All that a comparison depends on. Anything else is another ground, with nothing proved on it."""

    model: Path
    rendering: Path
    program: Sequence[str]
    build: str

    def key(self) -> str:
        """Known without reading the model: by inode, size and both times of change."""
        model = self.model.stat()
        identity = [model.st_ino, model.st_size, model.st_mtime_ns, model.st_ctime_ns]
        scripts = sorted(Path(__file__).parent.glob("*.py"))
        rendered = [self.rendering / "rendering.json", self.rendering / "template.jinja"]
        texts = [path for path in (*rendered, *scripts) if path.is_file()]
        parts = [str(self.model), identity, list(self.program), self.build, *map(digest, texts)]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


class Proofs:
    """In one folder, a file a ground. Losing them costs only time; without a folder there are none."""

    def __init__(self, folder: Path | None, ground: Ground) -> None:
        self.path = folder / f"{ground.key()}.json" if folder else None

    def find(self) -> dict[str, Any] | None:
        """The report that was kept, with `proved_at`; None when there is none, or none that can be read."""
        if self.path is None or not self.path.exists():
            return None
        try:
            proof: dict[str, Any] = json.loads(self.path.read_text(encoding="utf-8"))
            return {key: proof[key] for key in (*KEPT, "proved_at")}
        except (OSError, ValueError, KeyError, TypeError) as error:
            print(f"parity: {self.path} can't be read ({error!r}): everything is compared anew", flush=True)
            return None

    def keep(self, report: dict[str, Any]) -> None:
        """A report that didn't block."""
        if self.path is not None:
            now = datetime.now(UTC).isoformat(timespec="seconds")
            write(self.path, {**{key: report[key] for key in KEPT}, "proved_at": now})

    def drop(self) -> None:
        """What was proved has been refuted."""
        if self.path is not None:
            self.path.unlink(missing_ok=True)
