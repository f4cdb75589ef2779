"""What a release needs to know from other nouns; `main` hands in the answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from tunesmith.domain.artifact import Artifact
from tunesmith.domain.room import Room
from tunesmith.domain.step import Step
from tunesmith.release.ollama import Reasons, no_reasons
from tunesmith.steps.render import Template


@dataclass(frozen=True)
class Origin:
    """What the training's own record says. None where there is no record."""

    base: str | None
    template: Template | None


@dataclass(frozen=True)
class Facts:
    """Questions to other nouns."""

    origin: Callable[[Artifact], Awaitable[Origin]]
    template: Callable[[str], str]
    """A chat template's name as it was given; `InvalidInput` when LLaMA-Factory has none of that name."""
    flaws: Callable[[Artifact], Awaitable[list[str]]]
    """What a close look at an adapter finds: a file cut short, NaN, a configuration that its tensors belie."""
    misfits: Callable[[Path, Path], Awaitable[list[str]]]
    """Why an adapter (first) doesn't fit a base (second)."""
    limits: Callable[[Path], Awaitable[list[str]]]
    """Why llama.cpp can't load an adapter beside its base."""
    room: Room
    templates: Collection[str] = ()
    """The names of all chat templates that LLaMA-Factory has."""
    on_ollama: Reasons = no_reasons
    """Why nothing can be released under a name on Ollama now; for "" why nothing can be at all."""
    timed: Callable[[Sequence[Step]], list[Step]] = list
    """The steps with how long each will take, as far as that can be told."""
