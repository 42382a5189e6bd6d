"""Settle, the last stage: what became of a mail, and when to try again."""

from __future__ import annotations

from renewd.delivery.batch import Batch
from renewd.delivery.claim import OutgoingMail
from renewd.delivery.events import Delivered
from renewd.domain.outcome import Outcome
from renewd.ledger import Backoff, Settlement, Start
from renewd.ledger.backoff import after, scope


async def settle(batch: Batch, mail: OutgoingMail, outcome: Outcome) -> OutgoingMail | None:
    """Write the outcome of a mail. Return the next claimed one, which is started in the same write. Raises LedgerError.

    None is returned where no mail is claimed, or another machine has the next one by now.
    """
    outbox = batch.outbox
    settlement = Settlement(mail=mail.mail, outcome=outcome, at=outbox.clock())
    backoffs = _backoffs_after(batch, mail, outcome)
    if outcome.result in ("sent", "unknown"):
        batch.sent |= {(mail.person, key) for key in mail.keys}
    following = batch.claimed.popleft() if batch.claimed and not batch.ends else None
    starts = () if following is None else (Start(following.mail, outbox.clock()),)
    try:
        started = await outbox.writer.exchange((settlement,), starts, backoffs)
    finally:  # after the write: a log that hangs must not keep an outcome from being written
        outbox.report(Delivered(settlement.at, mail.person, mail.address, mail.subject, mail.keys, outcome, mail.mail))
    return following if following is not None and following.mail in started else None


async def settle_connection(batch: Batch, outcome: Outcome) -> None:
    """Write that a connection could not be used. The account waits, and so does the rest of the batch."""
    outbox = batch.outbox
    batch.stopped = True
    backoff = after(outcome, batch.backoffs.get(outbox.account_key), outbox.clock(), outbox.channel.stamp)
    await outbox.writer.exchange((), (), {outbox.account_key: backoff})
    outbox.report(Delivered(outbox.clock(), "", "", "", (), outcome, 0))


def _backoffs_after(batch: Batch, mail: OutgoingMail, outcome: Outcome) -> dict[str, Backoff | None]:
    """Return the back-offs that an outcome begins or ends (None), and stop the batch where the account has to wait."""
    outbox = batch.outbox
    if outcome.result == "sent":
        keys = (outbox.account_key, f"person:{mail.person}")
        return dict.fromkeys(key for key in keys if batch.backoffs.pop(key, None) is not None)
    account_waits = outcome.result == "unknown"
    key = outbox.account_key if account_waits else scope(outcome, outbox.channel.account, mail.person)
    stamp = outbox.channel.stamp if key == outbox.account_key else batch.composer.stamp
    batch.stopped = batch.stopped or key == outbox.account_key
    return {key: after(outcome, batch.backoffs.get(key), outbox.clock(), stamp)}
