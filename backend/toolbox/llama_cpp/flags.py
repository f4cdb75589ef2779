"""llama-server's flags, as far as we use them, and what they mean for xllamacpp.

Names, short names, values and environment variables are llama-server's own (its `--help`, common/arg.cpp). Two defaults
differ: one slot, so that the whole context belongs to a request unless `-np` says otherwise, and web pages of other
origins may not read the answers unless `--cors-origins` says so. With adapters say `--cache-ram 0` (README.md: Traps).
"""

from __future__ import annotations

import argparse
import csv
import json
import os
from pathlib import Path
from typing import Any


class BadFlag(Exception):
    """A value that llama-server would refuse, too."""


class Version(argparse.Action):
    """`--version` as llama-server has it: prints `version: …` and ends."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        import xllamacpp

        print(f"version: xllamacpp {xllamacpp.__version__}", flush=True)
        parser.exit()


def parser() -> argparse.ArgumentParser:
    p = argparse.ArgumentParser(prog="server.py", description=__doc__, allow_abbrev=False)
    p.add_argument("--version", action=Version, nargs=0)
    add_model(p)
    add_http(p)
    add_chat(p)
    return p


def add_model(p: argparse.ArgumentParser) -> None:
    p.add_argument("-m", "--model", type=Path, required=True, metavar="FILE")
    p.add_argument("--lora", action="append", default=[], metavar="FILE,…", help="adapters at scale 1")
    p.add_argument("--lora-scaled", action="append", default=[], metavar="FILE:SCALE,…")
    p.add_argument("-c", "--ctx-size", type=int, default=0, help="tokens, shared by the slots; 0: the model's own")
    p.add_argument("-np", "--parallel", type=int, default=1, help="slots: requests answered at the same time")
    p.add_argument("-t", "--threads", type=int, default=-1)
    p.add_argument("-tb", "--threads-batch", type=int, default=-1)
    p.add_argument("-b", "--batch-size", type=int, default=2048)
    p.add_argument("-ub", "--ubatch-size", type=int, default=512)
    p.add_argument("-ngl", "--gpu-layers", "--n-gpu-layers", default="auto", metavar="N|auto|all")
    p.add_argument("-cram", "--cache-ram", type=int, default=8192, help="MiB of prompt caches kept; 0: none")
    p.add_argument("-kvu", "--kv-unified", action=argparse.BooleanOptionalAction, default=False)
    p.add_argument("--cache-prompt", action=argparse.BooleanOptionalAction, default=True)
    p.add_argument("--warmup", action=argparse.BooleanOptionalAction, default=True)
    p.add_argument("--embedding", "--embeddings", action="store_true")
    p.add_argument("--pooling", choices=["none", "mean", "cls", "last", "rank"])


def add_http(p: argparse.ArgumentParser) -> None:
    p.add_argument("--host", default=os.environ.get("LLAMA_ARG_HOST", "127.0.0.1"))
    p.add_argument("--port", type=int, default=int(os.environ.get("LLAMA_ARG_PORT", "8080")))
    p.add_argument("-a", "--alias", default="", metavar="NAME,…")
    p.add_argument("--cors-origins", default="localhost", help="an origin, `localhost` (any of its ports) or `*`")
    p.add_argument("--api-key-file", type=Path, help="one key a line; or env LLAMA_API_KEY, comma-separated")
    p.add_argument("-to", "--timeout", type=int, default=3600, help="seconds")
    p.add_argument("--ui", "--webui", action=argparse.BooleanOptionalAction, default=True)
    p.add_argument("--metrics", action="store_true")
    p.add_argument("--props", action="store_true")
    p.add_argument("--slots", action=argparse.BooleanOptionalAction, default=True)
    p.add_argument("-lv", "--verbosity", type=int, default=3)


def add_chat(p: argparse.ArgumentParser) -> None:
    template = p.add_mutually_exclusive_group()
    template.add_argument("--chat-template", default="", metavar="NAME|JINJA")
    template.add_argument("--chat-template-file", type=Path, metavar="FILE")
    p.add_argument("--chat-template-kwargs", default="{}", metavar="JSON")
    p.add_argument("--jinja", action=argparse.BooleanOptionalAction, default=True)


def adapters(options: argparse.Namespace) -> list[tuple[str, float]]:
    """(file, scale) in the order that gives them their ids. A name with `,` or `:` can't be said to llama-server."""
    plain = [(file, 1.0) for value in options.lora for file in csv_row(value)]
    return plain + [scaled(item) for value in options.lora_scaled for item in csv_row(value)]


