"""What a process and all below it use, by the system's own counters."""

from __future__ import annotations

import time

from tunesmith.services.source import Load


class ProcessLoad:
    """Measures one tree of processes again and again. Blocking."""

    def __init__(self) -> None:
        self._before: dict[tuple[int, float], float] = {}
        self._at = 0.0

    def measure(self, pid: int) -> Load:
        """The CPU's share since the last measurement, in percent of a core; None at the first one, and for what just began."""
        import psutil  # only here: a start doesn't need it

        try:
            root = psutil.Process(pid)
            tree = [root, *root.children(recursive=True)]
        except psutil.Error:
            return Load(None, None)
        seconds: dict[tuple[int, float], float] = {}
        memory = 0
        for process in tree:
            try:
                with process.oneshot():
                    times = process.cpu_times()
                    seconds[process.pid, process.create_time()] = times.user + times.system
                    memory += process.memory_info().rss
            except psutil.Error:
                continue  # it ended meanwhile
        now = time.monotonic()
        used = sum(spent - self._before[key] for key, spent in seconds.items() if key in self._before)
        percent = round(100 * used / (now - self._at), 1) if self._before and now > self._at else None
        self._before, self._at = seconds, now
        return Load(percent, memory)
