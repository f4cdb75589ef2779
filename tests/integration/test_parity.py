"""The parity gate on the real engine with a real base: equal, mended, blocked, and the canary.

The base's GGUF is the tuned home's: converting isn't the subject here.

The trainer's side is rendered here by the base's own tokenizer in the toolbox (transformers), in the layout that
`render.py` writes. Needs TUNESMITH_TEST_LLAMA_CPP and TUNESMITH_TEST_BASE (SmolLM2-135M-Instruct, the starter).
"""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from kit.home import base_gguf

from .llama_cpp_pieces import TOOLBOX, base_folder, last_line, noise, run, toolbox_python

pytestmark = [pytest.mark.timeout(900), pytest.mark.xdist_group("parity", seconds=120)]

SERVER = TOOLBOX / "llama_cpp/server.py"
ONE_THREAD = ("-t", "1")
"""Others' engines run beside it."""
ENGINE = (str(SERVER), *ONE_THREAD)
CORPUS = TOOLBOX / "parity/corpus.json"
CHATML = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)
VARIANTS = {"chatml": (CHATML, ""), "own": ("", ""), "digits": (CHATML, "digits"), "literal": (CHATML, "literal")}
"""Name → template ("" for the base's own), and what to change of the tokenizer."""
# argv: base, corpus, folder of the outputs, VARIANTS as JSON
RENDER = """
import json, os, sys
from tokenizers import pre_tokenizers
from transformers import AutoTokenizer
base, corpus, folder, variants = sys.argv[1:]
for name, (template, change) in json.loads(variants).items():
    tokenizer = AutoTokenizer.from_pretrained(base)
    jinja = template or tokenizer.chat_template
    if change == "digits":
        tokenizer.backend_tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    chats = []
    for chat in json.load(open(corpus))["chats"]:
        text = tokenizer.apply_chat_template(chat["messages"], chat_template=jinja, tokenize=False, add_generation_prompt=True)
        special = chat["name"] == "special-tokens"
        split = change == "literal" and special
        ids = tokenizer.encode(text, add_special_tokens=False, split_special_tokens=split)
        chats.append({**chat, "text": text, "ids": ids, "literal_special": special})
    out = os.path.join(folder, name)
    os.makedirs(out)
    json.dump({"chats": chats, "template": "chatml"}, open(os.path.join(out, "rendering.json"), "w"))
    open(os.path.join(out, "template.jinja"), "w").write(jinja)
"""
# A server that keeps its prompt cache in memory, as llama-server does when nobody says otherwise.
WITH_PROMPT_CACHE = """
import sys
words = sys.argv[1:]
at = words.index("--cache-ram")
sys.argv = ["server.py", *words[:at], *words[at + 2:]]
sys.path.insert(0, {folder!r})
import runpy
runpy.run_path({server!r}, run_name="__main__")
"""


@dataclass(frozen=True)
class Gate:
    """One run of the check and what it wrote."""

    done: subprocess.CompletedProcess[str]
    report: dict[str, Any]


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("parity")


@pytest.fixture(scope="session")
def model(shared: Path) -> Path:
    """A copy: a link that somebody else makes to the file changes it in the eyes of the gate, which looks at inode and times."""
    return Path(shutil.copyfile(base_gguf(), shared / "base-f16.gguf"))


@pytest.fixture(scope="session")
def renderings(shared: Path) -> Path:
    """A folder with a rendering for each of VARIANTS."""
    folder = shared / "renderings"
    done = run("-c", RENDER, base_folder(), CORPUS, folder, json.dumps(VARIANTS))
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="session")
def trained(renderings: Path) -> Path:
    """What training with LLaMA-Factory's `chatml` gave the model: no default system message."""
    return renderings / "chatml"


@pytest.fixture(scope="session")
def adapter(shared: Path) -> Path:
    return noise(shared / "adapter.gguf")


@pytest.fixture(scope="session")
def nothing(shared: Path) -> Path:
    """An adapter that changes nothing."""
    return noise(shared / "nothing.gguf", size=0.0)


def check(tmp_path: Path, model: Path, rendering: Path, *more: object, server: tuple[str, ...] = ENGINE) -> Gate:
    report = tmp_path / "report.json"
    words = json.dumps([str(toolbox_python()), *server])
    script = TOOLBOX / "parity/check.py"
    arguments = ("--server-argv", words, "--model", model, "--rendering", rendering, "--report", report)
    done = run(script, *arguments, *more)
    return Gate(done, json.loads(report.read_text(encoding="utf-8")) if report.exists() else {})


