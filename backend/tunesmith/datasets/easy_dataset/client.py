"""easy-dataset's HTTP API, as far as an import reads it. Its error bodies are mixed English and Chinese: the status decides."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from pydantic import TypeAdapter, ValidationError

from tunesmith.datasets.easy_dataset.records import Project
from tunesmith.domain.errors import EngineFailed, NotFound, PlaceMissing
from tunesmith.http import httpx, tls_for

PAGE = 1000
"""Rows a request; 5000 rows take it 0.2 s, and no upper limit was seen."""
ROUNDS = 4
"""How often rows are read again that changed while they were read."""
LARGEST = 256 << 20
"""Bytes of one answer."""
SECONDS = 30.0
"""For one whole answer."""


class EasyDatasetFailed(EngineFailed):
    """It answered with an error, with something that isn't its API, or not at all."""


class EasyDataset:
    """One easy-dataset. `seconds`: for one whole answer. Every method raises PlaceMissing or EasyDatasetFailed."""

    def __init__(self, address: str, page: int = PAGE, seconds: float = SECONDS) -> None:
        self.address, self._page, self._seconds = address.rstrip("/"), page, seconds

    async def projects(self) -> list[Project]:
        return self._understood(list[Project], await self._json("GET", "/api/projects"), "/api/projects")

    async def project(self, project: str) -> Project:
        """One with its counts. `NotFound` when there is none; other paths answer for a missing project as for an empty one."""
        for found in await self.projects():
            if found.id == project:
                return found
        raise NotFound(
            f"easy-dataset has no project {project!r}", f"Asked {self.address}.", "`tunesmith datasets easy-projects` lists them."
        )

    async def rows(self, project: str, *, confirmed: bool) -> list[object]:
        """Every row with all its columns, newest first, each once though rows may be added while we read."""
        for _ in range(ROUNDS):
            found, stable = await self._round(project, confirmed)
            if stable:
                return found
        raise EasyDatasetFailed(
            "The rows of easy-dataset keep changing",
            f"The project {project} was read {ROUNDS} times, and each time its number of rows changed meanwhile.",
            "Wait until its tasks are done, then import again.",
        )

    async def _round(self, project: str, confirmed: bool) -> tuple[list[object], bool]:
        """All pages once, and whether they belong together: one total on every page, and as many different rows."""
        query: dict[str, str | int] = {"size": self._page} | ({"status": "confirmed"} if confirmed else {})
        seen: set[object] = set()
        found: list[object] = []
        totals: set[int] = set()
        for number in range(1, 10**6):
            path = f"/api/projects/{project}/datasets"
            answer = await self._json("GET", path, params={"page": number, **query})
            rows, total = _page_of(answer)
            if rows is None or total is None:
                raise self._strange(path, "it has no `data` and `total`")
            totals.add(total)
            before = len(seen)
            for row in rows:
                key = row.get("id") if isinstance(row, dict) else None
                if not isinstance(key, str) or key not in seen:
                    found.append(row)
                    seen.add(key)
            if len(seen) == before or len(found) >= total or len(totals) > 1:
                break
        return found, totals == {len(found)}

    async def conversations(self, project: str, *, confirmed: bool) -> list[object]:
        path = f"/api/projects/{project}/dataset-conversations/export"
        return self._list(path, await self._json("GET", path, params={"confirmed": "true"} if confirmed else {}))

    async def evaluation(self, project: str) -> list[object]:
        path = f"/api/projects/{project}/eval-datasets/export"
        return self._list(path, await self._json("POST", path, json={"format": "json"}))

    async def version(self) -> str | None:
        """None when it doesn't say; nothing depends on it."""
        try:
            answer = await self._json("GET", "/api/check-update", seconds=3.0)
        except (EasyDatasetFailed, PlaceMissing):
            return None
        found = answer.get("currentVersion") if isinstance(answer, dict) else None
        return found[:40] if isinstance(found, str) else None

    def _list(self, path: str, answer: object) -> list[object]:
        if isinstance(answer, list):
            return answer
        raise self._strange(path, "it is no list")

    def _understood(self, shape: type[list[Project]], answer: object, path: str) -> list[Project]:
        try:
            return TypeAdapter(shape).validate_python(answer)
        except ValidationError as error:
            first = error.errors()[0]
            raise self._strange(path, f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error

    async def _json(self, method: str, path: str, seconds: float | None = None, **options: Any) -> object:
        status, body = await self._ask(method, path, seconds or self._seconds, options)
        if not 200 <= status < 300:
            raise EasyDatasetFailed(
                f"easy-dataset answered {status}",
                f"To {method} {self.address}{path}. It said: {_words(body)}",
                "Look at its page and its log; if it was just started, try again.",
            )
        try:
            return await asyncio.to_thread(json.loads, body)
        except (ValueError, RecursionError) as error:
            what = "a web page" if body.lstrip()[:1] == b"<" else "no JSON"
            raise self._strange(path, f"it is {what}") from error

    async def _ask(self, method: str, path: str, seconds: float, options: dict[str, Any]) -> tuple[int, bytes]:
        url, patience = self.address + path, httpx.Timeout(seconds, connect=5.0)
        try:
            async with (
                asyncio.timeout(seconds),
                httpx.AsyncClient(timeout=patience, trust_env=False, verify=tls_for(self.address)) as http,
                http.stream(method, url, **options) as answer,
            ):
                body = bytearray()
                async for piece in answer.aiter_bytes():
                    body += piece
                    if len(body) > LARGEST:
                        raise self._strange(path, f"it is larger than {LARGEST >> 20} MiB")
                return answer.status_code, bytes(body)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise PlaceMissing(
                "easy-dataset can't be reached",
                f"Nothing answers at {self.address}.",
                "Start it (in the stack: `docker compose up -d easy-dataset`), or set TUNESMITH_EASY_DATASET to its address.",
            ) from error
        except (TimeoutError, httpx.TimeoutException) as error:
            raise EasyDatasetFailed(
                "easy-dataset doesn't answer in time",
                f"{method} {url} had no whole answer after {seconds:g} s.",
                "Restart it if its own page hangs too.",
            ) from error
        except httpx.HTTPError as error:
            raise EasyDatasetFailed(
                "easy-dataset broke off its answer", f"{method} {url}: {error or type(error).__name__}.", "Try again."
            ) from error

    def _strange(self, path: str, why: str) -> EasyDatasetFailed:
        return EasyDatasetFailed(
            "The answer isn't easy-dataset's",
            f"{self.address}{path}: {why}.",
            "Check TUNESMITH_EASY_DATASET; versions 1.7 are known to work.",
        )


def _page_of(answer: object) -> tuple[list[object] | None, int | None]:
    if not isinstance(answer, dict):
        return None, None
    rows, total = answer.get("data"), answer.get("total")
    return rows if isinstance(rows, list) else None, total if isinstance(total, int) and not isinstance(total, bool) else None


def _words(body: bytes) -> str:
    """What an error body says, shortened; easy-dataset gives `{"error": …}`, in English or Chinese."""
    text = body.decode("utf-8", "replace").strip()
    try:
        said = json.loads(text)
        text = str(said.get("error") or said.get("message") or text) if isinstance(said, dict) else text
    except (ValueError, RecursionError):
        text = "a web page" if text.startswith("<") else text
    return " ".join(text.split())[:200] or "nothing"
