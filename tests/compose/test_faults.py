"""Faults on the real engine in the middle of real jobs: each ends the way it should, and leaves nothing behind.

Several faults share a job, where each meets another of its steps: a step that runs shows what became of the one before it.
"""

from __future__ import annotations

import time

import pytest

from kit.waiting import waiting

from .door import until
from .faults import Job, Ledger, Row, Scene, child_of, docker, kill, main_pid
from .hold import Hold

pytestmark = pytest.mark.timeout(3600)


# ── what is ours: the job goes on ──


def test_a_release_goes_on_whatever_of_ours_is_killed(scene: Scene, ledger: Ledger) -> None:
    """The orchestrator by its init and by its program, the gate, and Caddy."""
    job = scene.release("killed", again="merge")
    merge = scene.land(job, "merge")
    with scene.coming(job, "convert") as convert:
        kill_under(scene, ledger, job, merge, "orchestrator")
    kill_under(scene, ledger, job, convert.result(), "gate", held=True)
    scene.ready("llamafactory", "llama-cpp", "ollama")
    scene.write_on(job, convert.result())
    with scene.coming(job, "parity") as parity:
        kill_under(scene, ledger, job, convert.result(), "orchestrator", program=True)
    checking = parity.result()
    check_no_tool_is_restarted_under(scene, job)
    kill_under(scene, ledger, job, checking, "caddy")
    ended = scene.door.succeed(job)
    scene.check_once(ended)
    scene.check_log(ended)
    scene.check_nothing_left(ended)
    assert scene.door.call("POST", "/api/services/llama-cpp:restart").is_success, "nothing works in it any more"


def kill_under(
    scene: Scene, ledger: Ledger, job: Job, hold: Hold, service: str, *, program: bool = False, held: bool = False
) -> None:
    """Kill a service's init, or its `program`; the step goes on at once, or stays `held`. It comes back, and no log is lost."""
    pid, seen = main_pid(scene.stack.container(service)), scene.door.log(job["id"])
    begin = time.monotonic()
    kill(child_of(pid) if program else pid)
    if not held:
        hold.let_go()
    back, answered = scene.back(service, begin, pid), scene.answered(begin)
    assert scene.door.log(job["id"]).startswith(seen)
    whom = f"{service}'s {'program' if program else 'init'}" if service == "orchestrator" else service
    ledger.rows.append(Row(f"SIGKILL of {whom}", hold.step, "went on, each command once", answered, back))


def check_no_tool_is_restarted_under(scene: Scene, job: Job) -> None:
    """Which service a job is at work in is told by the engine's own services and the job's own plan."""
    refused = scene.door.call("POST", "/api/services/llama-cpp:restart")
    assert refused.status_code == 409 and job["id"] in refused.text
    assert scene.door.call("POST", "/api/services/tensorboard:restart").is_success


# ── what a step runs in: it fails, and a retry goes on with it ──


def test_a_step_whose_place_goes_away_fails_and_a_retry_goes_on(scene: Scene, ledger: Ledger) -> None:
    """The container is killed in merge, removed in convert, restarted with the whole stack in parity."""
    job = scene.release("broken", again="merge")
    rows = kill_the_toolbox(scene, job)
    scene.go_on(job)
    rows += remove_the_toolbox(scene, job)
    scene.go_on(job)
    rows += restart_the_stack(scene, job)
    ended = scene.retry(job)
    ledger.rows += rows
    attempts = {step["name"]: step["attempt"] for step in ended["steps"]}
    assert attempts == {"merge": 2, "convert": 2, "parity": 2, "release": 1}, "what succeeded ran once"


def kill_the_toolbox(scene: Scene, job: Job) -> list[Row]:
    scene.land(job, "merge", writing=True)
    container = scene.stack.container("llamafactory")
    pid, begin = main_pid(container), time.monotonic()
    kill(pid)
    back, answered = scene.back("llamafactory", begin, pid), scene.answered(begin)
    scene.check_broken(job, "merge", "lost", container, "Retry")
    return [Row("SIGKILL of the toolbox", "merge", "failed (lost), retry succeeded", answered, back)]


def remove_the_toolbox(scene: Scene, job: Job) -> list[Row]:
    """A job that waits behind this one, with nothing to do there but its parity, finds no place at all."""
    scene.land(job, "convert", writing=True)
    queued = scene.ask_release("queued", "adapter")
    container, begin = scene.stack.container("llama-cpp"), time.monotonic()
    docker("rm", "--force", container)
    answered = scene.answered(begin)
    remedy = "docker compose up -d llama-cpp"
    scene.check_broken(job, "convert", "lost", f"{container} was removed", remedy)
    scene.check_broken(queued, "parity", "place-missing", container, remedy)
    with waiting("stack"):
        until(lambda: scene.door.get("/api/services/llama-cpp")["state"] == "absent")
    scene.ready("ollama", "tensorboard")
    scene.stack.compose("up", "--detach", "--wait", "llama-cpp")
    back = time.monotonic() - begin
    scene.retry(queued)
    return [
        Row("toolbox removed", "convert", "failed (lost), retry succeeded", answered, None),
        Row("  a job queued meanwhile", "parity", "failed (place-missing), retry succeeded", None, back),
    ]


def restart_the_stack(scene: Scene, job: Job) -> list[Row]:
    scene.land(job, "parity")
    begin = time.monotonic()
    scene.stack.compose("restart", "--timeout", "5")
    answered = scene.answered(begin)
    scene.check_broken(job, "parity", "lost", scene.stack.container("llama-cpp"), "Retry")
    scene.ready("llamafactory", "llama-cpp", "ollama", "tensorboard")
    back = time.monotonic() - begin
    return [Row("docker compose restart", "parity", "failed (lost), retry succeeded", answered, back)]


def test_a_toolbox_is_killed_in_a_training(scene: Scene, ledger: Ledger) -> None:
    job = scene.training("killed", steps=1)
    scene.land(job, "train")
    container = scene.stack.container("llamafactory")
    pid, begin = main_pid(container), time.monotonic()
    kill(child_of(pid))
    back, answered = scene.back("llamafactory", begin, pid), scene.answered(begin)
    scene.check_broken(job, "train", "lost", container, "Retry")
    assert "saves/killed" not in {each["id"] for each in scene.door.get("/api/artifacts")["artifacts"]}
    scene.retry(job)
    assert "saves/killed" in {each["id"] for each in scene.door.get("/api/artifacts")["artifacts"]}
    ledger.rows.append(Row("SIGKILL of the toolbox's program", "train", "failed (lost), retry succeeded", answered, back))


# ── a cancel ──


@pytest.mark.parametrize("step", ["convert", "merge", "train"])
def test_a_cancel_ends_every_process(scene: Scene, ledger: Ledger, step: str) -> None:
    """What a cancel can't prove to be gone is named: tests/contract/test_cancel.py makes processes that escape."""
    job = scene.training("cancelled", steps=500) if step == "train" else scene.release("cancelled", again=step)
    hold, begin = scene.land(job, step, writing=step == "convert"), time.monotonic()
    scene.cancel(job, hold)
    with waiting("release"):
        until(lambda: scene.door.job(job["id"])["state"] == "cancelled")
    took = time.monotonic() - begin
    scene.check_nothing_left(job)
    ended = scene.door.job(job["id"])
    assert ended["processes_left"] == []
    scene.check_log(ended)
    ledger.rows.append(Row("cancel", step, f"cancelled in {took:.1f} s, no process left"))
