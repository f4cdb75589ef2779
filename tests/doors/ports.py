"""Free ports of loopback that nobody else is given before they are listened on."""

from __future__ import annotations

import contextlib
import random
import socket

BELOW_THE_KERNELS = range(20_000, 32_000)
"""The kernel hands out higher ones by itself (net.ipv4.ip_local_port_range): whoever asks it for one gets none of these."""
_dice = random.SystemRandom()


def free_ports(count: int) -> list[int]:
    """Ports on which nobody listened a moment ago."""
    found: set[int] = set()
    while len(found) < count:
        port = _dice.choice(BELOW_THE_KERNELS)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            found.add(port)
    return list(found)
