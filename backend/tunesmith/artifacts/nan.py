"""Finds NaN and infinity among the numbers of a safetensors file, a few megabytes at a time."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from tunesmith.artifacts.safetensors import Tensor, read_header

CHUNK = 4 << 20
_EXPONENT = {"F32": ("<u4", 0x7F800000), "F16": ("<u2", 0x7C00), "BF16": ("<u2", 0x7F80), "F64": ("<u8", 0x7FF0000000000000)}
"""A float is NaN or infinite when all bits of its exponent are set (IEEE 754; bfloat16 is the upper half of binary32)."""


class _Readable(Protocol):
    def seek(self, offset: int, /) -> int: ...

    def read(self, size: int, /) -> bytes: ...


def first_not_finite(path: Path, limit: int | None = None) -> str | None:
    """The name of the first tensor that holds NaN or infinity, or None.

    Reads at most `limit` bytes of data (None: all). Tensors of other types than F64, F32, F16, BF16 are passed over.
    """
    header = read_header(path)
    left = limit
    with path.open("rb") as file:
        for name, tensor in sorted(header.tensors.items(), key=lambda item: item[1].start):
            if tensor.dtype not in _EXPONENT:
                continue
            budget = tensor.end - tensor.start if left is None else min(left, tensor.end - tensor.start)
            if _holds_not_finite(file, header.data_at, tensor, budget):
                return name
            if left is not None:
                left -= budget
                if left <= 0:
                    return None
    return None


def has_nan(path: Path, limit: int | None = None) -> bool:
    """Whether a tensor holds NaN or infinity; see `first_not_finite`."""
    return first_not_finite(path, limit) is not None


def _holds_not_finite(file: _Readable, data_at: int, tensor: Tensor, budget: int) -> bool:
    import numpy as np  # takes 0.1 s and 20 MB: only whoever asks for the check pays

    kind, exponent = _EXPONENT[tensor.dtype]
    file.seek(data_at + tensor.start)
    width = np.dtype(kind).itemsize
    budget -= budget % width
    while budget > 0:
        block = file.read(min(budget, CHUNK))
        if not block:
            return False
        values = np.frombuffer(block[: len(block) - len(block) % width], dtype=kind)
        mask = values.dtype.type(exponent)
        if bool(((values & mask) == mask).any()):
            return True
        budget -= len(block)
    return False
