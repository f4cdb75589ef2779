"""Sending a command to a container, up to the moment at which its wrapper has claimed the attempt."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from tunesmith.domain.errors import TunesmithError
from tunesmith.domain.place import Command
from tunesmith.runtimes import refusals
from tunesmith.runtimes.docker import errors
from tunesmith.runtimes.docker.containers import Container, Exec, Place
from tunesmith.runtimes.docker.engine import Engine
from tunesmith.runtimes.docker.record import claim_as_lost, write_record
from tunesmith.runtimes.wrapper import NO_FOLDER, run_file_argv, write_argv, write_sidecars

POLL_SECONDS = 0.01
ASK_SECONDS = 0.25
CLAIM_SECONDS = 60.0
"""How long a wrapper that runs may take to claim, on a machine that is busy or out of memory."""
SILENT_SECONDS = 5.0
"""How long it may take when the engine stopped answering in the middle of the start."""
RESTART_SECONDS = 10.0
LONGEST_WORD = 128 * 1024  # MAX_ARG_STRLEN, linux/binfmts.h
LONGEST_ARGV = 2**21 - LONGEST_WORD  # a quarter of the usual stack of 8 MiB, execve(2), less what the wrapper adds
NOT_WRITABLE = 75


class Starts:
    """One start of an attempt at a time: the claim would sort them out too, but each costs an exec."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._attempts: set[Path] = set()

    @contextlib.contextmanager
    def of(self, attempt: Path) -> Iterator[None]:
        with self._changed:
            self._changed.wait_for(lambda: attempt not in self._attempts)
            self._attempts.add(attempt)
        try:
            yield
        finally:
            with self._changed:
                self._attempts.discard(attempt)
                self._changed.notify_all()


def start(engine: Engine, wrapper: str, place: Place, attempt: Path, command: Command) -> None:
    """Blocks until the attempt is claimed, by this start or by another."""
    if not attempt.is_dir():
        raise refusals.no_folder(attempt)
    if (attempt / "claim").exists():
        return
    if not command.cwd.is_dir():
        raise refusals.no_cwd(command.cwd)
    _check_length(command)
    argv = run_file_argv(wrapper, attempt, command)
    container = _ready(engine, place)
    try:
        write_sidecars(attempt, command)
        write_argv(attempt, command.argv)
        write_record(attempt, container)
    except OSError as error:
        raise refusals.start_error(attempt, error) from error
    exec_id = engine.exec_create(place, argv, command.env, str(command.cwd))
    try:
        engine.exec_start(place, exec_id)
    except errors.EngineMissing as error:
        _settle(attempt, error)
        return
    _await_claim(engine, place, attempt, exec_id)


def _check_length(command: Command) -> None:
    words = [os.fsencode(word) for word in command.argv]
    words += [os.fsencode(f"{name}={value}") for name, value in command.env.items()]
    if max(map(len, words)) >= LONGEST_WORD or sum(len(word) + 9 for word in words) > LONGEST_ARGV:
        raise refusals.too_long()


def _ready(engine: Engine, place: Place) -> Container:
    """Waits for what is just being restarted: gate, engine, or container. After the engine's restart they come one by one."""
    deadline = time.monotonic() + RESTART_SECONDS
    while True:
        late = time.monotonic() > deadline
        try:
            container = engine.inspect(place)
            if late or not container.may_come:
                break
        except errors.EngineAway:
            if late:
                raise
        time.sleep(ASK_SECONDS)
    if not container.can_run:
        raise errors.stopped(container.name, place.service, container.state)
    return container


def _await_claim(engine: Engine, place: Place, attempt: Path, exec_id: str) -> None:
    began = time.monotonic()
    ask = began + ASK_SECONDS
    while not _is_begun(attempt):
        now = time.monotonic()
        if now > began + CLAIM_SECONDS:
            _settle(attempt, errors.silent(engine.address, CLAIM_SECONDS))
            return
        if now > ask:
            ask = now + ASK_SECONDS
            try:
                state = engine.exec_state(exec_id)
            except errors.EngineMissing as error:
                _settle(attempt, error)
                return
            if state is None or not state.running:
                if (attempt / "claim").exists():
                    return
                raise _refusal(engine, place, attempt, state)
        time.sleep(POLL_SECONDS)


def _is_begun(attempt: Path) -> bool:
    """Claimed, and what belongs to the claim is in its place."""
    return (attempt / "claim").exists() and ((attempt / "started").exists() or (attempt / "exit").exists())


def _settle(attempt: Path, error: TunesmithError) -> None:
    """Nobody knows whether the wrapper is on its way. It may still claim; after this it never will, and `error` stands."""
    deadline = time.monotonic() + SILENT_SECONDS
    while not (attempt / "claim").exists() and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    if claim_as_lost(attempt):
        raise error


def _refusal(engine: Engine, place: Place, attempt: Path, ended: Exec | None) -> TunesmithError:
    """Why a wrapper ended without a claim."""
    status = ended.exit_code if ended else None
    if status == NOT_WRITABLE:
        return refusals.refused_start(attempt, f"{attempt} can't be written in {place.container}.")
    if status == NO_FOLDER:
        return errors.blind(place.container, place.service, str(attempt)) if attempt.is_dir() else refusals.no_folder(attempt)
    try:
        engine.ready(place)
    except TunesmithError as error:
        return error
    return errors.no_wrapper(place.container, place.service, f"it ended with status {status}.")
