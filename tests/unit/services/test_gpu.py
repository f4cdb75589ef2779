"""GPU memory by process, from what nvidia-smi prints."""

from __future__ import annotations

from pathlib import Path

import pytest

from tunesmith.services import gpu


def test_lines_of_the_driver() -> None:
    assert gpu.parse("4242, 1024\n4242, 512\n77, [N/A]\n\n") == {4242: 1536 * gpu.MIB}


def test_a_service_uses_what_its_processes_use_and_none_when_nobody_knows() -> None:
    by_pid = {1: 10, 2: 20, 3: 40}
    assert gpu.used_by({1, 3, 9}, by_pid) == 50
    assert gpu.used_by({9}, by_pid) is None


async def test_the_driver_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not gpu.there() and await gpu.memory_by_pid() is None
    program = tmp_path / "nvidia-smi"
    program.write_text('#!/bin/sh\n[ "$1" = --query-compute-apps=pid,used_memory ] && echo "5, 7"\n')
    program.chmod(0o755)
    assert gpu.there() and await gpu.memory_by_pid() == {5: 7 * gpu.MIB}
    program.write_text("#!/bin/sh\necho 'the driver is not loaded'\nexit 9\n")
    assert await gpu.memory_by_pid() is None
