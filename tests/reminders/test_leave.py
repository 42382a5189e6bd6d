"""Leaving a plan: `cancel-by`, `binding`, `pin`, `unconfirmed`, `final-bill`, `refund`, `undo`, and what falls silent."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from calls import calls_of
from households import (
    NEW_YORK,
    at,
    balance,
    bill,
    carrier,
    data,
    day,
    household,
    keep_alive,
    keys,
    length,
    listed,
    person,
    plan,
    promo,
    said,
)
from renewd.domain.cancellation import last_safe, left_by, stage
from renewd.domain.plans import Account, Binding, Cancel, Device, FinalBill, Plan, Refund
from renewd.domain.readiness import readiness
from renewd.reminders import NOTHING_FOUND, due
from renewd.reminders.facts import facts
from renewd.reminders.kind import DayRange
from renewd.reminders.leave import told
from renewd.reminders.month import digest_facts
from renewd.report import as_sections
from renewd.web.links import tap_of

POSTPAID = carrier("magenta", kind="postpaid", pin_days=7, reactivate_days=30)
NOBODY = Account()
CHASE = Binding(service="Chase", critical=True)


def leaving(
    *, who: Any = POSTPAID, bindings: tuple[Binding, ...] = (), account: Account = NOBODY, **cancel: Any
) -> Plan:
    """Return a postpaid line on autopay, renewed on the 29th, that somebody wants to leave."""
    days = {key: day(value) if isinstance(value, str) and value[:2] == "20" else value for key, value in cancel.items()}
    return plan(
        "main", carrier=who, renews="2026-12-29", every="1 month", price="40", autopay=True, bindings=bindings,
        account=account, cancel=Cancel(**days), leads={"charge": (), "charged": ()},
    )  # fmt: skip


def prepaid(**words: Any) -> Plan:
    """Return a prepaid line that is paid by hand and is let run out."""
    known = {
        "renews": "2026-12-05",
        "every": "30 days",
        "price": "5",
        "grace": "30 days",
        "cancel": Cancel(how="lapse"),
    }
    return plan("tello", **(known | words))


def leads(one: Plan, start: str, days: int, kind: str) -> list[str]:
    return [key.removeprefix(f"{one.id}/{kind}/") for key in keys(household(one), start, days, kind)]


# --- cancel-by


def test_cancel_by_is_said_a_month_ahead_and_down_to_its_day() -> None:
    assert leads(leaving(), "2026-11-25", 60, "cancel-by") == [f"2026-12-28/{lead}" for lead in (14, 7, 3, 1, 0)]
    yearly = plan(renews="2027-06-01", every="1 year", cancel=Cancel(), leads={"renewal": ()})
    assert leads(yearly, "2027-01-01", 160, "cancel-by") == [f"2027-05-31/{lead}" for lead in (30, 14, 7, 3, 1, 0)]


def test_with_a_wish_it_is_the_last_safe_day_before_it() -> None:
    wished = leaving(by="2027-03-01")
    assert leads(wished, "2026-11-25", 120, "cancel-by") == [f"2027-02-27/{lead}" for lead in (14, 7, 3, 1, 0)]
    assert said(household(wished), at("2026-12-28 12:00")) == set()


def test_for_charges_after_the_wish_it_is_said_a_week_and_a_day_before() -> None:
    late = household(leaving(by="2027-03-01"))
    assert said(late, at("2027-03-10 12:00")) == set()  # the day of 27 Feb is over
    assert said(late, at("2027-03-22 12:00")) == {"main/cancel-by/2027-03-28/7"}
    assert said(late, at("2027-03-27 12:00")) == {"main/cancel-by/2027-03-28/1"}
    assert said(late, at("2027-03-28 12:00")) == {"main/cancel-by/2027-03-28/0"}


def test_a_wish_before_the_first_safe_day_means_that_of_the_next_charge() -> None:
    assert said(household(leaving(by="2026-12-10")), at("2026-12-21 12:00")) == {"main/cancel-by/2026-12-28/7"}


def test_without_a_wish_each_charge_has_its_day() -> None:
    home = household(leaving())
    assert said(home, at("2026-12-28 12:00")) == {"main/cancel-by/2026-12-28/0"}
    assert said(home, at("2026-12-29 12:00")) == {"main/cancel-by/2027-01-28/30"}  # the next cycle has 31 days
    assert said(home, at("2027-01-14 12:00")) == {"main/cancel-by/2027-01-28/14"}


def test_asking_settles_cancel_by_and_pin() -> None:
    before = leaving(pin_on="2026-12-20")
    assert said(household(before), at("2026-12-25 12:00")) == {"main/cancel-by/2026-12-28/3", "main/pin/2026-12-26/1"}
    asked = leaving(pin_on="2026-12-20", requested_on="2026-12-25")
    assert said(household(asked), at("2026-12-25 12:00")) == set()


def test_the_day_counts_the_charge_and_not_the_renewal() -> None:
    early = plan(
        renews="2026-12-19", every="1 month", autopay=True, charge_before="25 hours", notice="3 days", cancel=Cancel()
    )
    assert last_safe(early, day("2026-12-01")) == (day("2026-12-14"), 0)  # charged on the 17th


def test_a_wish_a_century_away_is_not_walked_to() -> None:
    """A year that is a slip of the hand, with a cycle of a day: every look would count 63,000 cycles."""
    far = plan(renews="2026-12-05", every="1 day", cancel=Cancel(by=day("2199-12-31")), cut_off="10 years")
    assert last_safe(far, day("2026-12-01")) == (day("2199-12-31"), 66_865)
    assert calls_of(lambda: last_safe(far, day("2026-12-01"))) < 300_000


def test_a_paused_line_is_not_charged_before_the_pause_ends() -> None:
    paused = plan(renews="2026-12-29", every="1 month", autopay=True, pause_until="2027-02-10", cancel=Cancel())
    assert last_safe(paused, day("2026-12-01")) == (day("2027-02-27"), 2)  # 28 Feb


def test_a_plan_without_renewals_has_the_day_that_was_wished_for() -> None:
    kept = plan(keep_alive=keep_alive("90 days", "2026-10-01"), cancel=Cancel(by=day("2027-01-10")))
    assert last_safe(kept, day("2026-12-01")) == (day("2027-01-10"), None)
    assert last_safe(kept, day("2027-02-01")) is None


def test_a_snooze_is_woken_by_cancel_by() -> None:
    sleeping = plan(
        renews="2027-06-01",
        every="1 year",
        cancel=Cancel(),
        notice="20 days",
        snooze="2027-06-10",
        leads={"renewal": ()},
    )
    assert said(household(sleeping), at("2027-05-11 12:00")) == set()
    assert said(household(sleeping), at("2027-05-12 09:00")) == {"tello/cancel-by/2027-05-12/0"}


def test_cancel_kinds_go_to_the_holder_too() -> None:
    family = household(
        leaving(account=Account(holder="mom"), pin_on="2026-12-22", bindings=(CHASE,)), me=person(), mom=person("mom")
    )
    keys_of = {who: said(family, at("2026-12-28 12:00"), to=who) for who in ("me", "mom")}
    assert keys_of["me"] == keys_of["mom"] == {
        "main/cancel-by/2026-12-28/0", "main/pin/2026-12-28/0", "main/binding/2026-12-28/3",
    }  # fmt: skip
    stranger = leaving(account=Account(holder="room-mate"))
    assert told(stranger, DayRange(family, NOTHING_FOUND, day("2026-12-01"), day("2026-12-31"), ahead=False)) == ("me",)


def test_the_final_bill_goes_to_the_holder_too_who_owes_it() -> None:
    owed = FinalBill(amount=Decimal("21.30"), due=day("2027-01-20"))
    gone = leaving(confirmed_on="2026-12-24", number="port", final_bill=owed, account=Account(holder="mom"))._replace(
        bills=(bill("overage", "2027-01-20"),),
    )
    family = household(gone, me=person(), mom=person("mom"))
    assert said(family, at("2027-01-20 12:00"), to="mom") == {"main/bill:final/2027-01-20/0"}


# --- binding


def test_critical_bindings_are_one_reminder_until_they_are_moved() -> None:
    open_ = leaving(by="2027-01-20", bindings=(CHASE, Binding(service="Apple", critical=True), Binding(service="Uber")))
    assert leads(open_, "2026-12-01", 60, "binding") == [f"2027-01-20/{lead}" for lead in (30, 14, 7, 3)]
    assert "main/binding/2027-01-20/3" in said(household(open_), at("2027-02-20 12:00"))
    moved = leaving(
        by="2027-01-20",
        bindings=(Binding(service="Chase", critical=True, moved_on=date(2026, 12, 1)), Binding(service="Uber")),
    )
    assert leads(moved, "2026-12-01", 60, "binding") == []


def test_bindings_are_said_on_the_days_of_their_leads_however_near_the_last_day_to_cancel_is() -> None:
    home = household(
        leaving(by="2026-12-29", bindings=(CHASE,))
    )  # charged on the 29th, so the last safe day is the 28th
    days = {key.removeprefix("main/"): when[:10] for when, key in listed(home, "2026-12-01", 40)}
    for lead, on in ((14, "2026-12-15"), (7, "2026-12-22"), (3, "2026-12-26")):
        assert days[f"binding/2026-12-29/{lead}"] == on


def test_bindings_and_cancel_by_name_one_last_day() -> None:
    home = household(leaving(by="2027-01-15", number="port", bindings=(CHASE,)))
    now = at("2026-12-21 12:00")
    days = {one.subject.kind: facts(one, home, NOTHING_FOUND, now).good for one in due(home, NOTHING_FOUND, now)}
    assert days == {"cancel-by": date(2026, 12, 28), "binding": date(2026, 12, 28)}


@pytest.mark.parametrize("number", ["port", "drop", "move", None])
@pytest.mark.parametrize("on", ["2026-12-14", "2026-12-22", "2026-12-28"])
def test_a_mail_the_monthly_mail_and_the_report_count_alike(number: str | None, on: str) -> None:
    who = POSTPAID._replace(port_lock="Port Out Protection")
    plan = leaving(who=who, number=number, bindings=(CHASE,))._replace(device=Device(unlock_on=date(2026, 12, 20)))
    home, now = household(plan), at(f"{on} 12:00")
    report = readiness(plan, home, NOTHING_FOUND, day(on))
    reminder = next(one for one in due(home, NOTHING_FOUND, now) if one.subject.kind == "cancel-by")
    digest = next(one for one in due(home, NOTHING_FOUND, at("2026-12-01 12:00")) if one.subject.kind == "digest")
    open_ = digest_facts(digest, home, NOTHING_FOUND, now).open
    counts = [
        len(facts(reminder, home, NOTHING_FOUND, now).todo),
        *(one.count for one in open_ if one.what == "leaving"),
    ]
    assert counts == [report.left, report.left]
    [section] = as_sections([report], "en")
    assert len(section.points) >= report.left


def test_bindings_are_due_by_the_stop_of_a_line_that_lapses() -> None:
    lapsing = prepaid(bindings=(CHASE,), cancel=Cancel(how="lapse", by=day("2027-03-01")))
    assert leads(lapsing, "2026-11-01", 60, "binding") == [
        "2026-12-05/30",
        "2026-12-05/14",
        "2026-12-05/7",
        "2026-12-05/3",
    ]
    sooner = prepaid(bindings=(CHASE,), cancel=Cancel(how="lapse", by=day("2026-12-01")))
    assert leads(sooner, "2026-11-01", 60, "binding")[-1] == "2026-12-01/3"


def test_a_line_is_kept_alive_while_leaving_before_the_day_chosen_still_avoids_a_charge() -> None:
    """Off since Nov 12. Leaving on Dec 11 avoids the last charge before Dec 20; after that, nothing is to be renewed."""
    line = prepaid(renews="2026-11-12", bindings=(CHASE,), cancel=Cancel(number="drop", by=day("2026-12-20")))
    assert [left_by(line, 0, day(on)) for on in ("2026-12-11", "2026-12-12")] == ["", "cancel"]
    home, now = household(line), at("2026-12-14 12:00")
    bound = next(one for one in due(home, NOTHING_FOUND, now) if one.subject.kind == "binding")
    assert facts(bound, home, NOTHING_FOUND, now).unmarked == date(2026, 11, 12)


def test_a_number_that_stays_keeps_its_bindings() -> None:
    assert leads(leaving(number="move", by="2027-01-20", bindings=(CHASE,)), "2026-12-01", 60, "binding") == []


# --- pin


@pytest.mark.parametrize(("life", "last"), [(7, "2026-12-26"), (4, "2026-12-23"), (1, "2026-12-20")])
def test_a_pin_of_n_days_ends_n_minus_one_days_later(life: int, last: str) -> None:
    held = leaving(who=carrier(kind="postpaid", pin_days=life), pin_on="2026-12-20")
    found = [key for key in said(household(held), at("2026-12-20 12:00")) if "/pin/" in key]
    assert found == ([f"main/pin/{last}/0"] if life == 1 else [])
    assert f"main/pin/{last}/0" in said(household(held), at(f"{last} 12:00"))
    assert not [key for key in said(household(held), at("2026-12-27 12:00")) if "/pin/" in key]


def test_a_pin_whose_life_nobody_knows_says_nothing() -> None:
    assert leads(leaving(who=None, pin_on="2026-12-20"), "2026-12-20", 20, "pin") == []


# --- after asking


def test_unconfirmed_asks_after_three_days_and_then_weekly() -> None:
    asked = leaving(requested_on="2026-12-20")
    assert leads(asked, "2026-12-20", 100, "unconfirmed") == [
        f"2026-12-20/-{late}" for late in (3, 7, *range(14, 85, 7))
    ]
    assert (
        said(household(leaving(requested_on="2026-12-20", confirmed_on="2026-12-24")), at("2027-01-10 12:00")) == set()
    )


def test_the_final_bill_of_a_postpaid_line_is_asked_for_three_times() -> None:
    gone = leaving(confirmed_on="2026-12-24", number="port")
    assert leads(gone, "2026-12-24", 120, "final-bill") == ["2026-12-24/-30", "2026-12-24/-60", "2026-12-24/-90"]
    known = leaving(confirmed_on="2026-12-24", number="port", final_bill=FinalBill(amount=Decimal(0)))
    assert leads(known, "2026-12-24", 120, "final-bill") == []
    assert leads(leaving(who=carrier(), confirmed_on="2026-12-24"), "2026-12-24", 120, "final-bill") == []


def test_a_refund_is_asked_for_until_it_is_there() -> None:
    owed = Refund(amount=Decimal(9), expected=day("2027-04-20"))
    gone = leaving(
        confirmed_on="2026-12-24", number="port", refund=owed, final_bill=FinalBill(paid_on=day("2027-01-10"))
    )
    assert said(household(gone), at("2027-04-19 12:00")) == set()
    assert said(household(gone), at("2027-04-20 12:00")) == {"main/refund/2027-04-20/0"}
    assert said(household(gone), at("2027-05-20 12:00")) == {"main/refund/2027-04-20/-30"}
    here = Refund(expected=day("2027-04-20"), received_on=day("2027-04-18"))
    nothing = Refund(amount=Decimal(0), expected=day("2027-04-20"))
    for none in (here, nothing):
        assert leads(leaving(confirmed_on="2026-12-24", refund=none), "2027-04-01", 60, "refund") == []


def test_undo_is_said_before_the_last_day_and_never_of_a_ported_number() -> None:
    gone = leaving(confirmed_on="2026-12-24", number="drop")
    assert leads(gone, "2026-12-24", 60, "undo") == ["2027-01-23/7", "2027-01-23/1"]
    assert leads(leaving(confirmed_on="2026-12-24", number="port"), "2026-12-24", 60, "undo") == []
    assert leads(leaving(who=carrier(), confirmed_on="2026-12-24"), "2026-12-24", 60, "undo") == []


def test_a_number_that_was_lost_before_the_end_was_confirmed_is_not_brought_back() -> None:
    """By the user's own grace; what only may be lost may be brought back."""
    gone = leaving(confirmed_on="2026-12-24", number="drop")._replace(autopay=False, renews=day("2026-11-20"))
    for grace, said_of in (("30 days", []), ("60 days", ["2027-01-23/7", "2027-01-23/1"])):
        assert leads(gone._replace(grace=length(grace)), "2026-12-24", 60, "undo") == said_of
    assert leads(gone, "2026-12-24", 60, "undo") == ["2027-01-23/7", "2027-01-23/1"]


