# ruff: noqa: ASYNC240
"""An artifact appears under its name when it is complete, with its lineage, or not at all."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
from pathlib import Path

import pytest
from trial import GRACE_SECONDS, Trial

from tunesmith.domain.errors import InvalidInput
from tunesmith.domain.place import Life
from tunesmith.domain.step import Output

SIDECAR: dict[str, object] = {"kind": "model", "note": "žluť 'n' \"q\"", "parents": ["a b"]}
FOLDER = 'mkdir "$1" && echo weights >"$1/weights"; '
FILE = 'echo weights >"$1"; '


def output(trial: Trial, name: str = "model one") -> Output:
    """Its parent folder doesn't exist yet."""
    home = trial.folder / "models" / "merged"
    return Output(part=str(home / f".{name}.part-1"), path=str(home / name), sidecar=SIDECAR)


def names(path: str) -> list[str]:
    return sorted(entry.name for entry in Path(path).iterdir())


async def test_folder(trial: Trial) -> None:
    made = output(trial)
    _, seen = await trial.run(trial.shell(FOLDER, made.part, outputs=(made,)))
    assert seen.exit_code == 0
    assert names(made.path) == ["tunesmith.json", "weights"]
    assert json.loads((Path(made.path) / "tunesmith.json").read_text()) == SIDECAR
    assert names(str(Path(made.path).parent)) == ["model one"]


async def test_file(trial: Trial) -> None:
    made = output(trial, "m.gguf")
    _, seen = await trial.run(trial.shell(FILE, made.part, outputs=(made,)))
    assert seen.exit_code == 0
    assert Path(made.path).read_text() == "weights\n"
    assert json.loads(Path(made.path + ".tunesmith.json").read_text()) == SIDECAR
    assert names(str(Path(made.path).parent)) == ["m.gguf", "m.gguf.tunesmith.json"]


async def test_in_place(trial: Trial) -> None:
    path = str(trial.folder / "saves" / "run")
    made = Output(part=path, path=path, sidecar=SIDECAR)
    script = 'mkdir -p "$1"; ls "$1"; echo more >>"$1/weights"; exit "$2"'
    attempt, seen = await trial.run(trial.shell(script, path, "1", outputs=(made,)))
    assert (seen.exit_code, names(path)) == (1, ["weights"])
    _, seen = await trial.run(trial.shell(script, path, "0", outputs=(made,)))
    assert (seen.exit_code, names(path)) == (0, ["tunesmith.json", "weights"])
    # Begun again, it is incomplete until the end.
    attempt, seen = await trial.run(trial.shell(script, path, "1", outputs=(made,)))
    assert (attempt / "log").read_text() == "weights\n"
    assert (seen.exit_code, names(path)) == (1, ["weights"])


async def test_several_outputs(trial: Trial) -> None:
    one, two = output(trial), output(trial, "m.gguf")
    script = FOLDER + 'echo weights >"$2"'
    _, seen = await trial.run(trial.shell(script, one.part, two.part, outputs=(one, two)))
    assert seen.exit_code == 0
    assert names(str(Path(one.path).parent)) == ["m.gguf", "m.gguf.tunesmith.json", "model one"]


async def test_one_missing_of_two_publishes_none(trial: Trial) -> None:
    one, two = output(trial), output(trial, "m.gguf")
    attempt, seen = await trial.run(trial.shell(FOLDER, one.part, outputs=(one, two)))
    assert seen.exit_code == 74
    assert f"did not write {two.part}" in (attempt / "log").read_text()
    assert names(str(Path(one.path).parent)) == []


async def test_final_that_exists_is_not_touched_and_the_command_not_run(trial: Trial) -> None:
    made = output(trial)
    Path(made.path).mkdir(parents=True)
    attempt, seen = await trial.run(trial.shell("echo ran; " + FOLDER, made.part, outputs=(made,)))
    assert seen.exit_code == 73
    log = (attempt / "log").read_text()
    assert "ran" not in log and f"{made.path} is there already" in log
    assert names(str(Path(made.path).parent)) == ["model one"] and names(made.path) == []


@pytest.mark.parametrize("occupy", ['mkdir "$2"', 'echo theirs >"$2"'])
async def test_final_that_appeared_meanwhile_is_not_touched(trial: Trial, occupy: str) -> None:
    made = output(trial)
    attempt, seen = await trial.run(trial.shell(FOLDER + occupy, made.part, made.path, outputs=(made,)))
    assert seen.exit_code == 73
    assert "is there already" in (attempt / "log").read_text()
    assert names(str(Path(made.path).parent)) == ["model one"]


