"""A real LlamaBoard, driven as its own page drives it: over Gradio's queue, by the labels that a user reads."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil

from kit.waiting import waiting

from .application import free_port

START_SECONDS = 300.0
"""Patience. Its imports alone take half a minute on a quiet machine."""


@dataclass
class Board:
    """A running LlamaBoard. Everything it writes lies below the home that it works in."""

    home: Path
    process: psutil.Popen
    client: httpx.Client
    config: dict[str, Any]

    def start_training(self, **by_label: object) -> None:
        """Fill the Train tab in by its English labels (`Model_name` for "Model name") and press Start."""
        run = self._function("run_train")
        labels = self._labels()
        wanted = {"Language": "en"} | {name.replace("_", " "): value for name, value in by_label.items()}
        values = {component["id"]: component["props"].get("value") for component in self.config["components"]}
        data = [wanted.pop(labels.get(component, ""), values[component]) for component in run["inputs"]]
        assert not wanted, f"LlamaBoard's Train tab has no {sorted(wanted)}"
        # The page stays open while it trains: LlamaBoard reads its trainer's output for as long as somebody watches.
        threading.Thread(target=self._watch, args=(run, data), daemon=True).start()

    def _watch(self, run: dict[str, Any], data: list[object]) -> None:
        with contextlib.suppress(httpx.TransportError):
            self._send(run, data)

    def abort(self) -> None:
        """Press Abort."""
        self._send(self._function("set_abort"), [])

    def trainings(self) -> list[psutil.Process]:
        """The processes that it has started."""
        with contextlib.suppress(psutil.NoSuchProcess):
            return [child for child in self.process.children(recursive=True) if child.status() != psutil.STATUS_ZOMBIE]
        return []

    def trains(self) -> bool:
        """Whether its trainer is there: just before, the new process is a copy of LlamaBoard itself."""
        with contextlib.suppress(psutil.NoSuchProcess):
            return any("train" in process.cmdline() for process in self.trainings())
        return False

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Meanwhile its trainings stand still: what is true of one that goes on can be looked at for as long as it takes."""
        processes = self.trainings()
        try:
            for process in processes:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.suspend()
            yield
        finally:
            for process in processes:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.resume()

    def close(self) -> None:
        ended = self.trainings()
        with contextlib.suppress(psutil.NoSuchProcess):
            ended.append(psutil.Process(self.process.pid))
        for process in ended:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(ended, timeout=60)
        self.process.wait()
        self.client.close()

    def _function(self, name: str) -> dict[str, Any]:
        return next(function for function in self.config["dependencies"] if function["api_name"] == name)

    def _labels(self) -> dict[int, str]:
        """Component → label. The page gets its labels by choosing a language."""
        change = self._function("change_lang")
        return {
            component: update["label"]
            for component, update in zip(change["outputs"], self._send(change, ["en"]), strict=True)
            if isinstance(update, dict) and "label" in update
        }

    def _send(self, function: dict[str, Any], data: list[object]) -> list[Any]:
        """One event, and what it answers with in the end."""
        session = uuid.uuid4().hex
        body = {"data": data, "fn_index": function["id"], "session_hash": session}
        self.client.post("/gradio_api/queue/join", json=body).raise_for_status()
        with self.client.stream("GET", "/gradio_api/queue/data", params={"session_hash": session}) as stream:
            for line in stream.iter_lines():
                event = json.loads(line.removeprefix("data:")) if line.startswith("data:") else {}
                if event.get("msg") == "process_completed":
                    assert event["success"], event
                    found: list[Any] = event["output"]["data"]
                    return found
        raise AssertionError(f"LlamaBoard gave no answer to {function['api_name']}")


@contextlib.contextmanager
def llamaboard(toolbox: Path, home: Path, output: Path) -> Iterator[Board]:
    """`llamafactory-cli webui` in `home`, as a user starts it there."""
    port = free_port()
    environment = os.environ | {
        "PATH": f"{toolbox / 'bin'}:{os.environ['PATH']}",
        "GRADIO_SERVER_NAME": "127.0.0.1",
        "GRADIO_SERVER_PORT": str(port),
        "GRADIO_ANALYTICS_ENABLED": "False",
        "HF_HUB_OFFLINE": "1",
        "OMP_NUM_THREADS": "1",
    }
    with output.open("wb") as log:
        process = psutil.Popen(
            [str(toolbox / "bin" / "llamafactory-cli"), "webui"],
            cwd=home, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    client = httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=300)
    board = Board(home, process, client, {})
    try:
        with waiting("toolbox"):
            board.config = _when_up(board, output)
        yield board
    finally:
        board.close()


def _when_up(board: Board, output: Path) -> dict[str, Any]:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and board.process.poll() is None:
        with contextlib.suppress(httpx.TransportError):
            config: dict[str, Any] = board.client.get("/config").raise_for_status().json()
            return config
        time.sleep(0.2)
    raise AssertionError(f"LlamaBoard doesn't answer:\n{output.read_text(errors='replace')}")
