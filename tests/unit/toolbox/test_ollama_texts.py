"""The texts that Ollama is given: Go templates of trained templates, and Modelfiles."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

TOOLBOX = Path(__file__).parents[3] / "backend" / "toolbox"
MODELFILE = TOOLBOX / "ollama" / "modelfile.py"
TOKENIZER = SimpleNamespace(bos_token="<s>", eos_token="</s>")


@pytest.fixture
def go() -> Iterator[ModuleType]:
    folder = str(TOOLBOX / "llamafactory")
    sys.path.insert(0, folder)
    import go_template

    yield go_template
    sys.path.remove(folder)


def template(kind: str = "Template", **slots: list[Any]) -> Any:
    """A template object as LLaMA-Factory has them, with the slots of its formatters."""
    given = {"prefix": [], "system": ["[{{content}}]\n"], "user": ["Q: {{content}}\nA: "], "assistant": ["{{content}}\n"]} | slots
    made = type(kind, (), {"add_thought": lambda self: "<think>\n\n</think>\n\n", "enable_thinking": True})()
    made.default_system = ""
    for name, list_ in given.items():
        setattr(made, f"format_{name}", SimpleNamespace(slots=list_))
    return made


def test_plain_text_stands_as_it_is(go: ModuleType) -> None:
    assert go.go_template(template(), TOKENIZER) == (
        "{{ $system := .System }}{{ if $system }}[{{ $system }}]\n{{ end }}"
        '{{ range .Messages }}{{ if eq .Role "user" }}Q: {{ .Content }}\nA: '
        '{{ else if eq .Role "assistant" }}{{ .Content }}\n{{ end }}{{ end }}'
    )


def test_a_default_system_prompt_stands_for_an_empty_one(go: ModuleType) -> None:
    made = template()
    made.default_system = 'Say "yes".\n\u200b'
    assert '{{ if not $system }}{{ $system = "Say \\"yes\\".\\n\\U0000200b" }}{{ end }}' in go.go_template(made, TOKENIZER)


def test_turns_are_counted_without_arithmetic(go: ModuleType) -> None:
    made = go.go_template(template(user=["[Round {{idx}}]\nQ: {{content}}\n"]), TOKENIZER)
    assert made.startswith('{{ $system := .System }}{{ $turns := "" }}')
    assert "[Round {{ len $turns }}]\nQ: {{ .Content }}\n" in made
    assert '{{ $turns = printf "%s." $turns }}' in made


def test_the_begin_token_is_left_out_once_for_engines_that_add_it(go: ModuleType) -> None:
    prefixed = template(prefix=[{"bos_token"}])
    assert "}}<s>{{ if $system" in go.go_template(prefixed, TOKENIZER)
    assert "<s>" not in go.go_template(prefixed, TOKENIZER, with_first_bos=False)
    each_turn = template("Llama2Template", user=[{"bos_token"}, "[INST] {{content}} [/INST]"])
    assert "{{ if not $first }}<s>{{ end }}[INST] " in go.go_template(each_turn, TOKENIZER, with_first_bos=False)


def test_text_that_go_or_a_modelfile_would_read_is_a_string(go: ModuleType) -> None:
    made = go.go_template(template(user=["{{{content}} }\u00a0\n"]), TOKENIZER)
    assert '{{ "{" }}{{ .Content }}{{ " }\\U000000a0\\n" }}' in made


def test_an_answer_of_a_reasoning_template_has_an_empty_thought(go: ModuleType) -> None:
    made = go.go_template(template("ReasoningTemplate"), TOKENIZER)
    assert '{{ else if eq .Role "assistant" }}<think>\n\n</think>\n\n{{ .Content }}\n' in made


def write(tmp_path: Path, **request: Any) -> tuple[subprocess.CompletedProcess[str], Path]:
    rendering, out = tmp_path / "rendering", tmp_path / "Modelfile"
    (rendering / "ollama").mkdir(parents=True)
    (rendering / "ollama" / "1-llamafactory.gotmpl").write_text('{{ .System }}"\n')
    (rendering / "ollama" / "2-trained.gotmpl").write_text("another")
    (rendering / "rendering.json").write_text('{"stop": ["<|im_end|>", ""]}')
    whole = {"tag": "doors:j", "job": "j", "model": "/h/a b.gguf", "adapter": None, "system": None, "context": 4096} | request
    (tmp_path / "release.json").write_text(json.dumps({"ollama": whole}))
    argv = [sys.executable, MODELFILE, "--request", tmp_path / "release.json", "--rendering", rendering, "--out", out]
    return subprocess.run(argv, capture_output=True, text=True), out


def test_the_first_template_is_tried_first(tmp_path: Path) -> None:
    done, out = write(tmp_path, adapter="/h/adapter.gguf", system='He said "no",\nthen ""')
    assert done.returncode == 0, done.stderr
    assert out.read_text().splitlines()[1:] == [
        'FROM """/h/a b.gguf"""',
        'ADAPTER """/h/adapter.gguf"""',
        'TEMPLATE """{{ .System }}"',
        '"""',
        'SYSTEM """He said "no",',
        'then """""',
        'PARAMETER stop """<|im_end|>"""',
        "PARAMETER num_ctx 4096",
    ]


@pytest.mark.parametrize(
    ("system", "said"), [('a """ b', "three quotes in a row"), ("a\u00a0b", "U+00A0"), ("a\u200db", "U+200D"), ("a\0b", "U+0000")]
)
def test_what_a_modelfile_cant_hold_is_refused(tmp_path: Path, system: str, said: str) -> None:
    from tunesmith.steps.ollama_create import unsayable

    done, out = write(tmp_path, system=system)
    assert done.returncode == 1
    assert "the system prompt" in done.stderr
    assert said in done.stderr
    assert not out.exists()
    assert said in (unsayable(system) or ""), "the plan says so before anything starts"
