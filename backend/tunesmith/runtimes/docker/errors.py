"""Why a container, or the engine itself, can't be reached: each with its remedy. All are `PlaceMissing`, never a failed command.

PlaceMissing
├── EngineMissing     not there (EngineAway), not allowed, too old, or it doesn't answer
├── ContainerMissing  none of that name, or not the stack's own
└── ContainerStopped  it is there and can't run a command now
"""

from __future__ import annotations

import errno

from tunesmith.domain.errors import PlaceMissing

API = "1.41"
"""The oldest API that has all we ask for: Docker 20.10."""


class EngineMissing(PlaceMissing):
    pass


class EngineAway(EngineMissing):
    """Nothing answers there at this moment."""


class ContainerMissing(PlaceMissing):
    pass


class ContainerStopped(PlaceMissing):
    pass


def unreachable(address: str, why: BaseException) -> EngineMissing:
    """From whatever the HTTP library wrapped, told by the system's own error number."""
    number = _errno(why)
    if number in (errno.EACCES, errno.EPERM):
        remedy = "Put this user into the socket's group (`ls -l` shows it), or let the gate ask: `docker compose up -d gate`."
        return EngineMissing("The Docker engine can't be asked", f"No permission on {address}.", remedy)
    if address.startswith("unix:"):
        remedy = "Start the engine: `sudo systemctl start docker`."
        return EngineAway("The Docker engine isn't running", f"Nothing answers on {address}.", remedy)
    return EngineAway(
        "The Docker engine can't be reached",
        f"Nothing answers on {address}, the gate before the engine.",
        "Start it: `docker compose up -d gate`. If that can't ask the engine either, start Docker.",
    )


def silent(address: str, seconds: float) -> EngineMissing:
    return EngineMissing(
        "The Docker engine doesn't answer",
        f"{address} was asked and said nothing for {seconds:g} s.",
        "Look whether `docker ps` answers; restart Docker if it doesn't.",
    )


def too_old(version: str, api: str) -> EngineMissing:
    return EngineMissing(
        "The Docker engine is too old",
        f"It is {version} with API {api}; API {API} is needed, which is Docker 20.10.",
        "Install a newer Docker engine.",
    )


def refused(what: str) -> EngineMissing:
    return EngineMissing(
        "The gate before the Docker engine refused a request",
        f"It doesn't let through: {what}.",
        "Gate and orchestrator must be of one version and one project: `docker compose up -d gate orchestrator`.",
    )


def failed(what: str, said: str) -> EngineMissing:
    return EngineMissing("The Docker engine failed", f"{what}: {said}", "Its log says more: `journalctl -u docker`.")


def no_container(name: str, service: str) -> ContainerMissing:
    return ContainerMissing(
        f"The container of {service} is missing", f"There is no {name}.", f"Make it: `docker compose up -d {service}`."
    )


def renamed(name: str, now: str, service: str) -> ContainerMissing:
    return ContainerMissing(
        f"The container of {service} was renamed", f"It is called {now}.", f"Name it back: `docker rename {now} {name}`."
    )


def foreign(name: str, service: str, project: str) -> ContainerMissing:
    whose = f"the project {project}" if project else "no Compose project"
    return ContainerMissing(
        f"{name} isn't the container of {service}",
        f"A container of that name is there, but it belongs to {whose}.",
        f"Remove or rename that one, then `docker compose up -d {service}`.",
    )


def stopped(name: str, service: str, state: str) -> ContainerStopped:
    detail = f"{name} is {state}."
    if state == "paused":
        return ContainerStopped(f"{service} is paused", detail, f"Let it go on: `docker compose unpause {service}`.")
    if state == "restarting":
        remedy = f"Wait a moment and retry. If it goes on, its log says why: `docker compose logs {service}`."
        return ContainerStopped(f"{service} is being restarted", detail, remedy)
    return ContainerStopped(f"{service} is stopped", detail, f"Start it: `docker compose up -d {service}`.")


def no_wrapper(name: str, service: str, said: str) -> ContainerMissing:
    return ContainerMissing(
        f"{service} can't run commands",
        f"The wrapper could not be started in {name}: {said}",
        f"Make the container anew: `docker compose up -d --force-recreate {service}`.",
    )


def blind(name: str, service: str, folder: str) -> ContainerMissing:
    return ContainerMissing(
        f"{service} doesn't see the home",
        f"{folder} isn't there in {name}.",
        f"Home must be mounted at its own path, TUNESMITH_HOME: `docker compose up -d --force-recreate {service}`.",
    )


def on_host(attempt: str) -> PlaceMissing:
    return PlaceMissing(
        "The command runs outside the stack",
        f"{attempt} was started as a process of the host (TUNESMITH_RUNTIME=native).",
        "Cancel it there: stop the stack's orchestrator, then `tunesmith jobs cancel` in native mode.",
    )


def _errno(error: BaseException | None) -> int | None:
    """The first error number down the chain of what was wrapped in what."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        one = waiting.pop(0)
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, OSError) and one.errno is not None:
            return one.errno
        waiting += [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]
    return None
