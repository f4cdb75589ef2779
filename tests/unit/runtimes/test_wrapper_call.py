from __future__ import annotations

import json
from pathlib import Path

import pytest

from tunesmith.domain.errors import InvalidInput
from tunesmith.domain.job import Reason
from tunesmith.domain.place import Command
from tunesmith.domain.step import Output, Toolbox
from tunesmith.runtimes.environment import base_environment
from tunesmith.runtimes.reason import failure_reason
from tunesmith.runtimes.wrapper import cancel_argv, lost_argv, run_argv, run_file_argv, write_argv, write_sidecars

OUTPUT = Output(part="/h/models/.m.part", path="/h/models/m", sidecar={"name": "žluť", "parents": []})


def test_the_wrapper_is_the_first_word_and_the_argv_the_last() -> None:
    command = Command(Toolbox.SYSTEM, ("prog", "--", "a b"), Path("/"), outputs=(OUTPUT,))
    assert run_argv("/t/job.sh", Path("/j/a 1"), command, reaped=True) == (
        *("/t/job.sh", "run", "/j/a 1", "--reaped"),
        *("--publish", "/h/models/.m.part", "/h/models/m", "/j/a 1/sidecar-0.json"),
        *("--", "prog", "--", "a b"),
    )
    assert cancel_argv("/t/job.sh", Path("/j/a 1"), 2) == ("/t/job.sh", "cancel", "/j/a 1", "2.00")


def test_a_request_to_an_engine_is_short_whatever_the_argv_is(tmp_path: Path) -> None:
    command = Command(Toolbox.SYSTEM, ("prog", "x" * 100_000), Path("/"), outputs=(OUTPUT,))
    assert run_file_argv("/t/job.sh", Path("/j/a 1"), command) == (
        *("/t/job.sh", "run", "/j/a 1", "--argv"),
        *("--publish", "/h/models/.m.part", "/h/models/m", "/j/a 1/sidecar-0.json"),
    )
    assert lost_argv("/t/job.sh", Path("/j/a 1")) == ("/t/job.sh", "lost", "/j/a 1")


def test_an_argv_file_has_a_sign_before_every_line(tmp_path: Path) -> None:
    write_argv(tmp_path, ("prog", "", "a\nb\n", "=+", "caf\udce9"))
    assert (tmp_path / "argv").read_bytes() == b"=prog\n=\n=a\n+b\n+\n==+\n=caf\xe9\n"
    assert [path.name for path in tmp_path.iterdir()] == ["argv"]


@pytest.mark.parametrize("path", ["", "models/m", "/", "/models/", "/a\0b"])
def test_outputs_have_absolute_paths(path: str) -> None:
    command = Command(Toolbox.SYSTEM, ("x",), Path("/"), outputs=(OUTPUT.model_copy(update={"path": path}),))
    with pytest.raises(InvalidInput):
        run_argv("/t/job.sh", Path("/j"), command)


def test_sidecars_are_the_same_bytes_every_time(tmp_path: Path) -> None:
    command = Command(Toolbox.SYSTEM, ("x",), Path("/"), outputs=(OUTPUT, OUTPUT))
    write_sidecars(tmp_path, command)
    first = (tmp_path / "sidecar-0.json").read_bytes()
    write_sidecars(tmp_path, command)
    assert first == (tmp_path / "sidecar-0.json").read_bytes() == (tmp_path / "sidecar-1.json").read_bytes()
    assert json.loads(first) == OUTPUT.sidecar
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize(
    ("status", "tail", "full", "reason"),
    [
        (1, b"OSError: [Errno 28] No space left on device: 'x'", False, Reason.DISK_FULL),
        (1, b"safetensors_rust.SafetensorError: No space left on device (os error 28)", False, Reason.DISK_FULL),
        (1, b"ENOSPC: no space left", False, Reason.DISK_FULL),
        (1, b"OSError: Not enough free space to write 56623104 bytes after offset 1785664", False, Reason.DISK_FULL),
        (1, b"Disk quota exceeded", False, Reason.DISK_FULL),
        (1, b"", True, Reason.DISK_FULL),
        (73, b"m is there already", False, Reason.COMMAND),
        (74, b"did not write m", False, Reason.COMMAND),
        (1, b"line 28, in main", False, Reason.COMMAND),
        (137, b"", False, Reason.COMMAND),
    ],
)
def test_reason(status: int, tail: bytes, full: bool, reason: Reason) -> None:
    assert failure_reason(status, tail, full) is reason


def test_the_base_environment_holds_nothing_of_ours() -> None:
    environ = {"PATH": "/bin", "HOME": "/h", "UV_INDEX_URL": "u", "LC_ALL": "C", "TUNESMITH_TOKEN": "t", "HF_TOKEN": "h"}
    assert base_environment(environ) == {"PATH": "/bin", "HOME": "/h", "UV_INDEX_URL": "u", "LC_ALL": "C"}
