"""Bytes of the engine's socket: chunks, frames, addresses and refusals."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.domain.errors import InvalidInput, PlaceMissing
from tunesmith.runtimes.docker.containers import Place
from tunesmith.runtimes.docker.streams import Address, EngineStreams, Head, frames

from .multiplexed import chunked, frame

PLACE = Place("stack", "ollama")


@given(st.lists(st.binary(min_size=1, max_size=40)), st.lists(st.integers(1, 30), min_size=1))
def test_chunks_come_out_whole_however_they_are_cut(bodies: list[bytes], sizes: list[int]) -> None:
    head, got = Head("/logs"), b""
    data = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(bodies)
    for size in itertools.cycle(sizes):
        assert not head.over
        piece, data = data[:size], data[size:]
        got += head.feed(piece)
        if not data:
            break
    assert (head.status, got, head.over) == (200, b"".join(bodies), True)


TEXTS = st.one_of(st.binary(max_size=40), st.binary(max_size=40).map(lambda text: text.replace(b"\n", b" ") + b"\n"))
"""Whole lines, which are cut at their newlines, and what isn't one: parts of long lines, odd bytes."""


@given(st.lists(TEXTS), st.integers(0, 60))
def test_frames_come_out_whole_and_the_rest_stays(texts: list[bytes], cut: int) -> None:
    data = b"".join(frame(1, text, stream=1 + index % 2) for index, text in enumerate(texts))
    there = data[: len(data) - cut]
    found, end = frames(there)
    again, rest = frames(there[end:] + data[len(there) :])
    assert [message[31:] for message in found + again] == texts
    assert rest == len(data) - end


@given(st.lists(st.integers(0, 3000), max_size=30))
def test_lines_of_every_length_come_out_whole(lengths: list[int]) -> None:
    """Some lengths hold the byte of a newline themselves."""
    texts = [b"x" * length + b"\n" for length in lengths]
    found, _ = frames(b"".join(frame(1, text) for text in texts))
    assert [message[31:] for message in found] == texts


def test_a_log_that_is_not_multiplexed_is_told_instead_of_waited_for() -> None:
    with pytest.raises(PlaceMissing, match="tty"):
        frames(b"plain text of a terminal")


@pytest.mark.parametrize("text", ["", "http://gate:2375", "tcp://gate", "unix://", "gate:2375"])
def test_addresses_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        Address.parse(text)


def test_addresses_are_a_path_or_a_host_and_a_port() -> None:
    assert Address.parse("unix:///var/run/docker.sock") == Address(path="/var/run/docker.sock")
    assert Address.parse("tcp://gate:2375") == Address(host="gate", port=2375)


@asynccontextmanager
async def answering(answer: bytes) -> AsyncIterator[EngineStreams]:
    """A socket that gives every request this answer and hangs up."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield EngineStreams(f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}")


async def read(streams: EngineStreams) -> bytes:
    async with streams.logs(PLACE, follow=False, tail=None, since="", timestamps=True) as body:
        return await body.whole()


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", b"abc"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", b"abc"),
        (b"HTTP/1.0 200 OK\r\n\r\nabc", b"abc"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", b""),
    ],
)
async def test_a_body_ends_as_its_answer_says(answer: bytes, body: bytes) -> None:
    async with answering(answer) as streams:
        assert await read(streams) == body


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab", "broke off"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab", "broke off"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", "broke off"),
        (b"", "no answer came"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", "no Docker engine"),
        (b'HTTP/1.1 404 Not Found\r\nContent-Length: 19\r\n\r\n{"message": "none"}', "There is no stack-ollama-1"),
        (b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", "gate"),
        (b'HTTP/1.1 500 Oops\r\nContent-Length: 19\r\n\r\n{"message": "full"}', "full"),
    ],
)
async def test_an_answer_that_is_none_says_why(answer: bytes, said: str) -> None:
    async with answering(answer) as streams:
        with pytest.raises(PlaceMissing, match=said):
            await read(streams)


async def test_an_engine_that_is_away_is_told_at_once() -> None:
    with pytest.raises(PlaceMissing, match="isn't running"):
        await read(EngineStreams("unix:///nowhere/docker.sock"))
