"""Faults on the real engine in the middle of real jobs: each ends the way it should, and leaves nothing behind."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from .door import until
from .faults import Ledger, Row, Scene, child_of, docker, kill, main_pid

pytestmark = pytest.mark.timeout(1800)


def _init(pid: int) -> int:
    return pid


@pytest.mark.parametrize(("whom", "victim", "step"), [("init", _init, "merge"), ("program", child_of, "convert")])
def test_the_orchestrator_is_killed(scene: Scene, ledger: Ledger, whom: str, victim: Callable[[int], int], step: str) -> None:
    job = scene.release("killed", again=step)
    scene.land(job, step)
    pid, seen = main_pid(scene.stack.container("orchestrator")), scene.door.log(job["id"])
    begin = time.monotonic()
    kill(victim(pid))
    back, answered = scene.back("orchestrator", begin, pid), scene.answered(begin)
    ended = scene.door.succeed(job)
    scene.check_once(ended)
    scene.check_log(ended)
    assert scene.door.log(job["id"]).startswith(seen)
    scene.check_nothing_left(ended)
    ledger.rows.append(Row(f"SIGKILL of the orchestrator's {whom}", step, "went on, each command once", answered, back))


@pytest.mark.parametrize(("service", "step"), [("caddy", "parity"), ("gate", "convert")])
def test_a_service_before_the_tools_is_killed(scene: Scene, ledger: Ledger, service: str, step: str) -> None:
    job = scene.release("killed", again="convert")
    scene.land(job, step)
    pid, seen = main_pid(scene.stack.container(service)), scene.door.log(job["id"])
    begin = time.monotonic()
    kill(pid)
    back, answered = scene.back(service, begin, pid), scene.answered(begin)
    scene.ready("llamafactory", "llama-cpp", "ollama")
    ended = scene.door.succeed(job)
    scene.check_once(ended)
    scene.check_log(ended)
    assert scene.door.log(job["id"]).startswith(seen)
    scene.check_nothing_left(ended)
    ledger.rows.append(Row(f"SIGKILL of {service}", step, "went on, each command once", answered, back))


def test_no_tool_is_restarted_under_a_job_unless_forced(scene: Scene) -> None:
    """Which service a job is at work in is told by the engine's own services and the job's own plan."""
    job = scene.release("undisturbed", again="merge")
    scene.land(job, "merge")
    refused = scene.door.call("POST", "/api/services/llamafactory:restart")
    assert refused.status_code == 409 and job["id"] in refused.text
    assert scene.door.call("POST", "/api/services/tensorboard:restart").is_success
    scene.door.succeed(job)
    assert scene.door.call("POST", "/api/services/llamafactory:restart").is_success


def test_a_toolbox_is_killed(scene: Scene, ledger: Ledger) -> None:
    job = scene.release("killed", again="merge")
    scene.land(job, "merge", writing=True)
    container = scene.stack.container("llamafactory")
    pid, begin = main_pid(container), time.monotonic()
    kill(pid)
    back, answered = scene.back("llamafactory", begin, pid), scene.answered(begin)
    ended = scene.door.finish(job)
    scene.check_failed(ended, "merge", "lost", container, "Retry")
    scene.check_log(ended)
    scene.check_nothing_left(ended)
    scene.retry(ended)
    ledger.rows.append(Row("SIGKILL of the toolbox", "merge", "failed (lost), retry succeeded", answered, back))


def test_a_toolbox_is_killed_in_a_training(scene: Scene, ledger: Ledger) -> None:
    job = scene.training("killed", steps=3)
    scene.land(job, "train")
    container = scene.stack.container("llamafactory")
    pid, begin = main_pid(container), time.monotonic()
    kill(child_of(pid))
    back, answered = scene.back("llamafactory", begin, pid), scene.answered(begin)
    ended = scene.door.finish(job)
    scene.check_failed(ended, "train", "lost", container, "Retry")
    scene.check_log(ended)
    scene.check_nothing_left(ended)
    assert "saves/killed" not in {each["id"] for each in scene.door.get("/api/artifacts")["artifacts"]}
    scene.retry(ended)
    assert "saves/killed" in {each["id"] for each in scene.door.get("/api/artifacts")["artifacts"]}
    ledger.rows.append(Row("SIGKILL of the toolbox's program", "train", "failed (lost), retry succeeded", answered, back))


def test_a_toolbox_is_removed(scene: Scene, ledger: Ledger) -> None:
    job = scene.release("removed", again="convert")
    queued = scene.ask_release("queued", "q8_0")
    scene.land(job, "convert", writing=True)
    container, begin = scene.stack.container("llama-cpp"), time.monotonic()
    docker("rm", "--force", container)
    answered = scene.answered(begin)
    ended, next_one = scene.door.finish(job), scene.door.finish(queued)
    remedy = "docker compose up -d llama-cpp"
    scene.check_failed(ended, "convert", "lost", f"{container} was removed", remedy)
    scene.check_failed(next_one, "convert", "place-missing", container, remedy)
    for each in (ended, next_one):
        scene.check_log(each)
        scene.check_nothing_left(each)
    until(lambda: scene.door.get("/api/services/llama-cpp")["state"] == "absent", 30)
    scene.ready("llamafactory", "ollama", "tensorboard")
    scene.stack.compose("up", "--detach", "--wait", "llama-cpp")
    back = time.monotonic() - begin
    scene.retry(next_one)
    ledger.rows.append(Row("toolbox removed", "convert", "failed (lost)", answered, None))
    ledger.rows.append(Row("  a job queued meanwhile", "convert", "failed (place-missing), retry succeeded", None, back))


def test_the_whole_stack_is_restarted(scene: Scene, ledger: Ledger) -> None:
    job = scene.release("restarted", again="merge")
    scene.land(job, "merge")
    begin = time.monotonic()
    scene.stack.compose("restart", "--timeout", "5")
    answered = scene.answered(begin)
    ended = scene.door.finish(job)
    scene.check_failed(ended, "merge", "lost", scene.stack.container("llamafactory"), "Retry")
    scene.check_log(ended)
    scene.check_nothing_left(ended)
    scene.ready("llamafactory", "llama-cpp", "ollama", "tensorboard")
    back = time.monotonic() - begin
    scene.retry(ended)
    ledger.rows.append(Row("docker compose restart", "merge", "failed (lost), retry succeeded", answered, back))


@pytest.mark.parametrize("step", ["convert", "merge", "train"])
def test_a_cancel_ends_every_process(scene: Scene, ledger: Ledger, step: str) -> None:
    """What a cancel can't prove to be gone is named: tests/contract/test_cancel.py makes processes that escape."""
    job = scene.training("cancelled", steps=500) if step == "train" else scene.release("cancelled", again=step)
    scene.land(job, step, writing=step == "convert")
    begin = time.monotonic()
    scene.door.post(f"/api/jobs/{job['id']}:cancel")
    until(lambda: scene.door.job(job["id"])["state"] == "cancelled", 60)
    took = time.monotonic() - begin
    scene.check_nothing_left(job)
    ended = scene.door.job(job["id"])
    assert ended["processes_left"] == []
    scene.check_log(ended)
    ledger.rows.append(Row("cancel", step, f"cancelled in {took:.1f} s, no process left"))
