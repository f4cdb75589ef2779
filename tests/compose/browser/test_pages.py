"""The tools' own pages in a browser, through the one door: the way there, what they show, and the way out."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from kit.waiting import waiting

from ..door import until
from ..stack import Stack
from .conftest import host, log_in

pytestmark = pytest.mark.timeout(3600)


def test_the_dashboard_names_every_service_and_leads_to_the_tools(stack: Stack, adapter: str, page: Page) -> None:
    troubles: list[str] = []
    page.on("console", lambda message: troubles.append(message.text) if message.type in ("error", "warning") else None)
    page.goto(f"{stack.url}/services")
    log_in(page, stack)
    expect(page).to_have_url(f"{stack.url}/services")
    services = page.get_by_role("region", name="Services")
    for name in ("LLaMA-Factory", "llama.cpp", "Ollama", "TensorBoard", "easy-dataset", "Orchestrator", "Caddy", "Engine gate"):
        expect(services.get_by_text(name, exact=True)).to_be_visible()
    tensorboard, llama_cpp = (opened(page, stack, *tool) for tool in (("TensorBoard", "tensorboard"), ("llama.cpp", "llama-cpp")))
    with waiting("page"):
        until(lambda: shows_the_curve(tensorboard))
    expect(llama_cpp.get_by_role("button", name="submit")).to_be_visible()
    assert troubles == []


def opened(page: Page, stack: Stack, title: str, tool: str) -> Page:
    """The tab into which the dashboard opens a tool's own page, logged in there too."""
    with page.expect_popup() as tab:
        page.get_by_role("link", name=f"Open {title}, in a new tab").click()
    expect(tab.value).to_have_url(re.compile(re.escape(host(stack, tool))))
    return tab.value


def shows_the_curve(page: Page) -> bool:
    """TensorBoard looks for new runs every few seconds, its page only when it is loaded."""
    page.reload()
    page.wait_for_load_state("networkidle")
    return page.get_by_text("doors/tensorboard").count() > 0 and page.get_by_text("train/loss").count() > 0


def test_a_tools_deep_link_survives_the_login_and_a_logout_shuts_every_host(stack: Stack, page: Page) -> None:
    page.goto(f"{host(stack, 'tensorboard')}/?darkMode=true#timeseries")
    log_in(page, stack)
    expect(page).to_have_url(re.compile(re.escape(host(stack, "tensorboard")) + r"/\?darkMode=true"))
    page.goto(stack.url)
    page.get_by_role("button", name="log out").click()
    page.get_by_role("menuitem", name="Log out").click()
    expect(page.get_by_label("Token")).to_be_visible()
    page.goto(host(stack, "tensorboard"))
    expect(page.get_by_label("Token")).to_be_visible()
