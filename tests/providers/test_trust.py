"""Certificates are read once for all connections out, and anew where others are named."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from lightbox.providers.trust import trusted

NAMED = "SSL_CERT_FILE"


def test_certificates_are_read_once_and_every_host_is_checked_by_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(NAMED, raising=False)
    context = trusted()

    assert trusted() is context
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


def test_a_file_of_other_certificates_holds_for_connections_that_are_made_later(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv(NAMED, raising=False)
    usual = trusted()
    one = _certificate()
    named = tmp_path / "own.pem"
    named.write_bytes(one.public_bytes(Encoding.PEM))

    monkeypatch.setenv(NAMED, str(named))
    assert trusted().get_ca_certs(binary_form=True) == [one.public_bytes(Encoding.DER)]
    assert trusted() is not usual

    monkeypatch.setenv(NAMED, str(tmp_path / "none.pem"))
    with pytest.raises(FileNotFoundError):
        trusted()


def _certificate() -> x509.Certificate:
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "an authority of a test")])
    made = x509.CertificateBuilder().issuer_name(name).subject_name(name).public_key(key.public_key())
    made = made.serial_number(x509.random_serial_number()).not_valid_before(now)
    made = made.not_valid_after(now + timedelta(days=1))
    return made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(key, SHA256())