def test_once_confirmed_only_bill_final_bill_refund_and_undo_remain() -> None:
    one = plan(
        "main", carrier=POSTPAID, renews="2026-12-29", every="1 month", price="40", autopay=True, bills=(bill(),),
        bindings=(CHASE,), pause_until="2027-01-05",
        cancel=Cancel(number="drop", pin_on=day("2026-12-22"), requested_on=day("2026-12-22"), confirmed_on=day("2026-12-24"),
                      refund=Refund(expected=day("2027-01-20"))),
    )  # fmt: skip
    kinds = {key.split("/")[1].partition(":")[0] for key in said(household(one), at("2027-01-23 12:00"))}
    assert "charge" in {key.split("/")[1] for key in said(household(one._replace(cancel=None)), at("2027-01-28 12:00"))}
    assert kinds == {"bill", "final-bill", "refund", "undo"}


def test_when_the_final_bill_and_the_refund_are_settled_all_is_said() -> None:
    done = leaving(
        number="port", confirmed_on="2026-12-24", final_bill=FinalBill(amount=Decimal(21), paid_on=day("2027-01-10")),
        refund=Refund(received_on=day("2027-01-11")),
    )  # fmt: skip
    assert keys_of_all(done, "2026-12-25", 400) == []
    assert stage(done, day("2027-01-12")) == "closed"


