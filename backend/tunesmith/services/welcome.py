"""The last word of a starting stack: where to look, once its services are ready."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from tunesmith.domain.deployment import ServingState
from tunesmith.services.links import Visit
from tunesmith.services.service import ServicesDesk, ServiceView

PATIENCE_SECONDS = 120.0
LOOK_SECONDS = 0.5


async def welcome(desk: ServicesDesk, visit: Visit, link: Callable[[], str], say: Callable[[str], None]) -> None:
    """Say it when every service has settled, or after two minutes. `link` makes a one-time login link."""
    deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
    while not desk.settled and asyncio.get_running_loop().time() < deadline:  # noqa: ASYNC110
        await asyncio.sleep(LOOK_SECONDS)
    say(text(desk.views(visit), link()))


def text(views: Sequence[ServiceView], link: str) -> str:
    lines = ["", "Tunesmith is up. Log in once with", f"    {link}", "then everything is one click away:"]
    lines += [f"    {view.title:15}{view.page or view.api}" for view in views if view.page or view.api]
    missing = [view for view in views if view.tool and view.state is not ServingState.READY]
    lines += [f"    {view.title:15}{view.state.value}. {view.detail}".rstrip() for view in missing]
    return "\n".join([*lines, ""])
