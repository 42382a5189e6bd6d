"""The timeline true to scale, and what the next months cost."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from households import bill, day, plan
from renewd.report import months
from renewd.report.timeline import Life, TimelinePoint, across, upright
from reports import CASES

TODAY = day("2026-12-09")


def points(*days, tone="grey"):
    return [TimelinePoint(TODAY + timedelta(days=n), tone, f"L{n}", f"D{n}") for n in days]


def test_days_are_where_their_share_of_the_time_is():
    drawn = across(points(0, 10, 20, 40), None)
    assert [dot.at for dot in drawn.dots] == ["10", "175", "340", "670"]
    assert [(piece.first, piece.last) for piece in drawn.line] == [("10", "175"), ("175", "340"), ("340", "670")]


@given(st.sets(st.integers(1, 4000), min_size=1, max_size=8), st.integers(4, 40))
def test_labels_never_stand_on_each_other_and_leaders_never_cross(days, size):
    drawn = across(
        [
            TimelinePoint(TODAY + timedelta(days=n), "amber" if n % 2 else "grey", "x" * size, "y")
            for n in sorted({0, *days})
        ],
        None,
    )
    begins = [float(dot.label_at) for dot in drawn.dots]
    assert begins == sorted(begins)
    assert [float(dot.at) for dot in drawn.dots] == sorted(float(dot.at) for dot in drawn.dots)
    assert all(0 <= float(dot.at) <= 680 for dot in drawn.dots)


def test_a_pins_life_is_a_bar_over_its_days():
    life = Life(TODAY + timedelta(days=10), TODAY + timedelta(days=20), "PIN", "", firm=False)
    drawn = across(points(0, 20, 40), life)
    assert (drawn.bar.first, drawn.bar_width) == ("175", "165")
    begun = Life(TODAY - timedelta(days=5), TODAY + timedelta(days=20), "PIN", "", firm=True)
    assert across(points(0, 20, 40), begun).bar.first == "10"
    assert upright(points(0, 10, 20, 40), life).bar.first == "70"


def test_the_line_has_the_color_of_the_state_from_each_day_on():
    drawn = across([*points(0, 5), *points(10, tone="amber"), *points(20), *points(40, tone="red")], None)
    assert [piece.tone for piece in drawn.line] == ["grey", "grey", "amber", "amber"]


@pytest.mark.parametrize("case", CASES)
def test_every_report_can_be_drawn(case):
    report = CASES[case]("en")
    assert [point.day for point in report.timeline] == sorted(point.day for point in report.timeline)


def test_a_years_costs_stand_in_the_months_in_which_they_are_paid():
    plans = [
        plan("a", renews="2026-12-31", day=31, every="1 month", price="40", autopay=True, charge_before="25 hours"),
        plan("b", renews="2027-03-10", every="90 days", price="10"),
        plan("c", renews="2027-01-05", every="1 year", currency="CNY", price="100"),
        plan("d", renews="2027-06-01", bills=(bill("fee", "2026-11-01", "12.50"),)),
    ]
    rows = months.months(plans, TODAY, "USD")
    assert [str(row.total) for row in rows[:4]] == ["52.50", "40", "40", "50"]
    assert [row.first for row in rows][::11] == [TODAY, day("2027-11-01")]
    assert sum(row.unknown for row in rows) == 1  # nobody knows what d costs in June
    assert sum((row.total for row in rows), Decimal(0)) == Decimal("12.5") + 12 * 40 + 3 * 10


def test_costs_are_drawn_and_said_alike():
    rows = months.months([plan("a", renews="2026-12-20", every="1 month", price="40")], TODAY, "USD")
    drawing = months.drawing(rows, "USD", "en")
    assert drawing.count("<rect") == 12
    assert re.findall(r">(\$[\d.]+)<", drawing) == ["$40.00"] * 12
    assert "January 2027" in drawing
    assert "2027年1月" in months.drawing(rows, "USD", "zh-CN")
    assert months.summary(rows, "USD", "en") == ["12 months together: $480.00"]


def test_nothing_to_pay_is_no_trouble():
    rows = months.months([], TODAY, "USD")
    assert {row.total for row in rows} == {0}
    assert "$0.00" in months.drawing(rows, "USD", "en")
