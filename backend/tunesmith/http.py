"""httpx without its own command line, which would draw in click, rich and pygments at every command and start of ours."""

from __future__ import annotations

import functools
import ssl
import sys
from types import ModuleType
from typing import cast

sys.modules.setdefault("httpx._main", cast(ModuleType, None))  # None: an import of it fails, and httpx does without

import httpx  # noqa: E402

__all__ = ["httpx", "tls_for"]


def tls_for(*addresses: str) -> ssl.SSLContext:
    """What a client of these addresses verifies certificates by; its `verify`. A client of httpx loads those that this machine
    trusts, 20 to 35 ms in which nothing else goes on: here they are loaded for `https` alone, once. Plain HTTP trusts none."""
    secure = any(address.startswith("https:") for address in addresses)
    return _of_this_machine() if secure else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@functools.cache
def _of_this_machine() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)
