"""The chat template that LLaMA-Factory trains with: its own template objects, loaded in 2 s instead of 6.

Importing `llamafactory.data` pulls in torch, peft, datasets and every model of transformers. A template needs none of
them: it is text and a tokenizer. So the module that holds the templates is imported alone, with the names that it
imports but never uses for text stood in for. Where another version of the tool doesn't allow it, the whole is imported.
"""

import importlib
import importlib.util
import os
import sys
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

STAND_INS: dict[str, dict[str, Any]] = {
    "datasets": {"DatasetDict": None, "concatenate_datasets": None, "interleave_datasets": None},
    "peft": {"__path__": []},
    "peft.utils": {"SAFETENSORS_WEIGHTS_NAME": "", "WEIGHTS_NAME": ""},
    # image, video and audio placeholders; the base plugin returns text as it is
    "llamafactory.data.mm_plugin": {"get_mm_plugin": lambda name, **_: None},
}


class TemplateError(Exception):
    """Says what is wrong with the model or the template, and what to do."""


@dataclass(frozen=True)
class Options:
    """What of a training's configuration changes its template; the names and defaults are LLaMA-Factory's own."""

    template: str | None
    default_system: str | None = None
    enable_thinking: bool | None = True
    mask_history: bool = False


def module(name: str, attributes: dict[str, Any]) -> ModuleType:
    made = ModuleType(name)
    made.__spec__ = ModuleSpec(name, None, is_package="__path__" in attributes)
    made.__dict__.update(attributes)
    return made


def template_module() -> ModuleType:
    """LLaMA-Factory's `llamafactory.data.template`."""
    try:
        return light_import()
    except (ImportError, AttributeError) as error:
        print(f"LLaMA-Factory is imported whole: {error}", flush=True)
        return importlib.import_module("llamafactory.data.template")


def light_import() -> ModuleType:
    spec = importlib.util.find_spec("llamafactory")
    if spec is None or not spec.submodule_search_locations:
        raise TemplateError("llamafactory is not installed in this environment: repair the toolbox")
    root = spec.submodule_search_locations[0]
    packages = {"llamafactory": {"__path__": [root]}, "llamafactory.data": {"__path__": [str(Path(root) / "data")]}}
    stand_ins = {name: module(name, attributes) for name, attributes in (STAND_INS | packages).items()}
    before = {name: sys.modules.get(name) for name in stand_ins}
    sys.modules.update(stand_ins)
    try:
        return importlib.import_module("llamafactory.data.template")
    except (ImportError, AttributeError):
        for name in [name for name in sys.modules if name.startswith("llamafactory.")]:
            del sys.modules[name]
        raise
    finally:
        for name, was in before.items():
            if was is None:
                sys.modules.pop(name, None)
            else:
                sys.modules[name] = was


def load_tokenizer(model: str) -> Any:
    """The tokenizer as LLaMA-Factory's training loads it."""
    os.environ.setdefault("TRANSFORMERS_NO_ADVISORY_WARNINGS", "1")
    from transformers import AutoTokenizer

    try:
        return AutoTokenizer.from_pretrained(model, use_fast=True, split_special_tokens=False, padding_side="right")
    except (OSError, ValueError) as error:
        raise TemplateError(f"the tokenizer in {model} cannot be loaded ({error}): give a complete model folder") from error


def load_template(tokenizer: Any, options: Options) -> Any:
    """The template object of a training with these options; sets the tokenizer's end and stop tokens as training does."""
    factory = template_module()
    if options.template is not None and options.template not in factory.TEMPLATES:
        known = ", ".join(sorted(factory.TEMPLATES))
        raise TemplateError(f"LLaMA-Factory has no template {options.template!r}: choose one of {known}")
    arguments = SimpleNamespace(
        template=options.template, default_system=options.default_system, enable_thinking=options.enable_thinking,
        train_on_prompt=False, tool_format=None, preserve_thinking=False,
    )  # fmt: skip
    return factory.get_template_and_fix_tokenizer(tokenizer, arguments)


def prompt_ids(tokenizer: Any, template: Any, messages: list[dict[str, str]], options: Options) -> list[int]:
    """The token ids that training puts before the assistant's next answer (SupervisedDatasetProcessor, 0.9.5).

    `messages` may begin with a system message and ends with a user's. The answer itself is left out: it begins where
    the labels begin.
    """
    system = messages[0]["content"] if messages[0]["role"] == "system" else ""
    turns = messages[1:] if messages[0]["role"] == "system" else messages
    # the answer decides nothing before itself, but for reasoning templates that add an empty thought to one without
    answered = [*turns, {"role": "assistant", "content": "answer"}]
    discard = options.mask_history and not template.preserve_thinking
    pairs = template.encode_multiturn(tokenizer, answered, system, "", discard)
    ids: list[int] = []
    for source, target in pairs[:-1]:
        ids += source + target
    return ids + pairs[-1][0]
