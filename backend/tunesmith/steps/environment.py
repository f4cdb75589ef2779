"""What every toolbox command gets in its environment."""

from __future__ import annotations

OFFLINE = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"}
"""Steps read local folders only; a look-up on a hub that isn't there hangs for 27 s (measured)."""

QUIET = {"PYTHONUNBUFFERED": "1", "TOKENIZERS_PARALLELISM": "false", "DISABLE_VERSION_CHECK": "1"}


PATIENT = {"GOMP_SPINCOUNT": "2000"}
"""How long a waiting thread spins before it sleeps (libgomp). Without an end, threads starve each other as soon as anything
else runs: 7 tokens/s on a busy machine. Never spinning is no better on a quiet one: 11. So many turns: 15 and 42."""


def toolbox_environment(**more: str) -> dict[str, str]:
    return OFFLINE | QUIET | PATIENT | more
