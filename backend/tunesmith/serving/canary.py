"""The canary: does this engine keep its base and its adapters apart? Asked of every instance before it takes requests.

llama-server re-uses computed states from request to request. If it ever did so across adapters, answers would come from
the wrong model without any error; then the base's answer after a tuned one differs from its answer before.
"""

from __future__ import annotations

from tunesmith.serving.client import EngineClient

PROMPT = "The canary sings: one, two, three, four, five, six, seven, eight, nine, ten, eleven,"
TOKENS = 6


async def mixes(client: EngineClient, address: str, adapters: int) -> str | None:
    """None when base answers before and after every adapter's are equal; else what was seen."""

    async def answer(active: int | None, tokens: int = TOKENS) -> str:
        lora = [{"id": i, "scale": 1.0 if i == active else 0.0} for i in range(adapters)]
        return await client.greedy(address, PROMPT, lora, tokens)

    if adapters == 0:
        return None
    before = await answer(None)
    for adapter in range(adapters):
        # What it leaves behind is the state of the prompt; its first token says that it was computed.
        await answer(adapter, 1)
    after = await answer(None)
    return None if before == after else f"the base answered {before!r} before a tuned model and {after!r} after it"
