"""Ids: words that commands can be typed with. That of a new plan is one that no other plan has."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from itertools import count
from urllib.parse import urlsplit

ID = "[a-z0-9-]{1,40}"
_LONGEST = 34  # leaves room for a number


def is_id(text: str) -> bool:
    """Whether a plan, a person, a card, a push or a carrier may have this id."""
    return re.fullmatch(ID, text) is not None


def slug(text: str) -> str:
    """Return a text as an id, empty where it has no Latin letter or number.

    >>> slug("Crème brûlée+"), slug("移动 8 元保号"), slug("视频会员")
    ('creme-brulee', '8', '')
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub("[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST].strip("-")


def readable_id(name: str, *, carrier: str | None, site: str | None, kind: str) -> str:
    """Return an id that reads like the plan: its name in Latin letters, its carrier, its site, or what it is.

    >>> readable_id("视频会员", carrier=None, site="https://www.video.example/account", kind="other")
    'video'
    >>> readable_id("移动 8 元保号", carrier=None, site=None, kind="line")
    'line'
    """
    named = slug(name)
    if re.search("[a-z]", named):
        return named
    return carrier or slug(_host_word(site or "")) or (f"{kind}-{named}" if len(named) > 1 else kind)


def free_id(id_: str, taken: Collection[str]) -> str:
    """Return an id, or the first of `id-2`, `id-3` … that is not taken."""
    return next(one for n in count(1) if (one := id_ if n == 1 else f"{id_}-{n}") not in taken)


def _host_word(site: str) -> str:
    """Return the longest part of a site's name before its last."""
    try:
        parts = (urlsplit(site).hostname or "").removeprefix("www.").split(".")[:-1]
    except ValueError:
        return ""
    return max(parts, key=len, default="")
