"""The header of a safetensors file: 8 bytes of length (little-endian), then JSON (huggingface/safetensors, "Format")."""

from __future__ import annotations

import json
import os
import re
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from tunesmith.domain.errors import InvalidInput

LONGEST_HEADER = 100_000_000
"""The limit of the reference implementation, in bytes."""
_END = re.compile(rb'"data_offsets"\s*:\s*\[\s*\d+\s*,\s*(\d+)\s*\]')


class BrokenFile(InvalidInput):
    """A weight file that is cut short or isn't what its name says."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path.name} can't be used", f"{path}: {why}.", "Copy or download it again, or delete its folder.")
        self.why = why


@dataclass(frozen=True)
class Tensor:
    """`start` and `end` are bytes from the end of the header."""

    dtype: str
    shape: tuple[int, ...]
    start: int
    end: int

    @property
    def parameters(self) -> int:
        count = 1
        for length in self.shape:
            count *= length
        return count


@dataclass(frozen=True)
class Header:
    data_at: int
    """Byte of the file at which the tensors' data begins."""
    tensors: dict[str, Tensor]
    metadata: dict[str, str] = field(default_factory=dict)

    @property
    def parameters(self) -> int:
        return sum(tensor.parameters for tensor in self.tensors.values())


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes | None: ...


def _raw_header(file: _Readable, path: Path, size: int) -> bytes:
    start = file.read(8) or b""
    if len(start) < 8:
        raise BrokenFile(path, f"it has {size} bytes, too few for a safetensors file")
    (length,) = struct.unpack("<Q", start)
    if length > LONGEST_HEADER:
        raise BrokenFile(path, "it doesn't begin with a safetensors header")
    if 8 + length > size:
        raise BrokenFile(path, f"it is cut short: {size} bytes are there, its header alone needs {8 + length}")
    raw = file.read(length) or b""
    if not raw.startswith(b"{"):
        raise BrokenFile(path, "it doesn't begin with a safetensors header")
    return raw


def quick_check(path: Path) -> None:
    """Raises `BrokenFile` when the size of the file isn't what its header says.

    A scan of thousands of files can't afford to parse every header. Writers put tensors in the order of their bytes: where the
    last one named ends exactly at the file's end, the file is taken as whole, else all ends are looked at. `read_header` misses
    nothing and is what anything that uses the file calls.
    """
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123
        size = os.fstat(file.fileno()).st_size
        raw = _raw_header(file, path, size)
    last = _END.match(raw, raw.rfind(b'"data_offsets"'))
    if last is None or 8 + len(raw) + int(last[1]) != size:
        _check_size(path, size, 8 + len(raw) + max(map(int, _END.findall(raw)), default=0))


def read_header(path: Path) -> Header:
    """The whole header. Raises `BrokenFile` for a file that is cut short, has an invalid header or the wrong size."""
    with path.open("rb") as file:
        size = path.stat().st_size
        raw = _raw_header(file, path, size)
    try:
        content = json.loads(raw)
        metadata = content.pop("__metadata__", None) or {}
        tensors = {name: _tensor(entry) for name, entry in content.items()}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise BrokenFile(path, f"its header is no valid safetensors header ({error})") from error
    header = Header(8 + len(raw), tensors, {str(key): str(value) for key, value in metadata.items()})
    _check_size(path, size, header.data_at + max((tensor.end for tensor in tensors.values()), default=0))
    return header


def _tensor(entry: dict[str, Any]) -> Tensor:
    start, end = entry["data_offsets"]
    return Tensor(str(entry["dtype"]), tuple(map(int, entry["shape"])), int(start), int(end))


def _check_size(path: Path, size: int, expected: int) -> None:
    if size < expected:
        raise BrokenFile(path, f"it is cut short: {size} of {expected} bytes are there")
    if size > expected:
        raise BrokenFile(path, f"it has {size} bytes, {size - expected} more than its header says")
