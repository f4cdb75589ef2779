"""The door as it is shipped, on loopback: the very Caddyfile, a real Caddy and orchestrator, recorders in the tools' places."""

from __future__ import annotations

import contextlib
import os
import shutil
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from .ports import free_ports
from .recorder import Arrived, Recorder
from .wire import PATIENCE_SECONDS, Reply, request, send

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "a-token-for-the-attacks-0123456789"
TOOLS = ("easy-dataset", "llama-cpp", "llamafactory", "ollama", "tensorboard")
BEARER = f"Authorization: Bearer {TOKEN}"
HTML = "Accept: text/html"


def find_caddy() -> str | None:
    given = os.environ.get("TUNESMITH_TEST_CADDY")
    beside = Path(sys.executable).with_name("caddy")
    return given or shutil.which("caddy") or (str(beside) if beside.exists() else None)


@dataclass
class Stand:
    """Caddy listens on `http` and `https`; `tools` are what stands behind it."""

    http: int
    https: int
    orchestrator: int
    data: Path
    tools: dict[str, Recorder] = field(default_factory=dict)
    ours: subprocess.Popen[bytes] | None = None
    """The orchestrator's process."""

    def host(self, tool: str | None = None, port: int | None = None) -> str:
        return f"{f'{tool}.' if tool else ''}localhost:{port or self.http}"

    def origin(self, tool: str | None = None) -> str:
        return f"http://{self.host(tool)}"

    def ask(
        self, method: str, target: str, headers: list[str] | None = None, body: object = None, *, tool: str | None = None,
        host: str | None = None, wait: float = PATIENCE_SECONDS,
    ) -> Reply:  # fmt: skip
        """One request by plain HTTP to the main host, to a tool's, or by another Host."""
        data = request(method, target, headers or [], body, host=self.host(tool) if host is None else host)
        return self.raw(data, wait)

    def raw(self, data: bytes, wait: float = PATIENCE_SECONDS) -> Reply:
        return send(("127.0.0.1", self.http), data, wait)

    def raw_tls(self, data: bytes, name: str) -> Reply:
        context = ssl.create_default_context(cafile=str(self.root_certificate))
        return send(("127.0.0.1", self.https), data, PATIENCE_SECONDS, context, name)

    @property
    def root_certificate(self) -> Path:
        return self.data / "caddy" / "pki" / "authorities" / "local" / "root.crt"

    def arrived(self, tool: str | None = None) -> list[Arrived]:
        """What reached a tool, or any of them, since the last call; forgotten thereby."""
        recorders = [self.tools[tool]] if tool else list(self.tools.values())
        found = [each for recorder in recorders for each in recorder.arrived]
        for recorder in recorders:
            recorder.arrived.clear()
        return found

    def session(self, tool: str | None = None) -> str:
        """A new session at a host, as its Cookie header."""
        made = self.ask("POST", "/auth/tickets", [BEARER], {"host": self.host(tool)})
        assert made.status == 201, made.data
        ticket = made.data.rpartition(b"ticket=")[2].partition(b'"')[0].decode()
        entered = self.ask("GET", f"/auth/login?ticket={ticket}", tool=tool)
        assert entered.status == 303, entered.data
        return f"Cookie: {(entered.header('set-cookie') or '').partition(';')[0]}"


@contextlib.contextmanager
def standing(folder: Path, caddy: str, domain: str = "localhost", trusted: str = "", vite: bool = False) -> Iterator[Stand]:
    """`trusted`: addresses of a proxy before Caddy. `vite`: as compose/dev.yml has it, with the recorder `frontend` for Vite."""
    http, https, orchestrator = free_ports(3)
    recorders = {tool: Recorder(tool) for tool in (*TOOLS, *(("frontend",) if vite else ()))}
    ports = {tool: recorder.start() for tool, recorder in recorders.items()}
    stand = Stand(http, https, orchestrator, folder / "caddy", recorders)
    kept = {key: value for key, value in os.environ.items() if not key.startswith("TUNESMITH_")}
    settings = {"HOME": str(folder / "home"), "PORT": str(orchestrator), "TOKEN": TOKEN, "RUNTIME": "docker",
                "GATE": "tcp://127.0.0.1:9", "HTTP_PORT": str(http), "HTTPS_PORT": str(https),
                "ALLOWED_HOSTS": "box.example", "DOMAIN": domain}  # fmt: skip
    ours = kept | {f"TUNESMITH_{name}": value for name, value in settings.items()}
    theirs = kept | {
        "TUNESMITH_HTTP_PORT": str(http), "TUNESMITH_HTTPS_PORT": str(https), "CADDY_LISTEN": "127.0.0.1",
        "TUNESMITH_DOMAIN": domain, "TUNESMITH_TRUSTED_PROXIES": trusted,
        "XDG_DATA_HOME": str(stand.data), "XDG_CONFIG_HOME": str(stand.data),
        "UPSTREAM_ORCHESTRATOR": f"127.0.0.1:{orchestrator}",
        **({"DASHBOARD": "vite"} if vite else {}),
        **{f"UPSTREAM_{tool.upper().replace('-', '_')}": f"127.0.0.1:{port}" for tool, port in ports.items()},
    }  # fmt: skip
    with contextlib.ExitStack() as held:
        stand.ours = held.enter_context(_process([sys.executable, "-m", "tunesmith.main"], ours, folder, "orchestrator"))
        command = [caddy, "run", "--config", str(ROOT / "Caddyfile"), "--adapter", "caddyfile"]
        held.enter_context(_process(command, theirs, folder, "caddy"))
        for recorder in recorders.values():
            held.callback(recorder.stop)
        _wait_for(f"http://127.0.0.1:{http}/api/health", stand.host(), folder)
        yield stand


@contextlib.contextmanager
def _process(command: list[str], environment: dict[str, str], folder: Path, name: str) -> Iterator[subprocess.Popen[bytes]]:
    with (folder / f"{name}.output").open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT)
    try:
        yield process
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(15)
        process.kill()
        process.wait()


def _wait_for(url: str, host: str, folder: Path) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(url, headers={"Host": host}, trust_env=False).status_code == 200:
                return
        time.sleep(0.1)
    said = "\n".join(path.read_text(errors="replace")[-3000:] for path in folder.glob("*.output"))
    raise AssertionError(f"{url} doesn't answer\n{said}")
