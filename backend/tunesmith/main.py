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
from tunesmith.chats import routes as chat_routes
from tunesmith.chats.store import LARGEST as LARGEST_CHAT
from tunesmith.chats.store import Chats
from tunesmith.dashboard import files as dashboard_files
from tunesmith.dashboard import routes as dashboard_routes
from tunesmith.datasets import routes as dataset_routes
from tunesmith.datasets.easy_dataset import routes as easy_dataset_routes
from tunesmith.demo import routes as demo_routes
from tunesmith.domain.errors import Conflict, InvalidInput, TunesmithError
from tunesmith.drafts import routes as draft_routes
from tunesmith.drafts.store import Drafts
from tunesmith.files import routes as file_routes
from tunesmith.files.listing import Browser
from tunesmith.jobs import routes as job_routes
from tunesmith.jobs.events import Event
from tunesmith.jobs.logevents import LogEvent
from tunesmith.models import routes as model_routes
from tunesmith.ownership import Ownership, claim
from tunesmith.parts import Parts, assemble, known_secrets
from tunesmith.release import routes as release_routes
from tunesmith.services import routes as service_routes
from tunesmith.services.links import Visit
from tunesmith.services.log_batch import ServiceLogEvent
from tunesmith.services.welcome import welcome
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
_UPLOADS = ("/api/datasets", "/api/datasets:preview", "/api/easy-dataset/files", "/api/easy-dataset/files/preview")
WIDER = dict.fromkeys(_UPLOADS, UPLOAD_BYTES) | {
    "/v1/chat/completions": MAX_BODY,
    "/v1/completions": MAX_BODY,
    "/api/chats/": LARGEST_CHAT,
}
DESCRIPTION = "From rows to a tuned model that answers. Errors are RFC 9457 problems with a `remedy`."


def create_app(parts: Parts, shutdown: life.Shutdown) -> FastAPI:
    """The ASGI application. Middleware is listed from the outside in."""
    audit = AuditFile(parts.home.ours / "logs" / "audit.jsonl")
    app = FastAPI(
        title="Tunesmith",
        version=__version__,
        description=DESCRIPTION,
        lifespan=lambda _: _lifespan(parts),
        dependencies=[Depends(life.home_there(parts.home)), Depends(life.after_writes(parts.lists.poke))],
        docs_url=None,
        redoc_url=None,
        middleware=entrance(parts.logins, parts.policy, audit, WIDER),
    )
    problems.install(app)
    for router in _routers(parts, shutdown):
        app.include_router(router)
    app.include_router(docs.routes(app))
    dashboard_routes.install(app, dashboard_files.built)
    openapi.describe(app, [Event, LogEvent, ServiceLogEvent])
    return app


def _routers(parts: Parts, shutdown: life.Shutdown) -> list[APIRouter]:
    return [
        life.routes(__version__, parts.jobs, shutdown),
        auth_routes.routes(parts.logins, parts.policy),
        stream.routes(parts.events, parts.lists.join),
        job_routes.routes(parts.jobs, parts.place.container),
        logs.routes(parts.home.jobs, parts.jobs.is_final, secrets(parts)),
        artifact_routes.of_jobs(parts.catalogue, parts.jobs.status),
        artifact_routes.routes(parts.catalogue),
        dataset_routes.from_files(parts.datasets, parts.roots.find_file),
        dataset_routes.routes(parts.datasets),
        easy_dataset_routes.routes(parts.easy_dataset),
        training_routes.deleting(parts.runs, parts.catalogue),
        training_routes.routes(parts.runs),
        starting_routes.routes(parts.training),
        model_routes.routes(parts.models),
        release_routes.deleting(parts.removal),
        release_routes.of_jobs(parts.parity, parts.jobs.status),
        release_routes.routes(parts.releases, parts.store, parts.parity),
        serving_routes.routes(parts.deployments),
        serving_routes.openai_routes(parts.door),
        service_routes.routes(parts.services),
        service_routes.engine_routes(parts.engine_logs),
        toolbox_routes.routes(parts.toolboxes),
        system_routes.routes(parts.system, parts.machine),
        draft_routes.routes(Drafts(parts.home.ours / "drafts")),
        chat_routes.routes(Chats(parts.home.ours / "chats")),
        file_routes.routes(Browser(parts.roots)),
        demo_routes.routes(parts.demo),
    ]


@contextlib.asynccontextmanager
async def _lifespan(parts: Parts) -> AsyncIterator[None]:
    await parts.jobs.open()
    await parts.supervisor.start()
    await parts.ollama.start()
    await parts.services.start()
    beside = [asyncio.create_task(each) for each in (_welcome(parts), parts.lists.follow(), parts.machine.follow())]
    yield
    for task in beside:
        task.cancel()
    await parts.services.close()
    parts.engine_logs.logs.close()
    await parts.ollama.close()
    await parts.supervisor.close()
    await parts.engines.http.aclose()
    await parts.ollama.client.http.aclose()
    parts.place.close()


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
    async def stop_all() -> None:
        await asyncio.gather(parts.supervisor.stop_all(), parts.place.stop_tools())

    shutdown = life.Shutdown(parts.jobs.active, stop_all)
    config = uvicorn.Config(
        create_app(parts, shutdown),
        log_config=None,
        access_log=False,
        server_header=False,
        # Its limits and its strictness are the ones that the attacks on the door were tried on.
        http="h11",
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
    settings = parts.settings
    stack = settings.runtime == "docker"
    host, port = (settings.domain, settings.http_port) if stack else listening.getsockname()[:2]
    address = owner.announce(host, port, stack)
    log.info("Tunesmith %s serves %s on %s", __version__, parts.home.root, address.url)
    welcomed = parts.home.ours / "welcomed"
    if not (stack or welcomed.exists()):
        welcomed.touch()
        _say(f"Log in once with {_login_link(parts, port)}")


def _login_link(parts: Parts, port: int) -> str:
    return link(f"http://{parts.settings.domain}:{port}", parts.logins.new_ticket())


def _say(text: str) -> None:
    """Printed, not logged: our log keeps no ticket. In the stack it is the container's, for who may run docker."""
    print(text, file=sys.stderr, flush=True)


async def _welcome(parts: Parts) -> None:
    """In the stack others start beside us, and their lines would bury ours: it is said when they are ready."""
    if parts.place.kind == "docker":
        port = parts.settings.http_port
        await welcome(parts.services, Visit("http", port), lambda: _login_link(parts, port), _say)


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
    return known_secrets(parts.token)


def main() -> None:
    status = run()
    sys.stdout.flush()
    sys.stderr.flush()
    # Steps that are followed block threads of the job queue; they belong to jobs that go on without us.
    os._exit(status)


if __name__ == "__main__":
    main()
