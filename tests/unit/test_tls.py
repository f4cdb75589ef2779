"""Which certificates our clients believe: this machine's for an `https` address, and none is loaded for plain ports."""

from __future__ import annotations

import ssl

from tunesmith.http import tls_for


def test_plain_addresses_load_no_certificate_and_believe_none() -> None:
    context = tls_for("http://127.0.0.1:11434", "")
    assert context.get_ca_certs() == [] and context.cert_store_stats()["x509_ca"] == 0
    assert context.verify_mode is ssl.CERT_REQUIRED and context.check_hostname


def test_one_secure_address_loads_this_machines_certificates_once() -> None:
    context = tls_for("http://127.0.0.1:1717", "https://ollama.example")
    assert context.cert_store_stats()["x509_ca"] > 0
    assert context.verify_mode is ssl.CERT_REQUIRED and context.check_hostname
    assert tls_for("https://another.example") is context
