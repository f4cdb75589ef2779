"""The login token: from the settings, else from `.tunesmith/token`, which the first start makes."""

from __future__ import annotations

import secrets
from pathlib import Path

from pydantic import SecretStr

from tunesmith.domain.errors import InvalidInput, Refused
from tunesmith.ownership import write_private

SHORTEST = 16
BYTES = 32


def load_token(path: Path, given: SecretStr | None = None) -> str:
    """`given`, else what `path` holds; made there (mode 0600) when it doesn't exist.

    Raises `InvalidInput` for a token of less than 16 printable ASCII characters, `Refused` when others may read the file.
    """
    if given is not None:
        return _checked(given.get_secret_value(), "TUNESMITH_TOKEN")
    if not path.exists():
        write_private(path, secrets.token_urlsafe(BYTES) + "\n")
    if path.stat().st_mode & 0o077:
        raise Refused(
            "The token can be read by others", f"{path} isn't private.", f"Run `chmod 600 {path}`, or delete it for a new one."
        )
    return _checked(path.read_text(encoding="utf-8").strip(), str(path))


def _checked(token: str, source: str) -> str:
    if len(token) >= SHORTEST and token.isascii() and token.isprintable() and " " not in token:
        return token
    raise InvalidInput(
        "The login token can't be used",
        f"{source} must hold at least {SHORTEST} ASCII characters without spaces.",
        "Make one by `python3 -c 'import secrets; print(secrets.token_urlsafe())'`, or leave it out.",
    )
