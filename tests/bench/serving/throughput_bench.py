"""Tokens/s through our /v1 against the same engine asked directly: the same streamed request, pair by pair, in turns.

The model is a random llama of SmolLM2-135M's shape, as fast as the real one; small models are the hardest case for the door.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from integration.serving_stack import Current, Stack, add_sidecar, stack, toolbox_python
from integration.tiny_gguf import SMOLLM2_135M, write_adapter, write_model
from tunesmith.domain.home import Home
from tunesmith.serving.attempts import Shape

PAIRS, TOKENS, BAR = 7, 128, 0.97


def measure() -> list[dict[str, Any]]:
    python = toolbox_python()
    if python is None:
        return [_result(None, None, "no llama.cpp toolbox: `tunesmith toolbox install llama-cpp`")]
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_measure(Home(Path(folder)), python))


async def _measure(home: Home, python: Path) -> list[dict[str, Any]]:
    current = _home(home)
    async with stack(home, current, python, shape=Shape(ctx=2048, parallel=1, threads=1)) as serving:
        try:
            await serving.say("tuned", "warm up")
            return await _pairs(serving)
        finally:
            await serving.supervisor.stop_all()


def _home(home: Home) -> Current:
    add_sidecar(write_model(home.models / "gguf" / "tiny-f16.gguf", sizes=SMOLLM2_135M), "tiny")
    current = Current(home)
    current.switch("tuned", 1, write_adapter(home.models / "adapters" / "tuned.gguf", 1, rank=16, sizes=SMOLLM2_135M))
    return current


async def _pairs(serving: Stack) -> list[dict[str, Any]]:
    address = (await serving.attempt("tuned")).address
    lora = (await serving.supervisor.route("tuned")).lora
    ratios, rates = [], []
    async with httpx.AsyncClient(timeout=120, trust_env=False, limits=httpx.Limits(max_keepalive_connections=0)) as http:
        for number in range(PAIRS):
            ways = {"through": str(serving.http.base_url), "direct": address}
            rate: dict[str, float] = {}
            for way in sorted(ways, reverse=bool(number % 2)):
                extra = {"lora": lora} if way == "direct" else {}
                rate[way] = await _tokens_per_second(http, ways[way].rstrip("/"), extra)
            ratios.append(rate["through"] / rate["direct"])
            rates.append(rate["direct"])
    return [_result(statistics.median(ratios), statistics.median(rates), "")]


async def _tokens_per_second(http: httpx.AsyncClient, address: str, extra: dict[str, Any]) -> float:
    """From sending the request to its last byte, with nothing of the prompt cached."""
    body = {"model": "tuned", "prompt": "once upon a time", "max_tokens": TOKENS, "ignore_eos": True, "temperature": 0}
    began = time.perf_counter()
    async with http.stream(
        "POST", f"{address}/v1/completions", json={**body, "stream": True, "cache_prompt": False, **extra}
    ) as r:
        assert r.status_code == 200, await r.aread()
        received = b"".join([chunk async for chunk in r.aiter_raw()])
    seconds = time.perf_counter() - began
    assert received.endswith(b"data: [DONE]\n\n")
    return TOKENS / seconds


def _result(ratio: float | None, rate: float | None, why: str) -> dict[str, Any]:
    direct = f", engine {rate:.0f}/s" if rate else ""
    return {
        "name": f"served tokens/s through /v1 over direct{direct}",
        "value": ratio,
        "unit": "ratio",
        "bar": why if why else f"≥ {BAR}",
        "ok": ratio is not None and ratio >= BAR,
    }


if __name__ == "__main__":
    print(measure())