async def test_failing_command_leaves_nothing(trial: Trial) -> None:
    made = output(trial)
    _, seen = await trial.run(trial.shell(FOLDER + "exit 9", made.part, outputs=(made,)))
    assert seen.exit_code == 9
    assert names(str(Path(made.path).parent)) == []


async def test_cancelled_command_leaves_nothing(trial: Trial) -> None:
    made, attempt = output(trial), trial.attempt()
    command = trial.shell(FOLDER + "echo ready; sleep 1000", made.part, outputs=(made,))
    await trial.runtime.start(attempt, command)
    await trial.file(attempt / "log")
    assert (await trial.runtime.cancel(attempt, command, GRACE_SECONDS)).cancelled
    assert names(str(Path(made.path).parent)) == []


async def test_stale_part_of_an_earlier_attempt_is_removed(trial: Trial) -> None:
    made = output(trial)
    Path(made.part).mkdir(parents=True)
    (Path(made.part) / "stale").touch()
    _, seen = await trial.run(trial.shell(FOLDER, made.part, outputs=(made,)))
    assert seen.exit_code == 0
    assert names(made.path) == ["tunesmith.json", "weights"]


async def test_killed_wrapper_publishes_nothing(trial: Trial) -> None:
    made, attempt = output(trial), trial.attempt()
    await trial.runtime.start(attempt, trial.shell(FOLDER + "echo ready; sleep 1000", made.part, outputs=(made,)))
    await trial.file(attempt / "log")
    await trial.kill_wrapper(attempt)
    assert (await trial.ended(attempt)).life is Life.LOST
    assert not Path(made.path).exists()
    _, seen = await trial.run(trial.shell(FOLDER, made.part, outputs=(made,)))
    assert (seen.exit_code, names(made.path)) == (0, ["tunesmith.json", "weights"])


@pytest.mark.parametrize("script", [FOLDER, FILE], ids=["folder", "file"])
async def test_killed_between_rename_and_exit_counts_as_done(trial: Trial, script: str) -> None:
    """The next attempt of the same step finds its very output there and doesn't run the command again."""
    made = output(trial)
    first, _ = await trial.run(trial.shell("echo ran; " + script, made.part, outputs=(made,)))
    await trial.nothing_left(first)
    (first / "exit").unlink()
    trial.make_late(first)
    assert (await trial.ended(first)).life is Life.LOST
    second, seen = await trial.run(trial.shell("echo ran; " + script, made.part, outputs=(made,)))
    assert seen.exit_code == 0
    assert "ran" not in (second / "log").read_text()


async def test_paths_are_absolute(trial: Trial) -> None:
    attempt = trial.attempt()
    made = Output(part="part", path="/x/final", sidecar={})
    with pytest.raises(InvalidInput, match="absolute"):
        await trial.runtime.start(attempt, trial.shell("exit 0", outputs=(made,)))
    assert (await trial.runtime.observe(attempt)).life is Life.ABSENT


async def test_wrapper_killed_at_any_moment(trial: Trial, dice: random.Random) -> None:
    """Whatever is visible then is whole, and the next attempt completes it."""
    await asyncio.gather(*(_killed(trial, number, dice.uniform(0, 0.3)) for number in range(8)))


async def _killed(trial: Trial, number: int, delay: float) -> None:
    folder, file = output(trial, f"model {number}"), output(trial, f"{number}.gguf")
    command = trial.shell(FOLDER + 'echo weights >"$2"', folder.part, file.part, outputs=(folder, file))
    attempt = trial.attempt()
    await trial.runtime.start(attempt, command)
    await asyncio.sleep(delay)
    with contextlib.suppress(ProcessLookupError):
        await trial.kill_wrapper(attempt)
    seen = await trial.ended(attempt)
    assert seen.life is Life.LOST or seen.exit_code == 0
    if Path(folder.path).exists():
        assert names(folder.path) == ["tunesmith.json", "weights"]
    if Path(file.path).exists():
        assert Path(file.path + ".tunesmith.json").exists()
    assert not any(folder.part in line for line in trial.processes().values())
    _, seen = await trial.run(command)
    assert seen.exit_code == 0
    assert names(folder.path) == ["tunesmith.json", "weights"]
    assert Path(file.path).read_text() == "weights\n"


async def test_a_folder_that_cannot_be_made(trial: Trial) -> None:
    (trial.folder / "models").write_text("a file where a folder should be")
    made = output(trial)
    attempt, seen = await trial.run(trial.shell("echo ran", outputs=(made,)))
    assert (seen.exit_code, seen.disk_full) == (73, False)
    assert f"cannot make {Path(made.path).parent}" in (attempt / "log").read_text()
