"""Who may read a tool's page natively: programs and pages of this machine, by its own names."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[3] / "backend" / "toolbox" / "boards"))

from visitors import refusal


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:6006", "127.0.0.1:16006", "[::1]:6006", "LOCALHOST:1", "tb.localhost:6006"]
)
def test_this_machines_own_names_are_served(host: str) -> None:
    assert refusal(host, None) is None
    assert refusal(host, f"http://{host}") is None


@pytest.mark.parametrize(
    "host",
    [None, "", "evil.example", "evil.example:6006", "localhost.evil.example", "127.0.0.1.evil.example:6006", "10.0.0.1:6006",
     "localhost:6006, evil", "notlocalhost", "local host", "localhost:port", "localhost@evil.example"],
)  # fmt: skip
def test_any_other_name_is_refused(host: str | None) -> None:
    assert refusal(host, None) is not None


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "https://localhost:6006", "http://localhost:8765", "http://127.0.0.1:6006"]
)
def test_a_page_of_another_origin_is_refused(origin: str) -> None:
    assert refusal("localhost:6006", origin) is not None
