"""The server behind the commands: found, started, not started, ended."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

from .conftest import TOKEN, Cli
from .fake_api import Answer, FakeApi


def test_without_a_server_status_starts_none_and_leaves_with_3(cli: Cli) -> None:
    ended = cli("status")
    assert ended.status == 3
    assert "tunesmith up" in ended.out
    assert json.loads(cli("status", "--json").out)["running"] is False
    assert not (cli.home / ".tunesmith" / "server.json").exists()


def test_status_names_server_and_served_models(cli: Cli, api: FakeApi) -> None:
    api.on("GET /api/health", Answer({"status": "ok", "version": "0.1.0"}))
    api.on("GET /api/jobs", Answer([]))
    deployment = {"name": "facts", "engine": "llama.cpp", "release": 2, "base": "smol", "state": "ready"}
    api.on("GET /api/deployments", Answer([deployment]))
    ended = cli("status")
    assert ended.status == 0, ended.err
    assert f"http://127.0.0.1:{api.port} (pid {os.getpid()}, version 0.1.0)" in ended.out
    assert "facts r2 on llama.cpp: ready" in ended.out
    assert json.loads(cli("status", "--json").out)["deployments"][0]["name"] == "facts"


def test_up_leaves_a_running_server_alone(cli: Cli, api: FakeApi) -> None:
    ended = cli("up")
    assert ended.out == f"running already: http://127.0.0.1:{api.port} (pid {os.getpid()})\n"


def test_a_taken_port_is_said_with_its_holder_and_another_port(cli: Cli) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        ended = cli("jobs", "list", TUNESMITH_PORT=str(port))
    assert ended.status == 1
    assert f"can't listen on 127.0.0.1:{port}" in ended.err
    assert f"(pid {os.getpid()})" in ended.err
    assert "TUNESMITH_PORT=" in ended.err


def test_a_server_that_does_not_come_up_is_said_with_the_end_of_its_log(cli: Cli) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    ended = cli("jobs", "list", TUNESMITH_PORT=str(port), TUNESMITH_TOKEN="short")
    assert ended.status == 1
    assert "error: The server didn't start" in ended.err
    assert "The end of its log:" in ended.err
    assert str(cli.home / ".tunesmith" / "logs" / "server.log") in ended.err


def test_a_server_that_went_away_is_said(cli: Cli, api: FakeApi) -> None:
    server = cli.home / ".tunesmith" / "server.json"
    server.write_text(server.read_text().replace(str(api.port), "1"))
    ended = cli("link")
    assert ended.status == 1
    assert "error: The server doesn't answer" in ended.err
    assert "tunesmith status" in ended.err


def test_the_real_program_runs_in_its_own_process(cli: Cli) -> None:
    process = cli.start("down")
    out, err = process.communicate(timeout=120)
    assert (process.returncode, out, err) == (0, "not running\n", "")


def test_the_token_is_printed_for_scripts(cli: Cli, api: FakeApi) -> None:
    assert cli("token").out == f"{TOKEN}\n"
    assert cli("token", TUNESMITH_TOKEN="another-token-for-this").out == "another-token-for-this\n"


def test_a_link_is_asked_for_at_localhost(cli: Cli, api: FakeApi) -> None:
    api.on("POST /auth/tickets", Answer({"url": "http://localhost:1/auth/login?ticket=t", "seconds": 300}, 201))
    assert cli("link").out == "http://localhost:1/auth/login?ticket=t\n"
    assert api.last("POST /auth/tickets").json == {"host": f"localhost:{api.port}"}
    assert cli("link", "--host", "localhost:5173").status == 0
    assert api.last("POST /auth/tickets").json == {"host": "localhost:5173"}


def test_down_waits_until_the_home_is_free(cli: Cli) -> None:
    assert cli("down").out == "not running\n"
    code = (
        "import sys, time; from pathlib import Path; from tunesmith.domain.home import Home\n"
        "from tunesmith.ownership import claim\n"
        "sys.path.insert(0, sys.argv[2]); from fake_api import Answer, FakeApi\n"
        "api = FakeApi(); api.on('POST /api/system:shutdown', Answer({}, 202)); api.start()\n"
        "home = Home(Path(sys.argv[1])); owner = claim(home); home.token.write_text('a-token-of-this-test')\n"
        "owner.announce('127.0.0.1', api.port)\n"
        "while not api.asked: time.sleep(0.02)\n"
        "time.sleep(0.5); Path(sys.argv[1], 'released').write_text(str(time.monotonic()))\n"
    )
    owner = subprocess.Popen([sys.executable, "-c", code, str(cli.home), str(Path(__file__).parent)])
    server = cli.home / ".tunesmith" / "server.json"
    while not (server.exists() and '"port":null' not in server.read_text()):
        time.sleep(0.05)
    ended, then = cli("down"), time.monotonic()
    assert (ended.status, ended.out) == (0, "ended\n")
    assert float((cli.home / "released").read_text()) < then
    assert owner.wait(timeout=60) == 0


def test_help_imports_nothing_heavy(cli: Cli) -> None:
    """What makes the help slow is what it imports; the names of heavy packages are a steadier measure than the clock."""
    code = "import sys; import tunesmith.cli.main; print(*sorted({n.split('.')[0] for n in sys.modules}))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert {"pydantic", "httpx", "rich", "fastapi", "yaml", "psutil"}.isdisjoint(found)
