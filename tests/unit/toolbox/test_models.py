"""Bringing models in: from a folder, and from a hub that a tiny HTTP server plays at the process boundary."""

from __future__ import annotations

import hashlib
import json
import os
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

MODELS = Path(__file__).parents[3] / "backend" / "toolbox" / "models"
COMMIT = "c" * 40


def safetensors(size: int = 1 << 20) -> bytes:
    header = json.dumps({"w": {"dtype": "U8", "shape": [size], "data_offsets": [0, size]}}).encode()
    return struct.pack("<Q", len(header)) + header + bytes(range(256)) * (size // 256)


FILES = {
    "config.json": b'{"model_type": "llama"}',
    "tokenizer.json": b"{}",
    "model.safetensors": safetensors(),
    "README.md": b"# A model",
    "pytorch_model.bin": b"a pickle, which nobody wants",
}


class Hub(BaseHTTPRequestHandler):
    """The three requests that huggingface_hub makes of a hub."""

    cut_after: int | None = None
    """Bytes of weights after which the next connection breaks off, once."""
    ranges: list[str]
    tokens: set[str]

    def do_HEAD(self) -> None:
        self.answer(body=False)

    def do_GET(self) -> None:
        self.answer(body=True)

    def answer(self, body: bool) -> None:
        parts = self.path.split("?")[0].strip("/").split("/")
        if self.path.startswith("/api/models/gated/") and self.headers.get("Authorization") != "Bearer hf_right":
            return self.refuse(401 if "Authorization" not in self.headers else 403, "GatedRepo")
        if self.path.startswith("/api/models/"):
            return self.describe() if parts[2] != "nobody" else self.refuse(404, "RepoNotFound")
        return self.file(parts[-1], body) if parts[-1] in FILES else self.refuse(404, "EntryNotFound")

    def describe(self) -> None:
        siblings = [{"rfilename": name, "size": len(content)} for name, content in FILES.items()]
        self.send(200, json.dumps({"id": "a/b", "sha": COMMIT, "siblings": siblings}).encode())

    def file(self, name: str, body: bool) -> None:
        content = FILES[name]
        begin = 0
        wanted = self.headers.get("Range", "")
        if wanted and body:
            type(self).ranges.append(wanted)
            begin = int(wanted.removeprefix("bytes=").split("-")[0])
        headers = {"ETag": f'"{hashlib.sha256(content).hexdigest()}"', "X-Repo-Commit": COMMIT, "Accept-Ranges": "bytes"}
        if begin:
            headers["Content-Range"] = f"bytes {begin}-{len(content) - 1}/{len(content)}"
        cut = type(self).cut_after if body and name.endswith(".safetensors") else None
        type(self).cut_after = None if cut is not None else type(self).cut_after
        self.send(206 if begin else 200, content[begin:], headers, cut if cut is not None else None, body)

    def refuse(self, status: int, code: str) -> None:
        self.send(status, b"{}", {"X-Error-Code": code, "X-Error-Message": code})

    def send(
        self, status: int, content: bytes, headers: dict[str, str] | None = None, cut: int | None = None, body: bool = True
    ) -> None:
        self.send_response(status)
        for key, value in {"Content-Length": str(len(content)), **(headers or {})}.items():
            self.send_header(key, value)
        self.end_headers()
        if body and self.command != "HEAD":
            self.wfile.write(content if cut is None else content[:cut])
        if cut is not None:
            self.wfile.flush()
            self.connection.close()

    def log_message(self, *_: Any) -> None: ...


@pytest.fixture
def hub() -> Iterator[str]:
    Hub.cut_after, Hub.ranges = None, []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def download(hub: str, tmp_path: Path, repository: str = "a/b", **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(MODELS / "download.py"), "--repository", repository]
    command += ["--cache", str(tmp_path / "cache"), "--out", str(tmp_path / "out")]
    kept = {key: value for key, value in os.environ.items() if not key.startswith("HF_")}
    given = {"HF_ENDPOINT": hub, "HF_HUB_DISABLE_XET": "1", "HF_HOME": str(tmp_path / "hf"), "NO_PROXY": "127.0.0.1"}
    return subprocess.run(command, env=kept | given | environment, capture_output=True, text=True, timeout=120)


def test_a_model_comes_whole_and_without_pickles(hub: str, tmp_path: Path) -> None:
    done = download(hub, tmp_path)
    assert done.returncode == 0, done.stderr
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == {
        name: content for name, content in FILES.items() if not name.endswith(".bin")
    }
    assert "step 4 of 4: tokenizer.json" in done.stdout


def test_what_broke_off_is_not_downloaded_twice(hub: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # huggingface_hub writes pieces of 10 MB: less than one is asked for again.
    monkeypatch.setitem(FILES, "model.safetensors", safetensors(24 << 20))
    Hub.cut_after = 15 << 20
    done = download(hub, tmp_path)
    if done.returncode:
        done = download(hub, tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "model.safetensors").read_bytes() == FILES["model.safetensors"]
    assert any(int(wanted.removeprefix("bytes=").split("-")[0]) > 0 for wanted in Hub.ranges), "it asks for the rest only"


def test_a_gated_model_needs_a_token_and_says_so(hub: str, tmp_path: Path) -> None:
    done = download(hub, tmp_path, "gated/b")
    assert done.returncode == 1
    assert "gated/b is gated: accept its terms on the hub, then set HF_TOKEN" in done.stderr.splitlines()[-1]
    assert download(hub, tmp_path, "gated/b", HF_TOKEN="hf_right").returncode == 0


def test_a_model_that_isnt_there_is_named(hub: str, tmp_path: Path) -> None:
    done = download(hub, tmp_path, "nobody/nothing")
    assert done.returncode == 1
    assert "nobody/nothing is not on the hub" in done.stderr.splitlines()[-1]


def test_a_hub_that_doesnt_answer_is_told_in_one_line(tmp_path: Path) -> None:
    done = download("http://127.0.0.1:9", tmp_path)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("the download of a/b failed: ")


def folder(path: Path, **changes: bytes | None) -> Path:
    path.mkdir()
    for name, content in {**FILES, **{key.replace("__", "."): value for key, value in changes.items()}}.items():
        if content is not None:
            (path / name).write_bytes(content)
    return path


def copy(source: Path, out: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(MODELS / "copy_folder.py"), "--from", str(source), "--out", str(out)]
    return subprocess.run(command, capture_output=True, text=True)


def test_a_folder_is_copied_without_pickles(tmp_path: Path) -> None:
    assert copy(folder(tmp_path / "model"), tmp_path / "out").returncode == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(n for n in FILES if not n.endswith(".bin"))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"config__json": None}, "has no config.json"),
        ({"tokenizer__json": None}, "has no tokenizer.json"),
        ({"model__safetensors": None}, "model.safetensors is missing"),
        ({"model__safetensors": safetensors()[:-10]}, "download it again"),
        ({"model__safetensors": b"\xff" * 20}, "truncated"),
    ],
)
def test_a_folder_that_isnt_whole_is_refused_by_name(tmp_path: Path, changes: dict[str, bytes | None], said: str) -> None:
    done = copy(folder(tmp_path / "model", **changes), tmp_path / "out")
    assert done.returncode == 1
    assert said in done.stderr
    assert not (tmp_path / "out").exists()
