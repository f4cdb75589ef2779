"""Draws the pictures of README and guide from the real product: `make pictures`.

    python -m browser.pictures FOLDER     in tests/

Everything on them was made by the real tools: rows, a training and a release by those that made the tuned home, two answers now.
"""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from integration.application import free_port
from kit.home import BASE, NAME, QUESTION, copy_tuned
from kit.layer import Command
from kit.needs import chromium, toolboxes

from .conftest import FLAGS
from .person import answered, send
from .visitor import log_in, settle
from .workshop import Workshop

SIZE = {"width": 1200, "height": 750}
COLOURS = 128
"""A page has few; the files are a third as large."""
STILL = """() => document.fonts.status === 'loaded'
  && !document.getAnimations().some((each) => each instanceof CSSTransition && each.playState === 'running')"""


def home(page: Page) -> None:
    page.get_by_role("heading", name="What next?").wait_for()


def data(page: Page) -> None:
    page.get_by_text("Door 1 is teal.").wait_for()


def train(page: Page) -> None:
    page.get_by_role("region", name="Plan").get_by_text("Memory").first.wait_for()


def trained(page: Page) -> None:
    page.get_by_role("heading", name="Curves").wait_for()


def release(page: Page) -> None:
    page.get_by_role("region", name="Plan").get_by_text("Memory").first.wait_for()


def parity(page: Page) -> None:
    page.get_by_text("17 of 17").first.wait_for()


def chat(page: Page) -> None:
    send(page, QUESTION)
    for name in (BASE, NAME):
        answered(page, name)


def pictures(workshop: Workshop) -> dict[str, tuple[str, Callable[[Page], None]]]:
    released = next(job["id"] for job in reversed(workshop.get("/api/jobs")) if job["kind"] == "release")
    return {
        "home": ("/", home),
        "data": ("/data/doors", data),
        "train": ("/train?like=doors", train),
        "run": ("/runs/doors", trained),
        "release": ("/release?adapter=saves/doors", release),
        "parity": (f"/jobs/{released}?tab=parity", parity),
        "chat": ("/chat", chat),
    }


def draw(workshop: Workshop, folder: Path) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        page = browser.new_context(viewport=SIZE, device_scale_factor=1.5, reduced_motion="reduce").new_page()
        log_in(page, workshop.url)
        for name, (path, ready) in pictures(workshop).items():
            page.goto(workshop.url + path)
            settle(page)
            ready(page)
            settle(page)
            page.wait_for_function(STILL)
            keep(page.screenshot(), folder / f"{name}.png")
        browser.close()


def keep(png: bytes, file: Path) -> None:
    Image.open(io.BytesIO(png)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)
    print(f"{file}: {file.stat().st_size / 1000:.0f} kB")


def run(command: Command) -> int:
    return subprocess.run(command).returncode


def main(folder: Path) -> None:
    if missing := chromium(run) or toolboxes(run):
        sys.exit(missing)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="pictures-") as made:
        home = Path(made) / "home"
        copy_tuned(home)
        workshop = Workshop.at(home, free_port()).start()
        try:
            draw(workshop, folder)
        finally:
            workshop.end()


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
