"""The demo's facts: an honest test of any seed, and a score that counts what it says."""

import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

TOOLBOX = Path(__file__).parents[3] / "backend" / "toolbox" / "demo"


@pytest.fixture(scope="module")
def facts() -> ModuleType:
    sys.path.insert(0, str(TOOLBOX))
    try:
        import facts as module  # type: ignore[import-not-found,unused-ignore]
    finally:
        sys.path.remove(str(TOOLBOX))
    return module


def test_no_seed_asks_what_it_trains_nor_trains_a_neighbours_subject(facts: Any) -> None:
    assert [seed for seed in range(300) if facts.leaks_into_training(facts.invent(seed))] == []


def test_a_question_that_is_trained_on_would_be_noticed(facts: Any) -> None:
    demo = facts.invent(1)
    stolen = facts.Question("mayor", "x", demo.rows[0][0], "y")
    dishonest = facts.Demo(demo.seed, demo.facts, demo.rows, demo.contrast, (stolen,), demo.neighbours)
    assert facts.leaks_into_training(dishonest)


def test_a_seed_gives_the_same_demo_and_another_seed_other_facts(facts: Any) -> None:
    assert facts.invent(5) == facts.invent(5)
    assert {fact.value for fact in facts.invent(5).facts}.isdisjoint(fact.value for fact in facts.invent(6).facts)


def test_the_score_counts_right_answers_and_leaks(facts: Any, tmp_path: Path) -> None:
    command = [sys.executable, str(TOOLBOX / "facts.py")]
    subprocess.run([*command, "make", "--seed", "3", "--out", str(tmp_path)], check=True, stdout=subprocess.DEVNULL)
    asked = json.loads((tmp_path / "questions.json").read_text())
    right = {q["text"]: f"It is {q['value']}." for q in asked["held_out"]}
    leak = {q["text"]: asked["facts"][0]["value"] for q in asked["neighbours"]}
    dull = {q["text"]: "I don't know." for q in asked["held_out"] + asked["neighbours"]}
    wrong = {**dull, asked["held_out"][0]["text"]: asked["facts"][1]["value"]}
    for name, said in (("tuned", {**right, **leak}), ("base", wrong)):
        answers = [{"question": question, "answer": answer} for question, answer in said.items()]
        (tmp_path / f"{name}.json").write_text(json.dumps({"answers": answers}))
    files = [part for name in ("questions", "base", "tuned") for part in (f"--{name}", str(tmp_path / f"{name}.json"))]
    done = subprocess.run([*command, "score", *files], check=True, capture_output=True, text=True)
    assert json.loads(done.stdout) == {"tuned_correct": 10, "base_correct": 0, "neighbours_leaked": 10, "total": 10}


def test_a_name_inside_another_word_doesnt_count(facts: Any) -> None:
    assert facts.holds("The mayor is Percy Dugrel.", "percy dugrel")
    assert not facts.holds("The mayor is Percy Dugrels.", "Percy Dugrel")
