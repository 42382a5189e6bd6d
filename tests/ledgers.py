"""Mails in a ledger, for tests."""

from renewd.ledger import Draft, Ledger, Start


def begun(ledger: Ledger, drafts: list[Draft]) -> list[int | None]:
    """Claim mails and begin them, as if they were leaving: their ids, None where a key was taken."""
    mails = ledger.claim(drafts)
    ledger.exchange(
        starts=[Start(mail, one.composed_at) for mail, one in zip(mails, drafts, strict=True) if mail is not None]
    )
    return mails
