"""The canary: does this engine keep its base and its adapters apart? Asked of every instance before it takes requests.

llama-server re-uses computed states from request to request. If it ever did so across adapters, answers would come from
the wrong model without any error; then what the base says after a tuned one differs from what it said before. One token
is enough, since not the token is compared but how likely it was.
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
    """Whether the likeliest token of each was equally likely in the other."""
    likeliest = {next(iter(before)), next(iter(after))}
    return all(abs(before.get(token, -math.inf) - after.get(token, math.inf)) <= TOLERANCE for token in likeliest)


def _words(answer: dict[str, float]) -> str:
    token, logprob = next(iter(answer.items()))
    return f"{token!r} ({math.exp(logprob):.0%})"
