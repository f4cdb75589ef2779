"""Logs of engines: processes of ours wherever they run, so their logs are files below home, one each start."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

from tunesmith.services.attempts_log import AttemptsLog
from tunesmith.services.logs import Logs


class EngineLogs:
    """`folder`: of all engines. `instance`: the one that answers for a served name; names on one engine share its log."""

    def __init__(self, folder: Path, instance: Callable[[str], Awaitable[str]], secrets: Iterable[str] = ()) -> None:
        self._folder, self._instance = folder, instance
        # Its file is all there is of a log: it goes on when the engine is started anew.
        self.logs = Logs(lambda folder: AttemptsLog(Path(folder)).open, lambda _: True, secrets)

    async def with_log(self, name: str) -> str:
        """By what `logs` knows the log of this name's engine. `NotFound` for a name that isn't served."""
        return str(self._folder / await self._instance(name))
