"""What an orchestrator has set going, seen in /proc: a test goes on once all of it has begun or ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from orchestra import wait_until

from tunesmith.domain.home import Home


def until_settled(home: Path, begun: Callable[[Path], bool]) -> None:
    """Until no cancel is at work in `home`, and each of its wrappers has `begun(attempt)` its command or has ended."""
    jobs = Home(home).jobs

    def on_the_way() -> bool:
        calls = [call for call in wrapper_calls() if call[1].is_relative_to(jobs)]
        return any(what == "cancel" or not begun(attempt) for what, attempt in calls)

    wait_until(lambda: not on_the_way(), "all that was on its way has begun or ended")


def wrapper_calls() -> Iterator[tuple[str, Path]]:
    """`job.sh WHAT ATTEMPT` of each process that is one, its subreaper and its forks too."""
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue
        for at, word in enumerate(words[:-2]):
            if word.endswith("/job.sh"):
                yield words[at + 1], Path(words[at + 2])
                break
