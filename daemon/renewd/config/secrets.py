"""Where the SMTP password comes from: never from plans.toml."""

from __future__ import annotations

import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from renewd.config.settings import MailSettings
from renewd.disk import read_regular
from renewd.domain.errors import Problem

VARIABLE = "RENEWD_SMTP_PASSWORD"
CREDENTIAL = "smtp-password"
CREDSTORE = Path("/etc/credstore")


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """A password, where it was found, and what is wrong with that; the password is in no repr."""

    password: str | None = field(default=None, repr=False)
    source: str = ""
    problems: tuple[Problem, ...] = ()


def smtp_password(mail: MailSettings, environment: Mapping[str, str], credstore: Path = CREDSTORE) -> Secret:
    """Return the password: systemd's credential, else `password_file`, else the variable, without a BOM and one line end.

    Without a credentials folder, as for a command typed by root, systemd's own store is tried last.
    A named file that cannot be read is a problem of severity error, and nothing else is tried.
    """
    folder = environment.get("CREDENTIALS_DIRECTORY")
    if folder and _readable(path := Path(folder) / CREDENTIAL):
        return _read(path)
    if mail.password_file is not None:
        return _read(mail.password_file, watched=True)
    if VARIABLE in environment:
        return _secret(environment[VARIABLE], f"${VARIABLE}")
    if not folder and _readable(credstore / CREDENTIAL):
        return _read(credstore / CREDENTIAL)
    return Secret()


def _read(path: Path, *, watched: bool = False) -> Secret:
    try:
        text = read_regular(path).decode("utf-8")
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError as error:
        return Secret(source=str(path), problems=(_problem("delivery.password-file", path, why=error.strerror or ""),))
    except UnicodeDecodeError:
        return Secret(source=str(path), problems=(_problem("delivery.password-not-text", path),))
    secret = _secret(text, str(path))
    if watched and mode & 0o077:
        problem = _problem("delivery.password-readable", path, "warning", mode=f"{mode:04o}")
        return Secret(password=secret.password, source=secret.source, problems=(*secret.problems, problem))
    return secret


def _secret(text: str, source: str) -> Secret:
    password = text.removeprefix("\ufeff").removesuffix("\n").removesuffix("\r")
    if not password:
        return Secret(source=source, problems=(_problem("delivery.password-empty", source),))
    return Secret(password=password, source=source)


def _problem(code: str, file: Path | str, severity: Literal["error", "warning"] = "error", **args: object) -> Problem:
    where = str(file)
    return Problem(code=code, file=where, path="mail.password_file", args={"file": where, **args}, severity=severity)


def _readable(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False
