"""The dashboard at the orchestrator's address, behind the login: files, pages by their own address, and what is neither."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from tunesmith.auth.core import Logins
from tunesmith.auth.entrance import entrance
from tunesmith.auth.policy import Policy
from tunesmith.auth.routes import routes as auth_routes
from tunesmith.dashboard.routes import install
from tunesmith.web.audit import AuditFile
from tunesmith.web.problems import install as install_problems

TOKEN = "a-token-for-the-tests-0123456789"
SCRIPT = b"console.log(1);" * 200
PAGE = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
Client = Callable[..., httpx.AsyncClient]


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    """What a build leaves."""
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / ".vite").mkdir()
    (folder / ".vite" / "manifest.json").write_text("{}")
    (folder / ".sources").write_text("1")
    (folder / "index.html").write_text("<!doctype html><title>Tunesmith</title>")
    (folder / "theme.js").write_text("document.title")
    (folder / "icon.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (folder / "assets" / "index-a1.js").write_bytes(SCRIPT)
    (folder / "assets" / "index-a1.js.gz").write_bytes(gzip.compress(SCRIPT))
    (folder / "assets" / "index-a1.js.br").write_bytes(b"packed by brotli")
    (folder / "assets" / "secret.js").symlink_to(tmp_path / "outside.js")
    (tmp_path / "outside.js").write_text("outside")
    return folder


@pytest.fixture
def client(tmp_path: Path) -> Client:
    """A client of an application with the whole entrance, logged in unless asked otherwise."""

    def made(folder: Path | None, **headers: str) -> httpx.AsyncClient:
        logins, policy = Logins(TOKEN, tmp_path / "sessions.json"), Policy()
        app = FastAPI(docs_url=None, redoc_url=None, middleware=entrance(logins, policy, AuditFile(tmp_path / "audit.jsonl")))
        install_problems(app)
        app.include_router(auth_routes(logins, policy))

        @app.post("/api/things")
        def things() -> str:
            return "things"

        install(app, lambda: folder if folder and (folder / "index.html").exists() else None)
        given = {"Authorization": f"Bearer {TOKEN}", "Accept-Encoding": "identity"} | headers
        return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost:8765", headers=given)

    return made


@pytest.mark.parametrize("path", ["/", "/jobs/260131-release-abcde?tab=log", "/models/a%2Fb", "/index.html", "/apiary", "/x.js"])
async def test_every_page_is_opened_by_its_own_address(client: Client, dist: Path, path: str) -> None:
    async with client(dist) as browser:
        answer = await browser.get(path, headers=PAGE)
    assert (answer.status_code, answer.text) == (200, "<!doctype html><title>Tunesmith</title>")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["referrer-policy"] == "same-origin"


NO_PAGES = (
    *("/api/nothing", "/api", "/v1/nothing", "/auth/nothing", "/docs/x", "/metrics/x", "/openapi.json/x"),
    *("/assets/gone-b2.js", "/assets/secret.js", "/assets/%2e%2e/theme.js", "/assets/", "/assets"),
)


@pytest.mark.parametrize("path", NO_PAGES)
async def test_what_is_no_page_is_missing_even_for_a_browser(client: Client, dist: Path, path: str) -> None:
    async with client(dist) as browser:
        answer = await browser.get(httpx.URL("http://localhost:8765").copy_with(raw_path=path.encode()), headers=PAGE)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "path", ["/jobs", "/x.js", "/.sources", "/.vite/manifest.json", "/assets/index-a1.js.br", "/../outside.js"]
)
async def test_a_script_that_asks_for_what_is_not_there_gets_no_page(client: Client, dist: Path, path: str) -> None:
    async with client(dist) as browser:
        answer = await browser.get(path, headers={"Accept": "*/*"})
    assert answer.status_code == 404


async def test_methods_that_no_route_has_stay_refused(client: Client, dist: Path) -> None:
    async with client(dist) as browser:
        assert (await browser.get("/api/things", headers=PAGE)).status_code == 405
        assert (await browser.post("/jobs", headers=PAGE)).status_code == 404
        assert (await browser.delete("/theme.js")).status_code == 404


async def test_hashed_names_are_kept_for_good_and_others_are_asked_about(client: Client, dist: Path) -> None:
    async with client(dist) as browser:
        script = await browser.get("/assets/index-a1.js")
        theme, icon = await browser.get("/theme.js"), await browser.get("/icon.svg")
    assert (script.content, script.headers["cache-control"]) == (SCRIPT, "public, max-age=31536000, immutable")
    assert (theme.text, theme.headers["cache-control"]) == ("document.title", "no-cache")
    assert [each.headers["content-type"] for each in (script, theme, icon)] == [
        "text/javascript; charset=utf-8",
        "text/javascript; charset=utf-8",
        "image/svg+xml",
    ]
    # A worker obeys the policy of its own file: the one for data would forbid it every request.
    assert "connect-src 'self'" in script.headers["content-security-policy"]
    assert "sandbox" in icon.headers["content-security-policy"]
    assert {each.headers["x-content-type-options"] for each in (script, theme, icon)} == {"nosniff"}


async def test_the_packed_file_is_sent_to_who_takes_it(client: Client, dist: Path) -> None:
    async with client(dist) as browser:
        zipped = await browser.get("/assets/index-a1.js", headers={"Accept-Encoding": "gzip"})
        async with browser.stream("GET", "/assets/index-a1.js", headers={"Accept-Encoding": "gzip, br"}) as answer:
            raw = b"".join([piece async for piece in answer.aiter_raw()])
        plain = await browser.get("/assets/index-a1.js")
    assert (zipped.headers["content-encoding"], zipped.content) == ("gzip", SCRIPT)
    assert (answer.headers["content-encoding"], raw) == ("br", b"packed by brotli")
    assert "content-encoding" not in plain.headers
    assert {each.headers["vary"] for each in (zipped, answer, plain)} == {"Accept-Encoding"}
    assert len({each.headers["etag"] for each in (zipped, answer, plain)}) == 3, "each form has its own tag"


async def test_who_has_it_gets_304_and_a_new_build_is_sent_anew(client: Client, dist: Path) -> None:
    async with client(dist) as browser:
        first = await browser.get("/", headers=PAGE)
        again = await browser.get("/jobs", headers=PAGE | {"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert (again.headers["cache-control"], again.headers["vary"]) == ("no-cache", "Accept-Encoding")
    (dist / "index.html").write_text("<!doctype html><title>Newer</title>")
    async with client(dist) as browser:
        newer = await browser.get("/", headers=PAGE | {"If-None-Match": first.headers["etag"]})
    assert newer.status_code == 200


async def test_head_says_the_same_without_the_body(client: Client, dist: Path) -> None:
    async with client(dist) as browser:
        for path, headers in (("/assets/index-a1.js", {"Accept-Encoding": "gzip"}), ("/jobs", PAGE)):
            got, head = await browser.get(path, headers=headers), await browser.head(path, headers=headers)
            assert (head.status_code, head.content) == (200, b"")
            ours = ("content-type", "content-length", "etag", "cache-control", "vary", "content-encoding")
            assert [head.headers.get(name) for name in ours] == [got.headers.get(name) for name in ours]


async def test_without_a_login_nothing_of_it_is_served(client: Client, dist: Path) -> None:
    async with client(dist, Authorization="") as stranger:
        for path in ("/assets/index-a1.js", "/theme.js", "/jobs"):
            assert (await stranger.get(path)).status_code == 401
        led = await stranger.get("/jobs/x", headers=PAGE)
    assert (led.status_code, led.headers["location"]) == (303, "/auth/login?next=/jobs/x")


async def test_unbuilt_it_says_what_to_do_and_is_there_once_it_is_built(client: Client, tmp_path: Path, dist: Path) -> None:
    elsewhere = tmp_path / "later"
    async with client(elsewhere) as browser:
        answer = await browser.get("/jobs", headers=PAGE)
        assert answer.status_code == 503 and "make frontend" in answer.text
        assert (await browser.get("/assets/index-a1.js")).status_code == 404
        await asyncio.to_thread(dist.rename, elsewhere)
        assert (await browser.get("/jobs", headers=PAGE)).status_code == 200
        assert (await browser.get("/assets/index-a1.js")).status_code == 200


async def test_what_was_read_at_the_start_stays_whole_when_the_folder_goes(client: Client, dist: Path) -> None:
    async with client(dist) as browser:
        for file in (dist / "assets").iterdir():
            file.unlink()
        assert (await browser.get("/assets/index-a1.js")).content == SCRIPT
