"""Following real files as they grow: what viewers get, put together, is the file."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tunesmith.domain.errors import NotFound
from tunesmith.jobs import tail
from tunesmith.jobs.logevents import LogEvent
from tunesmith.jobs.logfiles import whole_characters
from tunesmith.jobs.masking import Masking
from tunesmith.jobs.tail import Tails

JOB = "train-0001"
PATIENCE_SECONDS = 60.0


@dataclass
class Seen:
    """What one viewer got."""

    text: str = ""
    ids: list[str] = field(default_factory=list)
    events: list[dict[str, object]] = field(default_factory=list)

    @property
    def kinds(self) -> list[object]:
        return [event["kind"] for event in self.events]

    def take(self, frame: bytes) -> None:
        fields = dict(line.split(": ", 1) for line in frame.decode().rstrip("\n").split("\n"))
        LogEvent.model_validate_json(fields["data"])
        event = json.loads(fields["data"])
        assert event["kind"] == fields["event"]
        self.ids.append(fields["id"])
        self.events.append(event)
        self.text += str(event.get("text", ""))


class Job:
    """A job's folder, written as the wrapper writes it."""

    def __init__(self, jobs: Path, secrets: tuple[str, ...] = ()) -> None:
        self.folder = jobs / JOB
        self.folder.mkdir(parents=True)
        self.final = False
        self.tails = Tails(jobs, lambda _: self.final, secrets)

    def log(self, step: str, attempt: int = 1) -> Path:
        path = self.folder / step / str(attempt) / "log"
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def write(self, data: bytes, step: str = "01-merge", attempt: int = 1) -> None:
        with self.log(step, attempt).open("ab") as file:
            file.write(data)

    def end(self, step: str = "01-merge", attempt: int = 1) -> None:
        (self.log(step, attempt).parent / "exit").write_text("0")


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return Job(tmp_path / "jobs")


async def read(
    stream: AsyncGenerator[bytes], until: Callable[[Seen], bool] = lambda seen: "end" in seen.kinds, seen: Seen | None = None
) -> Seen:
    seen = seen or Seen()
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not until(seen):
            seen.take(await anext(stream))
    return seen


async def test_what_is_seen_is_the_file_over_all_steps_and_attempts(job: Job) -> None:
    job.write(b"one\n")
    stream = job.tails.follow(JOB)
    seen = await read(stream, lambda seen: seen.text == "one\n")
    job.write(b"two, half a li")
    await read(stream, lambda seen: seen.text.endswith("half a li"), seen)
    job.write(b"ne\r 10%\r 20%\n")
    job.end()
    job.write(b"failed\n", "02-convert")
    job.end("02-convert")
    job.write(b"again\nno newline at its end", "02-convert", 2)
    job.end("02-convert", 2)
    job.final = True
    await read(stream, seen=seen)
    assert seen.text == "one\ntwo, half a line\r 10%\r 20%\nfailed\nagain\nno newline at its end"
    logs = [(event["step"], event["attempt"], event["offset"], event["end"]) for event in seen.events[:-1]]
    assert [each[:2] for each in logs[-2:]] == [("02-convert", 1), ("02-convert", 2)]
    assert seen.ids[-1] == f"02-convert/2/{job.log('02-convert', 2).stat().st_size}"


async def test_a_viewer_of_a_finished_job_gets_all_and_the_end(job: Job) -> None:
    job.write(b"done\n")
    job.final = True
    assert (await read(job.tails.follow(JOB))).text == "done\n"


async def test_a_job_without_any_log_ends_too(job: Job) -> None:
    job.final = True
    assert (await read(job.tails.follow(JOB))).kinds == ["end"]


async def test_a_job_that_was_deleted_while_followed_ends(job: Job, tmp_path: Path) -> None:
    def gone(_: str) -> bool:
        if not job.folder.exists():
            raise NotFound("There is no such job")
        return False

    tails = Tails(tmp_path / "jobs", gone)
    job.write(b"text\n")
    stream = tails.follow(JOB)
    seen = await read(stream, lambda seen: seen.text == "text\n")
    job.log("01-merge").unlink()
    job.log("01-merge").parent.rmdir()
    (job.folder / "01-merge").rmdir()
    job.folder.rmdir()
    await read(stream, seen=seen)
    assert seen.kinds[-1] == "end"


async def test_characters_split_between_writes_arrive_whole(job: Job) -> None:
    text = "ä€😀 end"
    stream = job.tails.follow(JOB)
    seen, shown = Seen(), 0
    job.write(b">")
    for byte in text.encode():
        job.write(bytes([byte]))
        whole = job.log("01-merge").read_bytes().decode(errors="ignore")
        if len(whole) > shown:
            shown = len(whole)
            await read(stream, lambda seen, whole=whole: seen.text == whole, seen)  # type: ignore[misc]
    assert seen.text == ">" + text


