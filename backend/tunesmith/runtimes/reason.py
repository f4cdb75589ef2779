"""Why a command failed, as far as its exit status and the end of its log tell."""

from __future__ import annotations

import re

from tunesmith.domain.job import Reason

FINAL_EXISTS = 73
"""The wrapper's status when an output is there already."""
PART_MISSING = 74
"""The wrapper's status when the command returned 0 without having made its output."""

# strerror(ENOSPC) and strerror(EDQUOT) in the C locale, Python's and Rust's spelling, Node's code, and the words of NumPy, which
# looks for room before it writes a large array: the GGUF converter ends so.
_DISK_FULL = re.compile(
    rb"No space left on device|Disk quota exceeded|\[Errno 28\]|\bos error 28\b|\bENOSPC\b|Not enough free space to write"
)


def failure_reason(exit_code: int, log_tail: bytes, disk_full: bool = False) -> Reason:
    """`log_tail`: the last kilobytes of the log. `disk_full`: the wrapper found no room itself (`Observation.disk_full`)."""
    if exit_code in (FINAL_EXISTS, PART_MISSING) and not disk_full:
        return Reason.COMMAND
    return Reason.DISK_FULL if disk_full or _DISK_FULL.search(log_tail) else Reason.COMMAND
