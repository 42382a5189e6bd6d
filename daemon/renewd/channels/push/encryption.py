"""Bark's encryption: what a push says is readable on the phone alone, and not on the server in between."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping

_KEY_LENGTHS = (16, 24, 32)  # AES-128, AES-192, AES-256
_BLOCK = 16


def encrypted(body: Mapping[str, str], key: str, iv: str | None = None) -> dict[str, str]:
    """Return what is sent in place of a body: AES in CBC mode with PKCS #7, as the app decrypts it.

    Raises KeyError for a key that the app does not take, ImportError without the extra `encrypt`.

    >>> vector = {"body": "test", "sound": "birdsong"}
    >>> encrypted(vector, "1234567890123456", "1234567890123456")["ciphertext"]
    '+aPt5cwN9GbTLLSFri60l3h1X00u/9j1FENfWiTxhNHVLGU+XoJ15JJG5W/d/yf0'
    """
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes  # noqa: PLC0415  # an extra
    from cryptography.hazmat.primitives.padding import PKCS7  # noqa: PLC0415

    if len(key.encode()) not in _KEY_LENGTHS:
        raise KeyError("encrypt")
    iv = iv or secrets.token_hex(_BLOCK // 2)
    padder = PKCS7(_BLOCK * 8).padder()
    plain = padder.update(json.dumps(dict(body), ensure_ascii=False).encode()) + padder.finalize()
    encryptor = Cipher(algorithms.AES(key.encode()), modes.CBC(iv.encode())).encryptor()
    return {"ciphertext": base64.b64encode(encryptor.update(plain) + encryptor.finalize()).decode(), "iv": iv}
