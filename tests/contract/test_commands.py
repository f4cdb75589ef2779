"""A command gets exactly what it was given, and its status comes back."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from pathlib import Path

import pytest
from trial import Trial

from tunesmith.domain.errors import InvalidInput, NotFound, PlaceMissing
from tunesmith.domain.place import Life

ARGUMENTS = {
    "blanks": ("a b", "  ", "\t"),
    "quotes": ("'", '"', 'it\'s "so"', "\\", "\\n", "`id`"),
    "newlines": ("a\nb", "\n", "ends\n"),
    "shell": ("$(id)", "$HOME", "${IFS}", "; rm -rf x", "&& false", "*", "~", "> file", "!", "#"),
    "unicode": ("žluťoučký", "日本語", "🙂", "e\u0301"),
    "empty": ("", "", "x", ""),
    "options": ("--", "-n", "--publish", "-", "run", "cancel"),
    "100 kB": ("x" * 100_000,),
}


async def test_argv_arrives_exactly(trial: Trial) -> None:
    code = "import sys, json; json.dump(sys.argv[1:], sys.stdout)"
    ran = await asyncio.gather(*(trial.run(trial.python(code, *args)) for args in ARGUMENTS.values()))
    got = {
        name: (seen.exit_code, json.loads((attempt / "log").read_text()))
        for name, (attempt, seen) in zip(ARGUMENTS, ran, strict=True)
    }
    assert got == {name: (0, list(args)) for name, args in ARGUMENTS.items()}


async def test_env_and_cwd_arrive_exactly(trial: Trial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUNESMITH_TOKEN", "ours alone")
    env = {"A": "a b\n'c' $(id) é", "EMPTY": "", "PATH": "/nowhere:/usr/bin:/bin", "JOB_NAME": "x"}
    code = "import os, json; print(json.dumps([dict(os.environ), os.getcwd()]))"
    (cwd := tmp_path / "work in\there").mkdir()
    attempt, _ = await trial.run(trial.python(code, env=env, cwd=cwd))
    got, folder = json.loads((attempt / "log").read_text())
    assert {name: got[name] for name in env} == env
    assert folder == str(cwd)
    assert "TUNESMITH_TOKEN" not in got


async def test_env_values_are_in_no_file_of_the_attempt(trial: Trial) -> None:
    attempt, _ = await trial.run(trial.shell("exit 0", env={"HF_TOKEN": "hf_very-secret"}))
    texts = [path.read_bytes() for path in attempt.rglob("*") if path.is_file()]
    assert len(texts) > 4
    assert not any(b"hf_very-secret" in text for text in texts)


STATUSES = {
    **{f"exit {status}": status for status in (0, 1, 77, 137)},
    **{f"kill -{number} $$": 128 + number for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGABRT)},
}


async def test_exit_status(trial: Trial) -> None:
    ran = await asyncio.gather(*(trial.run(trial.shell(script)) for script in STATUSES))
    assert {script: seen.exit_code for script, (_, seen) in zip(STATUSES, ran, strict=True)} == STATUSES
    assert {(seen.life, seen.cancelled) for _, seen in ran} == {(Life.EXITED, False)}


@pytest.mark.parametrize("program", ["no-such-program", "/no/such/program"])
async def test_missing_program_is_127_and_named_in_the_log(trial: Trial, program: str) -> None:
    attempt, seen = await trial.run(trial.command(program, "--help"))
    assert seen.exit_code == 127
    assert f"program not found: {program}\n" in (attempt / "log").read_text()


async def test_signals_have_their_default_meaning(trial: Trial) -> None:
    code = "import signal; print([n for n in signal.valid_signals() if signal.getsignal(n) == signal.SIG_IGN])"
    # Python itself ignores these two.
    attempt, _ = await trial.run(trial.python(code))
    ignored = (attempt / "log").read_text()
    assert "SIGINT" not in ignored and "SIGTERM" not in ignored and "SIGHUP" not in ignored and "SIGQUIT" not in ignored


async def test_a_command_has_no_input_and_no_foreign_descriptor(trial: Trial) -> None:
    read, write = os.pipe()
    os.set_inheritable(write, True)
    code = "import os, sys; print(repr(sys.stdin.read()), sorted(map(int, os.listdir('/proc/self/fd')))[:-1])"
    attempt, _ = await trial.run(trial.python(code))
    os.close(read)
    os.close(write)
    assert (attempt / "log").read_text() == "'' [0, 1, 2]\n"


async def test_missing_folder_to_work_in_is_a_missing_place(trial: Trial, tmp_path: Path) -> None:
    attempt = trial.attempt()
    with pytest.raises(PlaceMissing, match="gone"):
        await trial.runtime.start(attempt, trial.shell("exit 0", cwd=tmp_path / "gone"))
    assert (await trial.runtime.observe(attempt)).life is Life.ABSENT


async def test_missing_attempt_folder(trial: Trial) -> None:
    gone = trial.folder / "gone"
    with pytest.raises(NotFound):
        await trial.runtime.start(gone, trial.shell("exit 0"))
    with pytest.raises(NotFound):
        await trial.runtime.cancel(gone, trial.shell("exit 0"), 1)
    assert (await trial.runtime.observe(gone)).life is Life.ABSENT


async def test_an_argument_that_no_system_takes_is_refused(trial: Trial) -> None:
    attempt = trial.attempt()
    with pytest.raises(InvalidInput, match="too long"):
        await trial.runtime.start(attempt, trial.shell("exit 0", "x" * 200_000))
    assert (await trial.runtime.observe(attempt)).life is Life.ABSENT


async def test_leftovers_of_a_finished_command_are_ended_and_named(trial: Trial) -> None:
    # A process that begins another program can't be named for a moment: both are past it.
    begun = "for p in $children; do until grep -q sleep /proc/$p/comm && grep -q JOB_ID= /proc/$p/environ; do :; done; done; "
    children = 'sleep 1000 & children=$!; setsid sleep 1000 & children="$children $!"; '
    attempt, seen = await trial.run(trial.shell(children + begun + "exit 5"))
    assert seen.exit_code == 5
    assert not trial.processes()
    assert len((attempt / "leftovers").read_text().split()) == 2
