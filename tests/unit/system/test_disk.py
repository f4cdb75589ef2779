"""Disk: where the bytes are, what can go, and when it is too full."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

from tunesmith.domain.home import Home
from tunesmith.system.clean import leftovers, remove
from tunesmith.system.du import disk_use
from tunesmith.system.watermark import disk_obstacle, free_bytes

OVER = "261121-101010-merge-abcde"
LIVE = "261121-101011-merge-fghij"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    place = Home(tmp_path / "home")
    for folder in (place.saves, place.data, place.jobs, place.served, place.models / "merged", place.models / "gguf"):
        folder.mkdir(parents=True)
    return place


def fill(path: Path, count: int = 8192) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * count)
    return path


def found(home: Home, toolboxes: Path, **changes: object) -> list[str]:
    values: dict[str, object] = {"wanted": set(), "ended": [OVER], "busy": False, "keep_jobs": 500, **changes}
    return [item.path for item in leftovers(home, toolboxes, **values)]  # type: ignore[arg-type]


def test_unfinished_outputs_go_only_when_their_job_is_over(home: Home, tmp_path: Path) -> None:
    stale = fill(home.models / "merged" / f".facts.part-{OVER}" / "model.safetensors").parent
    fill(home.models / "gguf" / f".facts.gguf.part-{LIVE}")
    fill(home.models / "merged" / "facts" / "model.safetensors")
    fill(home.saves / "part-of-my-run" / "adapter.safetensors")
    assert found(home, tmp_path / "toolboxes") == [str(stale)]


def test_old_job_folders_go_but_not_those_a_release_refers_to(home: Home, tmp_path: Path) -> None:
    for job in ("j-new1", "j-old2", "j-old1"):
        fill(home.jobs / job / "job.json")
    record = {"job": "j-old1", "parity": ".tunesmith/jobs/j-old1/parity.json"}
    fill(home.served / "facts" / "1.json").write_text(json.dumps(record))
    assert found(home, tmp_path, ended=["j-new1", "j-old2", "j-old1"], keep_jobs=1) == [str(home.jobs / "j-old2")]


def test_half_made_and_earlier_toolboxes_go_but_not_one_in_the_making(home: Home, tmp_path: Path) -> None:
    boxes = tmp_path / "toolboxes"
    for name, complete in (("x-00000001", True), ("x-00000002", True), ("x-00000003", False), ("x-00000004", False)):
        fill(boxes / name / "bin" / "python")
        if complete:
            (boxes / name / "complete.json").write_text("{}")
    fill(boxes / "my-own-folder" / "file")
    held = ["flock", str(boxes / "x-00000004.lock"), "sh", "-c", "echo held; exec sleep 1000"]
    holder = subprocess.Popen(held, stdout=subprocess.PIPE, start_new_session=True)
    try:
        assert holder.stdout and holder.stdout.readline() == b"held\n"
        wanted = {boxes / "x-00000002"}
        assert found(home, boxes, wanted=wanted) == [str(boxes / "x-00000001"), str(boxes / "x-00000003")]
        assert found(home, boxes, wanted=wanted, busy=True) == [str(boxes / "x-00000003")]
    finally:
        os.killpg(holder.pid, signal.SIGKILL)
        holder.communicate()


def test_removing_removes_exactly_what_was_found(home: Home, tmp_path: Path) -> None:
    stale = fill(home.models / "merged" / f".facts.part-{OVER}" / "model.safetensors").parent
    kept = fill(home.models / "merged" / "facts" / "model.safetensors")
    items = leftovers(home, tmp_path / "toolboxes", set(), [OVER], False, 500)
    done = remove(items)
    assert (done.removed, done.failed, done.bytes >= 8192) == (True, [], True)
    assert not stale.exists()
    assert kept.exists()


def test_bytes_are_told_by_part_largest_first(home: Home, tmp_path: Path) -> None:
    fill(home.saves / "small" / "a", 4096)
    fill(home.saves / "large" / "b", 400_000)
    fill(tmp_path / "cache" / "toolboxes" / "x-00000001" / "lib", 40_000)
    use = disk_use(home, tmp_path / "cache")
    parts = {part.part: part for part in use.parts}
    assert [Path(entry.path).name for entry in parts["saves"].entries] == ["large", "small"]
    assert parts["saves"].bytes == sum(entry.bytes for entry in parts["saves"].entries) >= 404_096
    assert parts["toolboxes"].bytes >= 40_000
    assert use.bytes == sum(part.bytes for part in use.parts)


def test_a_file_with_several_names_is_counted_once_in_a_part_and_once_in_all(home: Home, tmp_path: Path) -> None:
    boxes = tmp_path / "cache" / "toolboxes"
    file = fill(boxes / "x-00000001" / "lib" / "torch.so", 400_000)
    for name in (boxes / "y-00000002" / "torch.so", tmp_path / "cache" / "packages" / "torch.so", home.saves / "torch.so"):
        name.parent.mkdir(parents=True, exist_ok=True)
        name.hardlink_to(file)
    use = disk_use(home, tmp_path / "cache")
    parts = {part.part: part for part in use.parts}
    assert all(entry.bytes >= 400_000 for entry in parts["toolboxes"].entries)
    assert 400_000 <= parts["toolboxes"].bytes < 800_000 <= parts["toolboxes"].alone
    assert parts["saves"].bytes == parts["saves"].alone >= 400_000
    assert 400_000 <= use.bytes < 800_000 < sum(part.bytes for part in use.parts)


def test_links_are_not_followed_and_a_loop_ends(home: Home, tmp_path: Path) -> None:
    (home.saves / "loop").mkdir()
    (home.saves / "loop" / "again").symlink_to(home.saves)
    fill(tmp_path / "elsewhere", 400_000)
    (home.saves / "far").symlink_to(tmp_path / "elsewhere")
    [part] = [part for part in disk_use(home, tmp_path / "cache").parts if part.part == "saves"]
    assert part.bytes < 400_000


def test_a_disk_below_the_reserve_is_an_obstacle_with_numbers(tmp_path: Path) -> None:
    assert disk_obstacle(tmp_path, 0) is None
    reason = disk_obstacle(tmp_path, 1e9)
    assert reason is not None
    assert "GiB free" in reason
    assert "TUNESMITH_DISK_RESERVE_GIB" in reason


def test_a_home_that_cannot_be_read_is_an_obstacle(tmp_path: Path) -> None:
    assert "can't be read" in (disk_obstacle(tmp_path / "absent", 1) or "")


def test_of_several_disks_the_fullest_counts(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a container each folder of home is mounted by itself, and what holds them is the image's own disk."""
    free = {home.saves: 5, home.models: 1, home.root: 9}
    monkeypatch.setattr("shutil.disk_usage", lambda path: SimpleNamespace(free=free.get(path, 7) * 2**30))
    assert free_bytes(home.root) == 2**30
    assert disk_obstacle(home.root, 0.5) is None
    assert f"{home.models} has 1.0 GiB free" in (disk_obstacle(home.root, 2) or "")