def csv_row(value: str) -> list[str]:
    return next(csv.reader([value]), [])


def scaled(item: str) -> tuple[str, float]:
    file, _, scale = item.partition(":")
    try:
        return file, float(scale)
    except ValueError as error:
        raise BadFlag(f"--lora-scaled {item}: expected FILE:SCALE, e.g. adapter.gguf:0") from error


def template_text(options: argparse.Namespace) -> str:
    if options.chat_template_file is None:
        return str(options.chat_template)
    try:
        return Path(options.chat_template_file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadFlag(f"--chat-template-file {options.chat_template_file} can't be read: {error}") from error


def template_kwargs(options: argparse.Namespace) -> dict[str, str]:
    """The engine wants each value as JSON text."""
    try:
        return {name: json.dumps(value) for name, value in json.loads(options.chat_template_kwargs).items()}
    except (ValueError, AttributeError) as error:
        raise BadFlag(f"--chat-template-kwargs {options.chat_template_kwargs}: expected a JSON object") from error


def api_keys(options: argparse.Namespace) -> list[str]:
    """Never from the command line, where every user of the machine could read them."""
    keys = [key for key in os.environ.get("LLAMA_API_KEY", "").split(",") if key]
    if options.api_key_file is not None:
        try:
            keys += [line for line in options.api_key_file.read_text(encoding="utf-8").splitlines() if line]
        except OSError as error:
            raise BadFlag(f"--api-key-file {options.api_key_file} can't be read: {error.strerror}") from error
    return keys


def gpu_layers(value: str) -> int:
    """xllamacpp's number for llama-server's words."""
    words = {"auto": -1, "all": -2}
    try:
        return words[value] if value in words else int(value)
    except ValueError as error:
        raise BadFlag(f"--gpu-layers {value}: expected a number, auto or all") from error


def common_params(options: argparse.Namespace) -> Any:
    """xllamacpp's CommonParams for these options (its attributes are llama.cpp's `common_params`)."""
    import xllamacpp

    p = xllamacpp.CommonParams()
    p.model.path = str(options.model)
    p.lora_adapters = [xllamacpp.CommonAdapterLoraInfo(file, scale) for file, scale in options.adapters]
    p.n_ctx, p.n_parallel, p.kv_unified = options.ctx_size, options.parallel, options.kv_unified
    p.n_batch, p.n_ubatch = options.batch_size, options.ubatch_size
    p.cpuparams.n_threads, p.cpuparams_batch.n_threads = options.threads, options.threads_batch
    p.n_gpu_layers = gpu_layers(options.gpu_layers)
    p.cache_ram_mib, p.cache_prompt, p.warmup = options.cache_ram, options.cache_prompt, options.warmup
    p.hostnames, p.port = [options.host], options.port
    p.model_alias = set(csv_row(options.alias)) if options.alias else set()
    p.api_keys, p.cors_origins = api_keys(options), options.cors_origins
    p.timeout_read = p.timeout_write = options.timeout
    p.ui, p.endpoint_slots = options.ui, options.slots
    p.endpoint_metrics, p.endpoint_props = options.metrics, options.props
    p.verbosity = options.verbosity
    p.chat_template, p.use_jinja = template_text(options), options.jinja
    p.default_template_kwargs = template_kwargs(options)
    p.embedding = options.embedding
    if options.pooling:
        p.pooling_type = getattr(xllamacpp.llama_pooling_type, f"LLAMA_POOLING_TYPE_{options.pooling.upper()}")
    return p
