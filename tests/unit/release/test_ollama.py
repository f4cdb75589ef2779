"""What a release on Ollama is refused for, before anything starts."""

from __future__ import annotations

import pytest

from tunesmith.domain.errors import PlaceMissing
from tunesmith.domain.release import Engine
from tunesmith.domain.step import Toolbox
from tunesmith.release.ollama import adapter_limits, ollama_refusals
from tunesmith.release.request import ReleaseRequest


class Programs:
    def __init__(self, missing: bool = False) -> None:
        self.missing = missing

    def program(self, toolbox: Toolbox, name: str) -> tuple[str, ...]:
        if self.missing:
            raise PlaceMissing("Ollama isn't on this machine")
        return (name,)

    def script(self, toolbox: Toolbox, relative: str) -> str:
        return relative


def asked(system: str | None = None) -> ReleaseRequest:
    return ReleaseRequest(adapter="saves/a", name="doors", engine=Engine.OLLAMA, system=system)


async def silent(name: str) -> list[tuple[str, str]]:
    return [("Ollama doesn't answer", "Start it.")]


async def fine(name: str) -> list[tuple[str, str]]:
    return []


@pytest.mark.parametrize(
    ("architecture", "loads"),
    [
        ("LlamaForCausalLM", True),
        ("Qwen2ForCausalLM", True),
        ("Gemma2ForCausalLM", True),
        (None, True),
        ("Qwen3ForCausalLM", False),
        ("Gemma3ForCausalLM", False),
        ("Mistral3ForConditionalGeneration", False),
    ],
)
def test_bases_of_ollamas_own_engine_take_no_adapter(architecture: str | None, loads: bool) -> None:
    assert (adapter_limits(architecture) == []) is loads


async def test_an_ollama_that_doesnt_answer_is_a_place_that_is_missing() -> None:
    [refusal] = await ollama_refusals(asked(), Programs(), silent)
    assert (refusal.status, refusal.error().kind) == (503, "place-missing")
    assert await ollama_refusals(asked(), Programs(), fine) == []


async def test_without_its_program_nothing_is_asked_of_it() -> None:
    assert await ollama_refusals(asked(), Programs(missing=True), silent) == []


async def test_a_system_prompt_that_no_modelfile_holds_is_refused() -> None:
    [refusal] = await ollama_refusals(asked('Say """'), Programs(), fine)
    assert (refusal.status, "three quotes" in refusal.reason) == (422, True)
