"""The person's own browser, opened where there is one to look at."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping


def has_desktop(environment: Mapping[str, str], platform: str) -> bool:
    """Whether a window that is opened here appears before who asks: not on a server, in CI, or at the far end of an SSH line."""
    if "CI" in environment or "SSH_CONNECTION" in environment:
        return False
    return platform in ("darwin", "win32") or bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


def wanted() -> bool:
    """A person sits at this terminal, and at a desktop."""
    return sys.stdout.isatty() and has_desktop(os.environ, sys.platform)


def show(url: str) -> bool:
    """Open `url` in a window; False when there is no browser for it. One that would take over the terminal is none."""
    import webbrowser

    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return False
    # Lynx and its like are of just this class; a browser that the person named (BROWSER) may be anything.
    if type(browser) is webbrowser.GenericBrowser and "BROWSER" not in os.environ:
        return False
    return browser.open(url)
