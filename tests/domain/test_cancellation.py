"""How far leaving has come, and the days on which it must be done."""

from __future__ import annotations

from typing import Any

import pytest

from households import balance, carrier, day, household, listed, plan
from renewd.domain.cancellation import cancel_of, has_left, lapses, last_day, lost_on, stage, stops_on, way_out
from renewd.domain.fact_changes import Fact, Set, mark
from renewd.domain.findings import NOTHING_FOUND
from renewd.domain.plans import Binding, Cancel, Plan
from renewd.domain.readiness import readiness

# --- a line that stays, on a cheaper plan

MOVED = plan(
    "mint", carrier=carrier(grace="30 days"), renews="2027-02-20", every="90 days", price="90",
    cancel=Cancel(number="move", requested_on=day("2027-01-20"), confirmed_on=day("2027-01-22")),
    bindings=(Binding(service="Chase", critical=True),),
)  # fmt: skip


def kinds(one: Plan, start: str, days: int) -> set[str]:
    return {key.split("/")[1] for _, key in listed(household(one), start, days)}


def test_a_plan_that_was_changed_for_a_cheaper_one_lives_on() -> None:
    assert not has_left(MOVED)
    assert stage(MOVED, day("2027-02-01")) == "confirmed"
    assert listed(household(MOVED), "2027-01-25", 140) == listed(
        household(MOVED._replace(cancel=None)), "2027-01-25", 140
    )
    assert kinds(MOVED, "2027-03-10", 30) == {"overdue", "lost"}  # nobody renewed it


@pytest.mark.parametrize("kind", ["prepaid", "postpaid"])
def test_nothing_of_an_ended_line_is_said_of_one_that_stays(kind: str) -> None:
    one = MOVED._replace(carrier=carrier(kind=kind, grace="30 days", reactivate_days=30), autopay=True)
    assert kinds(one, "2027-01-22", 120) == {"charge", "charged"}


# --- a line that runs out

LAPSING = plan(
    renews="2026-12-05", every="30 days", price="5", grace="30 days", autopay=True,
    cancel=Cancel(how="lapse", by=day("2027-03-01"), number="drop"),
)  # fmt: skip


def test_as_long_as_autopay_is_on_a_line_does_not_run_out() -> None:
    assert stage(LAPSING, day("2027-06-01")) == "preparing"
    assert stops_on(LAPSING, day("2027-02-01")) == day("2027-02-03")
    assert lost_on(LAPSING, day("2027-02-01")) == day("2027-03-05")
    off = LAPSING._replace(autopay=False)
    assert lost_on(off, day("2027-02-01")) == day("2027-01-04")
    assert [stage(off, day(on)) for on in ("2027-01-04", "2027-01-05")] == ["preparing", "closed"]


@pytest.mark.parametrize(("words", "last"), [({}, "2027-02-02"), ({"autopay": False}, "2026-12-04")])
def test_once_nobody_pays_it_the_last_day_is_before_it_stops_whatever_day_is_wished_for(
    words: dict[str, Any], last: str
) -> None:
    port = LAPSING._replace(cancel=cancel_of(LAPSING)._replace(number="port"), **words)
    assert last_day(port, day("2026-11-20")) == day(last)


@pytest.mark.parametrize("anchor", ["2026-12-05", "2026-09-06", "2024-03-10"])
def test_and_its_charges_go_on_being_said_however_old_the_anchor_is(anchor: str) -> None:
    keys = {key for _, key in listed(household(LAPSING._replace(renews=day(anchor))), "2027-01-25", 60)}
    dates = {(key.split("/")[1], key.split("/")[2]) for key in keys}
    assert {kind for kind, _ in dates} == {"charge", "charged", "cancel-by"}
    assert len({date for kind, date in dates if kind == "charge"}) == 2


def test_a_line_that_stays_is_not_let_run_out_whatever_how_says() -> None:
    both = MOVED._replace(autopay=True, cancel=Cancel(how="lapse", number="move"))
    assert (way_out(both), lapses(both)) == ("move", False)
    assert listed(household(both), "2027-01-25", 140) == listed(
        household(both._replace(cancel=Cancel(number="move"))), "2027-01-25", 140
    )
    assert (
        Set(("cancel", "how"), "cancel")
        in mark(
            both._replace(cancel=Cancel(how="lapse")), Fact(what="leaving", number="move", today=day("2027-01-25"))
        ).changes
    )


def test_what_a_balance_does_not_cover_runs_out_with_no_autopay_to_turn_off() -> None:
    one = plan(
        renews="2027-03-01", every="1 month", price="8", autopay=True, pay_with="balance",
        balance=balance("20", "2027-02-15"), cancel=Cancel(how="lapse", number="drop"),
    )  # fmt: skip
    assert "cancel-by" in kinds(one, "2027-03-02", 30)  # of the second 8 that the 20 cover
    assert "cancel-by" not in kinds(one, "2027-04-02", 30)
    covered, short = (readiness(one, household(one), NOTHING_FOUND, day(on)) for on in ("2027-03-02", "2027-04-02"))
    assert [any(item.code == "autopay-off" and item.blocks for item in report.items) for report in (covered, short)] == [
        True, False,
    ]  # fmt: skip
