"""Certificates are read once for all connections out, and anew where others are named."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

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
    one = ssl.DER_cert_to_PEM_cert(usual.get_ca_certs(binary_form=True)[0])
    named = tmp_path / "own.pem"
    named.write_text(one)

    monkeypatch.setenv(NAMED, str(named))
    assert [ssl.DER_cert_to_PEM_cert(each) for each in trusted().get_ca_certs(binary_form=True)] == [one]

    monkeypatch.setenv(NAMED, str(tmp_path / "none.pem"))
    with pytest.raises(FileNotFoundError):
        trusted()
