"""Which form of a file is sent, by what a client accepts."""

from __future__ import annotations

import pytest

from tunesmith.dashboard.coding import choose, is_known

ALL = ("identity", "gzip", "br")


@pytest.mark.parametrize(
    ("accepted", "chosen"),
    [
        ("", "identity"),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip, deflate", "gzip"),
        ("br;q=0.5, gzip;q=0.8", "gzip"),
        ("br;q=0, gzip;q=0.1", "gzip"),
        ("BR ; Q=1.0", "br"),
        ("*", "br"),
        ("*;q=0.5, br;q=0.1", "gzip"),
        ("gzip;q=0.5, identity", "identity"),
        ("gzip;q=0.5", "gzip"),
        ("br;q=0, *;q=0", "identity"),
        ("zstd, identity;q=0", "identity"),
        ("br;q=nan, gzip;q=2, ;,", "identity"),
        ("brotli, x-gzip", "identity"),
    ],
)
def test_the_form_with_the_highest_weight_is_chosen(accepted: str, chosen: str) -> None:
    assert choose(accepted, ALL) == chosen


def test_what_is_not_there_is_not_chosen() -> None:
    assert choose("br, gzip", ("identity", "gzip")) == "gzip"
    assert choose("br, gzip", ("identity",)) == "identity"


@pytest.mark.parametrize(
    ("headers", "known"),
    [
        ([], False),
        (['"a"'], True),
        (['W/"a"'], True),
        (['"b", W/"a"'], True),
        (['"b"', '"a"'], True),
        (["*"], True),
        (['"a-br"'], False),
        (["a"], False),
    ],
)
def test_a_client_that_has_the_form_is_known_by_its_tag(headers: list[str], known: bool) -> None:
    assert is_known(headers, '"a"') is known
