"""`digest`: once a month, everything at a glance."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from household_mails import letter
from households import NEW_YORK, SHANGHAI, at, card, carrier, day, household, person, plan, promo
from renewd.domain.money import Money
from renewd.domain.plans import Account, Binding, Cancel, FinalBill, Household, Plan, Refund
from renewd.i18n import LANGUAGES
from renewd.reminders import NOTHING_FOUND, agenda, due
from renewd.reminders.facts import DigestFacts
from renewd.reminders.month import digest_facts
from renewd.render.mail import render


def digests(home: Household, now: str) -> set[str]:
    return {one.key for one in due(home, NOTHING_FOUND, at(now, NEW_YORK)) if one.subject.kind == "digest"}


def test_on_the_first_of_the_month_in_the_zone_of_the_reader() -> None:
    home = household(plan(told=("me", "mom")), me=person(), mom=person("mom", zone=SHANGHAI))
    start = at("2026-11-15")
    found = [
        one for one in agenda(home, NOTHING_FOUND, start, start + timedelta(days=60)) if one.subject.kind == "digest"
    ]
    assert sorted((f"{one.moment:%m-%d %H:%M}", one.key, one.person) for one in found) == [
        ("01-01 01:00", "@mom/digest/2027-01-01/0", "mom"), ("01-01 14:00", "@me/digest/2027-01-01/0", "me"),
        ("12-01 01:00", "@mom/digest/2026-12-01/0", "mom"), ("12-01 14:00", "@me/digest/2026-12-01/0", "me"),
    ]  # fmt: skip


def test_for_three_days_it_is_worth_saying() -> None:
    home = household(plan())
    assert digests(home, "2026-12-01 08:59") == set()
    assert digests(home, "2026-12-01 09:00") == {"@me/digest/2026-12-01/0"}
    assert digests(home, "2026-12-04 23:59") == {"@me/digest/2026-12-01/0"}
    assert digests(home, "2026-12-05 00:00") == set()


def test_it_goes_to_me_and_to_whom_a_plan_names() -> None:
    home = household(plan(told=("mom",)), me=person(), mom=person("mom"), dad=person("dad"))
    assert digests(home, "2026-12-01 12:00") == {"@me/digest/2026-12-01/0", "@mom/digest/2026-12-01/0"}


def test_the_households_leads() -> None:
    assert digests(household(plan(), leads={"digest": ()}), "2026-12-01 12:00") == set()
    early = household(plan(), leads={"digest": (2,)})
    assert digests(early, "2026-11-29 09:00") == {"@me/digest/2026-12-01/2"}


def opens(home: Household, when: str) -> list[str]:
    return [one.what for one in monthly(home, when).open]


def gone(**cancel: object) -> Plan:
    return plan(
        carrier=carrier(kind="postpaid"), renews="2026-12-29", every="1 month", price="40", autopay=True,
        account=Account(id="1"), cancel=Cancel(**{"requested_on": day("2026-12-20"), **cancel}),
    )  # fmt: skip


def test_what_was_asked_and_not_confirmed_stays_open_as_does_a_refund() -> None:
    assert opens(household(gone()), "2027-05-01 12:00") == ["unconfirmed"]
    owed = Refund(expected=day("2027-04-20"))
    assert opens(household(gone(confirmed_on=day("2026-12-24"), refund=owed)), "2027-05-01 12:00") == ["refund"]


def test_once_after_leaving_it_asks_whether_the_card_is_still_charged_and_once_for_the_credit_report() -> None:
    left = household(gone(confirmed_on=day("2026-12-24"), final_bill=FinalBill(paid_on=day("2027-01-10"))))
    months = [f"2027-{month:02}-01 12:00" for month in range(1, 9)]
    assert [opens(left, month) for month in months] == [
        [], ["still-charged"], [], ["credit-report"], [], [], [], [],
    ]  # fmt: skip


def test_a_line_that_is_gone_costs_nothing_more() -> None:
    left = monthly(household(gone(confirmed_on=day("2026-12-24"))), "2027-01-01 12:00")
    assert (left.yearly, left.payments, left.total_90) == ((), (), ())
    asked = monthly(household(gone()), "2027-01-01 12:00")
    assert asked.payments == ()


def test_a_line_that_is_let_run_out_is_neither_to_be_paid_nor_overdue() -> None:
    lapsing = household(
        plan(renews="2026-12-20", every="30 days", price="5", grace="30 days", cancel=Cancel(how="lapse"))
    )
    for when in ("2026-12-01 12:00", "2027-01-01 12:00", "2027-03-01 12:00"):
        assert (monthly(lapsing, when).payments, opens(lapsing, when)) == ((), [])
    [line] = lapsing.plans.values()
    tied = household(line._replace(bindings=(Binding("Chase", critical=True),)))
    assert [one.what for one in monthly(tied, "2027-03-01 12:00").open] == ["binding"]  # the number is lost


def monthly(home: Household, now: str, to: str = "me") -> DigestFacts:
    found = due(home, NOTHING_FOUND, at(now))
    (one,) = (one for one in found if one.subject.kind == "digest" and one.person == to)
    return digest_facts(one, home, NOTHING_FOUND, at(now))


def test_ninety_days_of_a_plan_that_has_stopped_are_more_than_one_payment() -> None:
    """Off since Nov 20: paid on the day of its loss, Dec 20, it renews on Jan 19 and Feb 18."""
    found = monthly(
        household(plan(renews="2026-11-20", every="30 days", price="5", grace="30 days")), "2026-12-01 09:00"
    )
    assert [f"{payment.day:%m-%d}" for payment in found.payments] == ["12-20"]
    assert [str(money.amount) for money in found.total] == ["5"]
    assert [str(money.amount) for money in found.total_90] == ["15"]


def test_a_stopped_plan_costs_nothing_after_the_day_on_which_it_is_to_be_left() -> None:
    """Off since Nov 12, renewed once on the day of its loss, Dec 12, and left before Jan 11."""
    chosen = Cancel(number="drop", by=day("2026-12-20"))
    home = household(plan(renews="2026-11-12", every="30 days", price="3", grace="30 days", cancel=chosen))
    assert [str(money.amount) for money in monthly(home, "2026-12-01 09:00").yearly_total] == ["3"]
    after = monthly(home, "2027-01-01 09:00")
    assert [str(money.amount) for money in after.yearly_total] == ["0"]
    assert [one.left for one in after.open if one.what == "lost"] == [True]


def test_where_the_number_is_lost_by_then_it_names_the_days_of_a_plan_that_was_renewed_unmarked() -> None:
    found = monthly(
        household(plan(renews="2026-10-20", every="30 days", price="5", grace="30 days")), "2026-12-01 09:00"
    )
    assert [(str(one.day), one.note) for one in found.payments] == [("2026-12-19", "if-renewed")]
    assert [str(money.amount) for money in found.total_90] == ["15"]
    ended = monthly(household(plan(renews="2026-10-20", price="5", grace="30 days")), "2026-12-01 09:00")
    assert (ended.payments, [one.what for one in ended.open]) == ((), ["lost"])


def test_a_year_is_the_charges_that_will_be_made() -> None:
    def year(**words: object) -> list[str]:
        found = monthly(household(plan(**{"price": "40", **words})), "2026-12-02 09:00")
        return [str(money.amount) for money in found.yearly_total]

    offer = promo("2027-01-10", "60")
    assert year(renews="2026-12-10", every="1 month", autopay=True, promo=offer) == ["700"]  # 40 + 11 x 60
    assert year(renews="2026-12-10", every="1 month", promo=offer) == ["700"]
    assert year(renews="2026-12-10", every="1 month", autopay=True, promo=promo("2026-12-10", "60")) == ["720"]
    assert year(renews="2026-12-10", every="30 days", autopay=True) == ["480"]  # 12 fit: the last on Nov 5
    assert year(renews="2026-12-10", every="28 days", autopay=True) == ["520"]
    assert year(renews="2026-12-10", every="1 year", autopay=True) == ["40"]
    assert year(renews="2026-12-10") == ["40"]  # no cycle: it is renewed once
    assert year(renews="2028-12-10", every="5 years", autopay=True) == ["0"]
    assert year(renews="2026-12-10", every="1 month", autopay=True, price="0", promo=promo("2027-11-10", "9")) == ["9"]
    assert year(renews="2026-12-10", every="1 month", autopay=True, promo=promo("2027-01-10", None)) == ["40"]
    assert year(renews="2026-12-10", every="1 month", autopay=True, pause_until="2027-10-01") == ["80"]
    assert year(renews="2026-12-10", every="1 month", autopay=True, cancel=Cancel(by=day("2027-02-20"))) == ["80"]


@pytest.mark.parametrize(
    ("by", "charged"),
    [("2027-02-10", "80"), ("2027-02-09", "80"), ("2027-02-08", "40"), ("2026-12-05", "0"), ("2026-12-01", "480")],
)
def test_a_charge_that_leaving_on_the_day_named_avoids_is_no_cost_of_the_year(by: str, charged: str) -> None:
    leaving = plan(price="40", renews="2026-12-10", every="1 month", autopay=True, cancel=Cancel(by=day(by)))
    found = monthly(household(leaving), "2026-12-02 09:00")
    assert [str(money.amount) for money in found.yearly_total] == [charged]
    cheaper = leaving._replace(cancel=Cancel(by=day(by), number="move"))  # it lives on
    assert [str(money.amount) for money in monthly(household(cheaper), "2026-12-02 09:00").yearly_total] == ["480"]


def test_the_budget_is_compared_with_the_charges_that_will_be_made_and_told_to_who_runs_it() -> None:
    offer = plan(price="15", renews="2026-12-09", every="1 month", autopay=True, promo=promo("2026-12-09", "40"))
    home = replace(household(offer._replace(told=("me", "mom")), me=person(), mom=person("mom")), budget=Decimal(20))
    found = monthly(home, "2026-12-02 09:00")
    assert (found.monthly, found.over) == (Money(Decimal("40.00"), "USD"), Money(Decimal("20.00"), "USD"))
    assert monthly(home, "2026-12-02 09:00", to="mom").budget is None


def test_a_date_more_than_two_cycles_ahead_is_named_while_it_lasts() -> None:
    def named(on: str) -> bool:
        home = household(plan(renews="2028-01-04", every="30 days", price="5"))
        return any(one.what == "far-ahead" for one in monthly(home, f"{on} 09:00").open)

    assert [named(on) for on in ("2026-12-01", "2027-11-01", "2027-12-01", "2028-01-01")] == [True, True, False, False]


def test_what_nobody_publishes_is_no_certain_loss() -> None:
    lost = monthly(household(plan(renews="2026-11-20", every="30 days", carrier=carrier())), "2026-12-01 09:00").open
    sure = monthly(household(plan(renews="2026-10-20", every="30 days", grace="30 days")), "2026-12-01 09:00").open
    assert [(one.what, one.sure) for one in lost + sure] == [("lost", False), ("lost", True)]


def test_who_leaves_reads_by_when_how_much_is_open_and_the_next_step() -> None:
    one = plan(renews="2027-02-08", every="1 month", price="55", autopay=True, cancel=Cancel(number="port"))
    [leaving] = [item for item in monthly(household(one), "2027-02-01 15:00").open if item.what == "leaving"]
    assert (leaving.day, leaving.count > 0) == (day("2027-02-07"), True)
    assert leaving.step is not None
    asked = one._replace(cancel=Cancel(number="port", requested_on=day("2027-01-20")))
    assert "leaving" not in opens(household(asked), "2027-02-01 15:00")


@pytest.mark.parametrize(("number", "listed"), [("port", True), ("drop", True), (None, True), ("move", False)])
def test_what_is_tied_to_a_number_that_stays_is_no_open_point(number: str | None, listed: bool) -> None:
    chase = Binding(service="Chase", kind="2fa", critical=True)
    one = plan(renews="2027-02-08", every="1 month", bindings=(chase,), cancel=Cancel(number=number))
    assert ("binding" in opens(household(one), "2027-02-01 15:00")) is listed


def test_a_person_who_pays_in_one_currency_alone_is_not_said_to_pay_nothing() -> None:
    free = plan("free", renews="2027-02-08", every="1 month", price="0", currency="EUR")
    paid = plan("paid", renews="2027-02-09", every="1 year", price="5")
    other = plan("moms", renews="2027-02-10", every="1 year", price="7", told=("mom",))
    home = household(free, paid, other, me=person(), mom=person("mom"))
    sums = [amounts for _, amounts in monthly(home, "2027-02-01 15:00").by_person]
    assert sums == [(Money(Decimal(5), "USD"),), (Money(Decimal(7), "USD"),)]


def test_readers_are_not_told_of_themselves_by_name() -> None:
    mine, hers = (
        plan(id_, renews="2027-02-08", every="1 year", price="5", told=told)
        for id_, told in (("mine", ("me", "mom")), ("hers", ("mom",)))
    )
    home = household(mine, hers, me=person(name="Lee"), mom=person("mom", name="Mom"))
    names = {to: {who for who, _ in monthly(home, "2027-02-01 15:00", to).by_person} for to in ("me", "mom")}
    assert names == {"me": {None, "Mom"}, "mom": {"Lee", None}}


def test_of_a_line_that_has_stopped_no_day_is_the_last_to_leave() -> None:
    one = plan(renews="2027-01-20", every="30 days", cancel=Cancel(number="port"))
    [leaving] = [item for item in monthly(household(one), "2027-02-01 15:00").open if item.what == "leaving"]
    assert leaving.day is None


@pytest.mark.parametrize("asked", [None, day("2026-11-29")])
def test_what_a_postpaid_line_owes_is_counted_while_it_is_left(asked: date | None) -> None:
    phone, cancel = carrier("magenta", kind="postpaid"), Cancel(number="port", requested_on=asked)
    one = plan(carrier=phone, renews="2026-11-29", every="1 month", price="40", cancel=cancel)
    (payment,) = monthly(household(one), "2026-12-01 12:00").payments
    assert (payment.day, payment.note, payment.money) == (day("2026-12-01"), "stopped", Money(Decimal(40), "USD"))


def test_a_paper_is_listed_until_it_expires_and_then_only_open() -> None:
    visa = plan("visa", kind="other", renews="2026-12-31", told=("me",))
    before, after = (monthly(household(visa), f"{day} 12:00") for day in ("2026-12-02", "2027-03-01"))
    assert [one.plan.id for one in before.payments] == ["visa"]
    assert (after.payments, [one.what for one in after.open]) == ((), ["overdue"])


def test_on_the_day_of_the_loss_a_number_is_not_lost_yet() -> None:
    one = plan(renews="2026-11-01", every="30 days", grace="30 days")
    assert opens(household(one), "2026-12-01 12:00") == ["overdue"]
    assert opens(household(one), "2026-12-02 12:00") == ["lost"]


@pytest.mark.parametrize(("renews", "said"), [("2026-11-15", ["overdue"]), ("2026-12-15", [])])
def test_an_installment_that_was_not_paid_stays_open_after_the_last_one(renews: str, said: list[str]) -> None:
    sofa = plan("sofa", kind="other", renews=renews, every="1 month", ends="2026-12-15", price="40")
    month = monthly(household(sofa), "2027-01-01 12:00")
    assert [one.what for one in month.open] == said
    assert [str(one.money.amount) for one in month.payments if one.money] == ["40"] * len(said)


def test_a_line_that_has_ended_stays_open_and_costs_nothing() -> None:
    month = monthly(
        household(plan(renews="2026-12-15", every="1 month", ends="2026-12-15", price="5")), "2027-01-01 12:00"
    )
    assert ([one.what for one in month.open], month.payments) == (["overdue"], ())


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_charge_to_a_card_that_will_have_ended_is_told_apart_and_not_said_to_fail_for_certain(code: str) -> None:
    home = household(
        plan("a", renews="2027-04-10", every="1 month", price="5", autopay=True, pay_with="visa"),
        plan("b", renews="2027-04-20", every="1 month", price="6", autopay=True),
        cards=(card("visa", "2027-03-31"),),
        me=person(languages=(code,)),
    )
    written = " ".join(render(*letter(home, at("2027-04-01 09:00"), kinds=("digest",))).text.split())
    said = {
        "zh-CN": "自动扣的 1 笔。1 笔的付款卡那时已过期。",
        "en": "Autopay takes 1. 1 is on a card that will have expired.",
    }
    assert said[code] in written


def test_a_renewal_that_is_due_before_the_number_is_lost_is_not_on_that_day() -> None:
    home = household(plan(renews="2026-11-20", every="30 days", price="5", grace="30 days"))
    assert "is due before Sun, Dec 20" in render(*letter(home, at("2026-12-01 09:00"), kinds=("digest",))).text
