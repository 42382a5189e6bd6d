"""The hash in a channel's stamp, which tells that a secret has changed without telling the secret."""

from __future__ import annotations

from hashlib import pbkdf2_hmac


def slow_hash(secret: str, settings: str) -> str:
    """Return a hash of a secret and settings: slow to guess the secret from, and too short to be sure of it."""
    return pbkdf2_hmac("sha256", secret.encode(), settings.encode(), 100_000, 4).hex()
