"""`tunesmith up | down | status | token | link`: the server of this home."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from tunesmith.cli.show import JsonOption, print_json, remark, say

if TYPE_CHECKING:
    from tunesmith.cli.server import Access
    from tunesmith.settings import Settings

NOT_RUNNING = 3
"""Exit status of `status` without a server, as systemctl has it."""
DOWN_SECONDS = 60.0


def up(
    foreground: Annotated[bool, typer.Option("--foreground", help="Stay in this terminal; Ctrl-C ends it.")] = False,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Open no window, also where there is a desktop.")] = False,
) -> None:
    """Start the server of this home, unless it runs, and open the dashboard where there is a desktop."""
    from tunesmith.cli import browser, server
    from tunesmith.settings import load_settings

    settings = load_settings()
    window = browser.wanted() and not no_browser
    found = server.running(settings)
    if found:
        say(f"running already: {found.url} (pid {found.pid})")
        if window:
            browser.show(login_link(found))
        return
    if foreground:
        server.refuse_taken_port(settings.host, settings.port)
        sys.stdout.flush()
        os.execv(sys.executable, [sys.executable, "-m", server.MODULE])
    access = server.reach(settings)
    say(f"running: {access.url} (pid {access.pid})")
    say(f"log in:  {login_link(access)}")
    if window:
        # A link of its own: the printed one stays good.
        browser.show(login_link(access))


def down(
    force: Annotated[bool, typer.Option("--force", help="Also when jobs run (they go on), and when it doesn't answer.")] = False,
) -> None:
    """End the server. What it serves ends too; running jobs go on and are taken up at the next start."""
    import time

    from tunesmith.cli import server
    from tunesmith.domain.errors import Conflict, PlaceMissing
    from tunesmith.ownership import is_owned
    from tunesmith.settings import load_settings

    settings = load_settings()
    access = server.running(settings)
    if access is None:
        say("not running")
        return
    if access.stack:
        raise Conflict("This home's server belongs to the Compose stack", "", "`docker compose down` ends all of it.")
    _ask_to_end(access, force)
    deadline = time.monotonic() + DOWN_SECONDS
    while is_owned(settings.place):
        if time.monotonic() > deadline:
            said = f"Process {access.pid} still holds {settings.place.root} after {DOWN_SECONDS:.0f} s."
            raise PlaceMissing("The server doesn't end", said, f"See {server.log_file(settings.place)}, or `kill {access.pid}`.")
        time.sleep(0.1)
    say("ended")


def _ask_to_end(access: Access, force: bool) -> None:
    import signal

    from tunesmith.cli.client import Client, Unreachable

    try:
        Client(access).send("POST", "/api/system:shutdown", json={"force": force})
    except Unreachable:
        if not force:
            raise
        remark(f"no answer; ending process {access.pid} by signal")
        os.kill(access.pid, signal.SIGTERM)


def status(as_json: JsonOption = False) -> None:
    """What runs: the server, jobs, served models. Starts nothing; exit status 3 when there is no server."""
    from tunesmith.cli import server
    from tunesmith.settings import load_settings

    settings = load_settings()
    access = server.running(settings)
    if access is None:
        if as_json:
            print_json({"running": False, "home": str(settings.place.root)})
        else:
            say(f"not running (home {settings.place.root}); `tunesmith up` starts it")
        raise typer.Exit(NOT_RUNNING)
    _print_status(settings, access, as_json)


def _print_status(settings: Settings, access: Access, as_json: bool) -> None:
    from tunesmith.cli.client import Client
    from tunesmith.cli.job_lines import heading, progress_line
    from tunesmith.domain.deployment import Deployment
    from tunesmith.domain.job import JobStatus, State

    client = Client(access)
    health = client.get("/api/health", dict[str, object])
    jobs = client.get("/api/jobs", list[JobStatus], state="running") + client.get("/api/jobs", list[JobStatus], state="pending")
    served = client.get("/api/deployments", list[Deployment])
    if as_json:
        record = {"running": True, "url": access.url, "pid": access.pid, "home": str(settings.place.root), **health}
        lists = {
            "jobs": [job.model_dump(mode="json") for job in jobs],
            "deployments": [s.model_dump(mode="json") for s in served],
        }
        print_json({**record, **lists})
        return
    say(f"server   {access.url} (pid {access.pid}, version {health.get('version', '?')})")
    say(f"home     {settings.place.root}")
    for job in jobs:
        now = next((f"{step.name} {progress_line(step)}".rstrip() for step in job.steps if step.state is State.RUNNING), "")
        say(f"job      {job.state.value}: {heading(job)}" + (f", {now}" if now else ""))
    for deployment in served:
        number = "" if deployment.release is None else f" r{deployment.release}"
        how = f"{deployment.state.value} {deployment.detail}".rstrip()
        say(f"serves   {deployment.name}{number} on {deployment.engine.value}: {how}")
    if not jobs:
        say("jobs     none under way")


def token() -> None:
    """Print the login token, for scripts.

    curl -H "Authorization: Bearer $(tunesmith token)" …
    """
    from tunesmith.cli import server
    from tunesmith.settings import load_settings

    settings = load_settings()
    if settings.token is None and not settings.place.token.exists():
        server.reach(settings)
    say(server.token(settings))


def link(
    host: Annotated[
        str, typer.Option(metavar="NAME[:PORT]", help="For another of its addresses, such as a tool's or a proxy's.")
    ] = "",
) -> None:
    """Print a link that logs one browser in, once."""
    from tunesmith.cli import server
    from tunesmith.settings import load_settings

    say(login_link(server.reach(load_settings()), host))


def login_link(access: Access, host: str = "") -> str:
    """A one-time link at `host`, else at localhost: browsers keep its cookie there also without HTTPS."""
    from urllib.parse import urlsplit

    from tunesmith.cli.client import Client

    address = urlsplit(access.url)
    local = address.hostname in ("127.0.0.1", "::1")
    here = f"localhost:{address.port}" if local else address.netloc
    ticket = Client(access).post("/auth/tickets", dict[str, object], {"host": host or here})
    return str(ticket["url"])