async def test_what_isnt_utf8_is_replaced_and_offsets_stay_those_of_the_file(job: Job) -> None:
    data = b"ok \xff\xfe \xc3( \xe2\x82 \xf0\x9f\x98\x80 tail \xe2\x82"
    stream = job.tails.follow(JOB)
    job.write(data)
    seen = await read(stream, lambda seen: seen.text.endswith("tail "))
    job.end()
    job.final = True
    await read(stream, seen=seen)
    assert seen.text == data.decode("utf-8", "replace")
    ends = [event["end"] for event in seen.events[:-1]]
    assert ends[-1] == len(data)
    assert [event["offset"] for event in seen.events[:-1]] == [0, *ends[:-1]]


async def test_an_attempt_that_was_lost_is_left_for_the_next(job: Job) -> None:
    stream = job.tails.follow(JOB)
    job.write(b"lost in the mid \xe2")
    seen = await read(stream, lambda seen: seen.text.endswith("mid "))
    job.write(b"again\n", attempt=2)
    await read(stream, lambda seen: seen.text.endswith("again\n"), seen)
    assert seen.text == "lost in the mid \ufffdagain\n"


async def test_resuming_at_any_cursor_goes_on_there(job: Job) -> None:
    for step in ("01-merge", "02-convert"):
        job.write(f"{step} says hello\n".encode(), step)
        job.end(step)
    job.final = True
    whole = "01-merge says hello\n02-convert says hello\n"
    for step, base in (("01-merge", 0), ("02-convert", 20)):
        for byte in (0, 1, 10, 20):
            seen = await read(job.tails.follow(JOB, f"{step}/1/{byte}"))
            assert seen.text == whole[base + byte :]


@pytest.mark.parametrize(
    "cursor", ["", "x", "03-none/1/5", "01-merge/9/5", "01-merge/1/x", "01-merge/1/-5", "../1/0", "01-merge/1/²"]
)
async def test_a_cursor_of_nothing_begins_at_the_start(job: Job, cursor: str) -> None:
    job.write(b"all of it\n")
    job.final = True
    assert (await read(job.tails.follow(JOB, cursor))).text == "all of it\n"


async def test_resuming_with_the_last_id_leaves_no_gap_and_doubles_nothing(job: Job) -> None:
    stream, text = job.tails.follow(JOB), ""
    for number in range(6):
        job.write(f"line {number}\n".encode())
        seen = await read(stream, lambda seen, number=number: f"line {number}\n" in seen.text)  # type: ignore[misc]
        text += seen.text
        await stream.aclose()
        job.write(b"meanwhile\n")
        stream = job.tails.follow(JOB, seen.ids[-1])
    job.final = True
    text += (await read(stream)).text
    assert text == job.log("01-merge").read_text()


async def test_a_truncated_file_is_told_and_begins_again(job: Job) -> None:
    job.write(b"a long first text\n")
    stream, other = job.tails.follow(JOB), job.tails.follow(JOB)
    seen, late = await read(stream, lambda seen: bool(seen.text)), Seen()
    late.take(await anext(other))
    os.truncate(job.log("01-merge"), 0)
    await read(stream, lambda seen: "truncated" in seen.kinds, seen)
    job.write(b"new\n")
    job.final = True
    for viewer, got in ((stream, seen), (other, late)):
        await read(viewer, seen=got)
        assert got.kinds == ["log", "truncated", "log", "end"]
        assert got.events[2]["text"] == "new\n" and got.events[2]["offset"] == 0


async def test_who_cant_keep_up_gets_a_marked_gap_and_stalls_nobody(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tail, "BEHIND_BYTES", 400_000)
    monkeypatch.setattr(tail, "MEMORY_BYTES", 100_000)
    monkeypatch.setattr(tail, "BACK_BYTES", 20_000)
    job.write(b"start\n")
    slow, quick = job.tails.follow(JOB), job.tails.follow(JOB)
    seen = await read(slow, lambda seen: seen.text == "start\n")
    followed = await read(quick, lambda seen: seen.text == "start\n")
    for number in range(10):
        job.write(b"".join(b"%04d %05d %s\n" % (number, line, b"x" * 88) for line in range(1000)))
        await read(quick, lambda seen, number=number: f"{number:04} 00999" in seen.text, followed)  # type: ignore[misc]
    job.final = True
    await read(quick, seen=followed)
    data = job.log("01-merge").read_bytes()
    assert followed.text.encode() == data and "gap" not in followed.kinds
    await read(slow, seen=seen)
    [gap] = [event["gap"] for event in seen.events if event["kind"] == "gap"]
    begin, end = gap["bytes"]  # type: ignore[index]
    assert gap["from"] == {"step": "01-merge", "attempt": 1, "byte": begin}  # type: ignore[index]
    assert data[:begin] + data[end:] == seen.text.encode()
    assert data[end - 1 : end] == b"\n" and len(data) - end <= 20_000


