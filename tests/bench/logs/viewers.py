"""The viewers' own process: `viewers.py PORT TOKEN JOB COUNT SECONDS LOG`, as cheap as can be.

Every viewer notes when each frame reached it; the lines of a frame are read once, since all get the same frames. One more
reads the file itself by `tail -F`, which is what a user would do otherwise. Prints the delays as JSON.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from collections import defaultdict
from pathlib import Path

import numpy as np

FRAME_END = b"\n\n"
STAMP = re.compile(rb"(?:^|\\n|\n)(\d{10}\.\d{4}) ")
SETTLING_SECONDS = 3.0


class Notes:
    """Arrivals of all viewers, from `SETTLING_SECONDS` after the start on."""

    def __init__(self) -> None:
        self.start = time.time() + SETTLING_SECONDS
        self.frames: dict[bytes, bytes] = {}
        self.arrivals: dict[bytes, list[float]] = defaultdict(list)
        self.gaps = 0

    def take(self, frame: bytes) -> None:
        now = time.time()
        if now < self.start or b"\nevent: " not in frame:
            return
        head = frame.index(b"id: ")
        name = frame[head : frame.index(b"\n", head)]
        self.gaps += b"\nevent: gap\n" in frame
        self.frames.setdefault(name, frame)
        self.arrivals[name].append(now)


class Viewer(asyncio.Protocol):
    def __init__(self, request: bytes, notes: Notes) -> None:
        self._request, self._notes, self._held = request, notes, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        *frames, self._held = (self._held + data).split(FRAME_END)
        for frame in frames:
            self._notes.take(frame)


async def tail(log: str, notes: list[tuple[bytes, float]]) -> None:
    process = await asyncio.create_subprocess_exec("tail", "-n", "0", "-F", log, stdout=asyncio.subprocess.PIPE)
    assert process.stdout
    try:
        while data := await process.stdout.read(65536):
            notes.append((data, time.time()))
    finally:
        process.kill()
        await process.wait()


async def follow(port: int, token: str, job: str, count: int, seconds: float, log: str) -> dict[str, object]:
    path = f"/api/jobs/{job}/log/stream"
    request = f"GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
    notes, tailed = Notes(), list[tuple[bytes, float]]()
    loop = asyncio.get_running_loop()
    tailing = asyncio.create_task(tail(log, tailed))
    for _ in range(count):
        await loop.create_connection(lambda: Viewer(request, notes), "127.0.0.1", port)
    await asyncio.sleep(SETTLING_SECONDS + seconds)
    tailing.cancel()
    await asyncio.gather(tailing, return_exceptions=True)
    ours = [np.subtract.outer(notes.arrivals[name], stamps(frame)).ravel() for name, frame in notes.frames.items()]
    theirs = [at - stamps(data) for data, at in tailed if at > notes.start]
    delays = np.concatenate(ours)
    return {
        "lines": int(delays.size),
        "p99_ms": float(np.percentile(delays, 99)) * 1000,
        "p50_ms": float(np.percentile(delays, 50)) * 1000,
        "tail_p99_ms": float(np.percentile(np.concatenate(theirs), 99)) * 1000,
        "gaps": notes.gaps,
    }


def stamps(frame: bytes) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array(STAMP.findall(frame), dtype=float)


if __name__ == "__main__":
    port, token, job, count, seconds, log = sys.argv[1:]
    assert Path(log).exists(), log
    print(json.dumps(asyncio.run(follow(int(port), token, job, int(count), float(seconds), log))))
