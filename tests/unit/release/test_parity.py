"""Parity reports as the gate itself writes them, against an engine whose tokens are characters."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from tunesmith.domain.errors import NotFound
from tunesmith.domain.home import Home
from tunesmith.domain.release import Release
from tunesmith.release.parity import ParityReports
from tunesmith.release.routes import of_jobs
from tunesmith.web import problems

CHECK = Path(__file__).parents[3] / "backend" / "toolbox" / "parity" / "check.py"
SERVER = """
import json, sys
from http.server import BaseHTTPRequestHandler, HTTPServer
port = int(sys.argv[sys.argv.index("--port") + 1]) if "--port" in sys.argv else 0
own = "--chat-template-file" not in sys.argv
def render(messages):
    return ("<be nice>" if own else "") + "".join("<%s>%s" % (m["role"], m["content"]) for m in messages) + "<assistant>"
class Handler(BaseHTTPRequestHandler):
    def do_GET(self): self.answer({})
    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/apply-template": self.answer({"prompt": render(asked["messages"])})
        elif self.path == "/tokenize": self.answer({"tokens": [ord(c) for c in asked["content"]]})
        elif self.path == "/detokenize" and asked["tokens"] == [ord("q")]: self.answer({}, 500)
        elif self.path == "/detokenize": self.answer({"content": "".join(map(chr, asked["tokens"]))})
        else: self.answer({"usage": {"prompt_tokens": len(render(asked["messages"]))}})
    def answer(self, body, status=200):
        raw = json.dumps(body).encode()
        self.send_response(status); self.send_header("Content-Length", str(len(raw))); self.end_headers(); self.wfile.write(raw)
    def log_message(self, *_): pass
if "--version" in sys.argv: print("version: 7"); sys.exit()
HTTPServer(("127.0.0.1", port), Handler).serve_forever()
"""


@dataclass
class Gate:
    home: Home
    folder: Path

    def check(self, job: str, text: str = "<user>hi<assistant>") -> int:
        """Compares a corpus of one chat that training rendered as `text`; the report lies where a job's does."""
        rendering, server = self.folder / "rendering", self.folder / "server.py"
        rendering.mkdir(exist_ok=True)
        chat = {"name": "greeting", "messages": [{"role": "user", "content": "hi"}], "ids": [ord(c) for c in text], "text": text}
        (rendering / "rendering.json").write_text(json.dumps({"template": "plain", "chats": [chat]}))
        (rendering / "template.jinja").write_text("x")
        server.write_text(SERVER)
        argv = json.dumps([sys.executable, str(server)])
        report = self.home.jobs / job / "parity.json"
        words = ["--server-argv", argv, "--model", "m.gguf", "--rendering", str(rendering), "--report", str(report)]
        return subprocess.run([sys.executable, CHECK, *words], capture_output=True, timeout=120).returncode


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    return Gate(Home(tmp_path / "home"), tmp_path)


@pytest.fixture
async def client(gate: Gate) -> AsyncIterator[httpx.AsyncClient]:
    def find_job(job_id: str) -> None:
        if not job_id.startswith("job-"):
            raise NotFound("There is no such job")

    app = FastAPI()
    problems.install(app)
    app.include_router(of_jobs(ParityReports(gate.home), find_job))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield client


async def test_what_was_mended_is_told_with_both_sides_token_by_token(gate: Gate, client: httpx.AsyncClient) -> None:
    assert gate.check("job-1") == 0
    report = (await client.get("/api/jobs/job-1/parity")).raise_for_status().json()
    assert (report["verdict"], report["engine"]) == ("mended", {"name": "llama.cpp", "build": "7"})
    first, last = report["rounds"]
    assert (first["template"], last["template"]) == ("engine", "trained")
    [chat] = first["chats"]
    assert (chat["trainer_text"], chat["served_text"]) == ("<user>hi<assistant>", "<be nice><user>hi<assistant>")
    found = chat["first_difference"]
    assert (found["index"], found["from_index"], found["same_text"]) == (1, 0, False)
    assert (found["trainer_pieces"], found["served_pieces"]) == (list("<user>hi<")[:9], list("<be nice>"))
    assert (last["chats"][0]["equal"], last["chats"][0]["served_text"]) == (True, None)
    assert last["prompt_length_calls"][0]["prompt_tokens"] == 19


async def test_a_blocked_release_tells_as_well(gate: Gate, client: httpx.AsyncClient) -> None:
    assert gate.check("job-2", "<user>hq<assistant>") == 1
    report = (await client.get("/api/jobs/job-2/parity")).json()
    assert report["verdict"] == "blocked" and "greeting" in report["sentence"]
    [chat] = report["rounds"][-1]["chats"]
    assert chat["first_difference"]["trainer_pieces"][chat["first_difference"]["index"]] is None, "the engine knows no such id"


async def test_without_a_report_it_says_why(gate: Gate, client: httpx.AsyncClient) -> None:
    for job in ("job-3", "nobody"):
        assert (await client.get(f"/api/jobs/{job}/parity")).status_code == 404
    (gate.home.jobs / "job-4").mkdir(parents=True)
    (gate.home.jobs / "job-4" / "parity.json").write_text('{"verdict": "perfect"}')
    answer = (await client.get("/api/jobs/job-4/parity")).json()
    assert answer["status"] == 404 and "can't be read" in answer["detail"]


def test_a_release_keeps_its_own_copy_and_nothing_else_is_read(gate: Gate) -> None:
    assert gate.check("job-1") == 0
    reports, kept = ParityReports(gate.home), gate.home.served / "facts" / "reports" / "job-1.json"
    kept.parent.mkdir(parents=True)
    (gate.home.jobs / "job-1" / "parity.json").rename(kept)
    release = Release.model_construct(name="facts", number=1, parity=gate.home.relative(kept))
    assert reports.of_release(release).verdict == "mended"
    outside = gate.home.root / "outside.json"
    kept.rename(outside)
    for parity in (gate.home.relative(kept), "", "outside.json", str(outside), "models/served/../../outside.json"):
        with pytest.raises(NotFound, match="Release 1 of 'facts'"):
            reports.of_release(Release.model_construct(name="facts", number=1, parity=parity))
