"""Which engines the current releases need, and where a served name is found. Pure: files are read elsewhere."""

from __future__ import annotations

import difflib
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal, NamedTuple

from tunesmith.domain.errors import InvalidInput, NotFound
from tunesmith.domain.name import suggestion
from tunesmith.domain.release import Engine, Piece, Release


@dataclass(frozen=True)
class Base:
    """A base model that has a GGUF, served under its own name. `model` is relative to home."""

    name: str
    model: str
    stamp: str
    """Changes when the file does (size and time of change)."""


@dataclass(frozen=True)
class Served:
    """One served name on an instance."""

    name: str
    base: str
    release: int | None = None
    """None: a base model as it is."""
    adapter: int | None = None
    """Index in the instance's adapters; None: the model itself."""
    system: str | None = None
    made_at: int = 0
    """Unix time, seconds; 0 for a base model."""

    @property
    def versioned(self) -> str:
        """`name@number`, or the name alone for a base model."""
        return self.name if self.release is None else f"{self.name}@{self.release}"


@dataclass(frozen=True)
class Instance:
    """One llama-server: a model file, the one chat template it can have, and adapters in the order of their ids.

    Paths are relative to home. Two instances on one file share its pages, since it is mapped into memory.
    """

    key: str
    model: str
    template: str | None
    adapters: tuple[str, ...]
    served: tuple[Served, ...]
    fingerprint: str
    """Of all that the process is made of; another one means that it must be started anew."""


class Route(NamedTuple):
    instance: Instance
    served: Served

    @property
    def lora(self) -> list[dict[str, float]]:
        """A request's `lora`: every adapter with its scale. A request that leaves one out gets cached states of another model."""
        return [
            {"id": index, "scale": 1.0 if index == self.served.adapter else 0.0} for index in range(len(self.instance.adapters))
        ]


class _Group(NamedTuple):
    model: str
    template: str
    """Content hash of the template's file; empty: the GGUF's own."""


def desired(releases: Iterable[Release], bases: Iterable[Base], shape: str = "") -> tuple[Instance, ...]:
    """The instances that serve these current releases and bases; one for each pair of a model file and a template.

    A release whose name is also a base's takes the name. `shape` is whatever else goes into the argv.
    """
    current = sorted(releases, key=lambda release: release.name)
    wanted = [release for release in current if release.engine is Engine.LLAMA_CPP]
    taken = {release.name for release in current}
    of_releases: dict[_Group, list[Release]] = defaultdict(list)
    of_bases: dict[_Group, list[Base]] = defaultdict(list)
    for release in wanted:
        of_releases[_group(release)].append(release)
    for base in bases:
        if base.name not in taken:
            of_bases[_Group(base.model, "")].append(base)
    groups = sorted({*of_releases, *of_bases})
    return tuple(_instance(group, of_releases[group], of_bases[group], shape) for group in groups)


def find(instances: Sequence[Instance], model: str) -> Route:
    """Where requests for `model` (`name` or `name@number`) go; NotFound names the nearest."""
    for instance in instances:
        for served in instance.served:
            if model in (served.name, served.versioned):
                return Route(instance, served)
    raise _unknown(model, [served for instance in instances for served in instance.served])


def _unknown(model: str, served: list[Served]) -> NotFound:
    name = model.partition("@")[0]
    current = next((one for one in served if one.name == name), None)
    if current is not None:
        return NotFound(
            f"{model} isn't loaded",
            f"The current release is {current.versioned}.",
            f"Ask for {name}, or roll back with `tunesmith rollback {name}`.",
        )
    near = difflib.get_close_matches(model, [one.name for one in served], n=1)
    if near:
        return NotFound(f"No model is served as {model[:100]!r}", "", f"Did you mean {near[0]!r}? GET /v1/models lists all.")
    remedy = "GET /v1/models lists all." if served else "Release an adapter first: `tunesmith release ADAPTER --name NAME`."
    return NotFound(f"No model is served as {model[:100]!r}", "", remedy)


def _piece(release: Release, role: Literal["model", "adapter", "template"]) -> Piece | None:
    return next((piece for piece in release.pieces if piece.role == role), None)


def _model(release: Release) -> Piece:
    piece = _piece(release, "model")
    if piece is None:
        raise InvalidInput(
            f"Release {release.number} of {release.name} names no model file",
            f"models/served/{release.name}/{release.number}.json has no piece with the role `model`.",
            "Release the adapter again.",
        )
    return piece


def _group(release: Release) -> _Group:
    template = _piece(release, "template")
    return _Group(_model(release).path, template.sha256 if template else "")


def _instance(group: _Group, releases: list[Release], bases: list[Base], shape: str) -> Instance:
    adapters: dict[str, str] = {}
    served = [Served(base.name, base.name) for base in bases]
    for release in releases:
        adapter = _piece(release, "adapter")
        if adapter is not None:
            adapters[adapter.path] = adapter.sha256
        index = list(adapters).index(adapter.path) if adapter else None
        made_at = int(release.made_at.timestamp())
        served.append(Served(release.name, release.base, release.number, index, release.system, made_at))
    template = _piece(releases[0], "template") if releases else None
    hashes = sorted({_model(release).sha256 for release in releases} | {base.stamp for base in bases})
    return Instance(
        key=_key(group),
        model=group.model,
        template=template.path if template else None,
        adapters=tuple(adapters),
        served=tuple(served),
        fingerprint=_digest(group.model, hashes, sorted(adapters.items()), list(adapters), group.template, shape),
    )


def _key(group: _Group) -> str:
    """A folder name that says the model and stays the same from start to start."""
    stem = suggestion(PurePosixPath(group.model).stem)[:60]
    return f"{stem}-{_digest(*group)[:8]}"


def _digest(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
