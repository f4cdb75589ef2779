"""What a layer of tests is."""

from __future__ import annotations

from dataclasses import dataclass

Command = tuple[str, ...]


@dataclass(frozen=True)
class Layer:
    """Commands that run one after the other; the first that fails ends the layer."""

    name: str
    proves: str
    """In a few words, for who waits."""
    minutes: float
    """What it took on 2 cores beside the other lane (docs/testing.md)."""
    commands: tuple[Command, ...]
    needs: tuple[str, ...] = ()
    """What has to be made before (`kit.needs`)."""
    lane: int = 0
    """Whose worker takes it first. One that has nothing left takes from the others."""
    holds: tuple[str, ...] = ()
    """What no two layers may use at once, such as the machine's engine."""
    fast: bool = False
    """Part of `make test FAST=1`."""
    whole: bool = True
    """Part of a run without names; the others are parts of these, for those who can't wait."""
