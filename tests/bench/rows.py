"""A benchmark's result as a row of the table."""

from __future__ import annotations

from typing import Any


def at_most(name: str, value: float, unit: str, bar: float) -> dict[str, Any]:
    return _row(name, value, unit, f"≤ {bar:g} {unit}", value <= bar)


def at_least(name: str, value: float, unit: str, bar: float) -> dict[str, Any]:
    return _row(name, value, unit, f"≥ {bar:g} {unit}", value >= bar)


def shown(name: str, value: float, unit: str) -> dict[str, Any]:
    """A figure without a bar: what a bar is compared with, or listed apart from it."""
    return _row(name, value, unit, "", True)


def left_out(name: str, why: str) -> dict[str, Any]:
    """What could not be measured, and the command that makes it possible. It fails the run."""
    return {"name": name, "value": None, "unit": "", "bar": why, "ok": False}


def _row(name: str, value: float, unit: str, bar: str, ok: bool) -> dict[str, Any]:
    return {"name": name, "value": round(value, 4), "unit": unit, "bar": bar, "ok": ok}