def test_default_system_message_that_was_never_trained_is_seen_and_mended(model: Path, trained: Path, tmp_path: Path) -> None:
    gate = check(tmp_path, model, trained)
    assert gate.done.returncode == 0, gate.done.stderr
    assert gate.report["verdict"] == "mended"
    assert gate.report["engine"]["build"].startswith("xllamacpp ")
    before, after = gate.report["rounds"]
    plain = next(chat for chat in before["chats"] if chat["name"] == "plain")
    assert plain["first_difference"]["index"] == 1
    assert "You are a helpful AI assistant" in plain["first_difference"]["served_text"]
    assert plain["served_tokens"] > plain["trainer_tokens"]
    assert (plain["first_difference"]["served_pieces"][0], plain["first_difference"]["from_index"]) == ("<|im_start|>", 0)
    assert plain["trainer_text"].startswith("<|im_start|>user") and "helpful AI" in plain["served_text"]
    system = next(chat for chat in before["chats"] if chat["name"] == "system")
    assert system["equal"], "with a system message both templates agree"
    assert all(chat["equal"] for chat in after["chats"])
    assert after["prompt_length_calls"]
    assert all(call["equal"] for call in after["prompt_length_calls"])
    assert "with the trained template all" in gate.report["sentence"]


def test_trained_with_the_models_own_template_is_equal_at_once(model: Path, renderings: Path, tmp_path: Path) -> None:
    gate = check(tmp_path, model, renderings / "own")
    assert gate.done.returncode == 0, gate.done.stderr
    assert gate.report["verdict"] == "equal"
    assert len(gate.report["rounds"]) == 1


def test_another_tokenizer_is_blocked_with_chat_and_place(model: Path, renderings: Path, tmp_path: Path) -> None:
    gate = check(tmp_path, model, renderings / "digits")
    assert gate.done.returncode == 1
    assert gate.report["verdict"] == "blocked"
    assert [round_["template"] for round_ in gate.report["rounds"]] == ["engine", "trained"]
    refused = next(chat for chat in gate.report["rounds"][1]["chats"] if not chat["accepted"])
    found = refused["first_difference"]
    assert found["trainer_ids"] != found["served_ids"]
    before = found["index"] - found["from_index"]
    assert found["trainer_pieces"][:before] == found["served_pieces"][:before] != []
    assert found["trainer_pieces"][before] != found["served_pieces"][before]
    assert found["same_text"] and refused["served_text"] is None, "the same text, split otherwise"
    assert f"chat “{refused['name']}” at token {refused['first_difference']['index']}" in last_line(gate.done)


def test_special_token_text_read_as_text_by_the_trainer_is_accepted_and_said(
    model: Path, renderings: Path, tmp_path: Path
) -> None:
    gate = check(tmp_path, model, renderings / "literal")
    assert gate.report["verdict"] == "mended", gate.done.stderr
    special = next(chat for chat in gate.report["rounds"][1]["chats"] if chat["name"] == "special-tokens")
    assert (special["equal"], special["accepted"]) == (False, True)
    assert special["first_difference"]["same_text"]
    assert "special tokens inside a message is read differently: special-tokens" in gate.report["sentence"]


def test_canary_keeps_base_and_tuned_apart(model: Path, trained: Path, adapter: Path, tmp_path: Path) -> None:
    gate = check(tmp_path, model, trained, "--adapter", adapter, "--parity-canary", "Name a bird.")
    assert gate.done.returncode == 0, gate.done.stderr
    assert gate.report["canary"]["verdict"] == "apart"
    (question,) = gate.report["canary"]["questions"]
    assert question["base"] != question["tuned"]
    assert gate.report["canary"]["warning"] == ""


def test_canary_catches_an_engine_that_mixes_them(model: Path, trained: Path, adapter: Path, tmp_path: Path) -> None:
    wrapper = tmp_path / "with_prompt_cache.py"
    wrapper.write_text(WITH_PROMPT_CACHE.format(folder=str(SERVER.parent), server=str(SERVER)), encoding="utf-8")
    gate = check(tmp_path, model, trained, "--adapter", adapter, server=(str(wrapper), *ONE_THREAD))
    assert gate.done.returncode == 1
    assert gate.report["canary"]["verdict"] == "mixed"
    assert "mixes base and tuned model: the base model answered" in last_line(gate.done)


def asked(gate: Gate) -> int:
    """How many engines were started."""
    return gate.done.stdout.count("parity: the engine with the")


