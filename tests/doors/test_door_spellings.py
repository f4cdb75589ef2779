"""Addresses in other spellings: past the lock by none, and to easy-dataset's closed paths by none, with any login."""

from __future__ import annotations

import pytest

from .checks import Door
from .stand import BEARER, TOOLS
from .wire import request

TARGETS = (
    "//api/jobs", "///api/jobs", "/./api/jobs", "/auth/login/../../api/jobs", "/auth/login/..%2f..%2fapi/jobs",
    "/auth/login%2f..%2f..%2fapi%2fjobs", "/auth/%2e%2e/api/jobs", "/%2e%2e/api/jobs", "/api/health/../jobs",
    "/api/health/..%2fjobs",
    "/api/health;/../jobs", "/api/health%00", "/api/health%2f", "/api/health/", "/api/health%20", "/API/health", "/AUTH/login",
    "/auth/LOGIN", "/%61uth/login/x", "/auth//login", "//auth/login", "/auth/login/", "/auth/login%3f/../x", "/x/../auth/login",
    "/auth/login\\..\\..\\api\\jobs", "/api/jobs?/api/health", "/api/jobs%3f/api/health", "/api/jobs#/api/health",
    "/auth/login;x=1", "/auth/login%23", "/auth/check/../tickets", "/auth/check", "/x%0d%0aX-A:%20b", "/.well-known/../api/jobs",
    "http://localhost/api/jobs", "http://evil.example/api/jobs", "//evil.example/api/jobs", "*", "api/jobs",
    "/api/../../etc/passwd",
)  # fmt: skip
CLOSED = ("/api/projects/open-directory", "/api/projects/delete-directory", "/api/update", "/api/projects/migrate")
HONEST = (
    "/", "/api/projects", "/api/projects/_Nykmm-F-axw/datasets?page=1&size=10", "/api/projects/-x/tasks/1", "/projects/a%20b/x",
    "/api/projects/x/files?fileName=a%2Fb%25", "/_next/static/chunks/app/%5Bid%5D/a.js", "/api/projects/updates",
    "/api/check-update",
)  # fmt: skip
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def spelled(path: str) -> list[str]:
    """`path` in spellings that one program or another takes for the same."""
    last = path.rpartition("/")[2]
    start = path.removesuffix(last)
    first, rest = f"{ord(last[0]):02x}", last[1:]
    return [
        f"{path}/", f"{path}//", f"{path}?x=1", f"{path};x", f"{path}%2f", f"{path}%00", f"{path}.json", f"{path}/x",
        f"{path}%20/",
        path.upper(), path.title(), path.replace("/", "//"), f"/{path}", f"/.{path}", f"/x/..{path}", f"/x/%2e%2e{path}",
        path.replace("/api/", "/api/./"), path.replace("/api", "/%61pi"), path.replace("/api/", "/api%2f"),
        path.replace("/api/", "/api\\"), f"{start}%{first}{rest}", f"{start}%{first.upper()}{rest.upper()}",
        f"{start}%25{first}{rest}",
        f"{start}./{last}", f"{start}x/../{last}", f"{start}x/%2e%2e/{last}", f"{start}x/..%2f{last}", f"{start}/{last}",
        f"{start}{last}%2e", f"{start}{last}#x", f"{start}%5c{last}", f"http://easy-dataset.localhost{path}",
        "".join(f"%{ord(letter):02x}" for letter in path),
    ]  # fmt: skip


@pytest.mark.parametrize("target", TARGETS)
def test_no_way_past_the_lock(door: Door, target: str) -> None:
    stand = door.stand
    if target not in ("http://localhost/api/jobs",):
        door.refuses("spellings", f"main {target}", stand.raw(request("GET", target, host=stand.host())))
    for tool in TOOLS[:2]:
        door.refuses("spellings", f"{tool} {target}", stand.raw(request("GET", target, host=stand.host(tool))))


@pytest.mark.parametrize("path", CLOSED)
def test_closed_paths_are_closed_by_every_method(door: Door, path: str) -> None:
    for method in METHODS:
        body = {"projectId": "x"} if method in ("POST", "PUT", "PATCH") else None
        reply = door.stand.ask(method, path, [BEARER], body, tool="easy-dataset")
        door.refuses("easy-dataset: closed paths", f"{method} {path}", reply)
    session, origin = door.stand.session("easy-dataset"), f"Origin: {door.stand.origin('easy-dataset')}"
    reply = door.stand.ask("POST", path, [session, origin], {"projectId": "x"}, tool="easy-dataset")
    door.refuses("easy-dataset: closed paths", f"POST {path} from its own page", reply)


@pytest.mark.parametrize("path", CLOSED)
def test_closed_paths_are_closed_in_every_spelling(door: Door, path: str) -> None:
    for target in spelled(path):
        reply = door.stand.raw(request("POST", target, [BEARER], {}, host=door.stand.host("easy-dataset")))
        door.refuses("easy-dataset: closed paths", target, reply)


@pytest.mark.parametrize("path", HONEST)
def test_the_rest_of_it_is_open(door: Door, path: str) -> None:
    door.stand.arrived()
    reply = door.stand.ask("GET", path, [BEARER], tool="easy-dataset")
    arrived = door.stand.arrived("easy-dataset")
    door.ledger.control("easy-dataset: closed paths", path, reply.status == 200 and arrived[0].target == path, (reply, arrived))
