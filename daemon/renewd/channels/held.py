"""No way out: what is written of a mail server cannot be used, so mails wait until it can."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from renewd.channels import Description, Session
from renewd.config.secrets import Secret
from renewd.config.settings import MailSettings
from renewd.domain.diagnosis import Diagnosis
from renewd.domain.outcome import DeliveryError, Outcome, clean_reply


@dataclass(frozen=True, kw_only=True)
class NoChannel:
    """A channel that takes nothing. `written` is what means a server, such as `mail.hots`."""

    written: str

    @property
    def account(self) -> str:
        """No account: once the file is right, another one is tried."""
        return "held"

    @property
    def stamp(self) -> str:
        """What is written."""
        return self.written

    def describe(self) -> Description:
        """Return `held` and what is written."""
        return Description("held", {"written": self.written})

    async def diagnose(self, _secret: Secret, _now: datetime) -> AsyncIterator[Diagnosis]:
        """Iterate one finding: that mails wait, and for what."""
        yield Diagnosis("maildir", "held", "bad", outcome=self._outcome())

    def session(self) -> AbstractAsyncContextManager[Session]:
        """Raise DeliveryError: there is nothing to open."""
        raise DeliveryError(self._outcome())

    def _outcome(self) -> Outcome:
        return Outcome(result="failed", scope="account", reason="held", reply=clean_reply(self.written))


def open_channel(mail: MailSettings, _secret: Secret, _state: Path) -> NoChannel:
    """Return the channel that holds mails."""
    assert mail.held is not None  # it is what chooses this channel
    return NoChannel(written=mail.held)
