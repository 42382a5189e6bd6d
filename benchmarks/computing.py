"""The dates of a year, computed in this process: nothing is loaded or printed."""

from __future__ import annotations

import time
from datetime import date, timedelta
from datetime import time as clock
from decimal import Decimal

from renewd.domain.dates import Duration, instant
from renewd.domain.plans import Household, Person, Plan
from renewd.reminders import NOTHING_FOUND, agenda


def year_of_dates(count: int, today: date) -> tuple[float, int]:
    """Give the CPU seconds for a year's reminders of `count` plans with two leads each, and how many they are."""
    me = Person(
        id="me", email="me@example.com", name="me", zone="America/New_York", languages=("en",), send_at=clock(9)
    )
    plans = {
        f"line-{i}": Plan(
            id=f"line-{i}",
            name=f"Line {i}",
            told=("me",),
            renews=today + timedelta(days=1 + i % 28),
            every=Duration(1, "months"),
            price=Decimal(5),
            currency="USD",
            late="fixed",
            zone="America/New_York",
            leads={"renewal": (7, 1)},
        )
        for i in range(count)
    }
    household = Household(zone="America/New_York", languages=("en",), currency="USD", people={"me": me}, plans=plans)
    start = instant(today, clock(0), "America/New_York")
    began = time.process_time()
    found = sum(1 for _ in agenda(household, NOTHING_FOUND, start, start + timedelta(days=365)))
    return time.process_time() - began, found
