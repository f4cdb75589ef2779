"""Releases on Ollama, and the models that somebody made there by hand: what there is, where a name is found, what follows what.

Ollama is looked at every few seconds, never for a request. What it should have is in the release records; so a rollback, a
kill between switch and copy, or a job that ended half-way are mended by the next look.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tunesmith.domain.deployment import ServingState
from tunesmith.domain.errors import EngineFailed, NotFound, TunesmithError
from tunesmith.domain.name import is_name
from tunesmith.domain.ports import Releases
from tunesmith.domain.release import Engine, Release
from tunesmith.serving.ollama_client import OllamaClient, OllamaModel

log = logging.getLogger(__name__)
LOOK_SECONDS = 5.0
UNANSWERED = 3
"""Looks without an answer after which requests that wait for a first byte are given up."""
OLDEST = (0, 17, 1)
"""Older ones leak memory when a GGUF is loaded (mended in 0.17.1)."""
JOB = re.compile(r"\d{6}-\d{6}-release-[a-z0-9]+")
NUMBERED = re.compile(r"r\d+")


@dataclass(frozen=True)
class Seen:
    """What a look at Ollama showed. `problem` is empty when it answered; then the rest is true."""

    problem: str = "it wasn't looked at yet"
    version: str = ""
    models: dict[str, OllamaModel] = field(default_factory=dict)
    """By name with tag."""
    loaded: frozenset[str] = frozenset()
    """Digests of what is in memory."""


@dataclass(frozen=True)
class OllamaRoute:
    """Where requests for a name go: `model` is Ollama's name of it. Without a release it was made outside."""

    name: str
    model: str
    release: Release | None = None

    @property
    def system(self) -> str | None:
        return self.release.system if self.release else None

    @property
    def made_at(self) -> int:
        """Unix time, seconds; 0 when it was made outside."""
        return int(self.release.made_at.timestamp()) if self.release else 0


