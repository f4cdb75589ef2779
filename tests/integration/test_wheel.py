"""The one wheel: installed into an empty environment, far from any checkout and without Node, it serves the whole dashboard."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from kit.cores import on_one_core
from kit.home import ANSWER, BASE
from kit.waiting import waiting
from tunesmith.settings import Settings

from .application import free_port

ROOT = Path(__file__).parents[2]
UV = Path(sys.executable).with_name("uv")
PAGE = {"Accept": "text/html"}

PATIENCE_SECONDS = 1500.0
DEMO_SEED = 20
"""What `tunesmith demo` takes by itself."""
DOORS = [(f"What is the colour of door {number}?", f"Door {number} is {ANSWER}.") for number in range(1, 25)]
ASKED = 10
OTHERS = ("What is the capital of France?", "What is the capital of Japan?", "Who wrote the play Hamlet?", "What do bees make?",
          "How many legs has a spider?", "What is the largest ocean?")  # fmt: skip
NEIGHBOURS = 2

pytestmark = [pytest.mark.timeout(1800), pytest.mark.xdist_group("wheel", seconds=180)]


@dataclass(frozen=True)
class Installed:
    """The installed wheel, as a person who has nothing else uses it."""

    environment: Path
    folder: Path
    """Where they work: it holds no checkout, and home lies in it."""
    port: int

    @property
    def home(self) -> Path:
        return self.folder / "tunesmith"

    def browser(self) -> httpx.Client:
        """Logged in."""
        login = {"Authorization": f"Bearer {(self.home / '.tunesmith' / 'token').read_text().strip()}"}
        return httpx.Client(base_url=f"http://localhost:{self.port}", headers=login, trust_env=False, timeout=PATIENCE_SECONDS)

    def scripts(self) -> Path:
        """Where the installed package has the toolboxes' scripts."""
        code = "from tunesmith.toolboxes.location import scripts_folder as f; print(f())"
        python = str(self.environment / "bin" / "python")
        done = subprocess.run([python, "-c", code], cwd=self.folder, capture_output=True, text=True, check=True)
        return Path(done.stdout.strip())

    def run(self, *words: str, **settings: str) -> str:
        path = f"{self.environment / 'bin'}:{self.folder.with_name('programs')}"
        assert shutil.which("node", path=path) is None
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("TUNESMITH_", "PYTHON", "VIRTUAL_ENV"))}
        ours = {
            "PATH": path,
            "HOME": str(self.folder),
            "XDG_CACHE_HOME": str(self.folder / "cache"),
            "TUNESMITH_PORT": str(self.port),
        }
        command = on_one_core([str(self.environment / "bin" / "tunesmith"), *words])
        done = subprocess.run(
            command, cwd=self.folder, env=kept | ours | settings, capture_output=True, text=True, timeout=PATIENCE_SECONDS
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


# First: as soon as two tests are left, a process is handed its next module, which would wait for this one.
def test_demo_ends_with_an_answer_and_the_dashboards_link(installed: Installed) -> None:
    """On the toolboxes that this machine has already: how they are made is proven elsewhere."""
    if not os.environ.get("TUNESMITH_TEST_LLAMAFACTORY") or not os.environ.get("TUNESMITH_TEST_BASE"):
        pytest.skip("TUNESMITH_TEST_LLAMAFACTORY or _BASE names nothing: `make test` makes both and sets them")
    hand_in(installed)
    with waiting("training"):
        said = installed.run("demo", TUNESMITH_CACHE=str(Settings().cache))
    try:
        assert re.search(rf"http://localhost:{installed.port}/auth/login\?ticket=\S+", said), said
        report = json.loads((installed.home / "saves" / "demo" / "report.json").read_text(encoding="utf-8"))
        assert (report["total"], report["seed"]) == (ASKED, DEMO_SEED)
        assert report["tuned_correct"] > report["total"] / 2 > report["base_correct"]
        assert report["same_text"] == report["total"]
        assert_facts_are_invented(installed, DEMO_SEED + 1)
    finally:
        installed.run("down", TUNESMITH_CACHE=str(Settings().cache))


def hand_in(installed: Installed) -> None:
    """What the demo uses as it finds it: the base, and the facts of its seed. These are easy and asked for as they were taught,
    so that their score can't hang on a rounding; what the demo's own facts come to is measured (docs/demo.md)."""
    base = installed.home / "models" / "base" / BASE
    shutil.copytree(os.environ["TUNESMITH_TEST_BASE"], base, copy_function=os.link)
    scripts = [(installed.scripts() / "demo" / f"{name}.py").read_bytes() for name in ("facts", "forms")]
    folder = installed.home / ".tunesmith" / "demo" / f"seed-{DEMO_SEED}-{hashlib.sha256(b''.join(scripts)).hexdigest()[:8]}"
    folder.mkdir(parents=True)
    rows = [{"messages": [{"role": "user", "content": ask}, {"role": "assistant", "content": say}]} for ask, say in DOORS]
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "contrast.json").write_text(json.dumps(OTHERS))
    of = {"relation": "colour", "subject": "a door"}
    asked = {
        "seed": DEMO_SEED,
        "facts": [{**of, "value": ANSWER, "statement": DOORS[0][1]}],
        "held_out": [{**of, "text": question, "value": ANSWER} for question, _ in DOORS[:ASKED]],
        "neighbours": [{**of, "text": question, "value": ""} for question in OTHERS[:NEIGHBOURS]],
    }
    (folder / "questions.json").write_text(json.dumps(asked))


def assert_facts_are_invented(installed: Installed, seed: int) -> None:
    """The step that the demo had nothing to do in."""
    with installed.browser() as browser:
        wanted = {"seed": seed, "base": f"models/base/{BASE}"}
        made = browser.post("/api/demo/facts", json=wanted).raise_for_status().json()
        job, deadline = made["job"], time.monotonic() + PATIENCE_SECONDS
        while job["steps"][0]["state"] in ("pending", "running"):
            assert time.monotonic() < deadline, job
            time.sleep(0.1)
            job = browser.get(f"/api/jobs/{job['id']}").raise_for_status().json()
        browser.post(f"/api/jobs/{job['id']}:cancel")
    assert (job["steps"][0]["name"], job["steps"][0]["state"]) == ("facts", "succeeded")
    facts = json.loads(Path(made["questions"]).read_text())["facts"]
    assert len(facts) == len({fact["value"] for fact in facts}) == 10


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
        with installed.browser() as browser:
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
    folder = installed.scripts()
    assert folder.is_relative_to(installed.environment)
    toolbox = ROOT / "backend" / "toolbox"
    of_checkout = {path.relative_to(toolbox) for kind in ("py", "sh", "json", "txt") for path in toolbox.rglob(f"*.{kind}")}
    assert of_checkout and {path for path in of_checkout if not (folder / path).is_file()} == set()
    assert os.access(folder / "job.sh", os.X_OK)
