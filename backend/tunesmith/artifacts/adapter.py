"""What `adapter_config.json` of a PEFT adapter says, and whether its tensors bear it out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from tunesmith.artifacts.safetensors import BrokenFile, Header, Tensor

CONFIG = "adapter_config.json"
WEIGHTS = "adapter_model.safetensors"
_LORA = re.compile(r"^(?:base_model\.model\.)?(?P<module>.+)\.lora_(?P<side>A|B)(?:\.[^.]+)?\.weight$")


class AdapterConfig(BaseModel):
    """The part of PEFT's `LoraConfig` that decides where an adapter can go (huggingface/peft, tuners/lora/config.py)."""

    model_config = ConfigDict(extra="ignore")

    peft_type: str
    base_model_name_or_path: str | None = None
    r: int | None = None
    lora_alpha: float | None = None
    use_dora: bool = False
    use_rslora: bool = False
    bias: str = "none"
    target_modules: list[str] | str | None = None
    modules_to_save: list[str] | None = None
    rank_pattern: dict[str, int] = {}
    alpha_pattern: dict[str, float] = {}
    trainable_token_indices: list[int] | dict[str, list[int]] | None = None
    target_parameters: list[str] | None = None

    def targets(self, module: str) -> bool:
        """Whether PEFT's rule says that `module` (a dotted path) is adapted: names match its end, a string is a regex."""
        wanted = self.target_modules
        if wanted is None or wanted == "all-linear":
            return True
        if isinstance(wanted, str):
            try:
                return re.fullmatch(wanted, module) is not None
            except re.error:
                return False
        return any(module == name or module.endswith(f".{name}") for name in wanted)

    def rank_of(self, module: str) -> int | None:
        for pattern, rank in self.rank_pattern.items():
            try:
                if re.match(rf"(.*\.)?({pattern})$", module):
                    return rank
            except re.error:
                continue
        return self.r


def read_config(folder: Path) -> AdapterConfig:
    """`adapter_config.json` of `folder`. Raises `BrokenFile` when it is no JSON or a value has the wrong type."""
    path = folder / CONFIG
    try:
        return AdapterConfig.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        where = f"`{'.'.join(map(str, first['loc']))}`: " if first["loc"] else ""
        raise BrokenFile(path, f"{where}{first['msg']}") from error


def lora_ranks(header: Header) -> dict[str, int]:
    """Adapted module → rank, by the shapes of its `lora_A` (rank × inputs). Embedding adapters aren't in it."""
    return {module: tensor.shape[0] for module, side, tensor in _pairs(header) if side == "A" and tensor.shape}


def lora_shapes(header: Header) -> dict[str, tuple[int, int]]:
    """Adapted module → (outputs, inputs) of the layer it belongs to, by its `lora_B` and `lora_A`."""
    sides: dict[str, dict[str, tuple[int, ...]]] = {}
    for module, side, tensor in _pairs(header):
        sides.setdefault(module, {})[side] = tensor.shape
    return {
        module: (shapes["B"][0], shapes["A"][1])
        for module, shapes in sides.items()
        if len(shapes.get("A", ())) == 2 and len(shapes.get("B", ())) == 2
    }


def _pairs(header: Header) -> Iterator[tuple[str, str, Tensor]]:
    for name, tensor in header.tensors.items():
        found = _LORA.match(name)
        if found:
            yield found["module"], found["side"], tensor


def lies(config: AdapterConfig, header: Header) -> list[str]:
    """Where the configuration and the tensors contradict each other; empty when they agree."""
    if config.peft_type != "LORA":
        return []
    ranks = lora_ranks(header)
    found = _rank_lies(config, ranks) + _target_lies(config, ranks)
    has_dora = any("lora_magnitude_vector" in name for name in header.tensors)
    if has_dora and not config.use_dora:
        found.append("the file holds DoRA's magnitude vectors, but the configuration says use_dora: false")
    if config.use_dora and not has_dora:
        found.append("the configuration says use_dora: true, but the file holds no magnitude vectors")
    found.extend(
        f"modules_to_save names {module!r}, but the file holds no tensor of it"
        for module in config.modules_to_save or []
        if not any(_in_path(module, name) for name in header.tensors)
    )
    return found + _lonely_halves(header)


def _rank_lies(config: AdapterConfig, ranks: dict[str, int]) -> list[str]:
    wrong = [(module, rank) for module, rank in ranks.items() if config.rank_of(module) not in (None, rank)]
    if not wrong:
        return []
    module, rank = wrong[0]
    more = f" ({len(wrong)} modules in all)" if len(wrong) > 1 else ""
    return [f"the configuration says rank {config.rank_of(module)}, but the tensors of {module} have rank {rank}{more}"]


def _target_lies(config: AdapterConfig, ranks: dict[str, int]) -> list[str]:
    if not ranks:
        return ["the file holds no lora_A tensor at all"]
    found = []
    if isinstance(config.target_modules, list):
        silent = [name for name in config.target_modules if not any(m == name or m.endswith(f".{name}") for m in ranks)]
        if silent:
            found.append(f"target_modules names {', '.join(sorted(silent))}, but the file holds no tensors of it")
    strange = [module for module in ranks if not config.targets(module)]
    if strange:
        found.append(f"the file adapts {strange[0]}, which target_modules doesn't name")
    return found


def _in_path(module: str, tensor: str) -> bool:
    return f".{module}." in f".{tensor}."


def _lonely_halves(header: Header) -> list[str]:
    sides: dict[str, set[str]] = {}
    for module, side, _ in _pairs(header):
        sides.setdefault(module, set()).add(side)
    lonely = sorted(module for module, have in sides.items() if len(have) == 1)
    return [f"{lonely[0]} has only one of lora_A and lora_B"] if lonely else []
