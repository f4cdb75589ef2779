"""llama-server without the binary: the whole server of llama.cpp out of the `xllamacpp` wheel, in its own process.

Takes llama-server's own flags (the subset in `flags.py`), so that the words after the program are the same for a
`llama-server` on PATH and for `python server.py`. Prints `ready: <address>` when the model is loaded.

Ends at once on SIGTERM and SIGINT with status 0; a stop while the model still loads shows as death by that signal.
Status 1 with one last line on stderr: a model, adapter or template that can't be read, or a port that is taken.
Status 2: a flag that this subset doesn't know.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
from argparse import Namespace
from pathlib import Path

import flags

GGUF_MAGIC = b"GGUF"


class Refused(Exception):
    """The server can't start: what, to which file or port, and what to do."""


def check_gguf(path: Path, role: str) -> None:
    """Raise Refused unless `path` is a readable file that starts as a GGUF file does."""
    try:
        with path.open("rb") as file:
            magic = file.read(len(GGUF_MAGIC))
    except OSError as error:
        raise Refused(f"{role} {path} can't be read ({error.strerror}): check the path") from error
    if magic != GGUF_MAGIC:
        raise Refused(f"{role} {path} isn't a GGUF file: convert it first")


def check_port(host: str, port: int) -> None:
    """Raise Refused when another process listens there; the engine itself would only log it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Refused(f"{host}:{port} can't be bound ({error.strerror}): take another --port") from error


def check(options: Namespace) -> None:
    """Everything that can be known before the engine loads gigabytes."""
    check_gguf(options.model, "model")
    for adapter, _ in options.adapters:
        check_gguf(Path(adapter), "adapter")
    check_port(options.host, options.port)


def stop_at_once(_signal: int, _frame: object) -> None:
    # The engine's own shutdown waits for streams that are being answered, up to 30 s. It has no state to save.
    os._exit(0)


def wait_for_a_signal(woken: int) -> None:
    """End when a signal writes into `woken`. A wait for the handler alone would sleep through a signal that comes just before
    it, or that the system gives to a thread of the engine."""
    os.read(woken, 1)
    os._exit(0)


def serve(options: Namespace) -> None:
    """Load and serve until a signal. Until the model is loaded the engine holds Python's lock and signals end us raw."""
    # How long a waiting thread spins before it sleeps: a compromise of busy and quiet machines (README.md has figures).
    # libgomp reads it when it is loaded, so before the import.
    os.environ.setdefault("GOMP_SPINCOUNT", "2000")
    import xllamacpp

    print(f"llama.cpp server of xllamacpp {xllamacpp.__version__}, model {options.model}", flush=True)
    try:
        server = xllamacpp.Server(flags.common_params(options))
    except RuntimeError as error:
        raise Refused(f"the engine can't serve {options.model}: its own lines above say why") from error
    woken, wakes = os.pipe()
    os.set_blocking(wakes, False)
    signal.set_wakeup_fd(wakes)
    signal.signal(signal.SIGTERM, stop_at_once)
    signal.signal(signal.SIGINT, stop_at_once)
    print(f"ready: {server.listening_address}", flush=True)
    wait_for_a_signal(woken)


def main(argv: list[str]) -> int:
    options = flags.parser().parse_args(argv)
    try:
        options.adapters = flags.adapters(options)
        check(options)
        serve(options)
    except (Refused, flags.BadFlag) as error:
        print(f"server: {error}", file=sys.stderr, flush=True)
        return 1
    return 0


if __name__ == "__main__":
    status = main(sys.argv[1:])
    sys.stdout.flush()
    os._exit(status)
