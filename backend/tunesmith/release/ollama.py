"""What is different when a release goes to Ollama: what it can't load, and what it is asked before anything starts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from tunesmith.domain.errors import PlaceMissing
from tunesmith.domain.place import Programs
from tunesmith.domain.step import Toolbox
from tunesmith.release.request import Refusal, ReleaseRequest
from tunesmith.steps.ollama_create import unsayable

Reasons = Callable[[str], Awaitable[list[tuple[str, str]]]]
"""Why nothing can be released under a name on Ollama now, each with its remedy: it doesn't answer, or has another model."""


async def no_reasons(name: str) -> list[tuple[str, str]]:
    """Where nobody looks at Ollama."""
    return []


WITHOUT_ADAPTERS = (
    *("bert", "deepseekv2", "deepseekv3", "deepseekocr", "gemma3", "gptoss", "llama4", "mistral3", "mllama", "nemotronh"),
    *("nomicbert", "olmo3", "qwen2_5_vl", "qwen3", "glm4moelite", "glmocr", "lfm2"),
)
"""Beginnings of architectures that run on Ollama's own engine, which says "loras are not yet implemented" (0.17.4)."""


def adapter_limits(architecture: str | None) -> list[str]:
    """Why Ollama can't load an adapter beside a base of this architecture (its config.json's, such as Qwen3ForCausalLM)."""
    if architecture is None or not architecture.lower().startswith(WITHOUT_ADAPTERS):
        return []
    return [f"Ollama loads no adapters on {architecture}"]


async def ollama_refusals(request: ReleaseRequest, programs: Programs, reasons: Reasons) -> list[Refusal]:
    """Found before anything starts. Nothing is asked of an Ollama whose program isn't here."""
    try:
        programs.program(Toolbox.OLLAMA, "ollama")
    except PlaceMissing:
        return []  # its step says so
    against = [Refusal(reason=reason, remedy=remedy, status=503) for reason, remedy in await reasons(request.name)]
    if request.system and (why := unsayable(request.system)):
        against.append(
            Refusal(reason=f"The system prompt can't be written into a Modelfile: {why}", remedy="Write it without that.")
        )
    return against
