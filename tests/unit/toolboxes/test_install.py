"""Making an environment: the real script and the real uv, with local wheels and no network."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from tunesmith.domain.errors import PlaceMissing
from tunesmith.domain.step import Toolbox
from tunesmith.toolboxes.native import NativeToolboxes, Presence

TENSORBOARD = Toolbox.TENSORBOARD


def installing(toolboxes: NativeToolboxes, rebuild: bool = False) -> subprocess.Popen[str]:
    [step] = toolboxes.install_steps(TENSORBOARD, rebuild=rebuild)
    environment = os.environ | step.env | {"UV_OFFLINE": "1", "UV_CACHE_DIR": str(toolboxes.root.parent / "uv")}
    return subprocess.Popen(step.argv, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def install(toolboxes: NativeToolboxes, rebuild: bool = False) -> tuple[int, str, str]:
    process = installing(toolboxes, rebuild)
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


def test_a_complete_toolbox_says_what_it_is_made_of(toolboxes: NativeToolboxes) -> None:
    status, out, err = install(toolboxes)
    assert (status, err) == (0, "")
    assert "step 2 of 4: libraries" in out
    assert toolboxes.ready(TENSORBOARD)
    made = toolboxes.report(TENSORBOARD).made
    assert made is not None
    assert made.versions == {"tiny": "1.0", "other": "2.0"}
    assert made.bytes > 0
    assert toolboxes.install_steps(TENSORBOARD) == []


def test_what_the_definition_removes_is_gone_and_nothing_else(toolboxes: NativeToolboxes) -> None:
    install(toolboxes)
    left = {path.parent.name for path in toolboxes.folder(TENSORBOARD).rglob("heavy.so")}
    assert left == {"tiny_lib"}


def test_a_program_of_a_missing_toolbox_names_the_command_that_installs_it(toolboxes: NativeToolboxes) -> None:
    with pytest.raises(PlaceMissing) as caught:
        toolboxes.program(TENSORBOARD, "tensorboard")
    assert "tunesmith toolbox install tensorboard" in caught.value.remedy


def test_a_half_made_one_is_removed_and_made_again(toolboxes: NativeToolboxes) -> None:
    folder = toolboxes.folder(TENSORBOARD)
    (folder / "lib").mkdir(parents=True)
    (folder / "lib" / "left-over").touch()
    assert toolboxes.presence(TENSORBOARD) is Presence.HALF_MADE
    assert install(toolboxes)[0] == 0
    assert not (folder / "lib" / "left-over").exists()
    assert toolboxes.presence(TENSORBOARD) is Presence.READY


def test_killed_in_the_middle_it_is_not_ready_and_the_next_run_completes_it(
    toolboxes: NativeToolboxes, scripts: Path, tmp_path: Path
) -> None:
    """It is held in its last step, or it could be complete before the signal comes."""
    definition, gate = scripts / "setup" / "tensorboard.toml", tmp_path / "gate"
    hold = f"import other, pathlib, time\nwhile not pathlib.Path({str(gate)!r}).exists(): time.sleep(0.02)"
    definition.write_text(definition.read_text().replace('"import other"', json.dumps(hold)))
    process = installing(toolboxes)
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("step 4"):
            break
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert toolboxes.presence(TENSORBOARD) is Presence.HALF_MADE
    gate.touch()
    status, out, err = install(toolboxes)
    assert status == 0, out + err


def test_two_at_once_make_it_once(toolboxes: NativeToolboxes) -> None:
    first, second = installing(toolboxes), installing(toolboxes)
    outs = [process.communicate(timeout=120)[0] for process in (first, second)]
    assert [first.returncode, second.returncode] == [0, 0]
    assert sum("step 1 of" in out for out in outs) == 1


def test_a_failing_self_check_leaves_no_marker_and_ends_with_one_clear_line(toolboxes: NativeToolboxes, scripts: Path) -> None:
    definition = scripts / "setup" / "tensorboard.toml"
    definition.write_text(definition.read_text().replace("import other", "import absent"))
    status, out, err = install(toolboxes)
    assert status == 1
    assert "ModuleNotFoundError: No module named 'absent'" in out
    assert err.startswith("The self-check of tensorboard failed with status 1")
    assert err.count("\n") == 1
    assert not toolboxes.ready(TENSORBOARD)


def test_a_package_that_is_nowhere_fails_with_advice(toolboxes: NativeToolboxes, scripts: Path) -> None:
    (scripts / "tensorboard" / "requirements.txt").write_text("no-such-package-here==9\n")
    status, _, err = install(toolboxes)
    assert status == 1
    assert "TUNESMITH_INDEX_URL" in err


def test_rebuild_makes_a_complete_one_anew(toolboxes: NativeToolboxes) -> None:
    install(toolboxes)
    marker = toolboxes.folder(TENSORBOARD) / "complete.json"
    record = json.loads(marker.read_text())
    marker.write_text(json.dumps(record | {"python": "0.0"}))
    assert install(toolboxes, rebuild=True)[0] == 0
    assert json.loads(marker.read_text())["python"] != "0.0"


def test_a_changed_lock_is_another_folder(toolboxes: NativeToolboxes, scripts: Path) -> None:
    before = toolboxes.folder(TENSORBOARD)
    (scripts / "tensorboard" / "requirements.txt").write_text("tiny==1.1\n")
    after = toolboxes.folder(TENSORBOARD)
    assert before != after
    assert after.name.startswith("tensorboard-")


def test_the_lock_of_a_dead_process_is_free(toolboxes: NativeToolboxes) -> None:
    folder = toolboxes.folder(TENSORBOARD)
    folder.parent.mkdir(parents=True)
    lock = folder.with_name(folder.name + ".lock")
    held = ["flock", str(lock), "sh", "-c", "echo held; exec sleep 1000"]
    holder = subprocess.Popen(held, stdout=subprocess.PIPE, start_new_session=True)
    assert holder.stdout and holder.stdout.readline() == b"held\n"
    process = installing(toolboxes)
    assert process.stdout is not None
    assert "waiting" in process.stdout.readline()
    os.killpg(holder.pid, signal.SIGKILL)
    holder.communicate()
    process.communicate(timeout=120)
    assert process.returncode == 0
