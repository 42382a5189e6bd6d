"""Where the passwords of the mail account and the keys of pushes come from: never from plans.toml."""

from __future__ import annotations

import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from renewd.config.settings import MailSettings, PushSettings, Settings
from renewd.disk import read_regular
from renewd.domain.errors import Problem

VARIABLE = "RENEWD_SMTP_PASSWORD"
CREDENTIAL = "smtp-password"
CREDSTORE = Path("/etc/credstore")
_LEAST_SECRET = 8  # characters of a part of an address that is not for everybody
_SURROGATE = "[\ud800-\udfff]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """A password, where it was found, and what is wrong with that; the password is in no repr."""

    password: str | None = field(default=None, repr=False)
    source: str = ""
    problems: tuple[Problem, ...] = ()


class _Named(NamedTuple):
    """Where a secret is looked for, the key of plans.toml that names its file, and what its sentences are called."""

    credential: str
    variable: str
    key: str
    words: Mapping[str, str]


_PASSWORD_WORDS = {
    "file": "delivery.password-file",
    "not-text": "delivery.password-not-text",
    "empty": "delivery.password-empty",
    "readable": "delivery.password-readable",
}
_PUSH_WORDS = {
    "file": "delivery.push-secret-file",
    "not-text": "delivery.push-secret-not-text",
    "empty": "delivery.push-secret-empty",
    "readable": "delivery.push-secret-readable",
}
_PASSWORD = _Named(CREDENTIAL, VARIABLE, "mail.password_file", _PASSWORD_WORDS)
_IMAP_PASSWORD = _Named("imap-password", "RENEWD_IMAP_PASSWORD", "answers.password_file", _PASSWORD_WORDS)


def smtp_password(mail: MailSettings, environment: Mapping[str, str], credstore: Path = CREDSTORE) -> Secret:
    """Return the password, without a BOM or a line end: systemd's credential, else `password_file`, else the variable.

    Without a credentials folder, as for a command typed by root, systemd's own store is tried last.
    A named file that cannot be read is a problem of severity error, and nothing else is tried.
    """
    return _found(_PASSWORD, mail.password_file, environment, credstore)


def imap_password(settings: Settings, environment: Mapping[str, str], credstore: Path = CREDSTORE) -> Secret:
    """Return the password of [answers], looked for like that of [mail], which serves for the same user name."""
    answers = settings.answers
    if answers is None:
        return Secret()
    secret = _found(_IMAP_PASSWORD, answers.password_file, environment, credstore)
    if secret == Secret() and answers.username == settings.mail.username:
        return smtp_password(settings.mail, environment, credstore)
    return secret


@dataclass(frozen=True, slots=True, kw_only=True)
class PushSecret:
    """The key of a push and what stands below it, by name; none of them is in a repr."""

    key: str = field(default="", repr=False)
    more: Mapping[str, str] = field(default_factory=dict, repr=False)
    problems: tuple[Problem, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """Everything in it that is shown nowhere; the longest come first, as one may hold another."""
        parts = {part for part in self.key.split("/") if len(part) >= _LEAST_SECRET}
        queries = {value for part in parts for _, value in parse_qsl(urlsplit(part).query)}
        found = {self.key, *parts, *queries, *self.more.values()}
        return tuple(sorted((one for one in found if one), key=len, reverse=True))


def push_credential(id_: str) -> str:
    """Return the name of the credential that holds a push's key."""
    return f"push-{id_}"


def push_secret(push: PushSettings, environment: Mapping[str, str], credstore: Path = CREDSTORE) -> PushSecret:
    """Return the key of a push: its first line, and `name: value` on each further one."""
    variable = f"RENEWD_PUSH_{push.id.upper().replace('-', '_')}"
    name = _Named(push_credential(push.id), variable, f"push.{push.id}.secret_file", _PUSH_WORDS)
    found = _found(name, push.secret_file, environment, credstore)
    first, *lines = [line.strip() for line in (found.password or "").splitlines()] or [""]
    pairs = (line.partition(":") for line in lines if line)
    problems = found.problems
    if not first and not problems:
        args = {"credential": name.credential, "variable": variable, "key": name.key}
        problems = (Problem(code="delivery.push-secret-missing", file=f"[push.{push.id}]", args=args),)
    more = {word.strip(): value.strip() for word, _, value in pairs}
    return PushSecret(key=first, more=more, problems=problems)


def _found(name: _Named, file: Path | None, environment: Mapping[str, str], credstore: Path) -> Secret:
    folder = environment.get("CREDENTIALS_DIRECTORY")
    if folder and _readable(path := Path(folder) / name.credential):
        return _read(path, name)
    if file is not None:
        return _read(file, name, watched=True)
    if name.variable in environment:
        return _secret(environment[name.variable], f"${name.variable}", name)
    if not folder and _readable(credstore / name.credential):
        return _read(credstore / name.credential, name)
    return Secret()


def _read(path: Path, name: _Named, *, watched: bool = False) -> Secret:
    try:
        text = read_regular(path).decode("utf-8")
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError as error:
        return Secret(source=str(path), problems=(_problem(name, "file", path, why=error.strerror or ""),))
    except UnicodeDecodeError:
        return Secret(source=str(path), problems=(_problem(name, "not-text", path),))
    secret = _secret(text, str(path), name)
    if watched and mode & 0o077:
        problem = _problem(name, "readable", path, "warning", mode=f"{mode:04o}")
        return Secret(password=secret.password, source=secret.source, problems=(*secret.problems, problem))
    return secret


def _secret(text: str, source: str, name: _Named) -> Secret:
    password = text.removeprefix("\ufeff").removesuffix("\n").removesuffix("\r")
    if not password:
        return Secret(source=source, problems=(_problem(name, "empty", source),))
    if not password.isascii() and re.search(_SURROGATE, password):  # a variable of other bytes than UTF-8
        return Secret(source=source, problems=(_problem(name, "not-text", source),))
    return Secret(password=password, source=source)


def _problem(
    name: _Named, what: str, file: Path | str, severity: Literal["error", "warning"] = "error", **args: object
) -> Problem:
    where = str(file)
    return Problem(code=name.words[what], file=where, path=name.key, args={"file": where, **args}, severity=severity)


def _readable(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False
