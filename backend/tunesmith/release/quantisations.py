"""Which quantisations can be made here."""

from __future__ import annotations

from tunesmith.domain.errors import PlaceMissing
from tunesmith.domain.place import Programs
from tunesmith.domain.step import Toolbox
from tunesmith.release.request import Refusal
from tunesmith.steps.convert import DIRECT
from tunesmith.steps.quantise import K_QUANTS

KNOWN = (*DIRECT, *reversed(K_QUANTS))
"""From the largest to the smallest."""


def against_quantisation(quantisation: str, programs: Programs) -> list[Refusal]:
    """Why it can't be made; empty when it can."""
    if quantisation in DIRECT:
        return []
    if quantisation not in K_QUANTS:
        known = ", ".join((*DIRECT, *K_QUANTS))
        return [Refusal(reason=f"The quantisation {quantisation!r} isn't known", remedy=f"Choose one of {known}.")]
    try:
        programs.program(Toolbox.LLAMA_CPP, "llama-quantize")
    except PlaceMissing as error:
        return [Refusal(reason=f"{quantisation} can't be made here: {error.title}", remedy=error.remedy or "Choose q8_0.")]
    return []
