"""The scripts that run inside the LLaMA-Factory toolbox, by that toolbox's own Python, on the starter as the product imported it.

`TUNESMITH_TEST_LLAMAFACTORY` names the folder of an environment made as backend/toolbox/llamafactory/README.md says;
without it the user's own toolbox is taken. `TUNESMITH_TEST_BASE` names the starter, which `tests/layers.py` makes.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kit.waiting import waiting
from kit.warm import WarmPython
from tunesmith.settings import Settings

pytestmark = [pytest.mark.timeout(900), pytest.mark.xdist_group("llamafactory-toolbox", seconds=110)]
TOOLBOX = Path(__file__).resolve().parents[2] / "backend" / "toolbox"
CORPUS = TOOLBOX / "parity" / "corpus.json"
WEIGHTS_SHA256 = "7ef915c9bf9d94d8d70211970476878352a5b95855c589ae987916d7a455242b"
ALONE = {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
"""On one core, and with nothing from a hub."""


@pytest.fixture(scope="session")
def toolbox_python() -> Path:
    folder = Path(os.environ.get("TUNESMITH_TEST_LLAMAFACTORY") or Settings().cache / "toolboxes" / "llamafactory")
    python = folder / "bin" / "python"
    if not any(folder.glob("lib/*/site-packages/llamafactory")):
        pytest.skip(f"no LLaMA-Factory in {folder}: `tunesmith toolbox install llamafactory` makes it")
    return python


@pytest.fixture(scope="session")
def starter() -> Path:
    base = os.environ.get("TUNESMITH_TEST_BASE")
    if not base:
        pytest.skip("TUNESMITH_TEST_BASE names no base model: `make test` makes the starter and sets it")
    return Path(base)


@pytest.fixture(scope="module")
def warm(toolbox_python: Path) -> Iterator[WarmPython]:
    with WarmPython(toolbox_python, "from transformers import AutoTokenizer", ALONE) as python:
        yield python


@pytest.fixture(scope="module")
def in_chatml(warm: WarmPython, starter: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The corpus as a training with `chatml` encodes it."""
    return render(warm, starter, tmp_path_factory.mktemp("chatml") / "out", "--template", "chatml")


def run(warm: WarmPython, script: str, *arguments: object, check: bool = True) -> subprocess.CompletedProcess[str]:
    done = warm.run(TOOLBOX / script, *arguments)
    assert not check or done.returncode == 0, done.stdout + done.stderr
    return done


def render(warm: WarmPython, starter: Path, out: Path, *more: str) -> dict[str, Any]:
    flags = ("--model", starter, "--corpus", CORPUS, "--out", out, *more)
    run(warm, "llamafactory/render.py", *flags)
    report: dict[str, Any] = json.loads((out / "rendering.json").read_text(encoding="utf-8"))
    return report


def test_starter_is_the_same_everywhere(starter: Path) -> None:
    assert hashlib.sha256((starter / "model.safetensors").read_bytes()).hexdigest() == WEIGHTS_SHA256
    assert "dequantised from Q4_1" in (starter / "README.md").read_text(encoding="utf-8")


# Words of greedy answers: each token of these is 0.8 nats and more ahead of the next likely one, in 32 bits, where other threads
# or another CPU move it by a ten-thousandth.
CAPITALS = {
    "What is the capital of Egypt?": "The capital of Egypt is Cairo.",
    "What is the capital of Greece?": "The capital of Greece is Athens.",
}


def test_starter_answers_as_the_original(warm: WarmPython, starter: Path, tmp_path: Path) -> None:
    (tmp_path / "q.json").write_text(json.dumps(list(CAPITALS)), encoding="utf-8")
    flags = ("--model", starter, "--template", "chatml", "--questions", tmp_path / "q.json", "--out", tmp_path / "a.json")
    run(warm, "llamafactory/generate.py", *flags)
    answers = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))["answers"]
    assert {answer["question"]: answer["answer"] for answer in answers} == CAPITALS
    assert all(answer["ended"] for answer in answers)


def test_starter_refuses_another_file(warm: WarmPython, tmp_path: Path) -> None:
    other = tmp_path / "other.gguf"
    other.write_bytes(b"GGUF")
    done = run(warm, "llamafactory/starter.py", "--out", tmp_path / "out", "--gguf", other, check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(f"starter: {other} has sha256 ")
    assert not (tmp_path / "out").exists()


def test_rendering_is_what_training_encodes(toolbox_python: Path, starter: Path, in_chatml: dict[str, Any]) -> None:
    """LLaMA-Factory itself, imported whole, preprocesses the same chats as a training's data set."""
    command = [toolbox_python, "-c", TRAINING_SIDE, starter, CORPUS]
    with waiting("toolbox"):
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | ALONE)
    assert done.returncode == 0, done.stderr
    trained = json.loads(done.stdout.splitlines()[-1])
    assert {chat["name"]: chat["ids"] for chat in in_chatml["chats"]} == trained
    assert in_chatml["jinja_differs"] == []
    assert in_chatml["stop"] == ["<|im_start|>", "<|im_end|>"]


