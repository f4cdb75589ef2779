"""Which chat template of LLaMA-Factory fits a base model, told from the template that the model itself carries.

Training with another template than the one that serves is how a model gets good in the trainer and speaks garbage once served. So
this table is short: what isn't certain has to be chosen.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable
from pathlib import Path

from tunesmith.domain.errors import InvalidInput
from tunesmith.training.template_names import TEMPLATE_NAMES

_PHI3_NEWLINE = re.compile(r"<\|(?:user|assistant)\|>(?:'\s*\+\s*')?(?:\\n|\n)")


def template_for(base: Path, chosen: str | None = None) -> str:
    """The template that training shall use. `InvalidInput` when `chosen` doesn't exist, or none is chosen and none is certain."""
    if chosen is not None:
        return checked_template(chosen)
    found = detect(_chat_template(base), str(_object(base / "config.json").get("model_type", "")))
    if found is None:
        why = "Its own chat template isn't one of those known here." if _chat_template(base) else "It carries no chat template."
        remedy = "Set `template:` to one of LLaMA-Factory's; a base that was never a chat model can take `chatml`."
        title = f"Which chat template {base.name} needs can't be told"
        raise InvalidInput(title, why, remedy, wrong={"template": f"Choose one: the base doesn't tell. {why}"})
    return found


def detect(chat_template: str, model_type: str) -> str | None:
    """The name for a Jinja chat template and a `model_type` of config.json, or None when it isn't certain."""
    for fits, name in _TABLE:
        if fits(chat_template, model_type):
            return name
    return None


def _has(*markers: str) -> Callable[[str, str], bool]:
    return lambda text, _: all(marker in text for marker in markers)


def _typed(model_type: str, *markers: str) -> Callable[[str, str], bool]:
    return lambda text, kind: kind == model_type and all(marker in text for marker in markers)


_TABLE: tuple[tuple[Callable[[str, str], bool], str], ...] = (
    (_has("<|header_start|>"), "llama4"),
    (_has("<|start_header_id|>", "<|eot_id|>"), "llama3"),
    (_has("<<SYS>>", "[INST]"), "llama2"),
    (_has("[SYSTEM_PROMPT]", "[INST]"), "mistral_small"),
    (_typed("mistral", "[INST]"), "mistral"),
    (_typed("mixtral", "[INST]"), "mistral"),
    (_has("<|im_sep|>", "<|im_start|>"), "phi4"),
    (_has("named SmolLM", "<|im_start|>"), "smollm2"),
    (_has("You are Qwen, created by Alibaba Cloud", "<|im_start|>"), "qwen"),
    (_typed("qwen2", "You are a helpful assistant", "<|im_start|>"), "qwen"),
    (_typed("qwen3", "enable_thinking", "<|im_start|>"), "qwen3"),
    (_typed("qwen3_moe", "enable_thinking", "<|im_start|>"), "qwen3"),
    (_typed("qwen3", "<|im_start|>"), "qwen3_nothink"),
    (_typed("qwen3_moe", "<|im_start|>"), "qwen3_nothink"),
    (_typed("gemma", "<start_of_turn>"), "gemma"),
    (_typed("gemma2", "<start_of_turn>"), "gemma2"),
    (_typed("gemma3_text", "<start_of_turn>"), "gemma3"),
    (_typed("gemma3", "<start_of_turn>"), "gemma3"),
    (_typed("granite", "<|start_of_role|>"), "granite3"),
    (lambda text, kind: kind == "phi3" and "<|end|>" in text and _PHI3_NEWLINE.search(text) is not None, "phi"),
    (_typed("phi3", "<|end|>"), "phi4_mini"),
    # ChatML with a system message of its own ("You are …") trains something else than `chatml`: then it has to be chosen.
    (lambda text, _: "<|im_start|>" in text and "You are " not in text, "chatml"),
)
"""First match counts, so a special case stands before its family."""


def checked_template(name: str) -> str:
    """`name` itself, or `InvalidInput` with the nearest that LLaMA-Factory has."""
    if name in TEMPLATE_NAMES:
        return name
    near = difflib.get_close_matches(name, TEMPLATE_NAMES, n=1)
    remedy = f"Did you mean {near[0]!r}?" if near else "For instance chatml, llama3, qwen, qwen3, gemma2, mistral, phi."
    title = f"LLaMA-Factory has no chat template {name[:60]!r}"
    raise InvalidInput(
        title, "Nothing was started.", remedy, wrong={"template": f"LLaMA-Factory has none of that name. {remedy}"}
    )


def _chat_template(base: Path) -> str:
    """The Jinja text, from `chat_template.jinja` or `tokenizer_config.json`; "" when there is none."""
    try:
        return (base / "chat_template.jinja").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        found = _object(base / "tokenizer_config.json").get("chat_template")
    if isinstance(found, list):  # several templates by name; "default" is the one for plain chats
        found = next((one.get("template") for one in found if isinstance(one, dict) and one.get("name") == "default"), None)
    return found if isinstance(found, str) else ""


def _object(path: Path) -> dict[str, object]:
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
