"""sdist.py NAME VERSION SHA256 FILE: one file of a source distribution, without building it.

`pip download` runs the archive's build backend even with --no-deps, and here that compiles for minutes. Reads pip's own index.
"""

import hashlib
import html
import io
import re
import sys
import tarfile
import urllib.parse
import urllib.request
from pathlib import Path

from pip._internal.configuration import Configuration
from pip._internal.models.index import PyPI


def index() -> str:
    """The package index that pip uses, with a slash at its end."""
    configuration = Configuration(isolated=False)
    configuration.load()
    values = dict(configuration.items())
    return (values.get(":env:.index-url") or values.get("global.index-url") or PyPI.simple_url).rstrip("/") + "/"


def main(name: str, version: str, sha256: str, wanted: str) -> None:
    """Writes `wanted` into the working folder. `SystemExit` when the index has another archive under that version."""
    page_url = index() + name + "/"
    with urllib.request.urlopen(page_url, timeout=60) as answer:
        page = answer.read().decode()
    links = (html.unescape(link) for link in re.findall(r'href="([^"]+)"', page))
    link = next((link for link in links if f"-{version}.tar.gz" in link), None)
    if link is None:
        raise SystemExit(f"{page_url} has no source distribution of {name} {version}.")
    with urllib.request.urlopen(urllib.parse.urljoin(page_url, link), timeout=300) as answer:
        archive = answer.read()
    if hashlib.sha256(archive).hexdigest() != sha256:
        raise SystemExit(f"{name} {version} is another file than the one that was tried: its SHA-256 isn't {sha256}.")
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        found = next(file for file in files if file.isfile() and file.name.endswith("/" + wanted))
        Path(wanted.rsplit("/", 1)[-1]).write_bytes(files.extractfile(found).read())


main(*sys.argv[1:])
