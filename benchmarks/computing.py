"""What is measured in this process, without loading or printing: the dates of a year, and a table."""

from __future__ import annotations

import time
from datetime import date, timedelta
from datetime import time as clock
from decimal import Decimal

from renewd.domain.dates import Duration, instant
from renewd.domain.plans import Household, Person, Plan
from renewd.reminders import NOTHING_FOUND, agenda
from renewd.render.table import table


def year_of_dates(count: int, today: date) -> tuple[float, int]:
    """Return the CPU seconds for a year's reminders of `count` plans with two leads each, and how many they are."""
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


def table_of_rows(count: int) -> float:
    """Return the CPU seconds for laying out a table that is wider than its terminal."""
    rows = [("2026-12-05", "Mom’s Red Pocket", f"${i}.00", f"plan-{i}/renewal/2026-12-05/3") for i in range(count)]
    began = time.process_time()
    table(rows, ("日期", "套餐", "金额", "收信人"), "llrl", 80, drop=(3,))
    return time.process_time() - began
