"""A tool's address: its own host at the port that we were reached at; natively where it answers."""

from __future__ import annotations

import pytest

from tunesmith.domain.deployment import ServingState
from tunesmith.domain.service import Service
from tunesmith.services.known import Known
from tunesmith.services.links import Links, Visit

BOARD = Known("tensorboard", "TensorBoard", "curves", "page")
STACK, NATIVE = Links("localhost", 3000, 3443), Links("", 3000, 3443)


def service(state: ServingState, address: str | None = None) -> Service:
    return Service(name="tensorboard", state=state, address=address)


@pytest.mark.parametrize(
    ("visit", "page"),
    [
        (Visit("http", 3000), "http://tensorboard.localhost:3000/"),
        # Caddy ends TLS, so that it reaches us by plain HTTP.
        (Visit("http", 3443), "https://tensorboard.localhost:3443/"),
        (Visit("http", None), "http://tensorboard.localhost/"),
        (Visit("https", 8443), "https://tensorboard.localhost:8443/"),
    ],
)
def test_the_host_of_a_tool(visit: Visit, page: str) -> None:
    assert STACK.page(BOARD, service(ServingState.READY), visit) == page


def test_what_does_not_run_has_no_page() -> None:
    for state in (ServingState.ABSENT, ServingState.STOPPED):
        assert STACK.page(BOARD, service(state), Visit("http", 3000)) is None


def test_natively_it_is_where_it_answers() -> None:
    found = NATIVE.page(BOARD, service(ServingState.READY, "http://127.0.0.1:6006"), Visit("http", 8765))
    assert found == "http://127.0.0.1:6006"
