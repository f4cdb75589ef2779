"""`tunesmith trust`, on a certificate as Caddy keeps it."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import pytest
import yaml

from tunesmith.cli.trust import CADDY, ROOT

from .conftest import Cli

DER = b"\x30\x82 what a certificate holds"
PEM = f"-----BEGIN CERTIFICATE-----\n{base64.b64encode(DER).decode()}\n-----END CERTIFICATE-----\n"
COMPOSE = Path(__file__).resolve().parents[3] / "compose" / "caddy.yml"


@pytest.fixture
def root(cli: Cli) -> Path:
    path = cli.home / ".tunesmith" / CADDY / ROOT
    path.parent.mkdir(parents=True)
    path.write_text(PEM)
    return path


def test_it_exports_the_certificate_and_says_what_to_do(cli: Cli, root: Path, tmp_path: Path) -> None:
    out = tmp_path / "with a space.crt"
    ended = cli("trust", "--out", str(out))
    assert ended.status == 0, ended.err
    assert out.read_text() == PEM
    digest = hashlib.sha256(DER).hexdigest().upper()
    assert ":".join(digest[at : at + 2] for at in range(0, 64, 2)) in ended.out
    assert "https://localhost:3443/" in ended.out and f"'{out}'" in ended.out
    assert all(system in ended.out for system in ("Debian", "macOS", "Windows", "Firefox", "Chromium"))


def test_addresses_are_those_of_the_settings(cli: Cli, root: Path, tmp_path: Path) -> None:
    ended = cli("trust", "--out", str(tmp_path / "a.crt"), TUNESMITH_DOMAIN="box.lan", TUNESMITH_HTTPS_PORT="8443")
    assert "https://box.lan:8443/" in ended.out and "https://TOOL.box.lan:8443/" in ended.out


def test_before_the_first_start_it_says_where_it_comes_from(cli: Cli, tmp_path: Path) -> None:
    ended = cli("trust", "--out", str(tmp_path / "a.crt"))
    assert ended.status == 1 and not (tmp_path / "a.crt").exists()
    assert "no certificate yet" in ended.err and "docker compose up" in ended.err


def test_a_damaged_certificate_and_a_folder_that_isnt_there_are_said(cli: Cli, root: Path, tmp_path: Path) -> None:
    assert "--out" in cli("trust", "--out", str(tmp_path / "nowhere" / "a.crt")).err
    root.write_text("half a certifi")
    assert "damaged" in cli("trust", "--out", str(tmp_path / "a.crt")).err


def test_the_stack_keeps_it_there() -> None:
    caddy = yaml.safe_load(COMPOSE.read_text())["services"]["caddy"]
    mounts = [each for each in caddy["volumes"] if isinstance(each, str)]
    assert any(each.endswith(f"/.tunesmith/{CADDY}:{caddy['environment']['XDG_DATA_HOME']}") for each in mounts), mounts