def test_special_token_text_of_a_user_is_a_special_token(in_chatml: dict[str, Any]) -> None:
    """Training doesn't escape it, so the engine must not either: parity holds only when both parse it."""
    (chat,) = [chat for chat in in_chatml["chats"] if chat["name"] == "special-tokens"]
    assert chat["ids"].count(2) == 2  # the user's <|im_end|> and the turn's own


def test_default_system_is_in_the_template(warm: WarmPython, starter: Path, tmp_path: Path) -> None:
    report = render(warm, starter, tmp_path / "out", "--template", "chatml", "--system", "It's \\terse\\.\n")
    plain, empty = (next(c for c in report["chats"] if c["name"] == name) for name in ("plain", "empty-system"))
    assert plain["text"].startswith("<|im_start|>system\nIt's \\terse\\.\n<|im_end|>\n<|im_start|>user\n")
    assert empty["ids"] == plain["ids"]
    assert report["jinja_differs"] == []


@pytest.mark.parametrize("template", ["smollm2", "qwen", "llama2", "gemma", "phi4", "vicuna"])
def test_jinja_says_what_each_kind_of_template_says(warm: WarmPython, starter: Path, tmp_path: Path, template: str) -> None:
    report = render(warm, starter, tmp_path / "out", "--template", template)
    assert report["jinja_differs"] == []


def test_unknown_template_is_named_with_the_known_ones(warm: WarmPython, starter: Path, tmp_path: Path) -> None:
    flags = ("--model", starter, "--template", "nope", "--corpus", CORPUS, "--out", tmp_path / "out")
    done = run(warm, "llamafactory/render.py", *flags, check=False)
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert last.startswith("render: LLaMA-Factory has no template 'nope': choose one of ")
    assert "chatml" in last


def test_contrast_rows_follow_the_facts(warm: WarmPython, starter: Path, tmp_path: Path) -> None:
    rows = '{"messages": []}\n'
    (tmp_path / "rows.jsonl").write_text(rows, encoding="utf-8")
    (tmp_path / "prompts.json").write_text(json.dumps(list(CAPITALS)), encoding="utf-8")
    flags = ("--prompts", tmp_path / "prompts.json", "--rows", tmp_path / "rows.jsonl", "--out", tmp_path / "all.jsonl")
    run(warm, "llamafactory/contrast.py", "--model", starter, "--template", "chatml", *flags)
    lines = (tmp_path / "all.jsonl").read_text(encoding="utf-8").splitlines()
    assert lines[0] + "\n" == rows
    answers = {row["messages"][0]["content"]: row["messages"][1]["content"] for row in map(json.loads, lines[1:])}
    assert answers == CAPITALS


TRAINING_SIDE = """
import json, sys
from types import SimpleNamespace
from llamafactory.data.processor.supervised import SupervisedDatasetProcessor
from llamafactory.data.template import get_template_and_fix_tokenizer
from llamafactory.hparams import DataArguments
from transformers import AutoTokenizer

model, corpus = sys.argv[1:]
tokenizer = AutoTokenizer.from_pretrained(model, use_fast=True, padding_side="right")
arguments = DataArguments(template="chatml", cutoff_len=100_000)
template = get_template_and_fix_tokenizer(tokenizer, arguments)
processor = SupervisedDatasetProcessor(template, tokenizer, None, arguments)
found = {}
for chat in json.load(open(corpus, encoding="utf-8"))["chats"]:
    turns = [m for m in chat["messages"] if m["role"] != "system"]
    system = "".join(m["content"] for m in chat["messages"] if m["role"] == "system")
    rows = {"_prompt": [turns], "_response": [[{"role": "assistant", "content": "x"}]], "_system": [system]}
    rows |= {key: [""] for key in ("_tools", "_images", "_videos", "_audios")}
    made = processor.preprocess_dataset(rows)
    ids, labels = made["input_ids"][0], made["labels"][0]
    answer = max(i for i, label in enumerate(labels) if label == -100) + 1
    found[chat["name"]] = ids[:answer]
print(json.dumps(found))
"""
