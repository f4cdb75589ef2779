"""httpx without its own command line, which would draw in click, rich and pygments at every command and start of ours."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import cast

sys.modules.setdefault("httpx._main", cast(ModuleType, None))  # None: an import of it fails, and httpx does without

import httpx  # noqa: E402

__all__ = ["httpx"]