class OllamaServing:
    """`ended` says whether a release job of this home is over; None for jobs that it doesn't know.

    `tell` is called when a look shows anything else than the one before.
    """

    def __init__(
        self,
        client: OllamaClient,
        releases: Releases,
        ended: Callable[[str], bool | None],
        tell: Callable[[], None] = lambda: None,
    ) -> None:
        self.client, self._releases, self._ended, self._tell = client, releases, ended, tell
        self.seen = Seen()
        self._unanswered = 0
        self._gone = asyncio.Event()
        self._looker: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._looker = asyncio.create_task(self._look_again(), name="ollama")

    async def close(self) -> None:
        if self._looker is not None:
            self._looker.cancel()
            await asyncio.wait({self._looker})

    # ── where a name is found ──

    async def released(self) -> list[OllamaRoute]:
        """The names whose current release is on Ollama, as the files say now."""
        return [OllamaRoute(release.name, release.tag, release) for release in await asyncio.to_thread(self._current)]

    async def route(self, model: str) -> OllamaRoute | None:
        """For `name` or `name@number` with its current release on Ollama; NotFound for another number of such a name."""
        name, _, number = model.partition("@")
        release = await asyncio.to_thread(self._releases.current, name) if is_name(name) else None
        if release is None or release.engine is not Engine.OLLAMA:
            return None
        if number in ("", str(release.number)):
            return OllamaRoute(release.name, release.tag, release)
        raise NotFound(
            f"{model[:100]} isn't current",
            f"The current release is {name}@{release.number}.",
            f"Ask for {name}, or roll back with `tunesmith rollback {name}`.",
        )

    async def outside(self) -> list[OllamaRoute]:
        """Models that no release of this home made, under Ollama's own names."""
        ours = await asyncio.to_thread(self._digests)
        named = ((_shown(model.name), model) for model in self.seen.models.values())
        return [
            OllamaRoute(name, model.name)
            for name, model in sorted(named, key=lambda pair: pair[0])
            if model.digest not in ours and not JOB.fullmatch(model.name.rpartition(":")[2])
        ]

    async def find_outside(self, model: str) -> OllamaRoute | None:
        """Asked for most requests to llama.cpp too: what Ollama hasn't got is known without reading a file."""
        if model not in self.seen.models and f"{model}:latest" not in self.seen.models:
            return None
        return next((route for route in await self.outside() if model in (route.name, route.model)), None)

    def state(self, route: OllamaRoute) -> tuple[ServingState, str]:
        """As the last look showed it, with a sentence where there is something to say."""
        model = self.seen.models.get(route.model)
        if self.seen.problem:
            return ServingState.FAILED, self.seen.problem
        if model is None:
            kept = next((piece.path for piece in route.release.pieces if piece.role == "modelfile"), "") if route.release else ""
            return ServingState.ABSENT, f"Ollama hasn't got {route.model}: `ollama create {route.model} -f {kept}` brings it back"
        if route.release and model.digest != route.release.model_digest:
            return ServingState.FAILED, f"{route.model} in Ollama isn't what was released: somebody made it anew"
        if model.digest in self.seen.loaded:
            return ServingState.READY, self._about_latest(route)
        return ServingState.STOPPED, self._about_latest(route) or "not in memory; the next request loads it"

    def gone(self) -> asyncio.Event:
        """Set while Ollama leaves look after look without an answer."""
        return self._gone

    async def reasons_against(self, name: str) -> list[tuple[str, str]]:
        """Why nothing can be released under `name` here, each with its remedy. Looks at once."""
        await self.look()
        if self.seen.problem:
            return [(self.seen.problem, "Start it with `ollama serve`, or say with TUNESMITH_OLLAMA where it is.")]
        if _numbers(self.seen.version) < OLDEST:
            wanted = ".".join(map(str, OLDEST))
            return [(f"Ollama {self.seen.version} is too old", f"Update it to {wanted} or newer.")]
        ours = {release.model_digest for release in await asyncio.to_thread(self._releases.all, name)}
        return [
            (
                f"Ollama has a model {model.name} that this home didn't release",
                f"Choose another name, or `ollama rm {model.name}`.",
            )
            for model in self.seen.models.values()
            if model.digest not in ours and _would_overwrite(name, model.name)
        ]

    async def forget(self, releases: Sequence[Release], whole: bool) -> None:
        """Delete these releases' models; with `whole` also the plain name, when it is a copy of one of them.

        What somebody made anew under such a name stays. Raises EngineFailed when Ollama has to be asked and doesn't answer.
        """
        ours = {release.tag: release.model_digest for release in releases if release.engine is Engine.OLLAMA}
        if not ours:
            return
        await self.look()
        if self.seen.problem:
            raise EngineFailed("Ollama has to delete its models, and can't be asked", f"{self.seen.problem}.", "Start it first.")
        latest = f"{releases[0].name}:latest"
        wanted = [tag for tag, digest in ours.items() if tag in self.seen.models and self.seen.models[tag].digest == digest]
        if whole and latest in self.seen.models and self.seen.models[latest].digest in ours.values():
            wanted.append(latest)
        for model in wanted:
            with contextlib.suppress(NotFound):
                await self.client.delete(model)
        await self.look()

    # ── looking, and what follows ──

    async def look(self) -> None:
        before = self.seen
        await self._look()
        if self.seen != before:
            self._tell()

    async def _look(self) -> None:
        try:
            version = self.seen.version or await self.client.version()
            models, loaded = await self.client.models(), await self.client.loaded()
        except TunesmithError as error:
            self._unanswered += 1
            if not self.seen.problem:
                log.warning("%s", error)
            self.seen = Seen(problem=f"{error.title}: {error.detail}")
            if self._unanswered >= UNANSWERED:
                self._gone.set()
            return
        self._unanswered = 0
        self._gone.clear()
        self.seen = Seen("", version, {model.name: model for model in models}, frozenset(loaded))

    async def follow(self) -> None:
        """NAME becomes a copy of the current release; what jobs have loaded and left goes."""
        for release in await asyncio.to_thread(self._current):
            wanted, latest = self.seen.models.get(release.tag), self.seen.models.get(f"{release.name}:latest")
            if wanted is None or wanted.digest != release.model_digest:
                continue
            ours = {other.model_digest for other in await asyncio.to_thread(self._releases.all, release.name)}
            if latest is None or (latest.digest != wanted.digest and latest.digest in ours):
                await self.client.copy(release.tag, release.name)
        for name in self.seen.models:
            tag = name.rpartition(":")[2]
            if JOB.fullmatch(tag) and self._ended(tag):
                await self.client.delete(name)

    async def _look_again(self) -> None:
        while True:
            await self.look()
            if not self.seen.problem:
                try:
                    await self.follow()
                except (TunesmithError, OSError, ValueError) as error:
                    log.warning("Ollama's names don't follow the releases: %s", error)
            await asyncio.sleep(LOOK_SECONDS)

    def _about_latest(self, route: OllamaRoute) -> str:
        latest = self.seen.models.get(f"{route.name}:latest")
        if route.release is None or latest is None or latest.digest == route.release.model_digest:
            return ""
        return f"Ollama's own name {route.name} isn't this release: it was made by hand, or follows shortly"

    def _current(self) -> list[Release]:
        found = (self._releases.current(name) for name in self._releases.names())
        return [release for release in found if release is not None and release.engine is Engine.OLLAMA]

    def _digests(self) -> set[str | None]:
        """Of every release on Ollama, current or not."""
        return {release.model_digest for name in self._releases.names() for release in self._releases.all(name)}


def unanswered(client: OllamaClient) -> EngineFailed:
    return client.unreachable(TimeoutError(f"{UNANSWERED} looks in a row went without an answer"))


def _shown(name: str) -> str:
    return name.removesuffix(":latest")


def _would_overwrite(name: str, model: str) -> bool:
    stem, _, tag = model.rpartition(":")
    return stem == name and (tag == "latest" or NUMBERED.fullmatch(tag) is not None)


def _numbers(version: str) -> tuple[int, ...]:
    """A build that doesn't know its version counts as new."""
    parts = re.findall(r"\d+", version)[:3]
    return tuple(map(int, parts)) if any(part != "0" for part in parts) else OLDEST
