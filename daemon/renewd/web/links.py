"""Secret addresses: a person's page and calendar, and a link in a mail that records one fact.

Both are made from keys that are in no file of the user's. This module reads and writes nothing.
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import blake2b, sha256
from typing import NamedTuple

from renewd.domain.cancellation import left_by
from renewd.domain.cycles import bought
from renewd.domain.findings import item_id
from renewd.domain.plans import Plan
from renewd.reminders import KINDS, Reminder, Subject

GOOD_FOR = timedelta(days=60)  # counted from the mail that has the link; by then newer mails have come
_EPOCH = date(2026, 1, 1)
_MARK_BYTES, _SIGNATURE_BYTES = 6, 20
_NO_PART = re.compile("[^A-Za-z0-9_-]")  # of a signed link


class BadLinkError(ValueError):
    """A link that this installation did not create, or that was altered."""


class Tap(NamedTuple):
    """What a link records: a fact about a plan, with its item if it has one. `state` is the plan's in this respect."""

    person: str
    plan: str
    what: str
    item: str
    state: str
    until: date


FORM_OF = {  # kinds that take more than one word, and the form of the plan's page that settles them
    "balance": "balance", "data": "used", "unconfirmed": "confirmed", "final-bill": "final-bill", "refund": "refunded",
    "cancel-by": "requested", "pin": "requested",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Links:
    """The links of one installation. `url` is its public address, without a slash at the end; empty if it has none.

    `records` says whether facts can be recorded here at all: if not, no mail has a link to do so.
    """

    url: str
    feed_key: bytes = field(repr=False)
    tap_key: bytes = field(repr=False)
    records: bool = True
    answers: str | None = None  # the address that answers by mail go to

    def token(self, person: str) -> str:
        """Return the secret part of a person's calendar address: 160 bits."""
        return self._secret(f"calendar/{person}")

    def page_token(self, person: str) -> str:
        """Return the secret part of the address of a person's page: 160 bits."""
        return self._secret(f"page/{person}")

    def page(self, person: str) -> str:
        """Return the address of a person's page."""
        return f"{self.url}/p/{self.page_token(person)}/"

    def reader(self, token: str, people: Iterable[str]) -> str | None:
        """Return the person whose page has this token; None if nobody's has."""
        given, found = token.encode(), None
        for person in people:  # all of them, so that the time taken says nothing
            if hmac.compare_digest(given, self.page_token(person).encode()):
                found = person
        return found

    def _secret(self, name: str) -> str:
        return hmac.new(self.feed_key, name.encode(), sha256).hexdigest()[:40]

    def feed(self, person: str, plan: str | None = None) -> str:
        """Return the address of a person's calendar, or of the calendar of one plan."""
        name = person if plan is None else f"{person}.{plan}"
        return f"{self.url}/calendar/{self.token(person)}/{name}.ics"

    def webcal(self, person: str, plan: str | None = None) -> str:
        """Return the same address for programs that subscribe with one click."""
        return f"webcal://{self.feed(person, plan).partition('://')[2]}"

    def tap(self, reminder: Reminder, today: date) -> str | None:
        """Return the link that records what a reminder asks for, None if that takes more than one word."""
        signed = self._signed_tap(reminder, today) if self.url else None
        return None if signed is None else f"{self.url}/done/{signed}"

    def button(self, reminder: Reminder, today: date) -> str | None:
        """Return where a push's button leads: to what records the reminder's fact, else to its form or checklist."""
        subject, plan = reminder.subject, reminder.subject.plan
        if plan is None or not self.url or tap_of(subject, reminder.person, today) is not None:
            return self.tap(reminder, today)
        page = f"{self.page(reminder.person)}plan/{plan.id}"
        if subject.kind == "cancel-by":
            return f"{page}/report"
        return f"{page}#{FORM_OF[subject.kind]}" if subject.kind in FORM_OF else page

    def answer(self, reminder: Reminder, today: date) -> str | None:
        """Return the signed fact that an answer by mail brings along, None if there is none or nobody reads answers."""
        return self._signed_tap(reminder, today) if self.answers else None

    def _signed_tap(self, reminder: Reminder, today: date) -> str | None:
        tap = tap_of(reminder.subject, reminder.person, today + GOOD_FOR)
        return None if tap is None or not self.records else self.signed(tap)

    def signed(self, tap: Tap) -> str:
        """Return a tap, signed, as the last part of an address."""
        days = str((tap.until - _EPOCH).days)
        data = "\x1f".join([*tap[:-1], days]).encode()
        return base64.urlsafe_b64encode(self._signature(data) + data).rstrip(b"=").decode()

    def read(self, text: str) -> Tap:
        """Return what a signed link records. Raises BadLinkError if it was altered.

        Characters that no link has are passed over: mail programs draw the full stop after a link into it.
        """
        own = _NO_PART.sub("", text)
        try:
            raw = base64.urlsafe_b64decode(own + "=" * (-len(own) % 4))
        except ValueError:
            raise BadLinkError from None
        signature, data = raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:]
        if not hmac.compare_digest(signature, self._signature(data)):
            raise BadLinkError
        person, plan, what, item, state, days = data.decode().split("\x1f")
        return Tap(person, plan, what, item, state, _EPOCH + timedelta(days=int(days)))

    def _signature(self, data: bytes) -> bytes:
        return hmac.new(self.tap_key, data, sha256).digest()[:_SIGNATURE_BYTES]


def tap_of(subject: Subject, person: str, until: date) -> Tap | None:
    """Return what a link about a subject would record, None if there is nothing to record."""
    plan, what = subject.plan, KINDS[subject.kind].tap
    if plan is None or what is None:
        return None
    if what in ("renewed", "failed") and isinstance(subject.about, int) and left_by(plan, subject.about):
        return None  # a mail that says not to renew must not offer to record a renewal
    item = subject.item if what in ("paid", "backed-up") else str(subject.date) if what == "failed" else ""
    state = state_of(plan, what, item)
    return None if state is None else Tap(person, plan.id, what, item, state, until)


def state_of(plan: Plan, what: str, item: str) -> str | None:
    """Return a value that changes once a fact is recorded, None if there is nothing to record.

    A link contains it, so that no fact is recorded twice, whichever way it was recorded first.
    """
    seen: object = None
    if what == "renewed" and plan.renews is not None and bought(plan, None) is not None:
        seen = (plan.renews, plan.failed_on)
    elif what == "kept-alive" and plan.keep_alive is not None:
        seen = plan.keep_alive.last
    elif what == "failed" and (plan.failed_on is None or plan.failed_on < date.fromisoformat(item)):
        seen = item
    elif what == "backed-up":
        seen = next((("done", backup.done_on) for backup in plan.backups if item_id(backup.what) == item), None)
    elif what == "paid" and (owed := _owed(plan, item)):
        seen = owed
    return None if seen is None else blake2b(repr(seen).encode(), digest_size=_MARK_BYTES).hexdigest()


def name_of_item(plan: Plan, what: str, item: str) -> str | None:
    """Return the name by which `mark` knows an item, None if the fact has none."""
    if what == "backed-up":
        return next((backup.what for backup in plan.backups if item_id(backup.what) == item), None)
    if what == "paid":
        return next((bill.what for bill in plan.bills if item_id(bill.what) == item), item)
    return None


def _owed(plan: Plan, item: str) -> tuple[object, ...]:
    if item == "final":
        final = plan.cancel.final_bill if plan.cancel else None
        return (final.due,) if final is not None and final.is_open else ()
    return tuple(bill.due for bill in plan.bills if bill.is_open and item_id(bill.what) == item)
