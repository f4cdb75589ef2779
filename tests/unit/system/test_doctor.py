"""The doctor's findings: what is said, and that it can be done."""

from __future__ import annotations

import http.server
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tunesmith.domain.home import Home
from tunesmith.settings import Settings
from tunesmith.system import checks
from tunesmith.system.doctor import diagnosis, examine, toolbox_finding, torch_finding
from tunesmith.system.findings import Level, error, ok, warn
from tunesmith.system.hardware import Disk, Gpu, Hardware


@dataclass(frozen=True)
class Facts:
    name: str = "llamafactory"
    title: str = "LLaMA-Factory"
    presence: str = "ready"
    path: str = "/toolboxes/llamafactory-0"
    disk_bytes: int = 2_000_000_000
    torch: str | None = "cuda"
    torch_version: str | None = "2.13.0"


def machine(*, gpus: int = 0, free_gib: float = 50, problem: str = "") -> Hardware:
    return Hardware(
        system="Linux x86_64",
        cpu="a CPU",
        cores=2,
        memory_bytes=16 * 2**30,
        memory_available_bytes=12 * 2**30,
        disks=[Disk(part="home", path="/home/me", total_bytes=100 * 2**30, free_bytes=int(free_gib * 2**30))],
        gpus=[Gpu(index=index, name="NVIDIA H200", memory_bytes=140 * 2**30, driver="570.1") for index in range(gpus)],
        problem=problem,
    )


def sees(_: str) -> bool | None:
    return True


def blind(_: str) -> bool | None:
    return False


def home(tmp_path: Path) -> Home:
    place = Home(tmp_path)
    for folder in (place.saves, place.models, place.data, place.jobs):
        folder.mkdir(parents=True)
    return place


def test_a_gpu_box_with_a_cpu_build_is_said_loudly() -> None:
    finding = torch_finding(Facts(torch_version="2.13.0+cpu"), machine(gpus=1), sees)
    assert finding is not None
    assert finding.level is Level.ERROR
    assert finding.title.isupper()
    assert "NVIDIA H200" in finding.detail
    assert finding.action is not None
    assert finding.action.path == "/api/toolboxes/llamafactory:install?rebuild=true"


def test_a_gpu_that_pytorch_cannot_see_is_an_error() -> None:
    finding = torch_finding(Facts(), machine(gpus=1), blind)
    assert finding is not None
    assert finding.level is Level.ERROR
    assert "570.1" in finding.detail


def test_without_a_gpu_or_a_wish_for_it_there_is_nothing_to_say() -> None:
    assert torch_finding(Facts(torch_version="2.13.0+cpu"), machine(), sees) is None
    assert torch_finding(Facts(torch="cpu", torch_version="2.13.0+cpu"), machine(gpus=1), sees) is None
    assert torch_finding(Facts(presence="missing", torch_version=None), machine(gpus=1), sees) is None


@pytest.mark.parametrize("presence", ["missing", "half-made"])
def test_a_toolbox_that_is_not_ready_can_be_installed_by_a_button(presence: str) -> None:
    finding = toolbox_finding(Facts(presence=presence))
    assert finding.level is Level.WARN
    assert finding.action is not None
    assert finding.action.path == "/api/toolboxes/llamafactory:install"
    assert "tunesmith toolbox install llamafactory" in finding.remedy


def test_who_has_llama_factory_misses_no_toolbox_of_tensorboard(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, offline=True, ollama="http://127.0.0.1:9")
    board = Facts(name="tensorboard", title="TensorBoard", presence="missing")

    def level(*boxes: Facts) -> Level:
        found = {finding.id: finding for finding in examine(settings, boxes, lambda _: None).findings}
        return found["toolbox-tensorboard"].level

    assert level(board, Facts()) is Level.OK
    assert level(board, Facts(presence="missing")) is Level.WARN


def test_on_the_stack_a_missing_container_is_brought_up_and_nothing_is_installed(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, runtime="docker", offline=True, ollama="http://127.0.0.1:9")
    boxes = [Facts(presence="missing", path="tunesmith-llamafactory-1")]
    found = {finding.id: finding for finding in examine(settings, boxes, lambda _: None).findings}
    assert found["toolbox-llamafactory"].remedy == "Run `docker compose up -d llamafactory`."
    assert found["toolbox-llamafactory"].action is None
    assert not {"memory", "gpu", "llama-server", "k-quants", "listening"} & set(found), "of this host, not of the containers"


@pytest.mark.parametrize(("free", "level"), [(1.0, Level.ERROR), (4.0, Level.WARN), (50.0, Level.OK)])
def test_free_disk_against_the_reserve(free: float, level: Level) -> None:
    assert [finding.level for finding in checks.disks(machine(free_gib=free), 2.0)] == [level]


