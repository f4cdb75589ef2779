"""The log is what the command wrote, byte for byte, whether anybody reads it or not."""

from __future__ import annotations

import asyncio
import hashlib

import pytest
from trial import GRACE_SECONDS, Trial

MEGABYTE = bytes(range(256)) * 4096


@pytest.mark.parametrize("place", ["native"], indirect=True)
async def test_200_megabytes_without_a_reader(trial: Trial) -> None:
    code = "import sys; [sys.stdout.buffer.write(bytes(range(256)) * 4096) for _ in range(200)]"
    attempt, seen = await trial.run(trial.python(code))
    want, got = hashlib.sha256(), hashlib.sha256()
    with (attempt / "log").open("rb") as log:
        for block in iter(lambda: log.read(1 << 20), b""):
            got.update(block)
    for _ in range(200):
        want.update(MEGABYTE)
    assert seen.exit_code == 0
    assert got.digest() == want.digest()
    (attempt / "log").unlink()


OUTPUTS = {
    "progress": b"10%\r20%\r100%\r\n",
    "invalid UTF-8": b"caf\xe9 \xff\xfe \x00 \xc3(\n",
    "no last newline": b"no newline at the end",
    "nothing": b"",
    "newlines": b"\n\n",
}


async def test_bytes_are_not_touched(trial: Trial) -> None:
    code = "import sys; sys.stdout.buffer.write(bytes.fromhex(sys.argv[1]))"
    ran = await asyncio.gather(*(trial.run(trial.python(code, data.hex())) for data in OUTPUTS.values()))
    assert {name: (attempt / "log").read_bytes() for name, (attempt, _) in zip(OUTPUTS, ran, strict=True)} == OUTPUTS


async def test_both_streams_in_the_order_written(trial: Trial) -> None:
    attempt, _ = await trial.run(trial.shell("echo 1; echo 2 >&2; echo 3"))
    assert (attempt / "log").read_text() == "1\n2\n3\n"


async def test_the_log_grows_while_the_command_runs(trial: Trial) -> None:
    attempt, command = trial.attempt(), trial.shell("echo first; sleep 1000")
    await trial.runtime.start(attempt, command)
    assert await trial.file(attempt / "log") == "first\n"
    await trial.runtime.cancel(attempt, command, GRACE_SECONDS)
