"""A push with its secret, and what all requests by it have in common."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from urllib.parse import urlsplit

from renewd.channels.http import HttpRequest

JSON = {"Content-Type": "application/json; charset=utf-8"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PushAccount:
    """A push with its secret: the server, the key, and what stands below the key."""

    url: str
    key: str = field(repr=False)
    more: Mapping[str, str] = field(default_factory=dict, repr=False)

    def key_after(self, mark: str) -> str:
        """Return the key alone, where the secret is a whole address in which the key follows `mark`."""
        return self.key.partition(mark)[2].partition("&")[0].strip("/") if "://" in self.key else self.key

    @property
    def first_part(self) -> str:
        """The key alone, where the secret is a whole address whose path begins with the key."""
        return urlsplit(self.key).path.strip("/").partition("/")[0] if "://" in self.key else self.key

    @property
    def last_part(self) -> str:
        """The key alone, where the secret is a whole address whose path ends with the key."""
        return self.key.rstrip("/").rpartition("/")[2]

    def login(self) -> dict[str, str]:
        """Return the header for a server that asks for a token, or for a user and a password (`name:password`)."""
        if token := self.more.get("token"):
            return {"Authorization": f"Bearer {token}"}
        user = self.more.get("user")
        return {"Authorization": f"Basic {base64.b64encode(user.encode()).decode()}"} if user else {}


def post(url: str, body: Mapping[str, object], headers: Mapping[str, str] = {}) -> HttpRequest:
    """Return a request that posts JSON, with all scripts as they are."""
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    return HttpRequest(url, content, {**JSON, **headers})


def signature(key: bytes, text: str) -> str:
    """Return the signature that robots of groups check, in base64."""
    return base64.b64encode(hmac.digest(key, text.encode(), sha256)).decode()
