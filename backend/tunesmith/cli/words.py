"""Numbers as a person reads them. Unknown is a dash, never 0."""

from __future__ import annotations

from datetime import UTC, datetime

UNKNOWN = "–"


def size(count: float | None) -> str:
    if count is None:
        return UNKNOWN
    value = float(count)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if value < 1024:
            return f"{value:.0f} {unit}" if unit in ("B", "KiB") or value >= 100 else f"{value:.1f} {unit}"
        value /= 1024
    return f"{value:.1f} TiB"


def span(seconds: float | None) -> str:
    """A duration: 0.4 s, 12 s, 3 min 20 s, 2 h 5 min."""
    if seconds is None:
        return UNKNOWN
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def ago(moment: datetime | None, now: datetime | None = None) -> str:
    if moment is None:
        return UNKNOWN
    seconds = ((now or datetime.now(UTC)) - moment).total_seconds()
    if seconds < 60:
        return "just now"
    if seconds < 3600:
        return f"{seconds // 60:.0f} min ago"
    if seconds < 86400:
        return f"{seconds // 3600:.0f} h ago"
    return f"{seconds // 86400:.0f} days ago"


def quantity(done: float, total: float | None, unit: str) -> str:
    """Progress as `12/60 steps` or `1.2 GiB/1.9 GiB`."""
    if unit in ("bytes", "B"):
        return size(done) if total is None else f"{size(done)}/{size(total)}"
    counted = f"{done:g}" if total is None else f"{done:g}/{total:g}"
    return f"{counted} {unit}".strip()
