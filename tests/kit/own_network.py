"""Runs a command in a network of its own that has nothing but loopback.

    python own_network.py COMMAND…

Chromium breaks off what it loads whenever an address of the machine changes (net::ERR_NETWORK_CHANGED), which happens when a
container of the other lane starts. Here none comes or goes, and nothing outside can be asked. Where the kernel forbids that,
the command runs as it is.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import socket
import struct
import sys
from pathlib import Path

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000  # linux/sched.h
SIOCSIFFLAGS = 0x8914  # linux/sockios.h
IFF_UP, IFF_RUNNING = 0x1, 0x40  # net/if.h


def leave_the_network() -> None:
    """This process and its children have a loopback of their own. Raises OSError where that isn't allowed."""
    user, group = os.getuid(), os.getgid()
    unshare(CLONE_NEWNET if user == 0 else CLONE_NEWUSER | CLONE_NEWNET)
    if user != 0:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        fcntl.ioctl(asked, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", IFF_UP | IFF_RUNNING))


def unshare(flags: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(flags):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def main(command: list[str]) -> None:
    try:
        leave_the_network()
    except OSError as error:
        print(f"own_network.py: this kernel doesn't allow a network of its own ({error}): the machine's is used", file=sys.stderr)
    os.execvp(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1:])
