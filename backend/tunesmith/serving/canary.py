"""The canary: does this engine keep its base and its adapters apart? Asked of every instance before it takes requests.

llama-server re-uses computed states from request to request. If it ever did so across adapters, answers would come from
the wrong model without any error; then what the base says after a tuned one differs from what it said before. One token
is asked for, and the five likeliest are compared by how likely they were: the likeliest alone didn't tell the demo's adapter
from its base (0.10 nats), the second did (0.39).
"""

from __future__ import annotations

import math

from tunesmith.serving.client import EngineClient

PROMPT = "The canary sings: one, two, three, four, five, six, seven, eight, nine, ten, eleven,"
TOLERANCE = 0.15
"""Nats; below it is rounding. The same as the parity gate's (toolbox/parity/canary.py)."""


async def mixes(client: EngineClient, address: str, adapters: int) -> str | None:
    """None when the base's answers before and after every adapter's are equal; else what was seen."""

    async def answer(active: int | None) -> dict[str, float]:
        return await client.likeliest(address, PROMPT, [{"id": i, "scale": 1.0 if i == active else 0.0} for i in range(adapters)])

    if adapters == 0:
        return None
    before = await answer(None)
    for adapter in range(adapters):
        await answer(adapter)  # it leaves the state of the prompt behind
    after = await answer(None)
    if same(before, after):
        return None
    return f"the base answered {_words(before)} before a tuned model and {_words(after)} after it"


def same(before: dict[str, float], after: dict[str, float]) -> bool:
    """Whether each one's likeliest token is in the other too, and all that are in both were equally likely."""
    both = before.keys() & after.keys()
    return {next(iter(before)), next(iter(after))} <= both and all(abs(before[one] - after[one]) <= TOLERANCE for one in both)


def _words(answer: dict[str, float]) -> str:
    token, logprob = next(iter(answer.items()))
    return f"{token!r} ({math.exp(logprob):.0%})"
