"""Copy a Hugging Face model folder, after checking that it is whole.

copy_folder.py --from DIR --out DIR
"""

import argparse
import json
import shutil
import struct
import sys
from pathlib import Path

WANTED = ("*.safetensors", "*.json", "*.jinja", "*.model", "*.txt", "LICENSE*", "README*")


def weights(source: Path) -> list[Path]:
    """The weight files that the folder needs, or an exit that names what is missing."""
    if not (source / "config.json").is_file():
        sys.exit(f"{source} has no config.json: give the folder of a Hugging Face model")
    index = source / "model.safetensors.index.json"
    names = ["model.safetensors"]
    if index.is_file():
        names = sorted(set(json.loads(index.read_text())["weight_map"].values()))
    for name in names:
        if not (source / name).is_file():
            sys.exit(f"{source / name} is missing: download the model again (only safetensors weights are taken)")
        check_whole(source / name)
    if not any((source / name).is_file() for name in ("tokenizer.json", "tokenizer.model")):
        sys.exit(f"{source} has no tokenizer.json or tokenizer.model: copy the tokenizer's files beside the weights")
    return [source / name for name in names]


def check_whole(path: Path) -> None:
    """A safetensors file is as long as its header says (https://github.com/huggingface/safetensors)."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(8)
        length = struct.unpack("<Q", head)[0] if len(head) == 8 else size
        if length > size - 8:
            sys.exit(f"{path} is truncated: its header is longer than the file; download it again")
        header = json.loads(file.read(length))
    end = max((entry["data_offsets"][1] for key, entry in header.items() if key != "__metadata__"), default=0)
    if size != 8 + length + end:
        sys.exit(f"{path} has {size} bytes and should have {8 + length + end}: download it again")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--from", dest="source", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    files = {*weights(given.source), *(path for glob in WANTED for path in given.source.glob(glob) if path.is_file())}
    files = sorted(path for path in files if path.name != "tunesmith.json")
    given.out.mkdir(parents=True)
    for number, path in enumerate(files, 1):
        print(f"step {number} of {len(files)}: copying {path.name} ({path.stat().st_size} bytes)", flush=True)
        shutil.copyfile(path, given.out / path.name)


if __name__ == "__main__":
    main()
