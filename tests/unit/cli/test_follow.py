"""Following jobs: what is printed, and with which exit status one is left."""

from __future__ import annotations

import signal

from .conftest import TOKEN, Cli
from .fake_api import Answer, FakeApi, job, sse, step

JOB = "261121-101010-train-abcde"


def running(done: int) -> Answer:
    return Answer(job("running", step("train", "running", attempt=1, progress={"done": done, "total": 60, "unit": "steps"})))


def test_a_job_that_succeeds_is_told_step_by_step_and_leaves_with_0(cli: Cli, api: FakeApi) -> None:
    done = job("succeeded", step("train", "succeeded", attempt=1), step("record", "succeeded", attempt=1))
    api.on("POST /api/toolboxes/llamafactory:install", Answer(job("pending", step("train"), step("record")), 202))
    api.on(f"GET /api/jobs/{JOB}", Answer(job("pending", step("train"), holds="the lane is taken")), running(5), Answer(done))
    ended = cli("toolbox", "install", "llamafactory")
    assert ended.status == 0, ended.err
    lines = ended.out.splitlines()
    assert lines[0] == f"Train facts · job {JOB}"
    assert lines[1] == "waiting: the lane is taken"
    assert [line.split()[1:3] for line in lines[2:5]] == [["train", "running"], ["train", "succeeded"], ["record", "succeeded"]]
    assert lines[5] == "succeeded after 1 min 0 s"
    assert all(asked.token == TOKEN for asked in api.asked)


def test_a_job_that_fails_says_why_its_last_line_the_remedy_and_how_to_retry(cli: Cli, api: FakeApi) -> None:
    failed = step("train", "failed", attempt=1, exit_code=1, reason="disk-full", message="OSError: No space left on device")
    api.on(f"GET /api/jobs/{JOB}", Answer(job("failed", failed, reason="disk-full")))
    ended = cli("jobs", "follow", JOB)
    assert ended.status == 1
    assert "failed after 1 min 0 s: step train (disk-full, exit status 1)" in ended.err
    assert "OSError: No space left on device" in ended.err
    assert "tunesmith clean" in ended.err
    assert f"tunesmith jobs retry {JOB}" in ended.err


def test_ctrl_c_detaches_names_how_to_go_on_and_cancels_nothing(cli: Cli, api: FakeApi) -> None:
    api.on(f"GET /api/jobs/{JOB}", running(7))
    process = cli.start("jobs", "follow", JOB)
    assert process.stdout is not None
    assert JOB in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 130
    assert f"tunesmith jobs log -f {JOB}" in err
    assert f"tunesmith jobs cancel {JOB}" in err
    assert not any(asked.method == "POST" for asked in api.asked)


def test_a_log_is_followed_across_a_broken_connection_without_a_double(cli: Cli, api: FakeApi) -> None:
    first = ("log", {"kind": "log", "step": "01-train", "attempt": 1, "offset": 0, "end": 4, "text": "one\n"})
    rest = ("log", {"kind": "log", "step": "01-train", "attempt": 1, "offset": 4, "end": 9, "text": "twö\n"})
    api.on(
        f"GET /api/jobs/{JOB}/log/stream",
        Answer(sse(first), kind="text/event-stream", hang_up=True),
        Answer(sse(rest, ("end", {"kind": "end"})), kind="text/event-stream"),
    )
    api.on(f"GET /api/jobs/{JOB}", Answer(job("succeeded", step("train", "succeeded"))))
    ended = cli("jobs", "log", "-f", JOB)
    assert (ended.status, ended.out) == (0, "one\ntwö\n")
    assert api.last(f"GET /api/jobs/{JOB}/log/stream").query == {"cursor": ["01-train/1/4"]}


def test_what_a_slow_reader_missed_is_fetched(cli: Cli, api: FakeApi) -> None:
    gap = ("gap", {"kind": "gap", "gap": {"from": {}, "to": {}, "bytes": [4, 11]}})
    api.on(f"GET /api/jobs/{JOB}/log/stream", Answer(sse(gap, ("end", {})), kind="text/event-stream"))
    api.on(f"GET /api/jobs/{JOB}/log", Answer(b"missed\n", 206, "text/plain"))
    api.on(f"GET /api/jobs/{JOB}", Answer(job("succeeded", step("train", "succeeded"))))
    assert cli("jobs", "log", "-f", JOB).out == "missed\n"
    assert api.last(f"GET /api/jobs/{JOB}/log").headers["range"] == "bytes=4-10"


def test_the_log_of_a_job_comes_byte_for_byte(cli: Cli, api: FakeApi) -> None:
    api.on(f"GET /api/jobs/{JOB}/log", Answer(b"half a line \r 50%\nno newline at the end", kind="text/plain"))
    process = cli.start("jobs", "log", JOB)
    assert process.stdout is not None
    assert process.stdout.buffer.read() == b"half a line \r 50%\nno newline at the end"
    process.communicate()
    assert process.returncode == 0


def test_a_cancel_waits_until_no_process_is_left(cli: Cli, api: FakeApi) -> None:
    api.on(f"POST /api/jobs/{JOB}:cancel", Answer(job("running", step("train", "running")), 202))
    api.on(f"GET /api/jobs/{JOB}", running(7), Answer(job("cancelled", step("train", "cancelled"))))
    ended = cli("jobs", "cancel", JOB)
    assert (ended.status, ended.out) == (0, "cancelled after 1 min 0 s; no process is left\n")


def test_processes_that_could_not_be_ended_are_named(cli: Cli, api: FakeApi) -> None:
    left = job("cancelled", step("train", "cancelled"), processes_left=[4711])
    api.on(f"POST /api/jobs/{JOB}:cancel", Answer(left, 202))
    api.on(f"GET /api/jobs/{JOB}", Answer(left))
    ended = cli("jobs", "cancel", JOB)
    assert ended.status == 1
    assert "4711" in ended.out


def test_detach_prints_only_the_id_on_stdout(cli: Cli, api: FakeApi) -> None:
    api.on("POST /api/models", Answer(job("pending", step("fetch")), 202))
    ended = cli("models", "add", "--starter", "--detach")
    assert (ended.status, ended.out) == (0, f"{JOB}\n")
    assert api.last("POST /api/models").json == {"source": "starter"}
