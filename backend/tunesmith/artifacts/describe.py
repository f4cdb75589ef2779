"""Describes one folder or file as an Artifact. What is wrong with it becomes its `problems`; nothing is raised."""

from __future__ import annotations

import json
import os
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TypedDict

from tunesmith.artifacts import adapter
from tunesmith.artifacts.gguf_header import read_gguf
from tunesmith.artifacts.safetensors import BrokenFile, quick_check, read_header
from tunesmith.artifacts.sidecar import read_lineage
from tunesmith.domain.artifact import Artifact, Kind, Lineage
from tunesmith.domain.home import Home

INDEX = "model.safetensors.index.json"
SINGLE = "model.safetensors"
_TORCH_NAMES = {"F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16", "U8": "uint8", "I8": "int8"}


def describe_adapter(home: Home, folder: Path, run: str, checkpoint: int | None) -> Artifact:
    """A PEFT adapter. Only the file's size is held against its header here; `adapter.lies` looks closer."""
    lineage, problems = read_lineage(folder)
    config = None
    try:
        config = adapter.read_config(folder)
        quick_check(folder / adapter.WEIGHTS)
    except FileNotFoundError:
        problems.append("its weights are a pickle (adapter_model.bin), which isn't loaded; save them as safetensors")
    except BrokenFile as error:
        problems.append(error.detail)
    except OSError as error:
        problems.append(_unreadable(error))
    named = config.base_model_name_or_path if config else None
    return Artifact(
        id=f"saves/{run}" if checkpoint is None else f"saves/{run}/{folder.name}",
        kind=Kind.ADAPTER,
        name=folder.name if checkpoint is None else f"{folder.parent.name}/{folder.name}",
        lineage=lineage,
        base=_base(home, lineage, named),
        rank=config.r if config else None,
        run=run,
        checkpoint=checkpoint,
        problems=problems,
        **_measures(folder),
    )


def describe_model(home: Home, folder: Path, kind: Kind) -> Artifact:
    """A Hugging Face folder: `config.json` and its safetensors, in one file or in shards named by an index."""
    lineage, problems = read_lineage(folder)
    config: dict[str, object] = {}
    parameters = tensors = 0
    types: Counter[str] = Counter()
    try:
        config = _json_object(folder / "config.json")
        for name in weight_files(folder):
            header = read_header(folder / name)
            parameters, tensors = parameters + header.parameters, tensors + len(header.tensors)
            for tensor in header.tensors.values():
                types[tensor.dtype] += tensor.parameters
    except BrokenFile as error:
        problems.append(error.detail)
    except OSError as error:
        problems.append(_unreadable(error))
    architectures = config.get("architectures")
    quantised = config.get("quantization_config")
    return Artifact(
        id=home.relative(folder),
        kind=kind,
        name=folder.name,
        lineage=lineage,
        base=_base(home, lineage, None),
        architecture=str(architectures[0]) if isinstance(architectures, list) and architectures else None,
        quantisation=str(quantised.get("quant_method")) if isinstance(quantised, dict) else _dtype(types),
        parameters=parameters or None,
        tensors=tensors or None,
        problems=problems,
        **_measures(folder),
    )


def describe_gguf(home: Home, file: Path, kind: Kind) -> Artifact:
    """A GGUF file. Its header, not its folder, says whether it is an adapter."""
    lineage, problems = read_lineage(file)
    header = None
    try:
        header = read_gguf(file)
        kind = Kind.GGUF_ADAPTER if header.is_adapter else Kind.GGUF
    except BrokenFile as error:
        problems.append(error.detail)
    except OSError as error:
        problems.append(_unreadable(error))
    return Artifact(
        id=home.relative(file),
        kind=kind,
        name=file.stem,
        lineage=lineage,
        base=_base(home, lineage, None),
        architecture=header.architecture if header else None,
        quantisation=header.quantisation if header else None,
        parameters=header.parameters if header else None,
        tensors=header.tensor_count if header else None,
        problems=problems,
        **_measures(file),
    )


def weight_files(folder: Path) -> list[str]:
    """Names of the weight files of a model folder. Raises `BrokenFile` when there are none, or shards are missing."""
    if (folder / SINGLE).is_file():
        return [SINGLE]
    index = folder / INDEX
    if not index.is_file():
        raise BrokenFile(folder, "it holds no model.safetensors and no index of shards")
    weight_map = _json_object(index).get("weight_map")
    if not isinstance(weight_map, dict) or not weight_map:
        raise BrokenFile(index, "it has no weight_map")
    names = sorted({str(name) for name in weight_map.values()})
    for name in names:
        if Path(name).name != name:
            raise BrokenFile(index, f"it names {name!r}, which is no plain file name")
    missing = [name for name in names if not (folder / name).is_file()]
    if missing:
        raise BrokenFile(folder, f"{len(missing)} of {len(names)} weight files are missing, the first is {missing[0]}")
    return names


def _json_object(path: Path) -> dict[str, object]:
    try:
        content = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise BrokenFile(path, f"it is no valid JSON ({error})") from error
    if not isinstance(content, dict):
        raise BrokenFile(path, "it is no JSON object")
    return content


def _dtype(types: Counter[str]) -> str | None:
    """That of most weights, as PyTorch calls it. The one in `config.json` is a wish: files with another are common."""
    if not types:
        return None
    found = types.most_common(1)[0][0]
    return _TORCH_NAMES.get(found, found.lower())


def _base(home: Home, lineage: Lineage | None, named: str | None) -> str | None:
    """The base: from our own record when there is one, else as the tool named it, relative to home where it lies in it."""
    if lineage:
        parent = next((path for path in lineage.parents if path.startswith("models/")), None)
        if parent:
            return parent
    if named and named.startswith("/"):
        inside = os.path.relpath(named, home.root)
        return named if inside.startswith("..") else inside
    return named


class _Measures(TypedDict):
    bytes: int
    modified_at: datetime


def _measures(path: Path) -> _Measures:
    """Size of a file, or of the files in a folder, and the time of the newest."""
    size, newest = 0, 0.0
    try:
        if path.suffix == ".gguf":
            found = [path.stat()]
        else:
            with os.scandir(path) as entries:
                found = [entry.stat() for entry in entries if entry.is_file()]
    except OSError:  # deleted while we looked: the next scan will not find it
        found = []
    for one in found:
        size, newest = size + one.st_size, max(newest, one.st_mtime)
    return {"bytes": size, "modified_at": datetime.fromtimestamp(newest, UTC)}


def _unreadable(error: OSError) -> str:
    return f"{error.filename} can't be read ({error.strerror})"