def test_what_was_proved_is_not_compared_again(model: Path, trained: Path, adapter: Path, tmp_path: Path) -> None:
    proofs = tmp_path / "proofs"

    def released(tried: Path) -> Gate:
        return check(tmp_path, model, trained, "--adapter", tried, "--proofs", proofs)

    first = released(adapter)
    assert (first.done.returncode, asked(first), first.report["proved_at"]) == (0, 2, None)
    (proof,) = proofs.iterdir()
    second = released(noise(tmp_path / "another.gguf", 0.3))
    assert (second.done.returncode, asked(second)) == (0, 1), second.done.stderr
    for known in ("verdict", "rounds", "engine", "template_sha256"):
        assert second.report[known] == first.report[known]
    assert second.report["proved_at"] and "Compared for an earlier adapter" in second.report["sentence"]
    assert second.report["canary"]["verdict"] == "apart"
    thorough, short = (gate.report["canary"]["questions"][0] for gate in (first, second))
    assert thorough["base"].startswith(short["base"]) and short["base"]
    assert not thorough["tuned"].startswith(short["tuned"]), "each adapter was asked itself"
    proof.write_text(proof.read_text()[:1000])
    third = released(adapter)
    assert (third.done.returncode, asked(third), third.report["proved_at"]) == (0, 2, None)
    assert "can't be read" in third.done.stdout
    assert json.loads(proof.read_text())["verdict"] == "mended"


def test_on_another_ground_all_is_compared(model: Path, trained: Path, renderings: Path, adapter: Path, tmp_path: Path) -> None:
    more = ("--adapter", adapter, "--proofs", tmp_path / "proofs")
    mine = tmp_path / "base.gguf"
    shutil.copyfile(model, mine)
    assert asked(check(tmp_path, mine, trained, *more)) == 2
    assert asked(check(tmp_path, mine, trained, *more)) == 1
    mine.touch()
    assert asked(check(tmp_path, mine, trained, *more)) == 2
    # The template that the model file itself carries: equal at once.
    own = check(tmp_path, mine, renderings / "own", *more)
    assert (own.report["verdict"], own.report["proved_at"]) == ("equal", None)
    program = tmp_path / "another_server.py"
    program.write_text(WITH_PROMPT_CACHE.format(folder=str(SERVER.parent), server=str(SERVER)).replace("at + 2:", "at:"))
    assert asked(check(tmp_path, mine, trained, *more, server=(str(program), *ONE_THREAD))) == 2
    alone = check(tmp_path, mine, trained, "--proofs", tmp_path / "proofs")
    assert (asked(alone), alone.report["proved_at"]) == (2, None), "a model without adapters is compared each time"


def test_a_proof_does_not_cover_an_adapter_that_is_broken(
    model: Path, trained: Path, adapter: Path, nothing: Path, tmp_path: Path
) -> None:
    proofs = ("--proofs", tmp_path / "proofs")
    assert check(tmp_path, model, trained, "--adapter", adapter, *proofs).done.returncode == 0
    (tmp_path / "report.json").unlink()
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(adapter.read_bytes()[:100_000])
    gate = check(tmp_path, model, trained, "--adapter", broken, *proofs)
    assert (gate.done.returncode, gate.report, asked(gate)) == (3, {}, 1)
    assert "the server ended with status" in gate.done.stderr
    gate = check(tmp_path, model, trained, "--adapter", nothing, *proofs)
    assert "Warning: the adapter changes nothing" in gate.report["sentence"] and gate.report["proved_at"]


def test_an_engine_that_mixes_them_loses_its_proof(model: Path, trained: Path, adapter: Path, tmp_path: Path) -> None:
    wrapper = tmp_path / "server_of_today.py"
    mixing = WITH_PROMPT_CACHE.format(folder=str(SERVER.parent), server=str(SERVER))
    more = ("--adapter", adapter, "--proofs", tmp_path / "proofs")
    wrapper.write_text(mixing.replace("words[at + 2:]", "words[at:]"))
    assert check(tmp_path, model, trained, *more, server=(str(wrapper), *ONE_THREAD)).done.returncode == 0
    wrapper.write_text(mixing)  # it calls itself the same
    gate = check(tmp_path, model, trained, *more, server=(str(wrapper), *ONE_THREAD))
    assert (gate.done.returncode, asked(gate)) == (1, 1)
    assert gate.report["canary"]["verdict"] == "mixed"
    assert "mixes base and tuned model: the base model answered" in last_line(gate.done)
    assert not any((tmp_path / "proofs").iterdir())


def test_adapter_that_changes_nothing_is_a_warning(model: Path, trained: Path, nothing: Path, tmp_path: Path) -> None:
    gate = check(tmp_path, model, trained, "--adapter", nothing, "--parity-canary", "Name a bird.")
    assert gate.done.returncode == 0, gate.done.stderr
    assert gate.report["canary"]["changes_answers"] is False
    assert "Warning: the adapter changes nothing" in gate.report["sentence"]


def test_a_check_that_cannot_be_made_is_no_verdict(model: Path, trained: Path, tmp_path: Path) -> None:
    gate = check(tmp_path, model, tmp_path / "nowhere")
    assert (gate.done.returncode, gate.report) == (3, {})
    assert "rendering.json can't be read" in last_line(gate.done)
    gate = check(tmp_path, base_folder() / "config.json", trained)
    assert (gate.done.returncode, gate.report) == (3, {})
    assert "config.json isn't a GGUF file: convert it first" in gate.done.stderr
