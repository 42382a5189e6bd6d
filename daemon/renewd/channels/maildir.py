"""Mails into a Maildir: the default, which needs no server, and the target of a simulation."""

from __future__ import annotations

import asyncio
import errno
import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from renewd.channels import Description
from renewd.config.secrets import Secret
from renewd.config.settings import MailSettings
from renewd.disk import OUT_OF_FILES, remove, sync_folder
from renewd.domain.diagnosis import Diagnosis
from renewd.domain.outcome import DeliveryError, Envelope, Outcome, Reason, Result, clean_reply

FOLDER = "Maildir"  # in the state folder
_FOLDERS = ("tmp", "new", "cur")
_UNSAFE = re.compile(r"[^A-Za-z0-9@._-]")


@dataclass(frozen=True, kw_only=True)
class Maildir:
    """A folder of mails, one file each. A mail that is delivered twice is one file, even if it was read in between."""

    path: Path
    in_doubt = True  # the thread that writes a mail goes on where the wait for it is canceled

    @property
    def account(self) -> str:
        """The folder: an error of it concerns every mail."""
        return f"maildir:{self.path}"

    @property
    def stamp(self) -> str:
        """The folder: nothing else can change."""
        return self.account

    def describe(self) -> Description:
        """Return `maildir` and its folder."""
        return Description("maildir", {"folder": self.path})

    async def diagnose(self, _secret: Secret, _now: datetime) -> AsyncIterator[Diagnosis]:
        """Iterate one finding: where the mails go."""
        yield Diagnosis("maildir", "ok", "ok", {"path": self.path})

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Maildir]:
        """Make the folders, 0700, and the one that holds them. Raises DeliveryError if that fails."""
        try:
            for folder in (self.path.parent, self.path, *(self.path / name for name in _FOLDERS)):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise DeliveryError(_outcome(error)) from error
        yield self

    async def send(self, envelope: Envelope) -> Outcome:
        """Write a mail into `new` and sync it to the disk; its lines end with a line feed."""
        return await asyncio.to_thread(self._deliver, envelope)

    def _deliver(self, envelope: Envelope) -> Outcome:
        name = _UNSAFE.sub("_", envelope.name.strip("<>")).lstrip(".")  # readers pass over names that begin with a dot
        result: Result = "failed"
        try:
            if not any((self.path / "cur").glob(f"{name}:*")):
                self._write(name, envelope.data.replace(b"\r\n", b"\n"))
                result = "unknown"  # it is there, but a power cut may still take it
                sync_folder(self.path / "new")
        except OSError as error:
            return _outcome(error, result)
        return Outcome(result="sent", reason="stored")

    def _write(self, name: str, data: bytes) -> None:
        draft = self.path / "tmp" / name
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        remove(draft)  # of an attempt that a power cut ended
        try:
            with os.fdopen(os.open(draft, flags, 0o600), "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            draft.unlink(missing_ok=True)
            raise
        draft.rename(self.path / "new" / name)


def open_channel(_mail: MailSettings, _secret: Secret, state: Path) -> Maildir:
    """Return the Maildir in the state folder."""
    return Maildir(path=state / FOLDER)


def _outcome(error: OSError, result: Result = "failed") -> Outcome:
    reasons: dict[int | None, Reason] = {
        **dict.fromkeys(OUT_OF_FILES, "too-many-files"),
        errno.ENOSPC: "disk-full",
        errno.EDQUOT: "disk-full",
        errno.EACCES: "not-writable",
        errno.EPERM: "not-writable",
        errno.EROFS: "not-writable",
    }
    reply = clean_reply(": ".join(str(part) for part in (error.filename, error.strerror or error) if part))
    return Outcome(result=result, scope="account", reason=reasons.get(error.errno, "disk-error"), reply=reply)
