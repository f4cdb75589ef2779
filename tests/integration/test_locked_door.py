"""Without a login nothing answers but the login page and health. What is asked comes from the application's own OpenAPI."""

from __future__ import annotations

import http.client
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from .application import TOKEN, Application

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
OPEN = {("GET", "/auth/login"), ("HEAD", "/auth/login"), ("POST", "/auth/login"), ("GET", "/auth/handoff"),
        ("GET", "/api/health"), ("HEAD", "/api/health")}  # fmt: skip
PAGES = ("/", "/docs", "/openapi.json", "/metrics", "/a/page/of/the/dashboard")
COOKIE = "__Host-tunesmith"
PATIENCE_SECONDS = 120


@pytest.fixture(scope="module")
def addresses(application: Application) -> list[str]:
    """Every path of the OpenAPI, its parameters filled in, and the pages beside it."""
    document = application.client.get("/openapi.json").raise_for_status().json()
    return [re.sub(r"\{[^}]*\}", "1", path) for path in document["paths"]] + list(PAGES)


@pytest.fixture
def stranger(application: Application) -> Iterator[httpx.Client]:
    with application.stranger() as client:
        yield client


def test_nothing_answers_without_a_login(stranger: httpx.Client, addresses: list[str]) -> None:
    asked = [(method, path) for path in addresses for method in METHODS if (method, path) not in OPEN]
    assert len(asked) > 300
    answers = {(method, path): stranger.request(method, path) for method, path in asked}
    assert {key: answer.status_code for key, answer in answers.items() if answer.status_code != 401} == {}
    said = answers["GET", "/api/jobs"]
    assert said.headers["content-type"] == "application/problem+json" and said.headers["www-authenticate"].startswith("Bearer")
    assert "/auth/login" in said.json()["remedy"]


def test_a_browser_is_led_to_the_login_page(stranger: httpx.Client) -> None:
    for page in PAGES:
        answer = stranger.get(page, headers={"Accept": "text/html"})
        assert (answer.status_code, answer.headers["location"]) == (303, f"/auth/login?next={page}")


def test_what_is_open_tells_nothing(stranger: httpx.Client, application: Application) -> None:
    assert set(stranger.get("/api/health").json()) == {"status", "version"}
    page = stranger.get("/auth/login")
    assert page.status_code == 200 and TOKEN not in page.text and str(application.home) not in page.text
    assert "<script" not in page.text and "default-src 'none'" in page.headers["content-security-policy"]


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "[::2]", "a..localhost"])
def test_a_foreign_host_is_refused_everywhere(application: Application, addresses: list[str], host: str) -> None:
    login = {"Authorization": f"Bearer {TOKEN}"}
    with application.stranger(host) as client:
        answers = {path: client.get(path, headers=login).status_code for path in addresses}
    assert set(answers.values()) == {421}, answers


@pytest.mark.parametrize("origin", ["https://evil.example", "http://127.0.0.1:1", "null", "http://localhost.evil.example", ""])
def test_a_foreign_origin_is_refused_everywhere(application: Application, addresses: list[str], origin: str) -> None:
    """Also with a login, and for the login page: a page elsewhere must not act with what a browser holds."""
    answers = {path: application.ask("POST", path, headers={"Origin": origin}).status_code for path in addresses}
    assert set(answers.values()) == {403}, answers


def test_a_websocket_is_refused_too(stranger: httpx.Client) -> None:
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "AAAAAAAAAAA=",
    }
    assert stranger.get("/api/events", headers=upgrade).status_code in (401, 403)


FORGED = {
    "X-Forwarded-User": "admin",
    "X-Forwarded-For": "127.0.0.1",
    "X-Forwarded-Host": "localhost",
    "Forwarded": "for=127.0.0.1;host=localhost",
    "X-Real-IP": "127.0.0.1",
    "Remote-User": "admin",
    "Remote_User": "admin",
    "X-Remote-User": "admin",
    "X-WebAuth-User": "admin",
    "X-Auth-Request-User": "admin",
    "X-Authenticated-User": "admin",
    "X-Tunesmith-Identity": '{"by": "bearer"}',
    "X-Original-URL": "/api/health",
    "X-Rewrite-URL": "/api/health",
    "X-HTTP-Method-Override": "GET",
    "Cookie": f"{COOKIE}=admin; tunesmith={TOKEN}",
    "Authorization": "Basic YWRtaW46YWRtaW4=",
}


@pytest.mark.parametrize("name", FORGED)
def test_who_claims_to_be_someone_stays_outside(stranger: httpx.Client, name: str) -> None:
    assert stranger.get("/api/jobs", headers={name: FORGED[name]}).status_code == 401


def test_a_token_beside_its_place_opens_nothing(stranger: httpx.Client) -> None:
    """A token in an address ends up in logs and histories."""
    for query in ("token", "access_token", "ticket", "api_key"):
        assert stranger.get("/api/jobs", params={query: TOKEN}).status_code == 401


