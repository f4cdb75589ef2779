from __future__ import annotations

import asyncio
import socket
from pathlib import Path

from tunesmith.main import listen
from tunesmith.settings import Settings


async def test_answers_do_not_wait_for_the_acknowledgement_of_what_was_sent_before(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    at_once: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def connected(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        at_once.set_result(writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    async with await asyncio.start_server(connected, sock=listen(Settings(home=tmp_path, port=port))):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        assert await at_once
        writer.close()