def keys_of_all(one: Plan, start: str, days: int) -> list[str]:
    return [key for _, key in listed(household(one), start, days)]


# --- letting it run out


def test_a_line_that_lapses_is_silent_but_for_its_last_chances() -> None:
    assert keys_of_all(prepaid(), "2026-11-01", 400) == [
        "tello/renewal/2026-12-05/7", "tello/renewal/2026-12-05/1", "tello/lost/2027-01-04/7", "tello/lost/2027-01-04/1",
    ]  # fmt: skip


def test_that_holds_whatever_leads_the_household_likes() -> None:
    eager = prepaid(leads={"renewal": (30, 14, 7, 3, 1, 0), "lost": (5,)})
    assert keys_of_all(eager, "2026-11-01", 400) == keys_of_all(prepaid(), "2026-11-01", 400)


def test_its_loss_is_not_held_back_before_it_stops() -> None:
    no_grace = prepaid(grace="1 day")
    assert leads(no_grace, "2026-11-20", 30, "lost") == ["2026-12-06/7", "2026-12-06/1"]
    assert stage(no_grace, day("2026-12-06")) == "wanted"
    assert stage(no_grace, day("2026-12-07")) == "closed"


def test_the_day_after_its_number_is_lost_it_is_closed_and_nothing_more_is_said() -> None:
    bound = household(prepaid(bindings=(CHASE,)))
    assert "tello/binding/2026-12-05/3" in said(bound, at("2027-01-04 12:00"))
    assert said(bound, at("2027-01-05 12:00")) == set()


