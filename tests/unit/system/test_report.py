"""Settings in force without their secrets, metrics, and the routes that show them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from tunesmith.domain.job import JobStatus, State
from tunesmith.domain.step import Lane
from tunesmith.settings import Settings
from tunesmith.system.hardware import hardware
from tunesmith.system.load import MachineWatch
from tunesmith.system.metrics import gauge, metrics
from tunesmith.system.report import masked, settings_report
from tunesmith.system.routes import routes
from tunesmith.system.service import System


def job(state: State, name: str = "j-1") -> JobStatus:
    now = datetime.now(UTC)
    return JobStatus(id=name, kind="train", title="t", lane=Lane.LIGHT, state=state, created_at=now, steps=[])


def test_every_setting_tells_where_it_came_from(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text("TUNESMITH_PORT=9000\nTUNESMITH_HOST=::1\n")
    settings = Settings(home=tmp_path, port=9001, host="::1", _env_file=None)
    found = {setting.name: setting for setting in settings_report(settings, {"TUNESMITH_PORT": "9001"}, dotenv)}
    assert (found["TUNESMITH_PORT"].value, found["TUNESMITH_PORT"].source) == ("9001", "environment")
    assert (found["TUNESMITH_HOST"].value, found["TUNESMITH_HOST"].source) == ("::1", ".env")
    assert found["TUNESMITH_LIGHT_JOBS"].source == "default"
    assert len(found) == len(Settings.model_fields)


def test_secrets_are_masked() -> None:
    token = Settings(token="very-secret", _env_file=None).token  # type: ignore[arg-type]
    assert "secret" not in masked(token)
    assert masked("https://me:secret@mirror.example/simple") == "https://•••@mirror.example/simple"
    assert masked("https://mirror.example/a@b") == "https://mirror.example/a@b"
    assert masked(None) == ""


def test_gauges_are_valid_text(tmp_path: Path) -> None:
    text = metrics(hardware(tmp_path, tmp_path), [job(State.RUNNING), job(State.FAILED), job(State.FAILED)])
    assert 'tunesmith_jobs{state="failed"} 2\n' in text
    assert 'tunesmith_jobs{state="succeeded"} 0\n' in text
    assert "tunesmith_memory_bytes " in text
    assert gauge("x", "X.", [({"name": 'a"b\\c'}, 1)])[-1] == 'x{name="a\\"b\\\\c"} 1'


@pytest.fixture
async def client(tmp_path: Path) -> httpx.AsyncClient:
    async def jobs() -> Sequence[JobStatus]:
        return [job(State.SUCCEEDED, "261121-101010-merge-abcde")]

    app = FastAPI()
    settings = Settings(home=tmp_path, cache=tmp_path / "cache", offline=True, _env_file=None)
    app.include_router(routes(System(settings, jobs, list), MachineWatch(tmp_path)))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost")


@pytest.mark.parametrize(
    "path", ["/api/system", "/api/system/load", "/api/system/doctor", "/api/system/du", "/api/system/clean", "/metrics"]
)
async def test_every_page_of_the_system_answers(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 200
    assert answer.text


async def test_clean_looks_first_and_removes_when_asked(client: httpx.AsyncClient, tmp_path: Path) -> None:
    stale = tmp_path / "models" / "merged" / ".facts.part-261121-101010-merge-abcde"
    stale.mkdir(parents=True)
    shown = (await client.get("/api/system/clean")).json()
    assert ([item["path"] for item in shown["items"]], shown["removed"], stale.exists()) == ([str(stale)], False, True)
    done = (await client.post("/api/system:clean")).json()
    assert (done["removed"], stale.exists()) == (True, False)
