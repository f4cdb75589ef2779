"""The login page: one self-contained answer, since nothing else is served to who isn't logged in."""

from __future__ import annotations

import base64
import hashlib
from html import escape

STYLE = """
:root { color-scheme: light dark; --ink: #1b1d21; --dim: #5a606b; --ground: #f6f7f8; --card: #fff; --line: #c9cdd4;
  --accent: #1f5fbf; --on-accent: #fff; --bad: #b3261e }
@media (prefers-color-scheme: dark) { :root { --ink: #e8eaed; --dim: #a3a9b4; --ground: #14161a; --card: #1d2025;
  --line: #3d434d; --accent: #8ab4f8; --on-accent: #10213d; --bad: #f2b8b5 } }
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 16px; color: var(--ink);
  background: var(--ground); font: 16px/1.5 system-ui, sans-serif }
main { width: 100%; max-width: 400px; padding: 32px; background: var(--card); border: 1px solid var(--line); border-radius: 8px }
h1 { margin: 0 0 8px; font-size: 22px }
p { margin: 0 0 16px; color: var(--dim) }
p[role=alert] { color: var(--bad) }
label { display: block; margin-bottom: 4px; font-weight: 600 }
input { width: 100%; padding: 8px 12px; font: 16px ui-monospace, monospace; color: inherit; background: var(--ground);
  border: 1px solid var(--dim); border-radius: 4px }
button { width: 100%; margin-top: 16px; padding: 8px 16px; font: inherit; font-weight: 600; color: var(--on-accent);
  background: var(--accent); border: 0; border-radius: 4px; cursor: pointer }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
code { padding: 2px 4px; font-family: ui-monospace, monospace; color: var(--ink); background: var(--ground); border-radius: 4px }
"""
_digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()


def page_headers(leads_to: str | None = None) -> dict[str, str]:
    """Headers of the login page. `leads_to`: another origin of ours that the form's answer redirects to in the end."""
    targets = f"'self' {leads_to}" if leads_to else "'self'"
    return {
        "Content-Security-Policy": (
            f"default-src 'none'; style-src 'sha256-{_digest}'; form-action {targets}; frame-ancestors 'none'; base-uri 'none'"
        ),
        # Under no-referrer a browser posts a form with `Origin: null`, which the guard must refuse (Fetch standard, "append a
        # request Origin header").
        "Referrer-Policy": "same-origin",
        "Cache-Control": "no-store",
    }


def login_page(next_path: str = "/", message: str = "") -> str:
    """HTML. `message` says why an earlier try failed."""
    alert = f'<p role="alert" id="why">{escape(message)}</p>' if message else ""
    described = ' aria-describedby="why where" aria-invalid="true"' if message else ' aria-describedby="where"'
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Log in · Tunesmith</title>
<style>{STYLE}</style>
</head>
<body>
<main>
<h1>Tunesmith</h1>
<p id="where">On the machine that runs Tunesmith, <code>tunesmith token</code> prints the token.</p>
{alert}
<form method="post" action="/auth/login">
<input type="hidden" name="next" value="{escape(next_path)}">
<label for="token">Token</label>
<input id="token" name="token" type="password" required autofocus autocomplete="current-password" spellcheck="false"{described}>
<button type="submit">Log in</button>
</form>
</main>
</body>
</html>
"""


def safe_next(path: str | None) -> str:
    """`path` when it stays on this host, else `/`: `//host`, `/\\host` and control characters lead browsers elsewhere."""
    if not path or not path.startswith("/") or path[1:2] in ("/", "\\") or not path.isprintable() or "\\" in path:
        return "/"
    # Of our own pages only the one that leads on to a tool: after a login none of the others makes sense.
    ours = path.startswith("/auth/") and not path.startswith("/auth/handoff?to=")
    return path if path.isascii() and not ours else "/"