def test_nothing_is_said_of_days_after_a_line_has_run_out() -> None:
    """An offer, a use or a reading of the data is of no use to it then, and once it is closed nothing is listed ahead."""
    words = {
        "promo": promo("2027-01-20", "60"), "keep_alive": keep_alive("90 days", "2026-10-10"),
        "data": data(20, 100, "2026-11-01"), "cancel": Cancel(how="lapse", requested_on=day("2026-12-30")),
    }  # fmt: skip
    assert keys_of_all(prepaid(**words), "2026-11-01", 400) == [
        "tello/renewal/2026-12-05/7", "tello/data/2026-12-05/5", "tello/renewal/2026-12-05/1",
        "tello/lost/2027-01-04/7", "tello/data/2027-01-04/5", "tello/unconfirmed/2026-12-30/-3", "tello/lost/2027-01-04/1",
    ]  # fmt: skip
    assert said(household(prepaid(**words)), at("2027-01-03 12:00")) == {
        "tello/data/2027-01-04/5", "tello/unconfirmed/2026-12-30/-3", "tello/lost/2027-01-04/1",
    }  # fmt: skip


def test_a_balance_that_ends_and_a_use_that_is_missed_are_what_was_wished_for() -> None:
    from_balance = prepaid(pay_with="balance", balance=balance("5", "2026-11-01"))
    assert not [key for key in keys_of_all(from_balance, "2026-11-01", 100) if "/balance/" in key]
    unused = plan("att", keep_alive=keep_alive("90 days", "2026-09-24"), cancel=Cancel(how="lapse"))
    assert keys_of_all(unused, "2026-11-01", 400) == ["att/keep-alive/2026-12-23/7", "att/keep-alive/2026-12-23/1"]