def test_an_old_python_is_refused() -> None:
    assert checks.python_version((3, 10, 4)).level is Level.ERROR
    assert checks.python_version().level is Level.OK


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    place = home(tmp_path)
    place.data.rmdir()
    wrong = [finding for finding in checks.writable(place) if finding.level is Level.ERROR]
    assert [finding.id for finding in wrong] == ["writable-data"]
    assert str(place.data) in wrong[0].title


def test_a_token_that_others_can_read(tmp_path: Path) -> None:
    place = home(tmp_path)
    place.token.write_text("secret")
    place.token.chmod(0o644)
    finding = checks.token_mode(place)
    assert (finding.level, finding.remedy) == (Level.ERROR, f"Run `chmod 600 {place.token}`.")
    place.token.chmod(0o600)
    assert checks.token_mode(place).level is Level.OK


def test_a_clock_that_went_back(tmp_path: Path) -> None:
    place = home(tmp_path)
    now = place.jobs.stat().st_mtime
    assert checks.clock(place, now).level is Level.OK
    assert checks.clock(place, now - 3600).level is Level.WARN
    os.utime(place.jobs, (1e9, 1e9))
    os.utime(place.ours, (1e9, 1e9))
    assert checks.clock(place, 1e9).level is Level.WARN


def test_a_driver_that_does_not_answer_is_an_error() -> None:
    assert checks.gpu(machine(problem="no devices")).level is Level.ERROR
    assert checks.gpu(machine(gpus=2)).level is Level.OK


def test_listening_beyond_this_machine_is_a_warning(tmp_path: Path) -> None:
    assert checks.listening(Settings(home=tmp_path, host="0.0.0.0")).level is Level.WARN
    assert checks.listening(Settings(home=tmp_path, host="127.0.0.1")).level is Level.OK


def test_k_quants_need_a_program_or_a_compiler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert checks.k_quants(lambda _: "/usr/bin/llama-quantize").level is Level.OK
    finding = checks.k_quants(lambda _: None)
    assert (finding.level, "cmake and c++" in finding.detail) == (Level.WARN, True)
    for name in ("cmake", "c++"):
        (tmp_path / name).touch(mode=0o755)
    assert "--quantize" in checks.k_quants(lambda _: None).detail


@pytest.fixture
def hub() -> Iterator[str]:
    class Answer(http.server.BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            return

    server = http.server.HTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_the_hub_is_asked_only_when_it_may_be(tmp_path: Path, hub: str) -> None:
    assert "answers" in checks.hub(Settings(home=tmp_path, hub_endpoint=hub), False).title
    silent = Settings(home=tmp_path, hub_endpoint="http://127.0.0.1:1")
    assert checks.hub(silent, False).level is Level.WARN
    assert "Offline" in checks.hub(silent, True).title
    assert "Offline" in checks.hub(Settings(home=tmp_path, offline=True), False).title


def test_the_worst_comes_first() -> None:
    found = diagnosis([ok("a", "A"), warn("b", "B", "", ""), error("c", "C", "", "")])
    assert found.level is Level.ERROR
    assert [finding.id for finding in found.findings] == ["c", "b", "a"]


def test_a_whole_examination_has_one_finding_a_subject(tmp_path: Path) -> None:
    home(tmp_path)
    settings = Settings(home=tmp_path, cache=tmp_path / "cache", offline=True)
    found = examine(settings, [Facts(presence="missing", torch="cpu")], lambda _: None)
    names = [finding.id for finding in found.findings]
    assert len(names) == len(set(names))
    assert {"python", "disk-home", "toolbox-llamafactory", "k-quants", "hub", "clock"} <= set(names)
    assert all(finding.remedy for finding in found.findings if finding.level is not Level.OK)


@pytest.fixture
def an_ollama() -> Iterator[str]:
    class Ollama(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b'{"version": "0.17.4"}'
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Ollama)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


NOWHERE = "http://127.0.0.1:9"


def test_not_having_ollama_is_no_fault_and_says_how_to_have_it(tmp_path: Path) -> None:
    found = checks.ollama(Settings(home=tmp_path, ollama=NOWHERE), lambda name: None)
    assert (found.level, "https://ollama.com/download" in found.detail) == (Level.OK, True)


def test_an_ollama_that_only_has_to_be_started_is_a_warning(tmp_path: Path) -> None:
    found = checks.ollama(Settings(home=tmp_path, ollama=NOWHERE), lambda name: f"/usr/bin/{name}")
    assert (found.level, "ollama serve" in found.remedy) == (Level.WARN, True)


def test_an_ollama_that_answers_is_named_with_its_version(tmp_path: Path, an_ollama: str) -> None:
    settings = Settings(home=tmp_path, ollama=an_ollama)
    assert checks.ollama(settings, lambda name: f"/usr/bin/{name}").title == "Ollama 0.17.4 answers"
    without = checks.ollama(settings, lambda name: None)
    assert (without.level, "PATH" in without.remedy) == (Level.WARN, True)
