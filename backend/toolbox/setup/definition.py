"""What a toolbox is made of, as its TOML file beside this one says."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Definition:
    """Paths are absolute; `remove` holds patterns relative to site-packages, `checks` argvs with {python} and {bin}."""

    name: str
    requirements: Path
    torch: Path | None = None
    no_deps: Path | None = None
    remove: tuple[str, ...] = ()
    checks: tuple[tuple[str, ...], ...] = ()


def read(path: Path) -> Definition:
    """The definition in `path`. Paths in it are relative to the folder above the one it lies in."""
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    root = path.resolve().parent.parent

    def at(key: str) -> Path | None:
        return root / raw[key] if key in raw else None

    return Definition(
        name=path.stem,
        requirements=root / raw["requirements"],
        torch=at("torch"),
        no_deps=at("no_deps"),
        remove=tuple(raw.get("remove", ())),
        checks=tuple(tuple(argv) for argv in raw.get("checks", ())),
    )
