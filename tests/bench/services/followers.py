"""The viewers' own process: `followers.py PORT TOKEN FOLLOWING WATCHING SECONDS`.

FOLLOWING connections follow the log of one service, WATCHING the stream of events. Prints the lines that the slowest of the
following got, and the gaps of all, as JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys

MARK = b"epoch="


class Viewer(asyncio.Protocol):
    def __init__(self, request: bytes) -> None:
        self._request, self._held = request, b""
        self.lines = self.gaps = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        data = self._held + data
        self.lines += data.count(MARK)
        self.gaps += data.count(b"event: gap")
        self._held = data[-len(MARK) + 1 :]


async def watch(port: int, token: str, following: int, watching: int, seconds: float) -> dict[str, int]:
    paths = ["/api/services/ollama/logs/follow?tail=0"] * following + ["/api/events"] * watching
    loop = asyncio.get_running_loop()
    viewers = []
    for path in paths:
        head = f"GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
        viewers.append((await loop.create_connection(lambda head=head: Viewer(head), "127.0.0.1", port))[1])  # type: ignore[misc]
    await asyncio.sleep(seconds)
    return {"lines": min(viewer.lines for viewer in viewers[:following]), "gaps": sum(viewer.gaps for viewer in viewers)}


if __name__ == "__main__":
    port, token, following, watching, seconds = sys.argv[1:]
    print(json.dumps(asyncio.run(watch(int(port), token, int(following), int(watching), float(seconds)))))
