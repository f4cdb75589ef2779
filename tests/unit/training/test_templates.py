"""The template is told from the base's own, or it has to be chosen."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tunesmith.domain.errors import InvalidInput
from tunesmith.training.template_names import TEMPLATE_NAMES
from tunesmith.training.templates import detect, template_for

CHATML = "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\\n' + m['content'] + '<|im_end|>' + '\\n' }}{% endfor %}"


@pytest.mark.parametrize(
    ("chat_template", "model_type", "name"),
    [
        (CHATML, "llama", "chatml"),
        (CHATML + "You are a helpful AI assistant named SmolLM, trained by Hugging Face", "llama", "smollm2"),
        (CHATML + "You are Qwen, created by Alibaba Cloud. You are a helpful assistant.", "qwen2", "qwen"),
        (CHATML + "You are a helpful assistant.", "qwen2", "qwen"),
        (CHATML + "You are Dolphin.", "llama", None),
        (CHATML + "{% if enable_thinking %}", "qwen3", "qwen3"),
        (CHATML, "qwen3_moe", "qwen3_nothink"),
        ("<|start_header_id|>user<|end_header_id|>\n\nx<|eot_id|>", "llama", "llama3"),
        ("<|header_start|>user<|header_end|>", "llama4", "llama4"),
        ("[INST] <<SYS>>\n", "llama", "llama2"),
        ("[INST] x [/INST]", "mistral", "mistral"),
        ("[INST] x [/INST]", "llama", None),
        ("[SYSTEM_PROMPT]a[/SYSTEM_PROMPT][INST]b[/INST]", "mistral3", "mistral_small"),
        ("<start_of_turn>user\nx<end_of_turn>", "gemma2", "gemma2"),
        ("<start_of_turn>user\nx<end_of_turn>", "gemma3_text", "gemma3"),
        ("{{'<|user|>' + '\\n' + message['content'] + '<|end|>' + '\\n' + '<|assistant|>' + '\\n'}}", "phi3", "phi"),
        ("{{ '<|' + message['role'] + '|>' + message['content'] + '<|end|>' }}", "phi3", "phi4_mini"),
        ("<|im_start|>user<|im_sep|>x<|im_end|>", "phi3", "phi4"),
        ("<|start_of_role|>user<|end_of_role|>", "granite", "granite3"),
        ("", "llama", None),
        ("USER: x ASSISTANT:", "llama", None),
    ],
)
def test_tells_the_template_only_when_it_is_certain(chat_template: str, model_type: str, name: str | None) -> None:
    assert detect(chat_template, model_type) == name
    assert name is None or name in TEMPLATE_NAMES


@pytest.mark.parametrize("place", ["jinja", "text", "list"])
def test_reads_the_template_from_wherever_the_base_keeps_it(tmp_path: Path, place: str) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "llama"}')
    content: object = CHATML
    if place == "jinja":
        (tmp_path / "chat_template.jinja").write_text(CHATML)
    else:
        content = CHATML if place == "text" else [{"name": "tool_use", "template": "x"}, {"name": "default", "template": CHATML}]
        (tmp_path / "tokenizer_config.json").write_text(json.dumps({"chat_template": content}))
    assert template_for(tmp_path) == "chatml"


def test_a_base_without_a_known_template_has_to_be_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        template_for(tmp_path)
    assert "no chat template" in caught.value.detail
    assert "`template:`" in caught.value.remedy
    assert template_for(tmp_path, "llama3") == "llama3"


def test_a_template_that_does_not_exist_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="llama-3") as caught:
        template_for(tmp_path, "llama-3")
    assert "'llama3'" in caught.value.remedy
