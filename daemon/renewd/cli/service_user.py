"""Root's commands on the system's file: those that only read become the service's user, to see what it sees."""

from __future__ import annotations

import os
import pwd
from contextlib import suppress
from pathlib import Path

from renewd.cli.paths import SERVICE_USER, SYSTEM_CONFIG
from renewd.disk import Paths, read_regular

_READING = frozenset({"check", "status", "doctor", "history", "history show", "agenda", "report", "run", "test-mail"})


def become_service_user(
    name: str, paths: Paths, *, output: str | None = None, user: str = SERVICE_USER, system: Path = SYSTEM_CONFIG
) -> bool:
    """Drop root's rights for good where a command needs none of them. Return whether that was done.

    With `output`, a report is written as root. A program that the service's user cannot read keeps root's rights, as
    it could not go on.
    """
    if os.geteuid() != 0 or name not in _READING or output is not None or paths.config != system:
        return False
    try:
        account = pwd.getpwnam(user)
    except KeyError:  # no service on this machine
        return False
    if account.pw_uid == 0 or not _can_go_on(account):
        return False
    from renewd.config import secrets

    if secrets.VARIABLE not in os.environ:
        with suppress(OSError, UnicodeError):  # root's own store: systemd hands it to the service
            password = read_regular(secrets.CREDSTORE / "smtp-password").decode("utf-8").rstrip("\r\n")
            os.environ[secrets.VARIABLE] = password
    _make_state(paths.state, account)
    os.initgroups(account.pw_name, account.pw_gid)
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)
    os.environ["HOME"] = account.pw_dir
    for variable in [variable for variable in os.environ if variable.startswith("XDG_")]:
        del os.environ[variable]
    return True


def _can_go_on(account: pwd.struct_passwd) -> bool:
    """Whether the service's user can read this program and its Python."""
    os.seteuid(account.pw_uid)
    try:
        return all(os.access(file, os.R_OK, effective_ids=True) for file in (__file__, os.__file__))
    finally:
        os.seteuid(0)


def _make_state(folder: Path, account: pwd.struct_passwd) -> None:
    """Make the state folder as the service would make it: the service could not write one that root owns."""
    try:
        folder.mkdir(mode=0o700)
    except OSError:
        return
    os.chown(folder, account.pw_uid, account.pw_gid, follow_symlinks=False)
