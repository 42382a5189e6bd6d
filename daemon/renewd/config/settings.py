"""The settings of the program itself: mail, calendar, ledger, web, answers and heartbeat."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, NamedTuple

from renewd.config.addresses import File, Sender, is_domain, is_loopback, one_address
from renewd.config.keys import MAIL
from renewd.config.locate import KeyPath
from renewd.config.table_reader import Mistakes
from renewd.config.value_types import WrongError, with_alarms

Tls = Literal["starttls", "implicit", "none"]
_PORTS: Mapping[str, int] = {"starttls": 587, "implicit": 465, "none": 25}


class MailSettings(NamedTuple):
    """How mails go out; where nothing is written of a server, they go into the Maildir in the state folder."""

    to: str | None
    from_: Sender
    reply_to: str | None  # the address of `me`
    host: str | None = None
    port: int = 587
    tls: Tls = "starttls"
    ca_file: Path | None = None
    username: str | None = None
    password_file: Path | None = None
    held: str | None = None  # what means a mail server, such as `mail.hots`, where none is named well: mails wait

    @property
    def sender(self) -> str:
        """The sender on the envelope, to which undeliverable mail is returned."""
        return self.from_.email


class Calendar(NamedTuple):
    """What the calendar shows."""

    alarms: tuple[int, ...] = (7, 3, 1)  # days before, descending
    alarms_of: tuple[tuple[str, tuple[int, ...]], ...] = ()  # of kinds that have their own
    months: int = 13
    show_reminders: bool = False


class Web(NamedTuple):
    """Where the calendar is served, and under which address others reach it."""

    listen: str = "127.0.0.1:8321"
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PushSettings:
    """A way to somebody's phone. Its key is a secret, which `renewd.config.secrets` finds."""

    id: str
    service: str
    url: str | None = None
    only: Literal["all", "urgent"] = "all"
    secret_file: Path | None = None
    proxy: str | None = field(default=None, repr=False)  # it may hold a password


class Answers(NamedTuple):
    """The mailbox that answers are read from."""

    host: str
    port: int
    address: str  # where answers are sent to
    tls: Tls = "implicit"
    mail_ca_file: Path | None = None  # that of [mail]
    username: str | None = None
    password_file: Path | None = None
    folder: str = "INBOX"
    every: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything in the file that is not about people, cards and plans."""

    mail: MailSettings
    calendar: Calendar
    ledger_url: str | None = field(default=None, repr=False)  # it may hold a password
    web: Web | None = None
    pushes: Mapping[str, PushSettings] = field(default_factory=dict)
    answers: Answers | None = None
    heartbeat_url: str | None = field(default=None, repr=False)  # whoever knows it can keep it quiet


Tables = Mapping[str, Mapping[str, object]]


def check_mail(good: dict[str, object], path: KeyPath, report: Mistakes) -> None:
    """Check the keys of [mail] together. A key that is not allowed is removed from `good`."""
    host, port, tls = good.get("host"), good.get("port"), good.get("tls")
    if tls == "none" and "username" in good and not is_loopback(str(host or "localhost")):
        report.wrong((*path, "tls"), "check.password-in-clear")
        del good["tls"]
    if port == 465 and tls == "starttls":
        report.warn((*path, "tls"), "check.port-465", fix='"implicit"')


def check_answers(good: dict[str, object], path: KeyPath, report: Mistakes) -> None:
    """Check the keys of [answers] together. A key that is not allowed is removed from `good`."""
    if good.get("tls") == "none" and not is_loopback(str(good.get("host", "localhost"))):
        report.wrong((*path, "tls"), "check.password-in-clear")
        del good["tls"]


def settings(tables: Tables, *, me: str | None, hostname: str, folder: Path) -> Settings:
    """Return the settings with every default in them; relative paths are taken from `folder`."""
    web, answers = tables.get("web"), tables.get("answers")
    mail = _mail(tables.get("mail", {}), me, hostname, folder)
    return Settings(
        mail=mail,
        calendar=Calendar(**with_alarms(tables.get("calendar", {}))),
        ledger_url=tables.get("ledger", {}).get("url"),  # type: ignore[arg-type]
        pushes={id_: _push(id_, table, folder) for id_, table in tables.get("push", {}).items()},
        web=None if web is None else Web(**web),  # type: ignore[arg-type]
        answers=None if answers is None or "host" not in answers else _answers(answers, mail, folder),
        heartbeat_url=tables.get("heartbeat", {}).get("url"),  # type: ignore[arg-type]
    )


def _push(id_: str, table: Any, folder: Path) -> PushSettings:
    file = {"secret_file": folder / table["secret_file"]} if "secret_file" in table else {}
    return PushSettings(id=id_, **table | file)


def _mail(table: Mapping[str, object], me: str | None, hostname: str, folder: Path) -> MailSettings:
    files = {name: folder / str(path) for name, path in table.items() if isinstance(MAIL.keys[name].type, File)}
    tls = str(table.get("tls", "implicit" if table.get("port") == 465 else "starttls"))
    defaults: dict[str, Any] = {
        "from_": Sender("renewd", _address(table.get("username")) or me or f"renewd@{_host(hostname)}"),
        "tls": tls,
        "port": _PORTS[tls],
    }
    return MailSettings(**defaults | MAIL.by_field(table) | files | {"to": me, "reply_to": me})


def _answers(table: Mapping[str, object], mail: MailSettings, folder: Path) -> Answers:
    username = table.get("username", mail.username)
    defaults: dict[str, Any] = {
        "port": 993 if table.get("tls", "implicit") == "implicit" else 143,
        "mail_ca_file": mail.ca_file,
        "username": username,
        "address": _address(username) or mail.from_.email,
    }
    files = {"password_file": folder / str(table["password_file"])} if "password_file" in table else {}
    return Answers(**defaults | dict(table) | files)


def _address(username: object) -> str | None:
    """Return a user name that is a mail address: providers refuse mails from any other."""
    try:
        return one_address(str(username)) if username else None
    except WrongError:
        return None


def _host(hostname: str) -> str:
    return hostname.lower() if is_domain(hostname) else "localhost"
