"""llama-server's arguments. The parity gate and the serving of a release build them here, so what was checked is what serves."""

from __future__ import annotations

import os
from collections.abc import Sequence

from tunesmith.domain.errors import InvalidInput

PathLike = str | os.PathLike[str]


def serve_args(
    model: PathLike,
    adapters: Sequence[PathLike] = (),
    template: PathLike | None = None,
    *,
    ctx: int,
    parallel: int,
    threads: int | None = None,
    host: str = "127.0.0.1",
    port: int,
    alias: str = "",
) -> tuple[str, ...]:
    """The words after `llama-server`. `ctx` is in tokens and for one request; `parallel` requests are answered at once.

    Every adapter is loaded at scale 0, in the order given, which is the order of the ids that a request's `lora` names.
    `template` is a Jinja file that replaces the one in the GGUF. Without `threads` llama-server takes what it finds.
    """
    args = ["-m", os.fspath(model), "--host", host, "--port", str(port), "-c", str(ctx * parallel), "-np", str(parallel)]
    if threads is not None:
        args += ["-t", str(threads)]
    for adapter in adapters:
        args += ["--lora-scaled", f"{_sayable(os.fspath(adapter))}:0"]
    if adapters:
        # The cache in main memory knows a prompt's tokens but not under which adapter its state was computed: with it on,
        # a base request continued from a tuned model's state although it named every scale (seen with xllamacpp 2026.10).
        args += ["--cache-ram", "0"]
        # The canary, which comes before any request, warms the engine as well as a run of its own would.
        args.append("--no-warmup")
    if template is not None:
        args += ["--chat-template-file", os.fspath(template)]
    args.append("--jinja")
    if alias:
        args += ["-a", alias]
    return tuple(args)


def _sayable(adapter: str) -> str:
    """llama-server parses FILE:SCALE,FILE:SCALE and knows no escape."""
    if ":" in adapter or "," in adapter:
        raise InvalidInput(
            f"The adapter {adapter} can't be given to llama-server",
            "It splits the value of --lora-scaled at `:` and `,`, and the path has one of them.",
            "Move the home folder to a path without colons and commas.",
        )
    return adapter
