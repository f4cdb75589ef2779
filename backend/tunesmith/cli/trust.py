"""`tunesmith trust`: the root certificate that the stack's Caddy signs its HTTPS with, for browsers and systems to trust."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tunesmith.cli.show import say

if TYPE_CHECKING:
    from tunesmith.domain.home import Home
    from tunesmith.settings import Settings

CADDY = "caddy"
"""Caddy's data folder, below `.tunesmith` (`compose/caddy.yml`)."""
ROOT = Path("caddy", "pki", "authorities", "local", "root.crt")
"""In it, where Caddy keeps its own authority."""
STEPS = (
    ("Debian, Ubuntu", "sudo cp {file} /usr/local/share/ca-certificates/tunesmith.crt && sudo update-ca-certificates"),
    ("Fedora, RHEL", "sudo cp {file} /etc/pki/ca-trust/source/anchors/tunesmith.crt && sudo update-ca-trust"),
    ("macOS", "sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain {file}"),
    ("Windows", "certutil -user -addstore Root {file}"),
    ("Chromium (Linux)", 'certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n Tunesmith -i {file}   (package "libnss3-tools")'),
    ("Firefox", "Settings > Privacy & Security > Certificates > View Certificates > Authorities > Import, for web sites"),
    ("curl", "curl --cacert {file} {url}"),
    ("Python", "export SSL_CERT_FILE={file}"),
)


def trust(
    out: Annotated[Path, typer.Option("--out", help="File to write the certificate to.")] = Path("tunesmith-root.crt"),
) -> None:
    """Export the stack's root certificate, and say how browsers and systems come to trust it. Changes none of them."""
    from tunesmith.settings import load_settings

    settings = load_settings()
    pem = root_certificate(settings.place)
    _write(out, pem)
    file, url = out.resolve(), f"https://{settings.domain}:{settings.https_port}/"
    say(f"certificate  {file}")
    say(f"SHA-256      {fingerprint(pem)}")
    say(f"opens        {url} and https://TOOL.{settings.domain}:{settings.https_port}/ without a warning, once it is trusted")
    for system, step in STEPS:
        say(f"{system:18}{step.format(file=_quoted(file), url=url)}")
    _warn(settings)


def root_certificate(home: Home) -> str:
    """PEM. `NotFound` before the stack's first start, `Refused` when it belongs to another user."""
    from tunesmith.domain.errors import NotFound, Refused

    path = home.ours / CADDY / ROOT
    try:
        return path.read_text(encoding="ascii")
    except FileNotFoundError as error:
        raise NotFound(
            "There is no certificate yet",
            f"{path} isn't there; Caddy makes it at its first start.",
            "Run `docker compose up --wait`.",
        ) from error
    except PermissionError as error:
        raise Refused(
            "The certificate can't be read", f"{path} belongs to another user.", "Run this as the user that TUNESMITH_UID names."
        ) from error


def fingerprint(pem: str) -> str:
    """As browsers show it. `InvalidInput` for what isn't a certificate."""
    import hashlib
    import ssl

    from tunesmith.domain.errors import InvalidInput

    try:
        found = hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest().upper()
    except ValueError as error:
        raise InvalidInput(
            "Caddy's root certificate is damaged", str(error), "Delete .tunesmith/caddy and start the stack again."
        ) from error
    return ":".join(found[at : at + 2] for at in range(0, len(found), 2))


def _write(out: Path, pem: str) -> None:
    from tunesmith.domain.errors import Refused

    try:
        out.write_text(pem, encoding="ascii")
    except OSError as error:
        raise Refused(f"{out} can't be written", f"{error.strerror}.", "Name another file by --out.") from error


def _quoted(path: Path) -> str:
    import shlex

    return shlex.quote(str(path))


def _warn(settings: Settings) -> None:
    say()
    say(f"Its key stays in {settings.place.ours / CADDY}: whoever has that can pretend to be any site to those who trust it.")
    if settings.domain == "localhost":
        say("On this machine plain HTTP at localhost is as safe: browsers treat it so, and need no certificate.")
