"""The llama.cpp toolbox under test, a real base as the tuned home has it, and random adapters."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import gguf
import numpy as np
import pytest

from kit.waiting import waiting

TOOLBOX = Path(__file__).resolve().parents[2] / "backend" / "toolbox"

ADAPTER = """
import json, os, sys
import numpy as np
from safetensors.numpy import save_file
base, out, size = sys.argv[1], sys.argv[2], float(sys.argv[3])
c = json.load(open(os.path.join(base, "config.json")))
hidden, inner, rank = c["hidden_size"], c["intermediate_size"], 4
random, tensors = np.random.default_rng(7), {}
for layer in range(c["num_hidden_layers"]):
    for name, (wide, tall) in {"mlp.gate_proj": (hidden, inner), "mlp.down_proj": (inner, hidden)}.items():
        module = f"base_model.model.model.layers.{layer}.{name}"
        tensors[module + ".lora_A.weight"] = random.normal(0, size, (rank, wide)).astype("float32")
        tensors[module + ".lora_B.weight"] = random.normal(0, size, (tall, rank)).astype("float32")
os.makedirs(out, exist_ok=True)
save_file(tensors, os.path.join(out, "adapter_model.safetensors"))
config = {"peft_type": "LORA", "r": rank, "lora_alpha": 16, "base_model_name_or_path": base}
json.dump(config, open(os.path.join(out, "adapter_config.json"), "w"))
"""


def toolbox_python() -> Path:
    folder = os.environ.get("TUNESMITH_TEST_LLAMA_CPP")
    if not folder:
        pytest.skip("TUNESMITH_TEST_LLAMA_CPP is not set: give the folder of a llama.cpp toolbox")
    python = Path(folder) / "bin" / "python"
    assert python.exists(), f"{python} is missing: TUNESMITH_TEST_LLAMA_CPP is no environment"
    return python


def base_folder() -> Path:
    folder = os.environ.get("TUNESMITH_TEST_BASE")
    if not folder:
        pytest.skip("TUNESMITH_TEST_BASE is not set: give the folder of a small base model (the starter)")
    return Path(folder)


def run(*argv: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """A toolbox script by the toolbox's Python, with nothing from a hub."""
    known = os.environ | {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"} | environment
    command = [str(toolbox_python()), *map(str, argv)]
    with waiting("toolbox"):
        return subprocess.run(command, capture_output=True, text=True, check=False, env=known)


def last_line(done: subprocess.CompletedProcess[str]) -> str:
    return done.stderr.strip().splitlines()[-1]


def convert(folder: Path, out: Path, kind: str) -> subprocess.CompletedProcess[str]:
    return run(TOOLBOX / "llama_cpp/convert_hf_to_gguf.py", folder, "--outfile", out, "--outtype", kind)


def convert_adapter(folder: Path, out: Path) -> subprocess.CompletedProcess[str]:
    script = TOOLBOX / "llama_cpp/convert_lora_to_gguf.py"
    return run(script, "--base", base_folder(), "--outfile", out, "--outtype", "f16", folder)


def write_adapter(out: Path, size: float = 0.2) -> Path:
    """A random LoRA adapter of the base as PEFT saves it; with size 0 it changes nothing."""
    done = run("-c", ADAPTER, base_folder(), out, size)
    assert done.returncode == 0, done.stderr
    return out


def noise(out: Path, size: float = 0.2) -> Path:
    """A random adapter of the base as GGUF, written without the converter; with size 0 it changes nothing."""
    config = json.loads((base_folder() / "config.json").read_text(encoding="utf-8"))
    hidden, inner, rank = config["hidden_size"], config["intermediate_size"], 4
    writer = gguf.GGUFWriter(out, "llama")
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", 4.0 * rank)
    random = np.random.default_rng(7)
    for layer in range(config["num_hidden_layers"]):
        for name, (wide, tall) in {"ffn_gate": (hidden, inner), "ffn_down": (inner, hidden)}.items():
            for part, shape in {"lora_a": (rank, wide), "lora_b": (tall, rank)}.items():
                writer.add_tensor(f"blk.{layer}.{name}.weight.{part}", random.normal(0, size, shape).astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return out


def changed_base(out: Path, **config: object) -> Path:
    """A copy of the base with other entries in config.json; the weights are linked."""
    out.mkdir(parents=True)
    for file in base_folder().iterdir():
        if file.suffix == ".safetensors":
            (out / file.name).symlink_to(file)
        elif file.is_file():
            shutil.copy(file, out)
    known = json.loads((out / "config.json").read_text(encoding="utf-8"))
    (out / "config.json").write_text(json.dumps(known | config), encoding="utf-8")
    return out
