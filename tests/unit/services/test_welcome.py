"""What a starting stack says last: what runs with its address, and what doesn't with the reason."""

from tunesmith.domain.deployment import ServingState
from tunesmith.services.service import ServiceView
from tunesmith.services.welcome import text


def view(name: str, state: ServingState, **more: str) -> ServiceView:
    given = {"page": None, "api": None, "detail": ""} | more
    return ServiceView(name=name, title=name.title(), state=state, purpose="", tool=True, log=True, **given)  # type: ignore[arg-type]


def test_it_names_the_link_every_address_and_what_is_missing() -> None:
    views = [
        view("board", ServingState.READY, page="http://board.localhost:3000/"),
        view("engine", ServingState.READY, api="http://engine.localhost:3000"),
        view("maker", ServingState.ABSENT, detail="Start it."),
    ]
    said = text(views, "http://localhost:3000/auth/login?ticket=t").splitlines()
    assert "    http://localhost:3000/auth/login?ticket=t" in said
    assert [line.split() for line in said[4:]] == [
        ["Board", "http://board.localhost:3000/"],
        ["Engine", "http://engine.localhost:3000"],
        ["Maker", "absent.", "Start", "it."],
    ]
