"""What a test needs and a person's machine may lack."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def leave_out(why: str) -> NoReturn:
    """Skips the test; fails it in CI, where nothing may be left out."""
    if os.environ.get("CI"):
        pytest.fail(why, pytrace=False)
    pytest.skip(why)


def need_root(why: str) -> None:
    if os.geteuid():
        leave_out(f"{why} needs root: run this as root (sudo make test)")
