"""llama.cpp's `convert_lora_to_gguf.py`, found and run (`converter.py`): the same arguments, the same output.

Refuses first what the converter would turn into another adapter without a word (`adapter.py`).
"""

from __future__ import annotations

import sys
from pathlib import Path

import adapter
import converter


def main(argv: list[str]) -> int:
    # The converter's one positional argument is the adapter's folder; --base names another folder.
    folders = [word for flag, word in zip(["", *argv], argv, strict=False) if flag != "--base" and Path(word).is_dir()]
    subject = folders[-1] if folders else "adapter"
    try:
        for folder in folders:
            adapter.check(Path(folder))
    except adapter.NotConvertible as error:
        return converter.failed(subject, str(error))
    return converter.run("convert_lora_to_gguf.py", subject, argv)


if __name__ == "__main__":
    converter.end(main(sys.argv[1:]))
