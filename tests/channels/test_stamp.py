"""The hash in a channel's stamp."""

from __future__ import annotations

import hashlib

import pytest

from renewd.channels import stamp


def test_it_is_slow_and_the_same_as_in_the_ledgers_of_older_versions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stamp, "pbkdf2_hmac", hashlib.pbkdf2_hmac)
    assert stamp.slow_hash("secret", "me@mail.example.com:587") == "c9aeb013"
