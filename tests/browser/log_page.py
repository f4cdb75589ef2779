"""The log viewer as a person sees it: what is in view, at any place, and whether each line is there once."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

IN_VIEW = """() => {
    const box = document.querySelector('[role=log]').getBoundingClientRect();
    const inside = ({top, bottom}) => top >= box.top - 1 && bottom <= box.bottom + 1;
    const text = (row) => row.querySelector('[data-text]')?.innerText ?? row.innerText;
    return [...document.querySelectorAll('[role=log] [data-row]')]
        .filter((row) => inside(row.getBoundingClientRect()))
        .map((row) => [row.querySelector('[data-number]')?.dataset.number ?? null, text(row)]);
}"""
AT = f"""([share, lines]) => {{
    const rows = ({IN_VIEW})();
    const place = Number(rows[0]?.[0]) - 1 - share * (lines - rows.length);
    const fills = rows.length >= document.querySelector('[role=log]').clientHeight / 18 - 2;
    return fills && Math.abs(place) <= 20 + lines / 100 && rows;
}}"""
"""The rows in view, once they are those of that place and fill the view (a row is 18 px high)."""
AT_REST = """async () => {
    const box = document.querySelector('[role=log]');
    for (let before, frames = 0; frames < 5; before = box.scrollTop) {
        await new Promise(requestAnimationFrame);
        frames = box.scrollTop === before ? frames + 1 : 0;
    }
}"""
Rows = list[tuple[str | None, str]]
"""Number and text of each."""


def log_of(page: Page) -> Locator:
    return page.get_by_role("log")


def rows(page: Page) -> Rows:
    """The rows in view."""
    return [(number, text) for number, text in page.evaluate(IN_VIEW)]


def check_rows(page: Page, texts: list[str]) -> None:
    """These rows are in view, as soon as they are drawn."""
    page.wait_for_function(
        f"(texts) => JSON.stringify(({IN_VIEW})().map(([, text]) => text)) === JSON.stringify(texts)", arg=texts
    )


def look_at(page: Page, share: float, lines: int) -> Rows:
    """The rows at a place between the beginning (0) and the end (1) of so many lines."""
    log_of(page).evaluate("(box, share) => { box.scrollTop = (box.scrollHeight - box.clientHeight) * share }", share)
    return [(number, text) for number, text in page.wait_for_function(AT, arg=[share, lines]).json_value()]


def look_up(page: Page, pixels: int, lines: int) -> Rows:
    """Scroll up from the end of so many lines as by a wheel; the rows in view once it rests, which isn't followed any more."""
    expect(page.get_by_text(f"{lines:,} lines, ")).to_be_visible()
    log_of(page).hover()
    page.mouse.wheel(0, -pixels)
    expect(page.get_by_role("button", name="Follow the end", exact=True)).to_have_attribute("aria-pressed", "false")
    scrolled = "(box, pixels) => box.scrollHeight - box.clientHeight - box.scrollTop > pixels / 2"
    page.wait_for_function(f"(pixels) => ({scrolled})(document.querySelector('[role=log]'), pixels)", arg=pixels)
    page.evaluate(AT_REST)
    fills = f"() => ({IN_VIEW})().length >= document.querySelector('[role=log]').clientHeight / 18 - 2"
    page.wait_for_function(fills)
    return rows(page)


def check_all(page: Page, lines: int) -> None:
    """Each line is there once, at its place, wherever one looks: numbered n + 1, it says n."""
    page.get_by_text(f"{lines:,} lines, ").wait_for()
    for place in range(21):
        seen = look_at(page, place / 20, lines)
        assert len(seen) > 10
        assert [int(number or -1) - 1 for number, _ in seen] == [int(text[:7]) for _, text in seen]
    assert rows(page)[-1][0] == str(lines)
