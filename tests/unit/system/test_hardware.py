"""What the machine says of itself, read at the process boundary."""

from __future__ import annotations

from pathlib import Path

import pytest

from tunesmith.system.hardware import Gpu, cpu_name, hardware, memory_limit, nvidia_gpus, parse_gpus

TWO = "0, NVIDIA H200, 143771, 512, 37, 570.124.06\n1, NVIDIA H200, 143771, [N/A], [N/A], 570.124.06\n"


def fake_smi(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    program = folder / "nvidia-smi"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


def test_gpus_are_read_and_unknown_is_none() -> None:
    first, second = parse_gpus(TWO)
    assert first == Gpu(
        index=0,
        name="NVIDIA H200",
        memory_bytes=143771 * 2**20,
        used_bytes=512 * 2**20,
        utilisation_percent=37,
        driver="570.124.06",
    )
    assert (second.used_bytes, second.utilisation_percent) == (None, None)


def test_the_driver_is_asked_for_these_fields_in_this_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fields = "index,name,memory.total,memory.used,utilization.gpu,driver_version"
    fake_smi(tmp_path, f'[ "$1" = "--query-gpu={fields}" ] || exit 9; echo "0, A, 1024, 1, 0, 1.2"', monkeypatch)
    assert nvidia_gpus() == (
        [Gpu(index=0, name="A", memory_bytes=2**30, used_bytes=2**20, utilisation_percent=0, driver="1.2")],
        "",
    )


def test_a_driver_that_fails_is_a_problem_not_a_missing_gpu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_smi(tmp_path, "echo 'Failed to initialize NVML: Driver/library version mismatch'; exit 18", monkeypatch)
    gpus, problem = nvidia_gpus()
    assert gpus == []
    assert "version mismatch" in problem


def test_no_driver_is_no_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert nvidia_gpus() == ([], "")


def test_the_tightest_memory_limit_above_counts(tmp_path: Path) -> None:
    group = tmp_path / "cgroup"
    group.write_text("0::/user/job\n")
    (tmp_path / "fs/user/job").mkdir(parents=True)
    (tmp_path / "fs/user/job/memory.max").write_text("max\n")
    (tmp_path / "fs/user/memory.max").write_text("4294967296\n")
    (tmp_path / "fs/memory.max").write_text("8589934592\n")
    assert memory_limit(group, tmp_path / "fs") == 4 * 2**30


def test_the_older_control_groups_are_read_too(tmp_path: Path) -> None:
    group = tmp_path / "cgroup"
    group.write_text("5:cpu,cpuacct:/x\n4:memory:/docker/abc\n0::/\n")
    (tmp_path / "fs/memory/docker/abc").mkdir(parents=True)
    (tmp_path / "fs/memory/docker/abc/memory.limit_in_bytes").write_text("1073741824\n")
    assert memory_limit(group, tmp_path / "fs") == 2**30


def test_without_control_groups_there_is_no_limit(tmp_path: Path) -> None:
    assert memory_limit(tmp_path / "absent", tmp_path) is None


def test_the_processor_has_a_name(tmp_path: Path) -> None:
    info = tmp_path / "cpuinfo"
    info.write_text("processor\t: 0\nmodel name\t: AMD EPYC 9654\n")
    assert cpu_name(info) == "AMD EPYC 9654"
    assert cpu_name(tmp_path / "absent") != ""


def test_this_machine_has_memory_cores_and_disks(tmp_path: Path) -> None:
    machine = hardware(tmp_path, tmp_path / "cache" / "not-there-yet")
    assert machine.cores >= 1
    assert 0 < machine.memory_available_bytes <= machine.memory_bytes
    assert [disk.part for disk in machine.disks] == ["home", "cache"]
    assert all(0 < disk.free_bytes <= disk.total_bytes for disk in machine.disks)
