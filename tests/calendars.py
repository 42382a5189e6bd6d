"""What the tests of calendars share: a calendar as it is read back, and files that are kept while a household changes."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import rfc5545
from renewd.calendar.builder import CalendarContext, calendar_for
from renewd.calendar.entries import Entry
from renewd.calendar.files import CalendarFiles, WriteResult
from renewd.config import Calendar
from renewd.domain.plans import Household, Plan
from renewd.ledger import Ledger
from renewd.ledger.sqlite import in_memory

NOW = datetime(2026, 12, 1, 15, 0, tzinfo=UTC)
TODAY = date(2026, 12, 1)
HOUR = timedelta(hours=1)


def seen(home: Household, reader: str = "me", today: date = TODAY, **words: object) -> rfc5545.Calendar:
    """Return a person's calendar as it is read back, with nothing remembered."""
    drawing = CalendarContext(household=home, settings=Calendar(**words), today=today)  # type: ignore[arg-type]
    who = home.people[reader]
    return rfc5545.read(calendar_for(drawing, who, home.plans_of(reader), [who], lambda _: {}, NOW))


def shown(home: Household, reader: str = "me", today: date = TODAY, **words: object) -> list[tuple[str, str]]:
    return seen(home, reader, today, **words).shown()


@dataclasses.dataclass(frozen=True, kw_only=True)
class Recorded(CalendarContext):
    """A context that notes which plans are drawn."""

    drawn: list[str]

    def entries(self, plan: Plan) -> list[Entry]:
        self.drawn.append(plan.id)
        return super().entries(plan)


class Desk:
    """Calendar files in a folder while the household changes. `drawn` names the plans of the last round."""

    def __init__(self, folder: Path, ledger: Ledger | None = None) -> None:
        self.folder = folder
        self.ledger = ledger or in_memory()
        self.keeper = CalendarFiles(folder, self.ledger)
        self.now = NOW
        self.drawn: list[str] = []

    def restart(self) -> None:
        self.keeper = CalendarFiles(self.folder, self.ledger)

    def keep(self, home: Household, *, after: timedelta = HOUR, **words: object) -> WriteResult:
        self.now += after
        self.drawn = []
        context = Recorded(household=home, settings=Calendar(**words), today=self.now.date(), drawn=self.drawn)  # type: ignore[arg-type]
        forms = {one.id: repr(one._replace(carrier=None)) for one in home.plans.values()}
        return self.keeper.keep(context, forms, self.now)

    def read(self, name: str = "me") -> rfc5545.Calendar:
        return rfc5545.read((self.folder / f"{name}.ics").read_bytes())

    def files(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in sorted(self.folder.iterdir())}
