"""Stands before the job wrapper, so that nothing a job starts can get away from it: `subreaper.py -- WRAPPER...`

On Linux an orphan becomes the child of its nearest subreaper, whatever its session, group and environment are; without one it
goes to init and is lost. This process leaves its caller, starts the wrapper, reaps whatever ends, and goes when nothing is left.
The caller's own process returns as soon as the wrapper has claimed its attempt: status 0, or 1 with what the wrapper said on
stderr. Standard library only; started with `-I -S`.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time

PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h
GRACE_SECONDS = 2.0


def main(wrapper: list[str]) -> int:
    said, saying = os.pipe()
    if os.fork():
        os.close(saying)
        return relay(said)
    os.close(said)
    os.setsid()
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        os.write(saying, f"subreaper: prctl: {os.strerror(ctypes.get_errno())}\n".encode())
        os._exit(1)
    # Not ignored: that would be inherited. Whoever ends the orchestrator and its group doesn't end its jobs.
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    pid = spawn(wrapper, saying)
    stand_aside(saying)
    while reap() != pid:
        pass
    end_descendants()
    os._exit(0)


def relay(said: int) -> int:
    """Waits for the end of what the wrapper says before it claims; nothing said is success."""
    text = b""
    while block := os.read(said, 65536):
        text += block
    os.write(2, text)
    return 1 if text else 0


def spawn(wrapper: list[str], saying: int) -> int:
    """Starts the wrapper with default signals, whatever the caller ignored or blocked, and no descriptor of ours."""
    if pid := os.fork():
        return pid
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    os.dup2(saying, 1)
    os.dup2(saying, 2)
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    try:
        os.execvp(wrapper[0], wrapper)
    except OSError as error:
        os.write(2, f"subreaper: {wrapper[0]}: {error.strerror}\n".encode())
        os._exit(127)


def stand_aside(saying: int) -> None:
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    os.close(saying)
    os.close(null)


def reap(flags: int = 0) -> int:
    """The pid of a child that has ended, 0 when none has (WNOHANG), -1 when there is none at all."""
    try:
        return os.waitpid(-1, flags)[0]
    except ChildProcessError:
        return -1


def end_descendants() -> None:
    """Ends what the wrapper couldn't, because it was killed itself: TERM once to each, KILL to all after the grace."""
    began, asked = time.monotonic(), set()
    while (ended := reap(os.WNOHANG)) >= 0:
        if ended:
            continue
        late = time.monotonic() - began > GRACE_SECONDS
        for pid in descendants(os.getpid()):
            if late or pid not in asked:
                asked.add(pid)
                send(pid, signal.SIGKILL if late else signal.SIGTERM)
        time.sleep(0.05)


def send(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return


def descendants(ancestor: int) -> set[int]:
    """All live processes below `ancestor`."""
    children: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):  # noqa: PTH208 (pathlib would double the time of a start)
        if entry.isdigit() and (parent := parent_of(entry)) is not None:
            children.setdefault(parent, []).append(int(entry))
    found: set[int] = set()
    waiting = [ancestor]
    while waiting:
        below = set(children.get(waiting.pop(), ())) - found
        found |= below
        waiting.extend(below)
    return found


def parent_of(pid: str) -> int | None:
    try:
        with open(f"/proc/{pid}/stat", "rb") as stat:  # noqa: PTH123
            state, parent = stat.read().rpartition(b")")[2].split()[:2]
    except (OSError, ValueError):
        return None
    return None if state in (b"Z", b"X") else int(parent)


if __name__ == "__main__":
    sys.exit(main(sys.argv[2:]))
