"""`digest`: once a month, everything at a glance; by mail alone."""

from __future__ import annotations

from collections.abc import Iterator

from renewd.domain.dates import add_months
from renewd.domain.plans import Person
from renewd.reminders.kind import DayRange, Kind, Subject, days

_LEADS = (0,)
_WORTH_DAYS = 3


def _subjects(person: Person, view: DayRange) -> Iterator[Subject]:
    leads = view.household.leads.get("digest", _LEADS)
    first = (view.first - days(_WORTH_DAYS)).replace(day=1)
    while leads and person.email and first <= view.last + days(max(leads[0], 0)):
        if first + days(_WORTH_DAYS) >= view.first:
            yield Subject("digest", None, "", first, leads, first + days(_WORTH_DAYS), (person.id,), first)
        first = add_months(first, 1, 1)


KIND = Kind(
    name="digest",
    leads=_LEADS,
    of_person=_subjects,
    label={"en": "The monthly mail: 0 sends it, [] does not", "zh-CN": "月报：0 就发，[] 不发"},
    counted=False,
)
