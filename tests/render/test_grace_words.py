"""How a grace period is said: none is not "0 days", and where none is published the day of the loss is in doubt."""

from __future__ import annotations

import re
from datetime import datetime

import pytest

from calendars import seen
from household_mails import World, home, letter
from households import at, carrier, day, household, length, plan
from renewd.domain.carriers import Carrier
from renewd.domain.findings import NOTHING_FOUND
from renewd.domain.readiness import readiness
from renewd.i18n import LANGUAGES
from renewd.render.mail import render
from renewd.report import as_text

GENEROUS, STRICT, SILENT = carrier(grace="30 days"), carrier(grace="0 days", grace_confidence="high"), carrier()


def _noons(*days: str) -> list[datetime]:
    return [at(f"{on} 12:00") for on in days]


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize(
    ("who", "kind", "grace"),
    [
        (None, "line", "0 days"), (GENEROUS, "line", "0 days"), (STRICT, "line", "30 days"), (STRICT, "line", None), (None, "other", "0 days"),
    ],
)  # fmt: skip
def test_no_grace_is_not_a_grace_of_zero_days(code: str, who: Carrier | None, kind: str, grace: str | None) -> None:
    world = World(code)
    given = length(grace) if grace else None
    line = plan(renews="2026-12-05", every="30 days", price="5", carrier=who, kind=kind, grace=given)
    house = home(world, line)
    mails = [render(*letter(house, when)).text for when in _noons("2026-12-02", "2026-12-05", "2026-12-07")]
    report = as_text([readiness(line, house, NOTHING_FOUND, day("2026-12-02"))], code)
    shown = [event.description for event in seen(household(line, **house.people)).events]
    assert not [said for said in (*mails, report, *shown) if re.search(r"\b0 days|(?<!\d)0 ?天", said)]
    assert ("Nobody has written down how long" in report) is False


@pytest.mark.parametrize(("code", "said"), [("en", "May be lost"), ("zh-CN", "可能失号")])
@pytest.mark.parametrize("when", ["2026-12-02", "2026-12-07"])
def test_a_number_that_may_be_lost_has_its_day_where_no_grace_is_published(code: str, said: str, when: str) -> None:
    line = plan(renews="2026-12-05", every="30 days", price="5", carrier=SILENT)
    [noon] = _noons(when)
    html = re.sub(
        r"<[^>]+>|\s+", " ", render(*letter(home(World(code), line), noon, kinds=("renewal", "overdue"))).html
    )
    assert said in html
    assert not re.search("Number lost +not known|失号 +不确定", html)
