"""The log of a tool over all of its starts: in order, whole lines, and a reader that comes back gets nothing twice."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from tunesmith.runtimes.docker.streams import frames
from tunesmith.services import attempts_log
from tunesmith.services.attempts_log import AttemptsLog


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "tensorboard"


def write(folder: Path, number: int, log: bytes, *, over: bool = True, began: float = 1e9) -> Path:
    attempt = folder / f"{number:04}"
    attempt.mkdir(parents=True, exist_ok=True)
    (attempt / "spec.json").write_text("{}")
    os.utime(attempt / "spec.json", (began, began))
    (attempt / "log").write_bytes(log)
    if over:
        (attempt / "exit").write_text("0\n")
    return attempt


async def read(folder: Path, *, tail: int | None = None, since: str = "", timestamps: bool = False) -> list[bytes]:
    async with AttemptsLog(folder).open(follow=False, tail=tail, since=since, timestamps=timestamps) as blocks:
        return frames(b"".join([block async for block in blocks]))[0]


async def test_all_starts_one_after_the_other(folder: Path) -> None:
    assert await read(folder) == []
    write(folder, 1, b"one\ntwo\r50%\r100%\nno end")
    write(folder, 2, b"")
    write(folder, 10, b"three\npart", over=False)
    assert await read(folder) == [b"one\n", b"two\r50%\r100%\n", b"no end\n", b"three\n"]
    assert await read(folder, tail=2) == [b"no end\n", b"three\n"]
    assert await read(folder, tail=0) == []


async def test_a_place_is_found_again_and_what_follows_it_comes_once(folder: Path) -> None:
    write(folder, 1, b"one\ntwo\n")
    write(folder, 2, b"three\nfour\n")
    stamped = await read(folder, timestamps=True)
    times = [line.partition(b" ")[0] for line in stamped]
    assert times == sorted(set(times)), "also when both began in the same second"
    assert await read(folder, timestamps=True) == stamped
    after_two = f"{1e9 + 1:.0f}.000000005"
    assert await read(folder, since=after_two) == [b"three\n", b"four\n"]


async def test_who_follows_gets_lines_when_they_are_whole_and_the_next_start(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts_log, "POLL_SECONDS", 0.01)
    attempt = write(folder, 1, b"old\nbeg", over=False)

    def add(text: bytes) -> None:
        with (attempt / "log").open("ab") as log:
            log.write(text)

    async with AttemptsLog(folder).open(follow=True, tail=1, since="", timestamps=False) as blocks:
        assert frames(await anext(aiter(blocks)))[0] == [b"old\n"], "what isn't whole is held back"
        add(b"un\nmore")
        assert frames(await asyncio.wait_for(anext(aiter(blocks)), 60))[0] == [b"begun\n"]
        write(folder, 2, b"again\n", over=False)
        got: list[bytes] = []
        async with asyncio.timeout(60):
            while len(got) < 2:
                got += frames(await anext(aiter(blocks)))[0]
        assert got == [b"more\n", b"again\n"]


async def test_a_line_without_end_is_cut_at_a_bound(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts_log, "READ_BYTES", 4)
    write(folder, 1, b"abcdefghij\nxy\n", over=False)
    assert b"".join(await read(folder)).replace(b"\n", b"") == b"abcdefghijxy"
