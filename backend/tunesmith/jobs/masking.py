"""Secrets that a tool prints into its log are shown as asterisks. The file isn't altered, and every byte keeps its offset."""

from __future__ import annotations

from collections.abc import Iterable

SHORTEST = 8
"""Values shorter than this aren't masked: they'd blank ordinary words."""


class Masking:
    def __init__(self, secrets: Iterable[str] = ()) -> None:
        values = {secret.encode() for secret in secrets}
        self._secrets = tuple(sorted((value for value in values if len(value) >= SHORTEST), key=len, reverse=True))
        self.reach = max((len(value) - 1 for value in self._secrets), default=0)
        """How many bytes before and after a piece must be known to mask it right."""

    def apply(self, data: bytes) -> bytes:
        """`data` with every whole secret replaced by as many asterisks."""
        for secret in self._secrets:
            data = data.replace(secret, b"*" * len(secret))
        return data

    def held(self, data: bytes) -> int:
        """How many bytes at the end of `data` may be the beginning of a secret: not to be shown before more is known."""
        longest = min(self.reach, len(data))
        return next((size for size in range(longest, 0, -1) if any(s.startswith(data[-size:]) for s in self._secrets)), 0)