PATHS = [
    "//api/jobs",
    "///api/jobs",
    "/./api/jobs",
    "/auth/login/../../api/jobs",
    "/auth/login/..%2f..%2fapi/jobs",
    "/auth/login%2f..%2f..%2fapi%2fjobs",
    "/api/health/../jobs",
    "/api/health/..%2fjobs",
    "/api/health;/../jobs",
    "/api/health%00",
    "/api/health%2f",
    "/api/health/",
    "/api/health%20",
    "/API/health",
    "/%2e%2e/api/jobs",
    "/auth/login\\..\\..\\api\\jobs",
    "/api/jobs?/api/health",
    "/api/jobs%3f/api/health",
    "/api/jobs#/api/health",
    "http://127.0.0.1/api/jobs",
    "http://localhost/api/health/../jobs",
]


@pytest.mark.parametrize("target", PATHS)
def test_no_spelling_of_an_address_gets_past_the_door(application: Application, target: str) -> None:
    assert _raw(application, target) in (400, 401)


def _raw(application: Application, target: str) -> int:
    """The status of the answer to a request line as it is: clients tidy addresses up."""
    connection = http.client.HTTPConnection("127.0.0.1", application.port, timeout=PATIENCE_SECONDS)
    connection._validate_path = lambda _: None  # type: ignore[attr-defined]  # what a hostile client wouldn't do either
    try:
        connection.putrequest("GET", target, skip_host=True)
        connection.putheader("Host", f"127.0.0.1:{application.port}")
        connection.endheaders()
        return connection.getresponse().status
    finally:
        connection.close()


def test_two_hosts_or_none_are_refused(application: Application) -> None:
    for hosts in ((), ("127.0.0.1", "evil.example"), ("evil.example", "127.0.0.1")):
        connection = http.client.HTTPConnection("127.0.0.1", application.port, timeout=PATIENCE_SECONDS)
        connection.putrequest("GET", "/api/health", skip_host=True)
        for host in hosts:
            connection.putheader("Host", host)
        connection.endheaders()
        assert connection.getresponse().status in (400, 421)
        connection.close()


# ── one-time links and sessions ──


def _link(application: Application, host: str) -> str:
    answer = application.post("/auth/tickets", {"host": f"{host}:{application.port}"})
    assert answer.status_code == 201, answer.text
    assert urlsplit(answer.json()["url"]).hostname == host
    return f"/auth/login?{urlsplit(answer.json()['url']).query}"


def _session(application: Application, host: str) -> str:
    with application.stranger(host) as browser:
        answer = browser.get(_link(application, host))
    assert answer.status_code == 303, answer.text
    cookie = answer.headers["set-cookie"]
    assert all(word in cookie for word in ("HttpOnly", "Secure", "SameSite=lax", "Path=/")) and "Domain" not in cookie
    return cookie.partition(";")[0]


def test_a_link_opens_one_session_once_and_on_its_host_only(application: Application) -> None:
    link = _link(application, "tool.localhost")
    with application.stranger("localhost") as elsewhere, application.stranger("tool.localhost") as there:
        assert elsewhere.get(link).status_code == 401
        assert there.get(link).status_code == 303
        replayed = there.get(link)
    assert replayed.status_code == 401 and "set-cookie" not in replayed.headers


def test_a_cookie_of_one_host_opens_no_other(application: Application) -> None:
    cookie = {"Cookie": _session(application, "localhost")}
    with application.stranger("localhost") as here, application.stranger("tool.localhost") as there:
        assert here.get("/api/jobs", headers=cookie).status_code == 200
        assert there.get("/api/jobs", headers=cookie).status_code == 401


def test_a_write_by_cookie_must_say_which_page_made_it(application: Application) -> None:
    cookie = {"Cookie": _session(application, "localhost")}
    origin = f"http://localhost:{application.port}"
    body = {"adapter": "nothing", "name": "nothing"}
    with application.stranger("localhost") as browser:
        assert browser.post("/api/releases", json=body, headers=cookie).status_code == 403
        assert browser.post("/api/releases", json=body, headers=cookie | {"Sec-Fetch-Site": "cross-site"}).status_code == 403
        assert browser.post("/api/releases", json=body, headers=cookie | {"Origin": f"{origin}0"}).status_code == 403
        assert browser.post("/api/releases", json=body, headers=cookie | {"Origin": origin}).status_code == 404


def test_after_logging_out_no_session_and_no_link_is_good(application: Application) -> None:
    cookie, link = {"Cookie": _session(application, "localhost")}, _link(application, "localhost")
    assert application.ask("POST", "/auth/logout").status_code == 204
    with application.stranger("localhost") as browser:
        assert browser.get("/api/jobs", headers=cookie).status_code == 401
        assert browser.get(link).status_code == 401


# ── the page of the API ──


def test_the_page_of_the_api_needs_nothing_from_elsewhere(application: Application) -> None:
    page = application.client.get("/docs")
    assert page.status_code == 200 and page.headers["content-type"].startswith("text/html")
    assert not re.search(r"<script|<iframe|<link|@import|src=|url\(|https?://(?!127\.0\.0\.1|localhost)", page.text)
    assert "default-src 'self'" in page.headers["content-security-policy"]
    document = application.client.get("/openapi.json").json()
    assert [path for path in document["paths"] if f"<code>{path}</code>" not in page.text] == []