async def test_a_file_is_read_once_for_many_viewers(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    read_bytes: list[int] = []
    really_read = tail.read_piece

    def counted(*args: object) -> bytes:
        data = really_read(*args)  # type: ignore[arg-type]
        read_bytes.append(len(data))
        return data

    monkeypatch.setattr(tail, "read_piece", counted)
    monkeypatch.setattr(tail, "POLL_SECONDS", 0.005)
    viewers = [(job.tails.follow(JOB), Seen()) for _ in range(50)]
    job.write(b"first\n")
    for number in range(20):
        line = b"line %d\n" % number
        job.write(line * 100)
        upto = job.log("01-merge").read_bytes().decode()
        await asyncio.gather(*(read(stream, lambda seen, upto=upto: seen.text == upto, seen) for stream, seen in viewers))  # type: ignore[misc]
    job.final = True
    await asyncio.gather(*(read(stream, seen=seen) for stream, seen in viewers))
    data = job.log("01-merge").read_bytes()
    assert all(seen.text.encode() == data for _, seen in viewers)
    assert sum(read_bytes) == len(data)


async def test_when_the_last_viewer_leaves_nothing_goes_on(job: Job) -> None:
    job.write(b"x\n")
    before = asyncio.all_tasks()
    streams = [job.tails.follow(JOB) for _ in range(3)]
    for stream in streams:
        await read(stream, lambda seen: bool(seen.text))
    assert len(asyncio.all_tasks() - before) == 1
    for stream in streams:
        await stream.aclose()
    left = asyncio.all_tasks() - before
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.gather(*left)
    assert asyncio.all_tasks() == before


async def test_an_old_large_log_isnt_read_from_its_start(job: Job) -> None:
    with job.log("01-merge").open("wb") as file:
        file.truncate(50_000_000)
        file.seek(50_000_000)
        file.write(b"\nthe end\n")
    job.final = True
    seen = await read(job.tails.follow(JOB))
    assert seen.kinds[0] == "gap" and seen.text.endswith("\nthe end\n") and len(seen.text) < 1_000_000


async def test_secrets_are_masked_wherever_a_read_ends(tmp_path: Path) -> None:
    job = Job(tmp_path / "jobs", ("hf_abcdefghij", "unrelated-secret"))
    stream = job.tails.follow(JOB)
    seen = Seen()
    job.write(b"token=hf_abc")
    await read(stream, lambda seen: seen.text == "token=", seen)
    job.write(b"defghij;\nhf_abcd")
    await read(stream, lambda seen: seen.text.endswith(";\n"), seen)
    job.write(b"x and hf_abcdefghij")
    job.end()
    job.final = True
    await read(stream, seen=seen)
    assert seen.text == "token=" + "*" * 13 + ";\nhf_abcdx and " + "*" * 13
    for byte in range(6, 20):
        rest = await read(job.tails.follow(JOB, f"01-merge/1/{byte}"))
        assert "hf_abcdefg" not in rest.text and len(rest.text) == len(seen.text) - byte


@pytest.mark.parametrize("job_id", ["../../etc", "nowhere-1", "", "a/b", "UPPER-1", "x" * 80])
async def test_what_is_no_job_isnt_found(job: Job, job_id: str) -> None:
    with pytest.raises(NotFound):
        await anext(job.tails.follow(job_id))


def test_masking_keeps_lengths_and_holds_what_may_become_a_secret() -> None:
    masking = Masking(["secret-1", "secret-123", "short"])
    assert masking.apply(b"a secret-123 b secret-1 short") == b"a ********** b ******** short"
    assert masking.held(b"text secret") == 6
    assert masking.held(b"text") == 0
    assert Masking().held(b"text secret") == 0


@pytest.mark.parametrize(
    ("data", "whole"),
    [
        (b"", 0),
        (b"a", 1),
        (b"\xc3", 0),
        (b"\xe2\x82", 0),
        (b"\xf0\x9f\x98", 0),
        (b"a\xf0\x9f\x98\x80", 5),
        (b"\xff", 1),
        (b"\x80\x80\x80\x80", 4),
    ],
)
def test_whole_characters(data: bytes, whole: int) -> None:
    assert whole_characters(data) == whole
