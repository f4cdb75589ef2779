"""Lives of an orchestrator: the product's own job book on a home, in a process that can be killed at any moment.

`multiprocessing`'s fork server imports everything once, so that a life begins in some ms. Nothing in the product knows of it.
"""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

from kit.waiting import waiting
from tunesmith.domain.errors import TunesmithError
from tunesmith.domain.home import Home
from tunesmith.domain.job import JobStatus
from tunesmith.domain.ports import Draft
from tunesmith.domain.step import Lane, Step, Toolbox
from tunesmith.jobs.service import JobBook
from tunesmith.ownership import claim, is_owned
from tunesmith.runtimes.native import NativeRuntime

SCRIPTS = Path(__file__).resolve().parents[2] / "backend" / "toolbox"
PATIENCE_SECONDS = 120.0
"""Longer means that it hangs, on a machine however busy."""
OBSTACLE = "nearly full"
HOLDER = "holder"
"""A file in the home: while it is there, its text is why no step may start."""

os.environ["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
FORKING = multiprocessing.get_context("forkserver")
FORKING.set_forkserver_preload(["sqlite3", "sqlalchemy.dialects.sqlite", "orchestra"])
_starting = threading.Lock()


@dataclass(frozen=True)
class Ask:
    """A job to submit."""

    id: str
    lane: Lane
    steps: tuple[Step, ...]


class PythonOnly:
    def program(self, toolbox: Toolbox, name: str) -> tuple[str, ...]:
        return (sys.executable,)

    def script(self, toolbox: Toolbox, relative: str) -> str:
        return str(SCRIPTS / relative)


# ── inside a life ──


async def _serve(home: Home, asks: Iterable[Ask], wire: Connection) -> None:
    def said(name: str) -> str | None:
        flag = home.root / name
        return flag.read_text() if flag.exists() else None

    book = JobBook(
        home.jobs,
        home.root,
        NativeRuntime(PythonOnly(), SCRIPTS),
        home.state,
        light_jobs=4,
        grace_seconds=0.5,
        tell=lambda record: wire.send(("record", record)),
        obstacle=lambda: said(OBSTACLE),
        holder=lambda: said(HOLDER),
    )
    await book.open()
    wire.send(("open", None))
    waiting: set[asyncio.Task[object]] = {asyncio.create_task(_submit(book, ask)) for ask in asks}
    while True:
        what, argument = await asyncio.to_thread(wire.recv)
        if what == "stop":
            return
        waiting.add(asyncio.create_task(_answer(book, what, argument, wire)))


async def _submit(book: JobBook, ask: Ask) -> JobStatus:
    draft = Draft(ask.id, book.draft("test").folder.with_name(ask.id))
    return await book.submit(draft, kind="test", title=ask.id, lane=ask.lane, steps=ask.steps, request={})


async def _answer(book: JobBook, what: str, argument: object, wire: Connection) -> None:
    try:
        if what == "submit":
            assert isinstance(argument, Ask)
            wire.send(("answer", await _submit(book, argument)))
        elif what == "status":
            wire.send(("answer", book.status(str(argument))))
        elif what == "all":
            wire.send(("answer", await book.all()))
        else:
            wire.send(("answer", await {"cancel": book.cancel, "retry": book.retry}[what](str(argument))))
    except TunesmithError as error:
        wire.send(("error", str(error)))


def _live(root: str, asks: tuple[Ask, ...], wire: Connection) -> None:
    # As the server has it: a terminal's Ctrl-C is for the test, not for its orchestrators.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    home = Home(Path(root))
    try:
        owner = claim(home)
    except TunesmithError as error:
        wire.send(("refused", str(error)))
        return
    asyncio.run(_serve(home, asks, wire))
    owner.release()
    # The rest of the process (its log) takes a moment to close; threads of the queues go on meanwhile.
    time.sleep(0.3)
    # As `main` ends: threads that follow steps belong to jobs that go on without us.
    os._exit(0)


# ── seen from the test ──


def wait_until(true: Callable[[], bool], what: str) -> None:
    """For what no life tells."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    with waiting("job"):
        while not true():
            assert time.monotonic() < deadline, f"{what} not within {PATIENCE_SECONDS:g} s"
            time.sleep(0.02)


@dataclass
class Life:
    """One orchestrator on `root`, from its birth until `kill` or `stop`."""

    root: Path
    asks: tuple[Ask, ...] = ()
    records: dict[str, JobStatus] = field(default_factory=dict)
    """What it has told: the latest record of each job."""
    refusal: str = ""
    news: int = 0
    """How many records it has told since it opened."""

    def __post_init__(self) -> None:
        self._wire, far = FORKING.Pipe()
        self._process = FORKING.Process(target=_live, args=(str(self.root), self.asks, far))
        with _starting:
            self._process.start()
        far.close()
        self._opened = self._over = self._gone = False
        self._answers: list[object] = []

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    def kill(self) -> None:
        """SIGKILL, and wait until the process is really gone."""
        if not self._gone:
            self._process.kill()
            self.gone()

    def gone(self) -> None:
        """Its process, and each child that was only forked: such a one holds the home's lock until it runs its own program."""
        self._process.join()
        if not self.refusal:
            wait_until(lambda: not is_owned(Home(self.root)), "the home is free")
        self.listen(0)
        self._wire.close()
        self._gone = True

    def stop(self) -> None:
        """The orderly end: the event loop is closed while steps are being followed."""
        self._wire.send(("stop", None))
        self._process.join(PATIENCE_SECONDS)
        assert self._process.exitcode == 0
        self.gone()

    def listen(self, seconds: float) -> None:
        """Take in what it says within `seconds`; what a killed one has said half is nothing."""
        deadline = time.monotonic() + seconds
        with contextlib.suppress(EOFError, OSError):
            while not self._over and self._wire.poll(max(0.0, deadline - time.monotonic())):
                self._take(*self._wire.recv())
                if seconds and time.monotonic() > deadline:
                    return
            return
        self._over = True

    def _take(self, what: str, said: object) -> None:
        match said:
            case JobStatus() if what == "record":
                self.records[said.id] = said
                self.news += self._opened
            case str() if what == "refused":
                self.refusal = said
            case _ if what == "open":
                self._opened = True
            case _:
                self._answers.append(said)

    @property
    def has_opened(self) -> bool:
        return self._opened

    def has_ended(self, job: str) -> bool:
        return job in self.records and self.records[job].state.final

    def holds(self, job: str) -> str | None:
        """Why it waits, as far as it has told; nothing before its first record."""
        return self.records[job].holds if job in self.records else None

    def until(self, true: Callable[[], bool], what: str = "") -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not true():
            assert time.monotonic() < deadline, f"{what or true} not within {PATIENCE_SECONDS:g} s: {self.records}"
            assert not self._over, f"the orchestrator has ended: {self.refusal or self._process.exitcode}"
            self.listen(0.02)

    def opened(self) -> Life:
        with waiting("orchestrator"):
            self.until(lambda: self._opened or bool(self.refusal), "opened")
        return self

    def tell(self, what: str, argument: object = None) -> None:
        """Ask without waiting for the answer."""
        self._wire.send((what, argument))

    def ask(self, what: str, argument: object = None) -> object:
        """The answer; a refusal is the error's text."""
        self.tell(what, argument)
        self.until(lambda: bool(self._answers), f"an answer to {what}")
        return self._answers.pop(0)

    def submit(self, ask: Ask) -> JobStatus:
        record = self.ask("submit", ask)
        assert isinstance(record, JobStatus)
        return record

    def submit_and_finish(self, ask: Ask) -> JobStatus:
        self.submit(ask)
        return self.finish([ask.id])[ask.id]

    def all(self) -> list[JobStatus]:
        found = self.ask("all")
        assert isinstance(found, list)
        return found

    def finish(self, ids: Iterable[str]) -> dict[str, JobStatus]:
        """Wait until each of these jobs has ended."""
        wanted = set(ids)
        with waiting("job"):
            self.until(lambda: all(map(self.has_ended, wanted)), "all jobs ended")
        return {job: self.records[job] for job in wanted}