def test_cancel_by_of_a_line_that_lapses_only_turns_autopay_off() -> None:
    on = prepaid(autopay=True)
    assert leads(on, "2026-11-20", 20, "cancel-by") == [
        "2026-12-04/14",
        "2026-12-04/7",
        "2026-12-04/3",
        "2026-12-04/1",
        "2026-12-04/0",
    ]
    assert leads(prepaid(), "2026-11-20", 20, "cancel-by") == []


# --- renewals of a line that is being left


def test_until_the_wish_a_line_is_kept_alive_and_then_no_longer() -> None:
    by_march = plan(renews="2026-12-05", every="30 days", cancel=Cancel(by=day("2027-03-01")))
    assert [left_by(by_march, n) for n in range(4)] == [
        "",
        "",
        "cancel",
        "cancel",
    ]  # safe days 4 Dec, 3 Jan, 2 Feb, 4 Mar
    assert left_by(plan(renews="2026-12-05", every="30 days", cancel=Cancel()), 0) == "cancel"
    assert left_by(plan(renews="2026-12-05", every="30 days", cancel=Cancel(number="move")), 0) == ""


def test_a_stopped_line_that_is_to_be_ported_has_to_be_renewed_first() -> None:
    def leaves(number: Any, when: str, kind: str) -> str:
        one = plan(renews="2026-12-05", every="30 days", grace="30 days", cancel=Cancel(number=number))
        home = household(one)
        [found] = [r for r in due(home, NOTHING_FOUND, at(when, NEW_YORK)) if r.subject.kind == kind]
        return facts(found, home, NOTHING_FOUND, at(when, NEW_YORK)).leaves

    assert leaves("port", "2026-12-03 12:00", "renewal") == "cancel"
    assert leaves("port", "2026-12-08 12:00", "overdue") == "cancel"
    assert leaves("drop", "2026-12-08 12:00", "overdue") == "cancel"


def test_a_mail_that_says_not_to_renew_does_not_offer_to_write_down_that_it_was() -> None:
    def tap(one: Plan) -> object:
        [found] = [r for r in due(household(one), NOTHING_FOUND, at("2026-12-03 12:00")) if r.subject.kind == "renewal"]
        return tap_of(found.subject, "me", day("2027-01-01"))

    assert tap(plan(renews="2026-12-05", every="30 days")) is not None
    assert tap(plan(renews="2026-12-05", every="30 days", cancel=Cancel(number="drop"))) is None
    assert tap(plan(renews="2026-12-05", every="30 days", cancel=Cancel(by=day("2027-03-01")))) is not None
