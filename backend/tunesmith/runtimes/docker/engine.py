"""The Docker engine, asked through the gate. Every call blocks: await it by `Engine.ask`, which has threads of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

import docker
import requests
from docker.errors import APIError, DockerException, NotFound

from tunesmith.runtimes.docker import errors
from tunesmith.runtimes.docker.containers import PROJECT, Container, Exec, Listed, Place, Version

THREADS = 8
"""So many slow calls at once; the event loop's own threads are never among them."""
ANSWER_SECONDS = 30.0
"""An exec is answered when its process has begun, which takes a while on a loaded machine."""

Listing = list[Listed]
Rows = list[tuple[str, ...]]
P = ParamSpec("P")
T = TypeVar("T")


class Engine:
    """docker-py's low-level client. Made at the first call, so that an engine that is down stops nobody from starting.

    `address`: `tcp://gate:2375`, or `unix:///var/run/docker.sock`. Raises `errors.EngineMissing` and its kin.
    """

    def __init__(self, address: str, answer_seconds: float = ANSWER_SECONDS) -> None:
        self.address, self._answer_seconds = address, answer_seconds
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="engine")
        self._client: Any = None
        self._making = threading.Lock()

    async def ask(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """`call(*args)` in one of the engine's threads."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, lambda: call(*args, **kwargs))

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        if self._client is not None:
            self._client.close()

    def version(self) -> Version:
        found = self._asked("version", lambda client: client.version(api_version=False))
        return _version(found)

    def inspect(self, place: Place) -> Container:
        """`ContainerMissing` when there is none of that name, when it was renamed, or when it is another project's."""
        name = place.container
        found = self._asked(f"inspect {name}", lambda client: client.inspect_container(name), missing=lambda: self._lost(place))
        container = Container.parse(found)
        if (container.project, container.service) != (place.project, place.service):
            raise errors.foreign(name, place.service, container.project)
        return container

    def ready(self, place: Place) -> Container:
        """The container, when it can run a command; else `ContainerMissing` or `ContainerStopped`."""
        container = self.inspect(place)
        if not container.can_run:
            raise errors.stopped(container.name, place.service, container.state)
        return container

    def list(self, project: str) -> Listing:
        """All containers of a Compose project, stopped ones too, in one call."""
        filters = {"label": [f"{PROJECT}={project}"]}
        found = self._asked("list containers", lambda client: client.containers(all=True, filters=filters))
        return [Listed.parse(one) for one in found]

    def top(self, place: Place) -> Rows:
        """`ps -ef` of the container: uid, pid (the host's), ppid, c, stime, tty, time, command line."""
        found = self._asked(f"top {place.container}", lambda client: client.top(place.container))
        return [tuple(row) for row in found["Processes"] or ()]

    def exec_create(self, place: Place, argv: Sequence[str], env: Mapping[str, str] | None = None, cwd: str | None = None) -> str:
        """The id of an exec that `exec_start` starts; nothing runs yet."""
        name, given = place.container, dict(env or {})
        # The body must stay one that the gate knows: no user, no privileges, nothing attached.
        made = self._asked(
            f"exec in {name}",
            lambda client: client.exec_create(name, list(argv), stdout=False, stderr=False, environment=given, workdir=cwd),
            missing=lambda: self._lost(place),
            refuse=lambda error: self._exec_refusal(place, error),
        )
        return str(made["Id"])

    def exec_start(self, place: Place, exec_id: str) -> None:
        """Start it detached; returns once it has begun. `EngineMissing`: it may have begun, or not."""
        self._asked(
            f"start exec in {place.container}",
            lambda client: client.exec_start(exec_id, detach=True),
            missing=lambda: errors.stopped(place.container, place.service, "stopped"),
            refuse=lambda error: self._exec_refusal(place, error),
        )

    def _exec_refusal(self, place: Place, error: APIError) -> Exception | None:
        if error.status_code == 409:
            return errors.stopped(place.container, place.service, "paused" if "paused" in _said(error) else "stopped")
        # 400, or 500 of other versions: what runc said.
        return errors.no_wrapper(place.container, place.service, _said(error)) if "exec failed" in _said(error) else None

    def exec_state(self, exec_id: str) -> Exec | None:
        """None when the engine knows it no more: it forgets execs when it restarts, and some minutes after their end."""
        try:
            found = self._asked("inspect exec", lambda client: client.exec_inspect(exec_id), missing=lambda: KeyError(exec_id))
        except KeyError:
            return None
        return Exec(found["Running"], found["ExitCode"])

    def start(self, place: Place) -> None:
        self._power("start", place)

    def stop(self, place: Place, grace_seconds: int = 10) -> None:
        self._power("stop", place, timeout=grace_seconds)

    def restart(self, place: Place, grace_seconds: int = 10) -> None:
        self._power("restart", place, timeout=grace_seconds)

    def _power(self, verb: str, place: Place, **given: int) -> None:
        # docker-py waits for the grace on top of its own patience.
        name = place.container
        self._asked(f"{verb} {name}", lambda client: getattr(client, verb)(name, **given), missing=lambda: self._lost(place))

    def _lost(self, place: Place) -> errors.ContainerMissing:
        """Nothing has the name: the list tells whether the container is there under another one."""
        own = [one for one in self.list(place.project) if one.service == place.service]
        if own:
            return errors.renamed(place.container, own[0].name, place.service)
        return errors.no_container(place.container, place.service)

    def _asked(
        self,
        what: str,
        call: Callable[[Any], Any],
        *,
        missing: Callable[[], Exception] | None = None,
        refuse: Callable[[APIError], Exception | None] = lambda _: None,
    ) -> Any:
        """`call(client)`, with every way to fail turned into ours."""
        try:
            return call(self._connected())
        except NotFound as error:
            raise (missing() if missing else errors.failed(what, _said(error))) from error
        except APIError as error:
            raise (refuse(error) or self._refusal(what, error)) from error
        except requests.Timeout as error:
            raise errors.silent(self.address, self._answer_seconds) from error
        except (requests.RequestException, DockerException, OSError) as error:
            raise errors.unreachable(self.address, error) from error

    def _refusal(self, what: str, error: APIError) -> Exception:
        if error.status_code == 403:
            return errors.refused(what)
        if error.status_code == 503:
            return errors.unreachable(self.address, error)
        return errors.failed(what, _said(error))

    def _connected(self) -> Any:
        with self._making:
            if self._client is None:
                self._client = self._connect()
        return self._client

    def _connect(self) -> Any:
        """A client for the oldest API that both sides speak: nothing changes meaning under us when the engine is updated."""
        client = docker.APIClient(self.address, version=errors.API, timeout=self._answer_seconds)
        found = _version(client.version(api_version=False))
        if _number(found.api) < _number(errors.API):
            raise errors.too_old(found.engine, found.api)
        if _number(found.min_api) <= _number(errors.API):
            return client
        return docker.APIClient(self.address, version=found.min_api, timeout=self._answer_seconds)


def _version(found: Mapping[str, Any]) -> Version:
    return Version(str(found["Version"]), str(found["ApiVersion"]), str(found.get("MinAPIVersion", "1.12")))


def _number(api: str) -> tuple[int, ...]:
    return tuple(int(part) for part in api.split("."))


def _said(error: APIError) -> str:
    return str(error.explanation or error)
