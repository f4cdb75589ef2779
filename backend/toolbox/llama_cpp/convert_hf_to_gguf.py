"""llama.cpp's `convert_hf_to_gguf.py`, found and run (`converter.py`): the same arguments, the same output.

Refuses a folder without weights, out of which the converter itself makes an empty model and says it went well.
"""

from __future__ import annotations

import sys
from pathlib import Path

import converter

# Files that the converter reads tensors from.
WEIGHTS = ("*.safetensors", "pytorch_model*.bin")


def main(argv: list[str]) -> int:
    folders = [Path(word) for word in argv if not word.startswith("-") and Path(word).is_dir()]
    for folder in folders:
        if not any(next(folder.glob(pattern), None) for pattern in WEIGHTS):
            return converter.failed(str(folder), "no *.safetensors and no pytorch_model*.bin: not a model folder")
    return converter.run("convert_hf_to_gguf.py", str(folders[0]) if folders else "model", argv)


if __name__ == "__main__":
    converter.end(main(sys.argv[1:]))
