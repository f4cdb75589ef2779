"""Why an attempt could not be started, in words for users. Nothing of it has run then."""

from __future__ import annotations

import errno
from pathlib import Path

from tunesmith.domain.errors import InvalidInput, NotEnough, NotFound, PlaceMissing, TunesmithError


def no_folder(attempt: Path) -> NotFound:
    return NotFound("The attempt's folder is gone", f"{attempt} isn't there.", "Start the job again.")


def no_cwd(folder: Path) -> PlaceMissing:
    return PlaceMissing("The folder to work in is gone", f"{folder} isn't there.", "Create it again, then retry the step.")


def unreachable(detail: str) -> PlaceMissing:
    return PlaceMissing("This host can't start a command", detail, "Run `tunesmith doctor`.")


def too_long() -> InvalidInput:
    return InvalidInput("The command is too long for this system", "One argument may have 128 kB, all together about 2 MB.")


def start_error(attempt: Path, error: OSError) -> TunesmithError:
    if error.errno == errno.E2BIG:
        return too_long()
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return NotEnough("The disk is full", f"Nothing can be written in {attempt}.", "Make room, then retry the step.")
    return unreachable(f"{error.filename or attempt}: {error.strerror}")


def refused_start(attempt: Path, said: str) -> TunesmithError:
    """A shell says "I/O error" to every failed write: find out which by one of our own."""
    probe = attempt / ".probe"
    try:
        probe.write_bytes(bytes(8192))
    except OSError as error:
        return start_error(attempt, error)
    finally:
        probe.unlink(missing_ok=True)
    return unreachable(said or f"The wrapper ended before it claimed {attempt}.")
