"""What changes in lists reaches an open page by the one stream: by our API, by hand, and from a training beside us."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from .application import ROWS, Application, running
from .tiny_folders import write_adapter, write_base, write_releases

PATIENCE_SECONDS = 120.0
CHANGES = 12
NEVER = 3600
"""Seconds between two looks: none within a test."""


@dataclass
class Page:
    """An open page: what the stream told it so far."""

    told: list[dict[str, Any]] = field(default_factory=list)

    def until(self, kind: str, **fields: object) -> dict[str, Any]:
        """The first event of `kind` whose record (or itself) has these values."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            for event in list(self.told):
                record = event.get("record", event)
                if event["kind"] == kind and all(record.get(key) == value for key, value in fields.items()):
                    return record  # type: ignore[no-any-return]
            time.sleep(0.05)
        raise AssertionError(f"no {kind} with {fields} in {[each['kind'] for each in self.told]}")


@contextmanager
def opened(application: Application) -> Iterator[Page]:
    page, stop = Page(), threading.Event()

    def follow() -> None:
        with application.client.stream("GET", "/api/events", timeout=httpx.Timeout(PATIENCE_SECONDS)) as answer:
            for line in answer.iter_lines():
                if line.startswith("data: "):
                    page.told.append(json.loads(line.removeprefix("data: ")))
                if stop.is_set():
                    return

    follower = threading.Thread(target=follow, daemon=True)
    follower.start()
    page.until("snapshot")
    yield page
    stop.set()
    name = f"one-more-{time.monotonic_ns()}"
    added = application.ask("POST", "/api/datasets", files={"file": ("rows.jsonl", ROWS)}, data={"name": name})
    assert added.status_code == 201, added.text  # one more event ends the following
    follower.join(PATIENCE_SECONDS)


@pytest.fixture
def page(application: Application) -> Iterator[Page]:
    with opened(application) as found:
        yield found


@pytest.fixture
def sleepy(tmp_path: Path) -> Iterator[Application]:
    """It looks at its lists once, and tells what it did itself; what others did it never sees."""
    with running(tmp_path / "home", disk_reserve_gib=1e6, lists_look_seconds=NEVER) as started:
        yield started


def test_what_our_api_changes_is_told_without_a_look(sleepy: Application) -> None:
    with opened(sleepy) as page:
        tell_changes(sleepy, page)


def tell_changes(application: Application, page: Page) -> None:
    """Each change is waited for before the next."""
    for number in range(CHANGES // 2):
        name = f"told-{number}"
        added = application.ask("POST", "/api/datasets", files={"file": ("rows.jsonl", ROWS)}, data={"name": name})
        assert added.status_code == 201, added.text
        assert page.until("dataset", name=name)["rows"] == 2
        assert application.ask("DELETE", f"/api/datasets/{name}").status_code == 204
        page.until("removed", of="dataset", key=name)


def test_what_is_made_by_hand_is_told_within_seconds(application: Application, page: Page) -> None:
    home = application.home
    write_base(home / "models/base/by-hand")
    write_adapter(home / "saves/by-hand", base="models/base/by-hand")
    page.until("artifact", id="models/base/by-hand")
    page.until("artifact", id="saves/by-hand")
    page.until("run", name="by-hand", made_outside=True)
    write_releases(home, "by-hand", 2)
    page.until("release", name="by-hand", number=2, current=True)
    (home / "models/served/by-hand/current").write_text("1\n")
    page.until("release", name="by-hand", number=1, current=True)
    page.until("release", name="by-hand", number=2, current=False)
    assert page.until("deployment", name="by-hand")["base"] == "models/base/tiny"


def test_a_training_beside_us_is_told_step_by_step(application: Application, page: Page) -> None:
    folder = application.home / "saves/beside"
    folder.mkdir(parents=True)
    (folder / "training_args.yaml").write_text("template: chatml\ndo_train: true\n")
    for step in (1, 2):
        with (folder / "trainer_log.jsonl").open("a") as log:
            log.write(json.dumps({"current_steps": step, "total_steps": 9, "loss": 1 / step}) + "\n")
        run = page.until("run", name="beside", step=step)
        assert (run["loss"], run["state"]) == (1 / step, "running")
    (folder / "trainer_state.json").write_text("{}")
    os.utime(folder / "trainer_state.json", (time.time() + 1, time.time() + 1))
    page.until("run", name="beside", state="stopped")


def test_nothing_is_told_twice(application: Application, page: Page) -> None:
    """A change by our API has all lists read again, the artifacts last: a new base shows that they were."""
    before = 0
    for name in ("look-1", "look-2"):
        before = len(page.told)
        write_base(application.home / "models/base" / name)
        added = application.ask("POST", "/api/datasets", files={"file": ("rows.jsonl", ROWS)}, data={"name": name})
        assert added.status_code == 201, added.text
        page.until("dataset", name=name)
        page.until("artifact", id=f"models/base/{name}")
    told = [json.dumps(event) for event in page.told[before:] if event["kind"] not in ("snapshot", "service", "machine")]
    assert [event for event in told if "look-2" not in event] == []
    assert len(set(told)) == len(told)
