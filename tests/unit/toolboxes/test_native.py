"""Decisions about toolboxes: which build, which environment, which program."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tunesmith.domain.errors import InvalidInput, NotFound, PlaceMissing
from tunesmith.domain.step import Toolbox
from tunesmith.settings import Settings
from tunesmith.toolboxes.definition import defined
from tunesmith.toolboxes.location import scripts_folder
from tunesmith.toolboxes.native import NativeToolboxes
from tunesmith.toolboxes.native_programs import TABLE, Environment, words
from tunesmith.toolboxes.uv_environment import find_links, uv_environment


def native(tmp_path: Path, *, gpu: bool = False, environ: dict[str, str] | None = None, **values: object) -> NativeToolboxes:
    settings = Settings.model_validate({"home": tmp_path, "cache": tmp_path / "cache", **values})
    return NativeToolboxes(settings, has_gpu=lambda: gpu, environ=environ or {})


def flag(argv: tuple[str, ...], name: str) -> str:
    return argv[argv.index(name) + 1]


@pytest.mark.parametrize(("setting", "gpu", "build"), [("auto", False, "cpu"), ("auto", True, "cuda"), ("cpu", True, "cpu")])
def test_the_build_of_pytorch_follows_the_gpu_unless_it_is_set(tmp_path: Path, setting: str, gpu: bool, build: str) -> None:
    [step] = native(tmp_path, gpu=gpu, torch_backend=setting).install_steps(Toolbox.LLAMAFACTORY)
    assert flag(step.argv, "--torch") == build


def test_without_a_cpu_wheel_the_plan_tells_the_cost_of_the_default_build(tmp_path: Path) -> None:
    dear = native(tmp_path).install_steps(Toolbox.LLAMAFACTORY)[0].estimate
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    (wheels / "torch-2.13.0+cpu-cp311-cp311-manylinux_2_28_x86_64.whl").touch()
    cheap = native(tmp_path, find_links=str(wheels)).install_steps(Toolbox.LLAMAFACTORY)[0].estimate
    assert (dear.disk_bytes or 0) > 2 * (cheap.disk_bytes or 0) > 0
    assert "CUDA" in dear.basis


def test_every_definition_names_files_that_are_there(tmp_path: Path) -> None:
    toolboxes = native(tmp_path)
    assert {"llamafactory", "llama-cpp", "tensorboard"} <= {name.value for name in toolboxes.names()}
    for name in defined(scripts_folder()):
        report = toolboxes.report(name)
        assert report.presence == "missing"
        assert Path(report.path).parent == tmp_path / "cache" / "toolboxes"
        for file in toolboxes.install_steps(name)[0].argv[1:4:2]:
            assert Path(file).is_file()


def test_pytorchs_own_index_is_left_alone_behind_a_mirror_and_offline(tmp_path: Path) -> None:
    def asks(**values: object) -> bool:
        return "--pytorch-index" in native(tmp_path, **values).install_steps(Toolbox.LLAMAFACTORY)[0].argv

    assert asks()
    assert not asks(index_url="https://mirror.example/simple")
    assert not asks(offline=True)


def test_settings_become_uvs_variables(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, index_url="https://mirror.example/simple", ca_bundle="/etc/ca.pem")
    assert uv_environment(settings, {}) == {"UV_DEFAULT_INDEX": "https://mirror.example/simple", "SSL_CERT_FILE": "/etc/ca.pem"}


def test_a_password_in_the_index_address_never_enters_a_step(tmp_path: Path) -> None:
    address = "https://me:secret@mirror.example/simple"
    exported = native(tmp_path, index_url=address, environ={"TUNESMITH_INDEX_URL": address})
    [step] = exported.install_steps(Toolbox.TENSORBOARD)
    assert step.env["UV_DEFAULT_INDEX"] == "env:TUNESMITH_INDEX_URL"
    assert "secret" not in step.model_dump_json()
    with pytest.raises(InvalidInput, match="password"):
        native(tmp_path, index_url=address).install_steps(Toolbox.TENSORBOARD)


def test_our_wheels_folder_comes_before_uvs_and_pips(tmp_path: Path) -> None:
    environ = {"UV_FIND_LINKS": "/uv", "PIP_FIND_LINKS": "/pip"}
    assert find_links(Settings(home=tmp_path, find_links="/ours"), environ) == "/ours"
    assert find_links(Settings(home=tmp_path), environ) == "/uv"
    assert find_links(Settings(home=tmp_path), {"PIP_FIND_LINKS": "/pip"}) == "/pip"
    assert find_links(Settings(home=tmp_path), {}) == ""


OF_OURS = [(toolbox, name) for toolbox, name in TABLE if toolbox is not Toolbox.OLLAMA]


def test_every_program_of_the_table_has_words(tmp_path: Path) -> None:
    env = Environment(tmp_path / "env", tmp_path / "scripts", which=lambda name: None)
    for toolbox, name in OF_OURS:
        assert Path(words(toolbox, name, env)[0]).is_absolute()
    assert words(Toolbox.SYSTEM, "python", env) == (sys.executable,)


def test_the_scripts_of_the_table_are_there(tmp_path: Path) -> None:
    env = Environment(tmp_path / "env", scripts_folder(), which=lambda name: None)
    named = [word for toolbox, name in OF_OURS for word in words(toolbox, name, env) if word.endswith(".py")]
    assert len(named) == 3
    assert [word for word in named if not Path(word).is_file()] == []


def test_a_server_on_the_path_wins_over_the_packaged_one(tmp_path: Path) -> None:
    def server(found: str | None) -> tuple[str, ...]:
        env = Environment(tmp_path / "env", tmp_path / "scripts", which=lambda name: found)
        return words(Toolbox.LLAMA_CPP, "llama-server", env)

    assert server("/usr/bin/llama-server") == ("/usr/bin/llama-server",)
    assert server(None) == (str(tmp_path / "env/bin/python"), str(tmp_path / "scripts/llama_cpp/server.py"))


def test_ollama_is_what_the_user_brings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    toolboxes = native(tmp_path)
    for programs in (toolboxes, toolboxes.planned):
        with pytest.raises(PlaceMissing, match="Ollama isn't on this machine") as caught:
            programs.program(Toolbox.OLLAMA, "ollama")
        assert "https://ollama.com/download" in caught.value.remedy
    (tmp_path / "ollama").touch(mode=0o755)
    assert toolboxes.program(Toolbox.OLLAMA, "ollama") == (str(tmp_path / "ollama"),)


def test_a_planned_program_may_lie_in_an_environment_that_is_made_first(tmp_path: Path) -> None:
    toolboxes = native(tmp_path)
    with pytest.raises(PlaceMissing, match="isn't installed"):
        toolboxes.program(Toolbox.LLAMAFACTORY, "llamafactory-cli")
    [words] = toolboxes.planned.program(Toolbox.LLAMAFACTORY, "llamafactory-cli")
    assert words == str(toolboxes.folder(Toolbox.LLAMAFACTORY) / "bin" / "llamafactory-cli")


def test_k_quants_are_refused_with_the_command_that_brings_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    toolboxes = native(tmp_path)
    with pytest.raises(PlaceMissing) as caught:
        toolboxes.planned.program(Toolbox.LLAMA_CPP, "llama-quantize")
    assert caught.value.remedy.startswith("Install cmake and c++, then run `tunesmith toolbox install llama-cpp --quantize`")
    with pytest.raises(PlaceMissing, match="can't be compiled"):
        toolboxes.quantize_steps()
    for name in ("cmake", "c++"):
        (tmp_path / name).touch(mode=0o755)
    [step] = toolboxes.quantize_steps()
    assert step.argv[1].endswith("llama_cpp/build_quantise.py")
    compiled = toolboxes.folder(Toolbox.LLAMA_CPP) / "bin" / "llama-quantize"
    compiled.parent.mkdir(parents=True)
    compiled.touch(mode=0o755)
    assert toolboxes.quantize_steps() == []
    assert toolboxes.planned.program(Toolbox.LLAMA_CPP, "llama-quantize") == (str(compiled),)


def test_an_unknown_program_is_answered_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(NotFound) as caught:
        native(tmp_path).program(Toolbox.TENSORBOARD, "rm")
    assert "tensorboard" in caught.value.detail


def test_a_script_outside_the_scripts_folder_is_refused(tmp_path: Path) -> None:
    toolboxes = native(tmp_path)
    assert toolboxes.script(Toolbox.SYSTEM, "setup/install.py").endswith("/setup/install.py")
    for relative in ("../tunesmith/settings.py", "/etc/passwd", "setup/absent.py"):
        with pytest.raises(NotFound):
            toolboxes.script(Toolbox.SYSTEM, relative)
