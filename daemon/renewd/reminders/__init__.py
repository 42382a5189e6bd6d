"""What ought to be sent: every reminder is computed afresh each time, from plans, findings and an instant.

kind.py            what a kind of reminder is        kinds.py          the list of all kinds
renewal.py, …      one module per kind               leave.py          what the kinds of a cancellation share
moments.py         the instants of a subject's leads, and when a snooze ends
due.py             what ought to have been sent by now
agenda.py          what will be sent
facts.py           what a reminder says              month.py          what the monthly digest says
grouping.py        one message per person and moment, the most urgent first
payments.py        what has to be paid for a plan     urgent.py          what breaks through a phone's quiet
plan_overview.py   what comes next of each plan, and what it costs
person_page.py     what a person's page shows
"""

from renewd.domain.findings import NOTHING_FOUND, Findings
from renewd.reminders.agenda import agenda, start_of
from renewd.reminders.due import Due, due, due_of_person, due_of_plan, told_at_all
from renewd.reminders.kind import Reminder, Subject
from renewd.reminders.kinds import KINDS

__all__ = [
    "KINDS",
    "NOTHING_FOUND",
    "Due",
    "Findings",
    "Reminder",
    "Subject",
    "agenda",
    "due",
    "due_of_person",
    "due_of_plan",
    "start_of",
    "told_at_all",
]
