"""What runs inside the llama.cpp toolbox, on a real base: converters, server, capabilities.

Needs TUNESMITH_TEST_LLAMA_CPP (the toolbox's folder) and TUNESMITH_TEST_BASE (the folder of a small base model).
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from kit.home import base_gguf
from kit.waiting import waiting
from tunesmith.serving.canary import same

from .application import START_SECONDS, free_port
from .llama_cpp_pieces import (
    TOOLBOX,
    base_folder,
    changed_base,
    convert,
    convert_adapter,
    last_line,
    run,
    toolbox_python,
    write_adapter,
)

pytestmark = [pytest.mark.timeout(900), pytest.mark.xdist_group("llama-cpp-toolbox", seconds=70)]
SERVER = TOOLBOX / "llama_cpp/server.py"
SHUTDOWN_SECONDS = 30.0
"""How long the engine's own way down waits for streams that are being answered."""
# A new connection for each request: a server closes those that were idle for 5 s, just as one is used again, too.
HTTP = httpx.Client(trust_env=False, timeout=300, limits=httpx.Limits(max_keepalive_connections=0))
ASK = {"messages": [{"role": "user", "content": "What is the capital of France?"}], "temperature": 0, "seed": 1}


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("llama-cpp")


@pytest.fixture(scope="session")
def model() -> Path:
    """As the product converted it for the tuned home."""
    return base_gguf()


@pytest.fixture(scope="session")
def adapter_folder(shared: Path) -> Path:
    """A random adapter as PEFT saves it."""
    return write_adapter(shared / "adapter")


@pytest.fixture(scope="session")
def adapter(shared: Path, adapter_folder: Path) -> Path:
    done = convert_adapter(adapter_folder, shared / "adapter.gguf")
    assert done.returncode == 0, done.stderr
    return shared / "adapter.gguf"


