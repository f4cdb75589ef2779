"""Places in a log: every message has one, however the stream is cut, and reading on from one neither skips nor repeats."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.jobs.masking import Masking
from tunesmith.services.log_batch import Batch, Batcher, Cursor

from .multiplexed import frame, stamp

PLAIN = Masking()


def text_of(batch: Batch) -> str:
    data = json.loads(batch.event.split(b"data: ", 1)[1])
    assert data["kind"] == "log"
    return str(data["text"])


def all_of(batcher: Batcher, data: bytes, cut: int) -> list[Batch]:
    return [batch for at in range(0, len(data), cut) if (batch := batcher.take(data[at : at + cut]))]


TIMES = st.lists(st.integers(0, 3), min_size=1, max_size=30).map(sorted)
"""Many messages of one time, as the parts of a long line are."""


@given(TIMES, st.integers(1, 90), st.data())
def test_reading_on_from_any_place_gives_exactly_the_rest(times: list[int], cut: int, data: st.DataObject) -> None:
    stream = b"".join(frame(at, b"%d\n" % index) for index, at in enumerate(times))
    batches = all_of(Batcher(PLAIN), stream, cut)
    whole = "".join(map(text_of, batches))
    assert whole == "".join(f"{index}\n" for index in range(len(times)))
    had = data.draw(st.integers(0, len(batches) - 1))
    cursor = batches[had].last
    # The engine is asked from that time on, and sends all messages of it again.
    since = b"".join(frame(at, b"%d\n" % index) for index, at in enumerate(times) if stamp(at).encode() >= cursor.at)
    rest = "".join(map(text_of, all_of(Batcher(PLAIN, cursor), since, data.draw(st.integers(1, 500)))))
    assert "".join(map(text_of, batches[: had + 1])) + rest == whole


@given(TIMES, st.data())
def test_a_batch_gives_what_lies_behind_a_place_in_it(times: list[int], data: st.DataObject) -> None:
    stream = b"".join(frame(at, b"%d\n" % index) for index, at in enumerate(times))
    batch = Batcher(PLAIN).take(stream)
    assert batch
    had = data.draw(st.integers(0, len(times) - 1))
    head = Batcher(PLAIN).take(b"".join(frame(at, b"x\n") for at in times[:had]))
    if head is None or head.last == batch.last:
        return
    rest = batch.after(head.last, PLAIN)
    assert text_of(rest) == "".join(f"{index}\n" for index in range(had, len(times)))
    assert rest.last == batch.last


def test_a_cursor_is_its_text_and_the_engines_seconds() -> None:
    cursor = Cursor.parse("2026-01-31T12:00:00.000000007Z/3")
    assert cursor == Cursor(b"2026-01-31T12:00:00.000000007Z", 3)
    assert cursor and cursor.since == "1769860800.000000007"
    assert str(cursor) == "2026-01-31T12:00:00.000000007Z/3"


@pytest.mark.parametrize("text", [None, "", "7", "2026-13-31T12:00:00.000000007Z/3", "2026-01-31T12:00:00.000000007Z/0", "a/1"])
def test_what_is_no_cursor_is_none(text: str | None) -> None:
    assert Cursor.parse(text) is None


def test_escapes_and_returns_stay_and_what_is_no_text_is_replaced() -> None:
    batch = Batcher(PLAIN).take(frame(1, b"\x1b[1mbold\x1b[0m 5%\r9%\r\n\xff"))
    assert batch and text_of(batch) == "\x1b[1mbold\x1b[0m 5%\r9%\r\n\ufffd"


def test_a_character_that_two_parts_of_a_line_share_stays_one() -> None:
    batcher = Batcher(PLAIN)
    first, second = batcher.take(frame(1, "ä".encode()[:1])), batcher.take(frame(1, "ä".encode()[1:] + b"\n"))
    assert first and second and text_of(first) + text_of(second) == "ä\n"


def test_secrets_are_masked() -> None:
    batch = Batcher(Masking(["hf_secret_token"])).take(frame(1, b"token hf_secret_token used\n"))
    assert batch and text_of(batch) == "token *************** used\n"
