"""The one wheel: installed into an empty environment, far from any checkout and without Node, it serves the whole dashboard."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tunesmith.settings import Settings

from .application import free_port

ROOT = Path(__file__).parents[2]
UV = Path(sys.executable).with_name("uv")
PAGE = {"Accept": "text/html"}

pytestmark = pytest.mark.timeout(900)


@dataclass(frozen=True)
class Installed:
    """The installed wheel, as a person who has nothing else uses it."""

    environment: Path
    folder: Path
    """Where they work: it holds no checkout, and home lies in it."""
    port: int

    def run(self, *words: str, within: float = 120, **settings: str) -> str:
        path = f"{self.environment / 'bin'}:{self.folder.with_name('programs')}"
        assert shutil.which("node", path=path) is None
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("TUNESMITH_", "PYTHON", "VIRTUAL_ENV"))}
        ours = {
            "PATH": path,
            "HOME": str(self.folder),
            "XDG_CACHE_HOME": str(self.folder / "cache"),
            "TUNESMITH_PORT": str(self.port),
        }
        command = [str(self.environment / "bin" / "tunesmith"), *words]
        done = subprocess.run(
            command, cwd=self.folder, env=kept | ours | settings, capture_output=True, text=True, timeout=within
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    folder = tmp_path_factory.mktemp("wheel")
    uv("build", "--quiet", "--wheel", "--out-dir", str(folder / "dist"), str(ROOT))
    [wheel] = (folder / "dist").glob("*.whl")
    # The versions that the lock names: what came out since then is another test's affair.
    uv("export", "--quiet", "--frozen", "--no-dev", "--no-hashes", "--no-emit-project", "--project", str(ROOT), "--output-file",
       str(folder / "locked.txt"))  # fmt: skip
    uv("venv", "--quiet", "--python", sys.executable, str(folder / "environment"))
    uv(
        "pip",
        "install",
        "--quiet",
        "--python",
        str(folder / "environment"),
        "--constraint",
        str(folder / "locked.txt"),
        str(wheel),
    )
    (folder / "work").mkdir()
    (folder / "programs").mkdir()
    for program in Path("/usr/bin").iterdir():
        if not program.name.startswith(("node", "npm", "npx", "git", "make")):
            (folder / "programs" / program.name).symlink_to(program)
    yield Installed(folder / "environment", folder / "work", free_port())


def test_a_wheel_made_from_the_sdist_is_the_same(installed: Installed, tmp_path: Path) -> None:
    """Whoever builds that has no Node either."""
    uv("build", "--quiet", "--sdist", "--out-dir", str(tmp_path), str(ROOT))
    [sdist] = tmp_path.glob("*.tar.gz")
    uv("build", "--quiet", "--wheel", "--python", sys.executable, "--out-dir", str(tmp_path), str(sdist), PATH="/nowhere")
    assert contents(tmp_path) == contents(installed.folder.with_name("dist"))


def contents(folder: Path) -> dict[str, int]:
    """The CRC of every file in the one wheel in `folder`."""
    [wheel] = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return {entry.filename: entry.CRC for entry in archive.infolist()}


def uv(*words: str, **environment: str) -> None:
    done = subprocess.run([str(UV), *words], env=os.environ | environment, capture_output=True, text=True)
    assert done.returncode == 0, f"uv {' '.join(words)}\n{done.stdout}{done.stderr}"


def test_up_serves_the_dashboard_and_down_ends_it(installed: Installed) -> None:
    said = installed.run("up", "--no-browser")
    try:
        assert re.search(rf"http://localhost:{installed.port}/auth/login\?ticket=\S+", said), said
        home = installed.folder / "tunesmith"
        login = {"Authorization": f"Bearer {(home / '.tunesmith' / 'token').read_text().strip()}"}
        with httpx.Client(base_url=f"http://localhost:{installed.port}", headers=login, trust_env=False, timeout=30) as browser:
            index = browser.get("/jobs/some-job?tab=log", headers=PAGE)
            assert index.status_code == 200 and '<div id="root">' in index.text
            [script] = re.findall(r'<script type="module"[^>]* src="(/assets/[^"]+)"', index.text)
            answer = browser.get(script, headers={"Accept-Encoding": "gzip"})
            assert answer.headers["content-encoding"] == "gzip" and "immutable" in answer.headers["cache-control"]
            assert len(answer.text) > 10_000
            assert browser.get("/api/nothing", headers=PAGE).status_code == 404
    finally:
        installed.run("down")
    with pytest.raises(httpx.TransportError):
        httpx.get(f"http://localhost:{installed.port}/api/health", trust_env=False)


def test_the_scripts_of_toolboxes_come_from_the_wheel(installed: Installed) -> None:
    """The demo's facts, training and parity run them."""
    code = "from tunesmith.toolboxes.location import scripts_folder as f; print(f())"
    python = str(installed.environment / "bin" / "python")
    done = subprocess.run([python, "-c", code], cwd=installed.folder, capture_output=True, text=True, check=True)
    folder = Path(done.stdout.strip())
    assert folder.is_relative_to(installed.environment)
    toolbox = ROOT / "backend" / "toolbox"
    of_checkout = {path.relative_to(toolbox) for kind in ("py", "sh", "json", "txt") for path in toolbox.rglob(f"*.{kind}")}
    assert of_checkout and {path for path in of_checkout if not (folder / path).is_file()} == set()
    assert os.access(folder / "job.sh", os.X_OK)


def test_demo_ends_with_an_answer_and_the_dashboards_link(installed: Installed) -> None:
    """On the toolboxes that this machine has already: how they are made is proven elsewhere."""
    if not os.environ.get("TUNESMITH_TEST_LLAMAFACTORY"):
        pytest.skip("TUNESMITH_TEST_LLAMAFACTORY names no toolbox: `make test` makes it and sets it")
    said = installed.run("demo", within=840, TUNESMITH_CACHE=str(Settings().cache))
    try:
        assert re.search(rf"http://localhost:{installed.port}/auth/login\?ticket=\S+", said), said
        report = json.loads((installed.folder / "tunesmith" / "saves" / "demo" / "report.json").read_text(encoding="utf-8"))
        assert report["tuned_correct"] > report["total"] / 2 > report["base_correct"]
        assert report["same_text"] == report["total"]
    finally:
        installed.run("down", TUNESMITH_CACHE=str(Settings().cache))
