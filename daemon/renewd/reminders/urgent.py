"""Which reminders are urgent: those whose day is here, and those whose harm cannot be undone."""

from __future__ import annotations

from renewd.domain.charging import may_fail
from renewd.domain.plans import Household
from renewd.reminders.kind import Reminder
from renewd.reminders.kinds import KINDS

_NEAR = 3  # the largest lead that breaks through a phone's quiet


def is_urgent(reminder: Reminder, household: Household) -> bool:
    """Whether a push with `only = "urgent"` carries a reminder. A charge that is fine is never urgent."""
    subject = reminder.subject
    if subject.kind == "charge" and not may_fail(reminder.plan, household, subject.date):
        return False
    urgent = KINDS[subject.kind].urgent
    return urgent is not None and urgent[0] <= reminder.lead <= urgent[1]


def breaks_through(reminder: Reminder, household: Household) -> bool:
    """Whether a push of a reminder is shown while the phone is set to quiet."""
    return reminder.lead <= _NEAR and is_urgent(reminder, household)