@contextlib.contextmanager
def serving(*flags: object, **environment: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A server that is healthy, with its address; ended afterwards."""
    port = free_port()
    words = ("--host", "127.0.0.1", "--port", port, "-c", 1024, "-t", 1, "--no-warmup", *flags)
    process = subprocess.Popen([str(toolbox_python()), str(SERVER), *map(str, words)], env=os.environ | environment)
    try:
        with waiting("engine"):
            _await_health(f"http://127.0.0.1:{port}", process)
        yield f"http://127.0.0.1:{port}", process
    finally:
        process.kill()
        process.wait()


def _await_health(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(httpx.TransportError):
            if HTTP.get(f"{address}/health").status_code == 200:
                return
        time.sleep(0.05)
    raise AssertionError(f"the server isn't healthy, its status is {process.poll()}")


def chat(address: str, **more: Any) -> dict[str, Any]:
    answer = HTTP.post(f"{address}/v1/chat/completions", json=ASK | {"max_tokens": 8} | more)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def likeliest(address: str, scale: float) -> dict[str, float]:
    """The likeliest first tokens of an answer, with the adapter at this scale, and their log-probabilities."""
    answer = chat(address, lora=[{"id": 0, "scale": scale}], max_tokens=1, logprobs=True, top_logprobs=5)
    [place] = answer["choices"][0]["logprobs"]["content"]
    return {each["token"]: each["logprob"] for each in place["top_logprobs"]}


def test_q8_0_comes_from_the_converter_and_is_about_half_of_f16(model: Path, tmp_path: Path) -> None:
    done = convert(base_folder(), tmp_path / "q8.gguf", "q8_0")
    assert done.returncode == 0, done.stderr
    assert 0.4 < (tmp_path / "q8.gguf").stat().st_size / model.stat().st_size < 0.65


def test_base_of_an_unknown_architecture_is_refused_by_name(tmp_path: Path) -> None:
    base = changed_base(tmp_path / "foo", architectures=["FooForCausalLM"])
    done = convert(base, tmp_path / "foo.gguf", "f16")
    assert done.returncode == 1
    assert "FooForCausalLM is not supported; this llama.cpp doesn't know the architecture" in last_line(done)
    assert str(base) in last_line(done)


def test_folder_without_weights_is_refused(tmp_path: Path) -> None:
    base = changed_base(tmp_path / "empty")
    (base / "model.safetensors").unlink()
    done = convert(base, tmp_path / "empty.gguf", "f16")
    assert done.returncode == 1
    assert "no *.safetensors" in last_line(done)
    assert not (tmp_path / "empty.gguf").exists()


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"use_dora": True}, "DoRA can't be applied as an adapter by llama.cpp: merge it"),
        ({"use_rslora": True}, "rank-stabilised LoRA"),
        ({"alpha_pattern": {"down_proj": 64}}, "a lora_alpha of its own for some modules"),
        ({"modules_to_save": ["embed_tokens"]}, "whole modules saved beside the LoRA pairs"),
        ({"r": 64}, "says rank 64, but"),
    ],
)
def test_adapter_that_would_answer_otherwise_is_refused(
    adapter_folder: Path, config: dict[str, Any], said: str, tmp_path: Path
) -> None:
    folder = shutil.copytree(adapter_folder, tmp_path / "adapter")
    path = folder / "adapter_config.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | config), encoding="utf-8")
    done = convert_adapter(folder, tmp_path / "out.gguf")
    assert done.returncode == 1
    assert said in last_line(done)
    assert not (tmp_path / "out.gguf").exists()


def test_adapter_with_nan_and_one_cut_off_are_refused(adapter_folder: Path, tmp_path: Path) -> None:
    nan = write_adapter(tmp_path / "nan", float("nan"))
    assert "NaN" in last_line(convert_adapter(nan, tmp_path / "out.gguf"))
    cut = shutil.copytree(adapter_folder, tmp_path / "cut")
    weights = cut / "adapter_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1000])
    assert "cut off" in last_line(convert_adapter(cut, tmp_path / "out.gguf"))


def test_server_answers_as_llama_server_does(model: Path, adapter: Path) -> None:
    with serving("-m", model, "--lora-scaled", f"{adapter}:0", "--cache-ram", "0", "-a", "smol", "--no-webui") as (address, _):
        assert HTTP.get(f"{address}/v1/models").json()["data"][0]["id"] == "smol"
        assert HTTP.get(f"{address}/lora-adapters").json()[0]["scale"] == 0
        assert not same(likeliest(address, 0), likeliest(address, 1)), "the adapter changes the answer"
        base = chat(address, lora=[{"id": 0, "scale": 0}])
        prompt = HTTP.post(f"{address}/apply-template", json={"messages": ASK["messages"]}).json()["prompt"]
        tokens = HTTP.post(f"{address}/tokenize", json={"content": prompt, "parse_special": True}).json()["tokens"]
        assert base["usage"]["prompt_tokens"] == len(tokens)
        more = {"stream": True, "top_p": 0.9, "min_p": 0.1, "repeat_penalty": 1.1, "max_tokens": 4, "ignore_eos": True}
        with HTTP.stream("POST", f"{address}/v1/chat/completions", json=ASK | more) as answer:
            lines = [line for line in answer.iter_lines() if line.startswith("data: ")]
        assert lines[-1] == "data: [DONE]"
        assert len(lines) > 3


def test_template_file_replaces_the_one_in_the_model(model: Path, tmp_path: Path) -> None:
    template = tmp_path / "template.jinja"
    template.write_text("{{ greeting }} {{ messages[0]['content'] }}>", encoding="utf-8")
    with serving("-m", model, "--chat-template-file", template, "--chat-template-kwargs", '{"greeting": "Dear"}') as (address, _):
        body = {"messages": [{"role": "user", "content": "model"}]}
        assert HTTP.post(f"{address}/apply-template", json=body).json()["prompt"] == "Dear model>"


def test_a_key_in_the_environment_shuts_everyone_else_out(model: Path) -> None:
    with serving("-m", model, LLAMA_API_KEY="secret") as (address, _):
        assert HTTP.post(f"{address}/v1/chat/completions", json=ASK).status_code == 401
        authorised = {"Authorization": "Bearer secret"}
        body = ASK | {"max_tokens": 1}
        assert HTTP.post(f"{address}/v1/chat/completions", json=body, headers=authorised).status_code == 200


def test_sigterm_ends_it_at_once_in_the_middle_of_an_answer(model: Path) -> None:
    with serving("-m", model) as (address, process):
        body = ASK | {"stream": True, "max_tokens": 900, "ignore_eos": True}
        with HTTP.stream("POST", f"{address}/v1/chat/completions", json=body) as answer:
            next(answer.iter_lines())
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=SHUTDOWN_SECONDS - 5) == 0, "it didn't go the engine's own way"


def test_what_stops_a_server_from_starting_is_said_in_the_last_line(model: Path, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run(SERVER, "-m", model, "--port", port)
        assert (done.returncode, last_line(done)) == (
            1, f"server: 127.0.0.1:{port} can't be bound (Address already in use): take another --port")  # fmt: skip
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF" + b"x" * 100)
    for flags, said in (
        (("-m", tmp_path / "none.gguf"), "none.gguf can't be read"),
        (("-m", base_folder() / "config.json"), "isn't a GGUF file"),
        (("-m", broken), "the engine can't serve"),
        (("-m", model, "--lora-scaled", "a.gguf"), "expected FILE:SCALE"),
        (("-m", model, "--lora-scaled", "a.gguf:0"), "adapter a.gguf can't be read"),
        (("-m", model, "--chat-template-file", "none.jinja"), "none.jinja can't be read"),
    ):
        done = run(SERVER, *flags, "--port", free_port())
        assert (done.returncode, said in last_line(done)) == (1, True), done.stderr
    assert run(SERVER, "-m", model, "--no-such-flag").returncode == 2


def test_what_can_be_made_here_is_known_before_anything_starts(tmp_path: Path) -> None:
    script = TOOLBOX / "llama_cpp/capabilities.py"
    bare = json.loads(run(script, PATH=str(tmp_path)).stdout)
    assert bare["server"].startswith("xllamacpp ")
    assert bare["compiler"] is False
    assert bare["quants_after_build"] == []
    quantize = tmp_path / "llama-quantize"
    quantize.write_text("#!/bin/sh\n", encoding="utf-8")
    quantize.chmod(0o755)
    found = json.loads(run(script, PATH=str(tmp_path)).stdout)
    assert found["quantize"] == str(quantize)
    assert {"f16", "q8_0", "q4_k_m"} <= set(found["quants"])


def test_building_quantize_without_a_compiler_says_what_is_missing(tmp_path: Path) -> None:
    done = run(TOOLBOX / "llama_cpp/build_quantise.py", "--out", tmp_path / "llama-quantize", PATH=str(tmp_path))
    assert done.returncode == 1
    assert "missing: cmake, a C++ compiler (g++), a C compiler (gcc), make or ninja" in last_line(done)
