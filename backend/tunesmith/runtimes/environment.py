"""The environment that a native command starts from: what this user and network need, and nothing of ours."""

from __future__ import annotations

from collections.abc import Mapping

_NAMES = frozenset(
    (
        *("PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "TZ", "LANG", "XDG_CACHE_HOME"),
        # A corporate network's own CA and proxy.
        *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"),
        *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "no_proxy", "all_proxy"),
        # Where a rented GPU machine tells its accelerator and its driver's libraries.
        *("CUDA_HOME", "CUDA_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES", "LD_LIBRARY_PATH"),
    )
)
_PREFIXES = ("LC_", "UV_", "PIP_")


def base_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The part of `environ` that every native command gets; tokens and settings of the orchestrator stay out."""
    return {name: value for name, value in environ.items() if name in _NAMES or name.startswith(_PREFIXES)}
