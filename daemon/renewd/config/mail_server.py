"""Whether a configuration means a mail server that it does not name well.

A slip in the lines of a mail server must not turn into mails that are stored on this machine and count as sent
(docs/rules.md#mistakes). So everything counts that can only have been written for a server, right or wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from renewd.config.keys import FILE, MAIL
from renewd.config.locate import KeyPath
from renewd.config.plan_schema import ById, Each, Sub, Table
from renewd.config.sources import SourceFile
from renewd.config.table_reader import nearest

_OF_PEOPLE = ("to", "from")
_BESIDE_A_SERVER = (*_OF_PEOPLE, "port", "tls", "ca_file", "username", "password_file")  # these choose no channel
_SERVER = {
    *MAIL.keys, "server", "smtp", "smtp_host", "smtp_server", "smtp_port", "user", "login", "password", "passwd", "pass", "ssl", "starttls",
    "mailserver", "hostname",
} - {*_OF_PEOPLE}  # fmt: skip
_TRACES = [word for word in _SERVER if not any(other in word for other in _SERVER - {word})]  # one is in each word
_MAIL = r"mail|smtp|邮|信箱|发信|寄信"
_LINE = r"(?im)^[^#\n]*(smtp|\bhost|mail[._ -]?server|\busername|password_file|ca_file|starttls|邮件服务器)"
_OTHER_SERVERS = ("web", "answers", "ledger", "heartbeat", "push")  # they have a host of their own
_DEEPEST = 4  # tables within tables


class MeantServer(NamedTuple):
    """Where a file means a mail server: its source, and the key or table; an empty path is the file as a whole."""

    source: SourceFile
    path: KeyPath


def chooses_a_channel(mail: object) -> bool:
    """Whether the good keys of [mail] say by which way mails go out."""
    return isinstance(mail, dict) and any(key not in _BESIDE_A_SERVER for key in mail)


def meant_server(sources: Sequence[SourceFile]) -> MeantServer | None:
    """Return the first place in the files that means a mail server; None where nothing does."""
    for source in sources:
        for path in _paths(source, included=source is not sources[0]):
            return MeantServer(source, path)
    return None


def _paths(source: SourceFile, *, included: bool) -> Iterator[KeyPath]:
    text = source.text.lower()
    may_stray = any(word in text for word in _TRACES)  # else no table need be searched, and plans may be thousands
    for name, value in (source.raw or {}).items():
        if name == "mail" and not included:
            yield from _in_mail(value)
        elif (name not in FILE.keys and _is_like_mail(name, value)) or (included and name == "mail"):
            yield (name,)
        elif may_stray and name not in _OTHER_SERVERS:
            yield from _strays(value, (name,), _below(FILE, name))
    torn = source.raw is None or any(
        not slip.path or slip.path[0] == "mail" or slip.path[0] not in FILE.keys for slip in source.slips
    )
    if torn and re.search(_LINE, source.text):
        yield ()


def _in_mail(value: object) -> Iterator[KeyPath]:
    if not isinstance(value, dict):
        yield ("mail",)
    else:
        yield from (("mail", key) for key in value if key not in _OF_PEOPLE)


def _is_like_mail(name: str, value: object) -> bool:
    if isinstance(value, dict) and value.keys() & {"renews", "every", "keep_alive", "carrier"}:
        return False  # a plan
    if re.search(_MAIL, name, re.IGNORECASE) or name.lower() in _SERVER:
        return True
    known = ("mail", "smtp") if isinstance(value, dict) else _SERVER
    return nearest(name, known) is not None or (isinstance(value, dict) and not _SERVER.isdisjoint(value))


def _strays(value: object, path: KeyPath, place: Table | ById | None) -> Iterator[KeyPath]:
    """Iterate keys of a mail server that stand in another table, where they are unknown."""
    if place is None or len(path) > _DEEPEST:
        return
    for one in value if isinstance(value, list) else [value]:
        for key, inner in one.items() if isinstance(one, dict) else ():
            if isinstance(place, Table) and key not in place.keys and (key in _SERVER or "smtp" in key.lower()):
                yield (*path, key)
            elif isinstance(inner, dict | list):
                yield from _strays(inner, (*path, key), _below(place, key))


def _below(place: Table | ById, name: str) -> Table | ById | None:
    """Return what a name leads to: a table, or tables by their names such as those of plans; None for anything else."""
    if isinstance(place, ById):
        return place.table
    key = place.keys.get(name)
    if key is None or not isinstance(key.type, Sub | Each | ById):
        return None
    return key.type if isinstance(key.type, ById) else key.type.table


def dotted(path: KeyPath) -> str:
    """Return a path as it is written: `mail.hots`, `smtp`; `mail.host` for the file as a whole."""
    return ".".join(str(part) for part in path) or "mail.host"
