"""Containers as toolboxes: nothing is installed, and every program of the steps is in the table of the images."""

from __future__ import annotations

from pathlib import Path

import pytest

from tunesmith.domain.errors import Conflict, NotFound, PlaceMissing
from tunesmith.domain.ports import Draft
from tunesmith.domain.step import Toolbox
from tunesmith.toolboxes import docker_programs, native_programs
from tunesmith.toolboxes.docker import DockerToolboxes, DockerToolboxService
from tunesmith.toolboxes.native import Presence

TOOLBOXES = DockerToolboxes("stack", lambda: {"llamafactory", "caddy"})


def test_both_tables_have_the_same_programs() -> None:
    assert set(docker_programs.TABLE) >= set(native_programs.TABLE)
    assert {toolbox for toolbox, _ in docker_programs.TABLE} == set(docker_programs.SERVICES) == set(Toolbox)


def test_programs_and_scripts_are_named_as_the_container_has_them() -> None:
    assert TOOLBOXES.program(Toolbox.LLAMA_CPP, "llama-quantize") == ("/app/llama-quantize",)
    assert TOOLBOXES.script(Toolbox.LLAMA_CPP, "parity/check.py") == "/opt/tunesmith/toolbox/parity/check.py"
    for words in docker_programs.TABLE.values():
        for script in (word for word in words if word.startswith(docker_programs.SCRIPTS)):
            assert (TOOLBOXES.scripts / Path(script).relative_to(docker_programs.SCRIPTS)).is_file()


@pytest.mark.parametrize("relative", ["../tunesmith/main.py", "no/such.py", "parity", "/etc/passwd"])
def test_no_other_file_is_a_script(relative: str) -> None:
    with pytest.raises(NotFound):
        TOOLBOXES.script(Toolbox.SYSTEM, relative)


def test_a_program_that_the_image_lacks() -> None:
    with pytest.raises(NotFound, match="has no program 'nvcc'"):
        TOOLBOXES.program(Toolbox.OLLAMA, "nvcc")


async def test_what_runs_is_ready_and_what_does_not_is_missing() -> None:
    found = {box.name: (box.presence, box.path) for box in await DockerToolboxService(TOOLBOXES).reports()}
    assert found[Toolbox.LLAMAFACTORY] == (Presence.READY, "stack-llamafactory-1")
    assert found[Toolbox.LLAMA_CPP] == (Presence.MISSING, "stack-llama-cpp-1")


def test_without_an_engine_all_are_missing() -> None:
    def running() -> set[str]:
        raise PlaceMissing("The Docker engine isn't running")

    assert {box.presence for box in DockerToolboxes("stack", running).reports()} == {Presence.MISSING}


async def test_nothing_is_installed_and_the_refusal_says_what_is_to_be_done(tmp_path: Path) -> None:
    assert TOOLBOXES.install_steps(Toolbox.LLAMA_CPP, Draft("j", tmp_path)) == []
    with pytest.raises(Conflict) as refusal:
        await DockerToolboxService(TOOLBOXES).install(Toolbox.LLAMA_CPP)
    assert "docker compose up -d llama-cpp" in refusal.value.remedy
