"""What every toolbox command gets in its environment."""

from __future__ import annotations

OFFLINE = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"}
"""Steps read local folders only; a look-up on a hub that isn't there hangs for 27 s (measured)."""

QUIET = {"PYTHONUNBUFFERED": "1", "TOKENIZERS_PARALLELISM": "false", "DISABLE_VERSION_CHECK": "1"}


PATIENT = {"OMP_WAIT_POLICY": "passive"}
"""Threads that spin while they wait starve each other as soon as anything else runs on the machine."""


def toolbox_environment(**more: str) -> dict[str, str]:
    return OFFLINE | QUIET | PATIENT | more
