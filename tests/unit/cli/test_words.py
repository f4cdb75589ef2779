"""Numbers as a person reads them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tunesmith.cli.client import events
from tunesmith.cli.train import settings_of
from tunesmith.cli.words import ago, quantity, size, span

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("count", "text"), [(None, "–"), (0, "0 B"), (1023, "1023 B"), (1536, "2 KiB"), (1.25 * 2**30, "1.2 GiB"), (2**41, "2.0 TiB")]
)
def test_sizes(count: float | None, text: str) -> None:
    assert size(count) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(None, "–"), (0.44, "0.4 s"), (59.4, "59 s"), (60, "1 min 0 s"), (3600 + 5 * 60, "1 h 5 min")]
)
def test_spans(seconds: float | None, text: str) -> None:
    assert span(seconds) == text


@pytest.mark.parametrize(("hours", "text"), [(0, "just now"), (0.5, "30 min ago"), (5, "5 h ago"), (72, "3 days ago")])
def test_moments(hours: float, text: str) -> None:
    assert ago(NOW - timedelta(hours=hours), NOW) == text


def test_progress_in_its_own_unit() -> None:
    assert quantity(12, 60, "steps") == "12/60 steps"
    assert quantity(2**30, 2**31, "bytes") == "1.0 GiB/2.0 GiB"
    assert quantity(3, None, "") == "3"


def test_settings_are_read_as_yaml_reads_them() -> None:
    pairs = ["rank=16", "lr=1e-4", "packing=true", "target=q_proj,v_proj", "system=a=b", "none=null"]
    expected = {"rank": 16, "lr": 1e-4, "packing": True, "target": "q_proj,v_proj", "system": "a=b", "none": None}
    assert settings_of(pairs) == expected


def test_server_sent_events_are_parsed_and_heartbeats_dropped() -> None:
    lines = [": heartbeat", "", "event: log", "data: a", "data: b", "", "data:c", "", "data: unfinished"]
    assert list(events(iter(lines))) == [("log", "a\nb"), ("message", "c")]
