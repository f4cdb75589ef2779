"""What can be chosen for a release of one adapter, and why not the rest: what a form offers before anything is planned."""

from __future__ import annotations

from pydantic import BaseModel

from tunesmith.domain.artifact import Artifact
from tunesmith.domain.errors import PlaceMissing
from tunesmith.domain.place import Programs
from tunesmith.domain.release import Engine
from tunesmith.domain.step import Toolbox
from tunesmith.release.building import gguf_bytes
from tunesmith.release.facts import Facts, Origin
from tunesmith.release.ollama import adapter_limits
from tunesmith.release.quantisations import KNOWN, against_quantisation
from tunesmith.release.request import Refusal


class QuantisationChoice(BaseModel):
    name: str
    bytes: int | None
    """Predicted size of the base in it. None: the base isn't known."""
    against: list[Refusal]


class EngineChoice(BaseModel):
    name: Engine
    against: list[Refusal]
    """Why nothing can be released on it now."""
    no_adapters: list[str]
    """Why it can't load this adapter beside the base, so that it has to be merged."""


class Options(BaseModel):
    """What the training's own record says, and what can be made of it here."""

    adapter: str
    base: str | None
    """Id of the base that the record names. None: it names none, or that one isn't here."""
    named_base: str | None
    """The base as the record names it."""
    template: str | None
    """None: there is no record of it, so it has to be given."""
    trained_system: str | None
    """The system message that training put where a chat had none."""
    templates: list[str]
    quantisations: list[QuantisationChoice]
    engines: list[EngineChoice]


async def release_options(
    adapter: Artifact, base: Artifact | None, origin: Origin, programs: Programs, facts: Facts, limits: list[str]
) -> Options:
    """`limits`: why llama.cpp can't load the adapter beside its base."""
    architecture = base.architecture if base else None
    return Options(
        adapter=adapter.id,
        base=base.id if base else None,
        named_base=origin.base or adapter.base,
        template=origin.template.name if origin.template else None,
        trained_system=origin.template.system if origin.template else None,
        templates=sorted(facts.templates),
        quantisations=[_quantisation(name, base, programs) for name in KNOWN],
        engines=[
            EngineChoice(name=Engine.LLAMA_CPP, against=[], no_adapters=limits),
            EngineChoice(
                name=Engine.OLLAMA,
                against=await _against_ollama(programs, facts),
                no_adapters=[*limits, *adapter_limits(architecture)],
            ),
        ],
    )


def _quantisation(name: str, base: Artifact | None, programs: Programs) -> QuantisationChoice:
    size = gguf_bytes(base.parameters, name) if base and base.parameters else None
    return QuantisationChoice(name=name, bytes=size, against=against_quantisation(name, programs))


async def _against_ollama(programs: Programs, facts: Facts) -> list[Refusal]:
    try:
        programs.program(Toolbox.OLLAMA, "ollama")
    except PlaceMissing as error:
        return [Refusal(reason=error.title, remedy=error.remedy)]
    return [Refusal(reason=reason, remedy=remedy, status=503) for reason, remedy in await facts.on_ollama("")]
