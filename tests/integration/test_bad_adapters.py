"""Adapters and bases that can't become a release: refused before anything starts, with file and remedy, nothing touched."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from .application import Application
from .refusals import refused, says
from .tiny_folders import adapter_tensors, write_adapter, write_base, write_safetensors


@pytest.fixture
def run(stocked: Application) -> Iterator[Path]:
    """The folder of a test's own adapter."""
    folder = stocked.home / "saves/mine"
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def release(adapter: str = "mine", **fields: object) -> dict[str, object]:
    return {"adapter": adapter, "name": "served", **fields}


def test_a_good_adapter_is_planned_with_the_installations_it_needs(stocked: Application) -> None:
    plan = stocked.post("/api/releases:plan", release("good")).raise_for_status().json()
    assert plan["refusals"] == []
    assert [step["name"] for step in plan["steps"]][:2] == ["install-llamafactory", "install-llama-cpp"]


def test_half_made_toolboxes_are_made_again(stocked: Application) -> None:
    cache = stocked.home.with_name("home-cache")
    reports = stocked.client.get("/api/toolboxes").json()
    paths = [Path(report["path"]) for report in reports if report["name"] in ("llamafactory", "llama-cpp")]
    assert len(paths) == 2 and all(path.is_relative_to(cache) for path in paths)
    for path in paths:
        (path / "bin").mkdir(parents=True)
    try:
        half = {report["name"]: report["presence"] for report in stocked.client.get("/api/toolboxes").json()}
        assert half["llama-cpp"] == half["llamafactory"] == "half-made"
        plan = stocked.post("/api/releases:plan", release("good")).json()
        assert [step["name"] for step in plan["steps"]][:2] == ["install-llamafactory", "install-llama-cpp"]
    finally:
        for path in paths:
            shutil.rmtree(path)


def test_an_adapter_that_is_not_there(stocked: Application) -> None:
    says(refused(stocked, "/api/releases", release("nothing"), 404), "nothing", "/api/artifacts")


def test_an_adapter_without_a_base(stocked: Application, run: Path) -> None:
    write_adapter(run, base=None)
    says(refused(stocked, "/api/releases", release()), "saves/mine", "--base")


def test_an_adapter_whose_base_is_not_here(stocked: Application, run: Path) -> None:
    write_adapter(run, base="someone/a-model-7b")
    says(refused(stocked, "/api/releases", release(), 404), "saves/mine", "someone/a-model-7b", "tunesmith models add")


def test_an_adapter_of_another_base(stocked: Application) -> None:
    problem = refused(stocked, "/api/releases", release("good", base="wide"))
    says(problem, "saves/good", "models/base/wide", "16 × 16", "32 × 32", "--base")


def test_an_adapter_whose_template_nobody_knows(stocked: Application, run: Path) -> None:
    write_adapter(run, template=None)
    says(refused(stocked, "/api/releases", release()), "saves/mine", "--template")


def test_an_adapter_cut_short(stocked: Application, run: Path) -> None:
    write_adapter(run)
    weights = run / "adapter_model.safetensors"
    os.truncate(weights, weights.stat().st_size - 100)
    says(refused(stocked, "/api/releases", release()), "saves/mine", "cut short", "again")


def test_an_adapter_that_diverged(stocked: Application, run: Path) -> None:
    write_adapter(run)
    tensors = adapter_tensors()
    name = next(iter(tensors))
    tensors[name][1, 2] = np.nan
    write_safetensors(run / "adapter_model.safetensors", tensors)
    says(refused(stocked, "/api/releases", release()), "saves/mine", "adapter_model.safetensors", "NaN", "train it again")


@pytest.mark.parametrize(
    ("lie", "word"),
    [
        ({"r": 8}, "rank 8"),
        ({"use_dora": True}, "use_dora"),
        ({"target_modules": ["q_proj", "v_proj"]}, "v_proj"),
        ({"modules_to_save": ["lm_head"]}, "lm_head"),
        ({"r": "many"}, "`r`"),
    ],
)
def test_a_configuration_that_lies(stocked: Application, run: Path, lie: dict[str, object], word: str) -> None:
    write_adapter(run, **lie)
    says(refused(stocked, "/api/releases", release()), "saves/mine", word)


def test_a_configuration_that_is_no_json(stocked: Application, run: Path) -> None:
    write_adapter(run)
    (run / "adapter_config.json").write_text('{"peft_type": "LORA", ')
    says(refused(stocked, "/api/releases", release()), "adapter_config.json")


def test_a_base_cut_short(stocked: Application) -> None:
    folder = write_base(stocked.home / "models/base/short")
    os.truncate(folder / "model.safetensors", 2000)
    try:
        says(refused(stocked, "/api/runs", {"base": "short", "dataset": ["rows"]}), "short", "model.safetensors", "Import it")
        says(refused(stocked, "/api/releases", release("good", base="short")), "models/base/short", "Import it")
    finally:
        shutil.rmtree(folder)


def test_an_adapter_that_the_engine_cannot_load_says_why_and_the_other_way(stocked: Application, run: Path) -> None:
    write_adapter(run, use_rslora=True)
    refusals = stocked.post("/api/releases:plan", release(way="adapter")).raise_for_status().json()["refusals"]
    assert refusals and "--path merge" in refusals[0]["remedy"], refusals


@pytest.mark.parametrize(("quantisation", "words"), [("q3_z", ("q3_z", "q8_0")), ("q4_k_m", ("q4_k_m", "q8_0"))])
def test_a_quantisation_unknown_or_not_makeable_here(stocked: Application, quantisation: str, words: tuple[str, ...]) -> None:
    if quantisation == "q4_k_m" and shutil.which("llama-quantize"):
        pytest.skip("llama-quantize is on PATH: K-quants can be made here")
    says(refused(stocked, "/api/releases", release("good", quantisation=quantisation)), *words)


@pytest.fixture
def accelerator_in_use(stocked: Application) -> Iterator[None]:
    """By a training that somebody started by hand just now: jobs wait for it."""
    folder = stocked.home / "saves/by-hand"
    folder.mkdir()
    (folder / "training_args.yaml").write_text("template: chatml\ndo_train: true\n")
    yield
    shutil.rmtree(folder)


@pytest.mark.usefixtures("accelerator_in_use")  # else the first may have ended before the last is asked for
def test_two_releases_to_one_name_at_once(stocked: Application) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: stocked.post("/api/releases", release("good")), range(8)))
    accepted = [answer.json()["id"] for answer in answers if answer.status_code == 202]
    try:
        assert sorted(answer.status_code for answer in answers) == [202] + [409] * 7, [answer.text for answer in answers]
        assert all("'served'" in answer.json()["title"] for answer in answers if answer.status_code == 409)
        assert len([job for job in (stocked.home / ".tunesmith/jobs").iterdir() if "-release-" in job.name]) == 1
    finally:
        for job in accepted:
            stocked.ask("POST", f"/api/jobs/{job}:cancel")
