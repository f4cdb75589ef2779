"""What a client says of itself: it opens nothing, and no tool ever hears it. Nor does a tool hear what opens our own door."""

from __future__ import annotations

import pytest

from .checks import Door
from .stand import BEARER, TOKEN, TOOLS

FORGED = (
    "X-Forwarded-User: admin", "X-Forwarded-Email: admin@box", "X-Forwarded-Groups: admin", "X-Forwarded-For: 127.0.0.1",
    "X-Forwarded-Host: localhost", "X-Forwarded-Proto: https", "X-Forwarded-Method: GET", "X-Forwarded-Uri: /auth/login",
    "X-Forwarded-Upgrade: ", "X-Forwarded-Preferred-Username: admin", "X-Forwarded-Access-Token: a", "X-Forwarded-Prefix: /x",
    "Forwarded: for=127.0.0.1;host=localhost;proto=https", "X-Real-IP: 127.0.0.1", "Remote-User: admin", "Remote-Groups: admin",
    "Remote-Email: a@box", "Remote_User: admin", "X-Remote-User: admin", "X-WebAuth-User: admin", "X-Auth-Request-User: admin",
    "X-Auth-User: admin", "X-Authenticated-User: admin", "X-Tunesmith-Identity: admin", "X-Tunesmith-User: admin",
    "X_Forwarded_User: admin", "X-Original-URL: /auth/login", "X-Rewrite-URL: /auth/login", "X-Original-Method: GET",
    "X-Middleware-Subrequest: src/middleware:src/middleware", "X-Invoke-Path: /api/projects",
    "Authorization: Basic YWRtaW46YWRtaW4=",
    "Authorization: Bearer wrong", f"Authorization: {TOKEN}", f"Cookie: __Host-tunesmith={TOKEN}",
    "Cookie: __Host-tunesmith=admin",
    f"X-Api-Key: {TOKEN}",
)  # fmt: skip
KEPT_FROM_TOOLS = ("authorization", "forwarded", "x-real-ip", "remote", "x-remote", "x-webauth", "x-auth", "x-tunesmith",
                   "x-original", "x-rewrite", "x-middleware", "x-invoke")  # fmt: skip


@pytest.mark.parametrize("claim", FORGED)
def test_a_claim_opens_nothing(door: Door, claim: str) -> None:
    door.refuses("forged identity", f"{claim} at the API", door.stand.ask("GET", "/api/jobs", [claim]))
    for tool in TOOLS[:2]:
        door.refuses("forged identity", f"{claim} at {tool}", door.stand.ask("GET", "/x", [claim], tool=tool))


@pytest.mark.parametrize("tool", TOOLS)
def test_a_token_beside_its_place_opens_nothing(door: Door, tool: str) -> None:
    for name in ("token", "access_token", "ticket", "api_key", "key"):
        door.refuses("forged identity", f"{name} in the address", door.stand.ask("GET", f"/x?{name}={TOKEN}", tool=tool))


@pytest.mark.parametrize("tool", TOOLS)
def test_a_tool_hears_no_claim_and_no_secret(door: Door, tool: str) -> None:
    stand = door.stand
    session = stand.session(tool)
    secret = session.partition("=")[2]
    claims = [each for each in FORGED if not each.startswith(("Authorization", "Cookie"))]
    cookies = [f"Cookie: a=1; {session.partition(': ')[2]}; b=2", f"Cookie: __HOST-tunesmith={secret}"]
    stand.arrived()
    reply = stand.ask("GET", "/x", [*claims, *cookies], tool=tool)
    assert reply.status == 200, reply.data
    bearer = stand.ask("GET", "/x", [BEARER], tool=tool)
    assert bearer.status == 200, bearer.data
    for arrived in stand.arrived(tool):
        lines = [f"{name.lower()}: {value}" for name, value in arrived.headers]
        leaked = [line for line in lines if line.startswith(KEPT_FROM_TOOLS) or "admin" in line or "_" in line.partition(":")[0]]
        leaked += [line for line in lines if secret in line or (TOKEN in line and not line.startswith("x-api-key"))]
        door.ledger.attack("secrets at tools", f"{tool} {arrived.method}", not leaked, leaked)
        expected = {"X-Forwarded-For": "127.0.0.1", "X-Forwarded-Proto": "http", "X-Forwarded-Host": stand.host(tool)}
        assert {name: arrived.header(name) for name in expected} == expected


def test_a_tools_own_cookies_and_its_host_arrive(door: Door) -> None:
    """Gradio makes its addresses from Host; Ollama knows itself by another name."""
    stand = door.stand
    stand.ask("GET", "/x", [BEARER, "Cookie: theirs=1; __Host-tunesmith=x; more=2"], tool="llamafactory")
    [arrived] = stand.arrived("llamafactory")
    door.ledger.control("secrets at tools", "cookies of a tool", arrived.header("Cookie") == "theirs=1; more=2", arrived)
    door.ledger.control("secrets at tools", "Host", arrived.header("Host") == stand.host("llamafactory"), arrived)
    stand.ask("POST", "/api/tags", [BEARER, f"Origin: {stand.origin('ollama')}"], {}, tool="ollama")
    [arrived] = stand.arrived("ollama")
    door.ledger.control("secrets at tools", "Host of Ollama", arrived.header("Host") == "localhost:11434", arrived)
    door.ledger.control("secrets at tools", "Origin of Ollama", arrived.header("Origin") is None, arrived)
