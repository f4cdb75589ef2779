"""A llama-server for the length of a `with`: on a free loopback port, behind a key of its own."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

# A big model on a slow disk; a server that died is seen at once.
START_SECONDS = 600
REQUEST_SECONDS = 300
# Never through a proxy that the environment names: the engine is on loopback.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class EngineFailed(Exception):
    """The engine didn't start, died, or refused a request: with its own last words."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def server_argv(
    program: Sequence[str], model: Path, adapters: Sequence[Path], context: int, port: int, template: Path | None
) -> list[str]:
    """As a deployment starts it: adapters at scale 0, one slot.

    `--cache-ram 0`: the engine keeps old prompts in memory and gives them to later requests without looking at the
    adapter that they were computed under.
    """
    argv = [*program, "-m", str(model), "--host", "127.0.0.1", "--port", str(port), "-c", str(context), "-np", "1"]
    argv += ["--jinja", "--no-webui", "--no-warmup", "--cache-ram", "0"]
    for adapter in adapters:
        argv += ["--lora-scaled", f"{adapter}:0"]
    if template is not None:
        argv += ["--chat-template-file", str(template)]
    return argv


def build(program: Sequence[str]) -> str:
    """What the server calls itself: the rest of its `version:` line."""
    answer = subprocess.run([*program, "--version"], capture_output=True, text=True, errors="replace", check=False)
    lines = (answer.stdout + answer.stderr).splitlines()
    return next((line.partition("version:")[2].strip() for line in lines if "version:" in line), "unknown")


class Engine:
    """A running server. `adapters` is their number: every request names them all with their scales."""

    def __init__(self, argv: list[str], port: int, adapters: int) -> None:
        self.argv, self.adapters = argv, adapters
        self.address = f"http://127.0.0.1:{port}"
        self.key = secrets.token_urlsafe(24)

    def __enter__(self) -> Engine:
        self.log = tempfile.TemporaryFile()
        environment = {**os.environ, "LLAMA_API_KEY": self.key}
        try:
            self.process = subprocess.Popen(self.argv, stdout=self.log, stderr=self.log, env=environment)
        except OSError as error:
            self.log.close()
            raise EngineFailed(f"{self.argv[0]} can't be started: {error.strerror}") from error
        try:
            self.wait_until_healthy()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()

    def last_words(self) -> str:
        self.log.seek(0)
        lines = self.log.read().decode(errors="replace").splitlines()
        return "\n".join(lines[-12:])

    def wait_until_healthy(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise EngineFailed(f"the server ended with status {self.process.returncode}:\n{self.last_words()}")
            try:
                with OPENER.open(f"{self.address}/health", timeout=5) as answer:
                    if answer.status == 200:
                        return
            except OSError:
                pass  # not listening yet, or 503 while the model loads
            time.sleep(0.05)
        raise EngineFailed(f"the server wasn't healthy after {START_SECONDS} s:\n{self.last_words()}")

    def post(self, path: str, body: dict[str, Any]) -> Any:
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.key}"}
        request = urllib.request.Request(self.address + path, json.dumps(body).encode(), headers)
        try:
            with OPENER.open(request, timeout=REQUEST_SECONDS) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise EngineFailed(f"{path} answered {error.code}: {error.read().decode(errors='replace')[:500]}") from error
        except OSError as error:
            raise EngineFailed(f"{path}: {error}\n{self.last_words()}") from error

    def prompt(self, messages: list[dict[str, Any]]) -> str:
        """The text that the model would be given."""
        text: str = self.post("/apply-template", {"messages": messages})["prompt"]
        return text

    def tokenise(self, text: str) -> list[int]:
        """As the chat endpoint does it: special tokens are read in the text, and BOS is added where the model has it."""
        body = {"content": text, "add_special": True, "parse_special": True}
        ids: list[int] = self.post("/tokenize", body)["tokens"]
        return ids

    def piece(self, token: int) -> str:
        """The text of one token; U+FFFD for bytes that are no character by themselves."""
        text: str = self.post("/detokenize", {"tokens": [token]})["content"]
        return text

    def chat(self, messages: list[dict[str, Any]], scales: Sequence[float], **options: Any) -> dict[str, Any]:
        """A greedy answer with every adapter at the scale given here."""
        lora = [{"id": number, "scale": scale} for number, scale in enumerate(scales)]
        body = {"messages": messages, "temperature": 0, "seed": 1, "lora": lora, **options}
        answer: dict[str, Any] = self.post("/v1/chat/completions", body)
        return answer
