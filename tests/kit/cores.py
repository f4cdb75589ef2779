"""Tools on one core. Beside other work, two threads of a training or an engine wait for each other at the cost of a turn of the
scheduler each time: a training step of 0.8 s took 25 s so. Orchestrators don't hand OMP_NUM_THREADS on; but tools count cores.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

PIN = "import os, sys; os.sched_setaffinity(0, {int(sys.argv[1])}); os.execv(sys.argv[2], sys.argv[2:])"


def in_a_test() -> bool:
    """Whether a test asks, beside which others run. A benchmark doesn't: it has the machine for itself."""
    return "PYTEST_CURRENT_TEST" in os.environ


def on_one_core(command: Sequence[str]) -> list[str]:
    """The command, and all that it starts, on a core that goes by the number of the tests' process."""
    if not in_a_test():
        return list(command)
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    return on_core(int(worker.removeprefix("gw")) if worker else os.getpid(), command)


def on_core(number: int, command: Sequence[str]) -> list[str]:
    """The command on one of the cores that this process may use."""
    if not hasattr(os, "sched_setaffinity"):
        return list(command)
    cores = sorted(os.sched_getaffinity(0))
    return [sys.executable, "-I", "-S", "-c", PIN, str(cores[number % len(cores)]), *command]
