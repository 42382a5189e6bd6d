"""Settle, the last stage: what became of a mail, and when to try again."""

from __future__ import annotations

from renewd.delivery.batch import Batch
from renewd.delivery.claim import OutgoingMail
from renewd.delivery.events import Delivered
from renewd.delivery.waits import stamp_of
from renewd.domain.outcome import Outcome
from renewd.ledger import Backoff, Start
from renewd.ledger.backoff import after, at_most_three, of_reminders, scopes
from renewd.ledger.executor import in_ledger_thread

NOT_SENT = Outcome(result="failed", reason="stopped")  # of an attempt that ended before the mail was handed over
_DOUBTS = 2  # mails of unknown outcome in a row after which the server is given a rest


async def settle(batch: Batch, mail: OutgoingMail, outcome: Outcome) -> OutgoingMail | None:
    """Write the outcome of a mail. Return the next claimed one, which is started in the same write. Raises LedgerError.

    None is returned where no mail is claimed, or another machine has the next one by now.
    """
    outbox = batch.outbox
    batch.note_progress()
    settlement = mail.settlement(outcome, outbox.clock())
    backoffs = _backoffs_after(batch, mail, outcome)
    if outcome.result == "sent":
        batch.sent |= {(mail.person, key) for key in mail.keys}
    following = batch.starting(batch.claimed.popleft()) if batch.claimed and not batch.ends else None
    starts = () if following is None else (Start(following.mail, outbox.clock()),)
    try:
        started = await outbox.writer.exchange((settlement,), starts, backoffs)
    except BaseException:
        if following is not None:  # it may be marked as leaving by now
            outbox.writer.keep(following.settlement(NOT_SENT, outbox.clock()))
        raise
    finally:  # after the write: a log that hangs must not keep an outcome from being written
        outbox.report(Delivered(settlement.at, mail.person, mail.address, mail.subject, mail.keys, outcome, mail.mail))
    return following if following is not None and following.mail in started else None


async def settle_connection(batch: Batch, outcome: Outcome) -> None:
    """Write that a connection could not be used. The account waits, and so does the rest of the batch."""
    outbox = batch.outbox
    batch.stopped = True
    await in_ledger_thread(outbox.ledger.note_connection, outbox.channel.account, outcome, outbox.clock())
    backoff = after(outcome, batch.backoffs.get(outbox.account_key), outbox.clock(), outbox.channel.stamp)
    await outbox.writer.exchange((), (), {outbox.account_key: backoff})
    outbox.report(Delivered(outbox.clock(), "", "", "", (), outcome, 0))


def _backoffs_after(batch: Batch, mail: OutgoingMail, outcome: Outcome) -> dict[str, Backoff | None]:
    """Return the back-offs that an outcome begins or ends (None), and stop the batch where the account has to wait."""
    outbox = batch.outbox
    batch.doubts = batch.doubts + 1 if outcome.result == "unknown" else 0
    if outcome.result == "sent":
        ended = (outbox.account_key, f"person:{mail.person}", *of_reminders(mail.person, mail.keys))
        return dict.fromkeys(key for key in ended if batch.backoffs.pop(key, None) is not None)
    if outcome.result == "unknown" and batch.doubts < _DOUBTS and outbox.account_key not in batch.backoffs:
        return {}  # this one mail waits, and keeps nobody else from theirs
    if outcome.result == "unknown":
        keys: tuple[str, ...] = (outbox.account_key,)
    else:
        keys = scopes(outcome, outbox.channel.account, mail.person, mail.keys)
    batch.stopped = batch.stopped or outbox.account_key in keys
    found: dict[str, Backoff | None] = {key: _after(batch, key, outcome) for key in keys}
    if outcome.reason == "push-busy" and outbox.gives_up(mail.person):
        found |= {key: at_most_three(_after(batch, key, outcome)) for key in of_reminders(mail.person, mail.keys)}
    return found


def _after(batch: Batch, key: str, outcome: Outcome) -> Backoff:
    outbox = batch.outbox
    stamp = stamp_of(key, outbox, batch.schedule.household)
    return after(outcome, batch.backoffs.get(key), outbox.clock(), stamp)
