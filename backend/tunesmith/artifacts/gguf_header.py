"""The header of a GGUF file (ggml-org/ggml, docs/gguf.md), read without the tokenizer's arrays: 0.05 s instead of 3 s."""

from __future__ import annotations

import mmap
import struct
from dataclasses import dataclass
from pathlib import Path

from tunesmith.artifacts.gguf_types import BLOCKS, FILE_TYPES
from tunesmith.artifacts.safetensors import BrokenFile

_SCALARS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
_STRING, _ARRAY = 8, 9
_DEEPEST = 4
"""How deep arrays of arrays may go before a file counts as broken."""


@dataclass(frozen=True)
class GgufHeader:
    version: int
    tensor_count: int
    parameters: int
    fields: dict[str, str | int | float | bool]
    """Every key with one value; arrays (tokens, merges) are left out."""

    def text(self, key: str) -> str | None:
        value = self.fields.get(key)
        return value if isinstance(value, str) else None

    @property
    def architecture(self) -> str | None:
        return self.text("general.architecture")

    @property
    def name(self) -> str | None:
        return self.text("general.name")

    @property
    def is_adapter(self) -> bool:
        return self.text("general.type") == "adapter"

    @property
    def adapter_type(self) -> str | None:
        return self.text("adapter.type")

    @property
    def alpha(self) -> float | None:
        value = self.fields.get("adapter.lora.alpha")
        return float(value) if isinstance(value, (int, float)) else None

    @property
    def chat_template(self) -> str | None:
        return self.text("tokenizer.chat_template")

    @property
    def quantisation(self) -> str | None:
        """Such as `Q8_0`, from `general.file_type`."""
        value = self.fields.get("general.file_type")
        return FILE_TYPES.get(value, f"type {value}") if isinstance(value, int) else None


class _Cursor:
    def __init__(self, data: mmap.mmap) -> None:
        self.data, self.at = data, 0

    def number(self, form: str) -> int:
        (value,) = struct.unpack_from(form, self.data, self.at)
        self.at += struct.calcsize(form)
        return int(value)

    def skip(self, count: int) -> None:
        self.at += count
        if self.at > len(self.data):
            raise struct.error(f"a value reaches {self.at - len(self.data)} bytes past the end")

    def string(self) -> str:
        length = self.number("<Q")
        start = self.at
        self.skip(length)
        return self.data[start : self.at].decode("utf-8", "replace")

    def value(self, kind: int) -> str | int | float | bool | None:
        if kind == _STRING:
            return self.string()
        if kind == _ARRAY:
            self.skip_array(0)
            return None
        (value,) = struct.unpack_from(_SCALARS[kind], self.data, self.at)
        self.at += struct.calcsize(_SCALARS[kind])
        return value  # type: ignore[no-any-return]

    def skip_array(self, depth: int) -> None:
        kind, count = self.number("<I"), self.number("<Q")
        if kind in _SCALARS:
            self.skip(count * struct.calcsize(_SCALARS[kind]))
            return
        if kind not in (_STRING, _ARRAY) or depth > _DEEPEST:
            raise KeyError(kind)
        for _ in range(count):
            if kind == _STRING:
                self.skip(self.number("<Q"))
            else:
                self.skip_array(depth + 1)


def read_gguf(path: Path) -> GgufHeader:
    """The header of `path`. Raises `BrokenFile` when it isn't GGUF, is cut short or uses unknown types."""
    with path.open("rb") as file:
        size = path.stat().st_size
        if size < 24 or file.read(4) != b"GGUF":
            raise BrokenFile(path, "it doesn't begin as a GGUF file does")
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            try:
                return _parse(path, _Cursor(data), size)
            except (struct.error, KeyError, OverflowError) as error:
                raise BrokenFile(path, f"its header is cut short or invalid ({error})") from error


def _parse(path: Path, cursor: _Cursor, size: int) -> GgufHeader:
    cursor.skip(4)
    version = cursor.number("<I")
    if version not in (2, 3):
        raise BrokenFile(path, f"it is GGUF version {version}; versions 2 and 3 can be read")
    tensor_count, field_count = cursor.number("<Q"), cursor.number("<Q")
    fields: dict[str, str | int | float | bool] = {}
    for _ in range(field_count):
        key = cursor.string()
        value = cursor.value(cursor.number("<I"))
        if value is not None:
            fields[key] = value
    parameters = end = 0
    for _ in range(tensor_count):
        count, stop = _tensor(cursor)
        parameters, end = parameters + count, max(end, stop)
    alignment = fields.get("general.alignment", 32)
    step = alignment if isinstance(alignment, int) and alignment > 0 else 32
    expected = -(-cursor.at // step) * step + end if tensor_count else cursor.at
    if size < expected:
        raise BrokenFile(path, f"it is cut short: {size} of {expected} bytes are there")
    return GgufHeader(version, tensor_count, parameters, fields)


def _tensor(cursor: _Cursor) -> tuple[int, int]:
    """Number of parameters of the next tensor, and the byte of the data section at which it ends."""
    cursor.skip(cursor.number("<Q"))
    count = 1
    for _ in range(cursor.number("<I")):
        count *= cursor.number("<Q")
    kind, offset = cursor.number("<I"), cursor.number("<Q")
    block, width = BLOCKS[kind]
    return count, offset + count // block * width
