"""How the demo trains: the settings that reached its bars, with the figures in docs/demo.md."""

from __future__ import annotations

RECIPE: dict[str, object] = {}
