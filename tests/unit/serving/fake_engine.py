"""A place whose commands are tiny HTTP servers that answer like llama-server: what stands in at the process boundary.

A chat is answered with what the engine was sent. Message contents steer it: `hang` never answers, `die` ends the process
before any byte, `break` in the middle of a stream.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tunesmith.domain.place import Command, Life, Observation
from tunesmith.domain.step import Toolbox


@dataclass
class FakeProcess:
    argv: tuple[str, ...]
    server: asyncio.Server | None = None
    exit_code: int | None = None
    asked: list[dict[str, Any]] = field(default_factory=list)
    left: int = 0
    """Requests whose client went away before the answer."""
    open: set[asyncio.StreamWriter] = field(default_factory=set)

    def word(self, flag: str) -> str:
        return self.argv[self.argv.index(flag) + 1]

    def end(self, code: int) -> None:
        if self.exit_code is None:
            self.exit_code = code
            assert self.server is not None
            self.server.close()
            for writer in self.open:
                writer.transport.abort()


@dataclass
class FakePlace:
    """Implements Runtime. `dies` engines of the next starts end at once; `mixes` makes adapters leak into the base."""

    processes: dict[Path, FakeProcess] = field(default_factory=dict)
    dies: int = 0
    mixes: bool = False
    looks: int = 0
    """How often an orchestrator has looked whether an engine lives."""

    async def start(self, attempt: Path, command: Command) -> None:
        if attempt in self.processes:
            return
        process = self.processes[attempt] = FakeProcess(command.argv)
        process.server = await asyncio.start_server(
            lambda r, w: self._connection(process, r, w), "127.0.0.1", int(process.word("--port"))
        )
        if self.dies:
            self.dies -= 1
            (attempt / "log").write_text("loading\nserver: no such model\n\n")
            process.end(1)

    async def observe(self, attempt: Path) -> Observation:
        self.looks += 1
        process = self.processes.get(attempt)
        if process is None:
            return Observation(Life.ABSENT)
        return Observation(Life.RUNNING) if process.exit_code is None else Observation(Life.EXITED, process.exit_code)

    async def cancel(self, attempt: Path, command: Command, grace_seconds: float) -> Observation:
        self.processes[attempt].end(143)
        return Observation(Life.EXITED, 143, cancelled=True)

    def program(self, toolbox: Toolbox, name: str) -> tuple[str, ...]:
        return ("fake", name)

    def script(self, toolbox: Toolbox, relative: str) -> str:
        return relative

    @property
    def alive(self) -> list[FakeProcess]:
        return [process for process in self.processes.values() if process.exit_code is None]

    async def _connection(self, process: FakeProcess, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        process.open.add(writer)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = head.decode().lower().split("\r\n")
                length = next((int(line.split(":")[1]) for line in lines if line.startswith("content-length:")), 0)
                body = json.loads(await reader.readexactly(length)) if length else {}
                await self._answer(process, lines[0].split()[1], body, reader, writer)
        process.open.discard(writer)
        writer.close()

    async def _answer(
        self, process: FakeProcess, path: str, body: dict[str, Any], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        if path == "/health":
            _send(writer, {"status": "ok"})
        elif path == "/v1/models":
            _send(writer, {"data": [{"id": process.word("-a")}]})
        elif path == "/props":
            params = {"temperature": 0.800000011920929, "top_p": 0.949999988079071, "repeat_penalty": 1.0, "top_k": 40}
            _send(writer, {"default_generation_settings": {"params": params, "n_ctx": 1024}, "total_slots": 2})
        elif path == "/completion":
            tuned = any(one["scale"] for one in body["lora"])
            process.asked.append(body)
            leaked = self.mixes and any(one["scale"] for asked in process.asked for one in asked["lora"])
            likeliest = [{"token": "tuned" if tuned or leaked else "base", "logprob": -0.25}, {"token": "other", "logprob": -2.0}]
            _send(writer, {"content": "", "completion_probabilities": [{"top_logprobs": likeliest}]})
        else:
            process.asked.append(body)
            await self._chat(process, body, reader, writer)
        await writer.drain()

    async def _chat(
        self, process: FakeProcess, body: dict[str, Any], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        word = body["messages"][-1]["content"] if "messages" in body else body["prompt"]
        if word == "die":
            process.end(137)
        elif word == "hang":
            process.left += await reader.read(1) == b""
        elif body.get("stream"):
            _stream(writer, EVENTS[:1] if word == "break" else EVENTS)
            if word == "break":
                await writer.drain()
                process.end(137)
        else:
            _send(writer, {"sent": body, "usage": {"prompt_tokens": 7, "completion_tokens": 2}})


EVENTS: Sequence[bytes] = (
    b'data: {"choices":[{"delta":{"content":"a"}}]}\n\n',
    b'data: {"choices":[{"delta":{}}],"timings":{"cache_n":3,"prompt_n":4,"predicted_n":5}}\n\n',
    b"data: [DONE]\n\n",
)


def _send(writer: asyncio.StreamWriter, answer: dict[str, Any]) -> None:
    body = json.dumps(answer).encode()
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


def _stream(writer: asyncio.StreamWriter, events: Sequence[bytes]) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
    for event in events:
        writer.write(b"%x\r\n%s\r\n" % (len(event), event))
    if events is EVENTS:
        writer.write(b"0\r\n\r\n")
