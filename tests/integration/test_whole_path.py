"""From rows to an answer with the real tools, through the API: trained, released by both ways, killed, cancelled, rolled back.

What was trained and released is the tuned home's (`kit.home`), made by the product before.
"""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest

from kit.home import ADAPTER, ANSWER, BASE, NAME, QUESTION, copy_tuned
from kit.waiting import waiting
from tunesmith.serving.canary import same

from .application import processes_in
from .server import Server, serving

pytestmark = [pytest.mark.timeout(1800), pytest.mark.xdist_group("whole-path", seconds=200)]
STEPS = 16
MERGE = {"adapter": ADAPTER, "way": "merge", "quantisation": "f16"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("whole") / "home"
    copy_tuned(home)
    with serving(home) as started:
        yield started


def test_the_training_is_a_run_with_metrics_and_an_adapter_with_lineage(server: Server) -> None:
    run = server.get(f"/api/runs/{NAME}")
    assert (run["adapter"], run["step"], run["total_steps"], run["made_outside"]) == (ADAPTER, STEPS, STEPS, False)
    points = server.get(f"/api/runs/{NAME}/metrics")["points"]
    assert [point["step"] for point in points if point["loss"] is not None] == list(range(1, STEPS + 1))
    [found] = [a for a in server.get("/api/artifacts", kind="adapter")["artifacts"] if a["id"] == ADAPTER]
    assert found["lineage"]["recipe"]["template"] == "chatml"
    assert f"models/base/{BASE}" in found["lineage"]["parents"]


def test_parity_finds_that_the_models_own_template_isnt_the_trained_one_and_mends_it(server: Server) -> None:
    released = server.get(f"/api/releases/{NAME}")["releases"][-1]
    assert released["parity_verdict"] == "mended"
    report = json.loads((server.home / released["parity"]).read_text())
    assert report["rounds"][0]["template"] == "engine"
    assert not all(chat["equal"] for chat in report["rounds"][0]["chats"])
    assert all(chat["equal"] for chat in report["rounds"][-1]["chats"])
    rendered = server.post(f"/api/deployments/{NAME}:render", {"messages": [{"role": "user", "content": "Hi"}]})
    assert rendered["prompt"] == "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"


def test_base_and_tuned_answers_never_mix(server: Server) -> None:
    """By how likely first tokens are: which one is the likeliest may hang on a rounding, and how likely it is doesn't."""
    apart = {model: server.likeliest(model, QUESTION) for model in (NAME, BASE)}
    assert not same(apart[NAME], apart[BASE]), "the training changed the answer"
    # A row that was trained: each of its tokens is far likelier than any other.
    assert ANSWER in server.ask(NAME, QUESTION)
    for _ in range(3):
        for model, first in apart.items():
            assert same(first, server.likeliest(model, QUESTION)), model


def test_the_merged_way_serves_too_and_a_rollback_switches_back(server: Server) -> None:
    first = server.ask(NAME, QUESTION)
    job = server.post("/api/releases", {"adapter": ADAPTER, "name": NAME, "way": "merge", "quantisation": "q8_0"})
    names = [step["name"] for step in server.succeed(job)["steps"]]
    assert names == ["convert", "parity", "release"], "it was merged before"
    assert server.get(f"/api/releases/{NAME}")["current"] == 2
    assert server.ask(NAME, QUESTION)
    server.post(f"/api/releases/{NAME}:rollback", {})
    assert server.get(f"/api/releases/{NAME}")["current"] == 1
    assert server.ask(NAME, QUESTION) == first


def test_a_release_survives_six_kills_of_the_orchestrator(server: Server) -> None:
    """Each step is met twice: as it begins, and when it has said something."""
    forget(server, "merged", "gguf")
    job = server.post("/api/releases", {**MERGE, "name": "killed"})
    kills = 0
    with waiting("release"):
        for step in ("merge", "convert", "parity"):
            for reached in (server.began, server.log):
                server.until(partial(reached, job, step))
                server.kill()
                server.start()
                kills += 1
    assert kills == 6
    ended = server.succeed(job)
    assert [step["name"] for step in ended["steps"]] == ["merge", "convert", "parity", "release"]
    assert [step["attempt"] for step in ended["steps"]] == [1] * len(ended["steps"]), "every command ran once"
    logs = b"".join(log.read_bytes() for log in sorted(server.folder(job).glob("*/1/log")))
    assert server.call("GET", f"/api/jobs/{job['id']}/log").content == logs
    assert not list(parts(server))


# Those before the step at hand find their results: of these nothing is deleted.
@pytest.mark.parametrize(("step", "anew"), [("parity", ()), ("convert", ("gguf",)), ("merge", ("merged", "gguf"))])
def test_a_cancel_leaves_no_process_and_no_partial_artifact(server: Server, step: str, anew: tuple[str, ...]) -> None:
    forget(server, *anew)
    before = {a["id"] for a in server.get("/api/artifacts")["artifacts"]}
    with endless_parity(server.home):
        job = server.post("/api/releases", {**MERGE, "name": "ended"})
        with waiting("release"):
            server.until(lambda: in_the_middle(server, job, step))
        cancelled = server.post(f"/api/jobs/{job['id']}:cancel")
    assert (cancelled["state"], cancelled["processes_left"]) == ("cancelled", [])
    assert not [p for p in commands_of(server) if job["id"] in p]
    assert not list(parts(server))
    finished = {s["name"] for s in cancelled["steps"] if s["state"] == "succeeded"}
    new = {a["kind"] for a in server.get("/api/artifacts")["artifacts"] if a["id"] not in before}
    assert new == ({"merged"} if "merge" in finished else set()) | ({"gguf"} if "convert" in finished else set())
    assert server.call("GET", "/api/releases/ended").status_code == 404


def test_a_cancelled_training_leaves_no_adapter_and_a_retry_finishes_it(server: Server) -> None:
    config = {
        "base": BASE, "dataset": [NAME], "name": "again", "template": "chatml", "max_steps": 12, "batch_size": 2,
        "accumulation": 1, "max_length": 64, "logging_steps": 1, "gradient_checkpointing": False, "save_steps": 2,
    }  # fmt: skip
    job = server.post("/api/runs", config)
    log = server.home / "saves" / "again" / "trainer_log.jsonl"
    with waiting("training"):
        server.until(lambda: log.exists() and len(log.read_text().splitlines()) >= 3)
    assert server.post(f"/api/jobs/{job['id']}:cancel")["state"] == "cancelled"
    assert not [p for p in commands_of(server) if job["id"] in p]
    adapters = server.get("/api/artifacts", kind="adapter")["artifacts"]
    assert "saves/again" not in {a["id"] for a in adapters}
    server.post(f"/api/jobs/{job['id']}:retry")
    server.succeed(job)
    assert server.get("/api/runs/again")["adapter"] == "saves/again"


def test_the_script_of_a_job_does_the_same_by_hand(server: Server) -> None:
    forget(server, "adapters")
    job = server.post("/api/releases", {"adapter": ADAPTER, "name": "by-hand", "way": "adapter", "quantisation": "f16"})
    server.succeed(job)
    script = server.call("GET", f"/api/jobs/{job['id']}/script").text
    [made] = [line for line in script.splitlines() if line.startswith("mv ")]
    gguf = Path(made.split()[-1])
    theirs = gguf.read_bytes()
    gguf.unlink()
    with waiting("release"):
        done = subprocess.run(["sh", "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    assert gguf.read_bytes() == theirs


def forget(server: Server, *folders: str) -> None:
    """Delete what releases made of the adapter in these folders of models/."""
    for folder in folders:
        for made in (server.home / "models" / folder).glob(f"{NAME}-*"):
            shutil.rmtree(made) if made.is_dir() else made.unlink()


def parts(server: Server) -> Iterator[Path]:
    """What is left of artifacts that were being made."""
    return (server.home / "models").rglob(".*part*")


def in_the_middle(server: Server, job: dict[str, Any], step: str) -> bool:
    """Of making its artifact, or just after it when we were late; of the comparison, with the engine up."""
    if step == "parity":
        return re.search(r"^parity: \d+ chats", server.log(job, step), re.MULTILINE) is not None
    return any((server.home / "models").glob("*/.*part*")) or server.ended(job, step)


@contextlib.contextmanager
def endless_parity(home: Path) -> Iterator[None]:
    """Meanwhile the gate has a thousand times as many chats to compare: a job is cancelled before it comes to its end."""
    [rendering] = (home / ".tunesmith" / "renderings").glob("*/rendering.json")
    kept = rendering.with_name("kept.json")
    rendering.rename(kept)
    content = json.loads(kept.read_text())
    rendering.write_text(json.dumps({**content, "chats": content["chats"] * 1000}))
    try:
        yield
    finally:
        kept.replace(rendering)


def commands_of(server: Server) -> list[str]:
    """Command lines of what works in this home."""
    found = []
    for process in processes_in(server.home):
        with contextlib.suppress(psutil.Error):
            found.append(" ".join(process.cmdline()))
    return found
