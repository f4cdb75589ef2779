"""After a cancel nothing of the job lives, and what has ended by itself stays as it ended."""

from __future__ import annotations

import asyncio
import random

import pytest
from places import PLACES
from trial import GRACE_SECONDS, Trial

from tunesmith.domain.place import Command, Life, Observation
from tunesmith.domain.step import Output

PROVING = [name for name, place in PLACES.items() if place.ends_everything]
"""Places that can prove that nothing is left. What the others can't is named: `test_docker_life.py`."""
READY = 'echo ready >"$1/ready"; '
# A grandchild in its own session, with an empty environment and without parents; it is so when the script goes on.
ESCAPE = (
    '(setsid env -i /bin/sh -c "echo >\\"\\$0\\"; sleep 1000; : $2" "$1/escaped" &); '
    'while [ ! -e "$1/escaped" ]; do sleep 0.01; done; '
)


async def cancelled(trial: Trial, script: str, grace: float) -> Observation:
    """Starts `script`, waits until it says that it is ready, cancels it, and looks for what is left."""
    attempt, command = trial.attempt(), trial.shell(script, str(trial.folder), trial.mark)
    await trial.runtime.start(attempt, command)
    await trial.file(trial.folder / "ready")
    seen = await trial.runtime.cancel(attempt, command, grace)
    assert trial.processes() == {}
    assert (seen.life, seen.cancelled, seen.cancelling, seen.processes_left) == (Life.EXITED, True, True, ())
    assert seen == await trial.runtime.observe(attempt)
    return seen


async def test_plain(trial: Trial) -> None:
    assert (await cancelled(trial, READY + "sleep 1000", GRACE_SECONDS)).exit_code == 143


async def test_a_command_that_ends_well_on_term_is_cancelled_and_not_a_success(trial: Trial) -> None:
    seen = await cancelled(trial, "trap 'exit 0' TERM; " + READY + "sleep 1000 & wait", GRACE_SECONDS)
    assert seen.exit_code == 143


async def test_ignores_term(trial: Trial) -> None:
    assert (await cancelled(trial, "trap '' TERM; " + READY + "sleep 1000; sleep 1000", 0.3)).exit_code == 137


async def test_grace_is_used(trial: Trial) -> None:
    script = "trap 'sleep 0.5; echo saved >\"$1/saved\"; exit 3' TERM; " + READY + "sleep 1000 & wait"
    assert (await cancelled(trial, script, GRACE_SECONDS)).exit_code == 3
    assert (trial.folder / "saved").read_text() == "saved\n"


async def test_child_with_its_own_session(trial: Trial) -> None:
    await cancelled(trial, "setsid sh -c 'trap \"\" TERM; sleep 1000; sleep 1000' & " + READY + "wait", 0.3)


@pytest.mark.parametrize("place", PROVING, indirect=True)
async def test_double_fork_with_its_own_session_and_an_empty_environment(trial: Trial) -> None:
    await cancelled(trial, ESCAPE + READY + "sleep 1000", 0.3)


@pytest.mark.parametrize("place", PROVING, indirect=True)
async def test_the_escaped_child_outlives_its_parents(trial: Trial) -> None:
    _, seen = await trial.run(trial.shell(ESCAPE + "exit 0", str(trial.folder), trial.mark))
    assert seen.exit_code == 0
    assert trial.processes() == {}


async def test_forks_in_a_loop(trial: Trial) -> None:
    await cancelled(trial, "trap '' TERM; " + READY + 'while :; do sleep 0.2 & (sleep 0.1; : "$2") & sleep 0.01; done', 0.2)


async def test_stopped_process(trial: Trial) -> None:
    await cancelled(trial, READY + "kill -STOP $$; sleep 1000", 0.2)


async def test_never_started_can_never_start(trial: Trial) -> None:
    attempt, witness = trial.attempt(), trial.folder / "witness"
    command = trial.shell('echo ran >"$1"', str(witness))
    seen = await trial.runtime.cancel(attempt, command, 1)
    assert (seen.life, seen.exit_code, seen.cancelled) == (Life.EXITED, 143, True)
    await trial.runtime.start(attempt, command)
    await trial.nothing_left(attempt)
    assert not witness.exists()


async def test_already_finished_stays_finished(trial: Trial) -> None:
    for script, status in (("exit 0", 0), ("exit 4", 4)):
        attempt, before = await trial.run(trial.shell(script))
        after = await trial.runtime.cancel(attempt, trial.shell(script), 1)
        assert after == before
        assert (after.exit_code, after.cancelled, after.cancelling) == (status, False, False)


async def test_cancelled_twice_at_once(trial: Trial) -> None:
    attempt, command = trial.attempt(), trial.shell("sleep 1000")
    await trial.runtime.start(attempt, command)
    both = await asyncio.gather(*(trial.runtime.cancel(attempt, command, GRACE_SECONDS) for _ in range(2)))
    assert [seen.cancelled for seen in both] == [True, True]


@pytest.mark.parametrize("round_", range(2))
async def test_while_it_is_finishing(trial: Trial, round_: int, dice: random.Random) -> None:
    """Either it has ended well and its output is there, or it is cancelled and nothing of it is; never both, never neither."""
    await asyncio.gather(*(_race(trial, dice.uniform(0.0, 0.4)) for _ in range(6)))


async def _race(trial: Trial, delay: float) -> None:
    attempt = trial.attempt()
    part, final = attempt / "out" / ".part", attempt / "out" / "final"
    output = Output(part=str(part), path=str(final), sidecar={"kind": "test"})
    command: Command = trial.shell('mkdir "$1"; sleep 0.1; echo done >"$1/file"', str(part), outputs=(output,))
    await trial.runtime.start(attempt, command)
    await asyncio.sleep(delay)
    seen = await trial.runtime.cancel(attempt, command, GRACE_SECONDS)
    assert seen.life is Life.EXITED
    assert not part.exists()
    if seen.cancelled:
        assert seen.exit_code == 143 and not final.exists()
    else:
        assert seen.exit_code == 0 and not seen.cancelling
        assert sorted(path.name for path in final.iterdir()) == ["file", "tunesmith.json"]
