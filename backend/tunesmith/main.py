"""The orchestrator's process: owns a home, puts the parts together, serves, and may be killed at any moment."""

from __future__ import annotations

from tunesmith import loading

# isort: split
import asyncio
import contextlib
import errno
import logging
import os
import socket
import sys
from collections.abc import AsyncIterator

import uvicorn
from fastapi import APIRouter, Depends, FastAPI

from tunesmith import __version__
from tunesmith.artifacts import routes as artifact_routes
from tunesmith.auth import routes as auth_routes
from tunesmith.auth.entrance import entrance
from tunesmith.auth.routes import link
from tunesmith.datasets import routes as dataset_routes
from tunesmith.demo import routes as demo_routes
from tunesmith.domain.errors import Conflict, InvalidInput, TunesmithError
from tunesmith.jobs import routes as job_routes
from tunesmith.jobs.events import Event
from tunesmith.jobs.logevents import LogEvent
from tunesmith.models import routes as model_routes
from tunesmith.ownership import Ownership, claim
from tunesmith.parts import Parts, assemble
from tunesmith.release import routes as release_routes
from tunesmith.serving import routes as serving_routes
from tunesmith.serving.openai import MAX_BODY
from tunesmith.settings import Settings, load_settings
from tunesmith.system import routes as system_routes
from tunesmith.toolboxes import routes as toolbox_routes
from tunesmith.training import routes as training_routes
from tunesmith.training import starting_routes
from tunesmith.web import docs, life, logs, openapi, problems, stream
from tunesmith.web.audit import AuditFile, start_logging
from tunesmith.web.limits import UPLOAD_BYTES

loading.done()
log = logging.getLogger("tunesmith")
WIDER = {"/api/datasets": UPLOAD_BYTES, "/v1/chat/completions": MAX_BODY, "/v1/completions": MAX_BODY}
DESCRIPTION = "From rows to a tuned model that answers. Errors are RFC 9457 problems with a `remedy`."


def create_app(parts: Parts, shutdown: life.Shutdown) -> FastAPI:
    """The ASGI application. Middleware is listed from the outside in."""
    audit = AuditFile(parts.home.ours / "logs" / "audit.jsonl")
    app = FastAPI(
        title="Tunesmith",
        version=__version__,
        description=DESCRIPTION,
        lifespan=lambda _: _lifespan(parts),
        dependencies=[Depends(life.home_there(parts.home))],
        docs_url=None,
        redoc_url=None,
        middleware=entrance(parts.logins, parts.policy, audit, WIDER),
    )
    problems.install(app)
    for router in _routers(parts, shutdown):
        app.include_router(router)
    app.include_router(docs.routes(app))
    openapi.describe(app, [Event, LogEvent])
    return app


def _routers(parts: Parts, shutdown: life.Shutdown) -> list[APIRouter]:
    return [
        life.routes(__version__, parts.jobs, shutdown),
        auth_routes.routes(parts.logins, parts.policy),
        stream.routes(parts.events),
        job_routes.routes(parts.jobs),
        logs.routes(parts.home.jobs, parts.jobs.is_final, secrets(parts)),
        artifact_routes.routes(parts.catalogue),
        dataset_routes.routes(parts.datasets),
        training_routes.routes(parts.runs),
        starting_routes.routes(parts.training),
        model_routes.routes(parts.models),
        release_routes.routes(parts.releases, parts.store),
        serving_routes.routes(parts.deployments),
        serving_routes.openai_routes(parts.door),
        toolbox_routes.routes(parts.toolboxes),
        system_routes.routes(parts.system),
        demo_routes.routes(parts.demo),
    ]


@contextlib.asynccontextmanager
async def _lifespan(parts: Parts) -> AsyncIterator[None]:
    await parts.jobs.open()
    await parts.supervisor.start()
    yield
    await parts.supervisor.close()
    await parts.engines.http.aclose()


def listen(settings: Settings) -> socket.socket:
    """The bound socket, so that a taken port is known before anything is said."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # asyncio sends small packets at once only on sockets that say they are TCP; else each answer waits 40 ms for an ACK.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
    except OSError as error:
        listening.close()
        if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
            raise InvalidInput(
                f"{settings.host} is no address of this machine",
                f"{error.strerror}.",
                "Set TUNESMITH_HOST to 127.0.0.1, or to another address that it has.",
            ) from error
        raise Conflict(
            f"Port {settings.port} on {settings.host} can't be used",
            f"{os.strerror(error.errno or 0)}.",
            "Set TUNESMITH_PORT to another port, or end the program that uses this one.",
        ) from error
    return listening


async def _serve(parts: Parts, listening: socket.socket, owner: Ownership) -> None:
    shutdown = life.Shutdown(parts.jobs.active, parts.supervisor.stop_all)
    config = uvicorn.Config(
        create_app(parts, shutdown),
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=3,
        h11_max_incomplete_event_size=64 * 1024,
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    while not (server.started or serving.done()):  # noqa: ASYNC110 — uvicorn tells its start by a flag only
        await asyncio.sleep(0.005)
    if server.started:
        _announce(parts, listening, owner)
    stopping = asyncio.create_task(shutdown.asked())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    await serving


def _announce(parts: Parts, listening: socket.socket, owner: Ownership) -> None:
    host, port = listening.getsockname()[:2]
    address = owner.announce(host, port)
    log.info("Tunesmith %s serves %s on %s", __version__, parts.home.root, address.url)
    welcomed = parts.home.ours / "welcomed"
    if not welcomed.exists():
        welcomed.touch()
        # Printed, not logged: the log keeps no ticket.
        print(f"Log in once with {link(f'http://localhost:{port}', parts.logins.new_ticket())}", file=sys.stderr, flush=True)


def run() -> int:
    """Serve until SIGTERM, Ctrl-C or a shutdown by the API. Jobs and engines go on; the next start takes them up."""
    try:
        settings = load_settings()
        owner = claim(settings.place)
        listening = listen(settings)
        parts = assemble(settings)
    except TunesmithError as error:
        print(f"tunesmith: {error}", file=sys.stderr)
        return 1
    logging.getLogger("httpx").setLevel(logging.WARNING)  # the request log has each request once already
    listener = start_logging(parts.home.ours / "logs", secrets(parts))
    try:
        asyncio.run(_serve(parts, listening, owner))
    finally:
        listener.stop()
        owner.release()
    return 0


def secrets(parts: Parts) -> list[str]:
    """Values that no log and no view of one may show."""
    return [value for value in (parts.token, os.environ.get("HF_TOKEN", "")) if value]


def main() -> None:
    status = run()
    sys.stdout.flush()
    sys.stderr.flush()
    # Steps that are followed block threads of the job queue; they belong to jobs that go on without us.
    os._exit(status)


if __name__ == "__main__":
    main()
