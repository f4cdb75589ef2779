"""What the form of a release offers, and why not the rest."""

from __future__ import annotations

from datetime import UTC, datetime

from tunesmith.domain.artifact import Artifact, Kind
from tunesmith.domain.errors import PlaceMissing
from tunesmith.domain.release import Engine
from tunesmith.domain.room import Room
from tunesmith.domain.step import Toolbox
from tunesmith.release.facts import Facts, Origin
from tunesmith.release.options import Options, release_options
from tunesmith.steps.render import Template


class Programs:
    def __init__(self, *missing: str) -> None:
        self.missing = missing

    def program(self, toolbox: Toolbox, name: str) -> tuple[str, ...]:
        if name in self.missing:
            raise PlaceMissing(f"{name} isn't on this machine", "", "Get it.")
        return (name,)

    def script(self, toolbox: Toolbox, relative: str) -> str:
        return relative


def artifact(kind: Kind, **more: object) -> Artifact:
    return Artifact.model_validate(
        {"id": f"x/{kind}", "kind": kind, "name": kind.value, "bytes": 1, "modified_at": datetime.now(UTC), **more}
    )


async def nothing(*_: object) -> list[str]:
    return []


async def offered(programs: Programs, base: Artifact | None, origin: Origin, limits: list[str], ollama: str = "") -> Options:
    async def on_ollama(name: str) -> list[tuple[str, str]]:
        return [(ollama, "Start it.")] if ollama else []

    async def origin_of(_: Artifact) -> Origin:
        return origin

    room = Room(free_disk=lambda: 0, memory=lambda: 0, is_writable=lambda _: True)
    facts = Facts(origin_of, str, nothing, nothing, nothing, room, {"qwen", "chatml"}, on_ollama)
    return await release_options(artifact(Kind.ADAPTER, base="hub/name"), base, origin, programs, facts, limits)


async def test_what_the_record_says_is_filled_in_and_sizes_follow_the_base() -> None:
    base = artifact(Kind.BASE, parameters=100_000_000, architecture="LlamaForCausalLM")
    told = await offered(Programs(), base, Origin("models/base/b", Template("qwen", system="You are Qwen.")), [])
    assert (told.base, told.named_base, told.template, told.trained_system) == (
        "x/base",
        "models/base/b",
        "qwen",
        "You are Qwen.",
    )
    assert told.templates == ["chatml", "qwen"]
    sizes = {choice.name: choice.bytes for choice in told.quantisations}
    assert sizes["f16"] == 200_000_000 + 4 * 2**20
    assert [*sizes][:: len(sizes) - 1] == ["f32", "q2_k"]
    assert [choice.against for choice in told.quantisations if choice.against] == []


async def test_what_cant_be_made_here_says_why() -> None:
    told = await offered(Programs("llama-quantize", "ollama"), None, Origin(None, None), [])
    assert (told.base, told.named_base, told.template) == (None, "hub/name", None)
    makeable = [choice.name for choice in told.quantisations if not choice.against]
    assert makeable == ["f32", "f16", "bf16", "q8_0"]
    assert {choice.bytes for choice in told.quantisations} == {None}
    ollama = next(choice for choice in told.engines if choice.name is Engine.OLLAMA)
    assert [(one.reason, one.remedy) for one in ollama.against] == [("ollama isn't on this machine", "Get it.")]


async def test_an_engine_says_why_an_adapter_has_to_be_merged_for_it() -> None:
    base = artifact(Kind.BASE, architecture="Qwen3ForCausalLM")
    told = await offered(Programs(), base, Origin(None, None), ["it is a DoRA"], ollama="Ollama doesn't answer")
    limits = {choice.name: choice.no_adapters for choice in told.engines}
    assert limits == {
        Engine.LLAMA_CPP: ["it is a DoRA"],
        Engine.OLLAMA: ["it is a DoRA", "Ollama loads no adapters on Qwen3ForCausalLM"],
    }
    assert [choice.against[0].reason for choice in told.engines if choice.against] == ["Ollama doesn't answer"]
