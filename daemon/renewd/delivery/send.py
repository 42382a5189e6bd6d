"""Send, the fifth stage: the mails of a batch over a few connections."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from renewd.channels import Session
from renewd.delivery.batch import Batch
from renewd.delivery.claim import OutgoingMail, claim, repeat_of
from renewd.delivery.compose import CONNECTIONS, compose
from renewd.delivery.events import Failure
from renewd.delivery.settle import NOT_SENT, settle, settle_connection
from renewd.domain.outcome import DeliveryError, Outcome
from renewd.ledger import LedgerError, Start
from renewd.ledger.executor import in_ledger_thread

_FEW = 20  # mails that one connection sends; more are shared among several


async def send(batch: Batch) -> None:
    """Send a batch over one connection, or over several once the first is open. Raises LedgerError."""
    outbox = batch.outbox
    first = asyncio.Event()
    workers = [asyncio.create_task(_connection(batch, first))]
    try:
        if batch.size > _FEW and outbox.account_key not in batch.backoffs:
            opened = asyncio.create_task(first.wait())
            await asyncio.wait([*workers, opened], return_when="FIRST_COMPLETED")
            opened.cancel()
            if first.is_set():
                workers += [asyncio.create_task(_connection(batch, first)) for _ in range(CONNECTIONS - 1)]
        ends = await asyncio.gather(*workers, return_exceptions=True)
    finally:
        for worker in workers:
            worker.cancel()
        with suppress(LedgerError):  # then the next pass does it
            await in_ledger_thread(outbox.ledger.release)
    for end in ends:
        if end is not None:
            raise end


async def _connection(batch: Batch, opened: asyncio.Event) -> None:
    """Open a connection once there is a mail for it, and send over it until the batch ends."""
    try:
        if not await _has_mail(batch):
            return
        async with batch.outbox.channel.session() as session:
            opened.set()
            await _send_over(session, batch)
    except DeliveryError as error:
        await settle_connection(batch, error.outcome)
    except BaseException:
        batch.stopped = True  # the other connections finish the mail they are sending, so that its outcome is known
        raise


async def _send_over(session: Session, batch: Batch) -> None:
    """Send one mail after the other. Each is settled before the next one leaves."""
    mail = await _started(batch)
    while mail is not None:
        outcome = await _attempt(session, batch, mail)
        mail = await settle(batch, mail, outcome) or await _started(batch)


async def _attempt(session: Session, batch: Batch, mail: OutgoingMail) -> Outcome:
    """Return how an attempt ended, an error of renewd's own included. One that is canceled is settled later."""
    outbox = batch.outbox
    try:
        return await session.send(mail.envelope(outbox.sender))
    except Exception as error:  # noqa: BLE001  # whatever it is, the mail must not stay "being sent"
        outbox.report(Failure(mail.keys[0], error))
        return _broken_off(session)
    except BaseException:
        outbox.writer.keep(mail.settlement(_broken_off(session), outbox.clock()))
        raise


def _broken_off(session: Session) -> Outcome:
    """Return the outcome of an attempt that ended without an answer of the channel."""
    if session.in_doubt:
        return Outcome(result="unknown", reason="interrupted")
    return NOT_SENT


async def _started(batch: Batch) -> OutgoingMail | None:
    """Return the next mail, marked in the ledger as leaving; None where the batch ends.

    A mail that another machine has by now is skipped.
    """
    outbox = batch.outbox
    while (mail := await _next_mail(batch)) is not None and not batch.ends:
        mail = batch.starting(mail)
        try:
            if mail.is_repeat:
                ours = await in_ledger_thread(outbox.ledger.repeat, mail.mail, outbox.clock())
            else:
                ours = mail.mail in await outbox.writer.exchange((), (Start(mail.mail, outbox.clock()),), {})
        except BaseException:
            outbox.writer.keep(mail.settlement(NOT_SENT, outbox.clock()))  # it may be marked by now
            raise
        if ours:
            return mail
    return None


async def _next_mail(batch: Batch) -> OutgoingMail | None:
    """Return the next claimed mail, or else the next repeat."""
    if not await _has_mail(batch):
        return None
    return batch.claimed.popleft() if batch.claimed else repeat_of(batch.repeats.popleft())


async def _has_mail(batch: Batch) -> bool:
    """Whether there is a mail to send. Compose and claim some where none is claimed."""
    while not batch.claimed and batch.has_tasks and not batch.ends:
        async with batch.composing:
            if not batch.claimed and not batch.ends:
                await _compose_and_claim(batch)
    return bool(batch.claimed or batch.repeats)


async def _compose_and_claim(batch: Batch) -> None:
    outbox = batch.outbox
    composed = await compose(batch)
    for mail in await claim(outbox, composed, outbox.clock()):
        if mail is not None:
            batch.claimed.append(mail)
        else:
            batch.own = 0  # another machine works on this share as well
