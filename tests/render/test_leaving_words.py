"""The sentences of mails about a plan that is being left: nobody loses a number, or pays, by following them."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from household_mails import CASES, LEAVING, MAGENTA, World, home, letter
from households import NEW_YORK, at, bill, day, household, length
from renewd.domain.carriers import CarrierFact
from renewd.domain.findings import NOTHING_FOUND
from renewd.domain.plans import Account, Balance, Cancel, Data, Plan, Refund
from renewd.domain.readiness import readiness
from renewd.i18n import LANGUAGES
from renewd.reminders.grouping import Welcome, welcome
from renewd.render import labels
from renewd.render.mail import render
from renewd.report import as_html, as_text

CANCEL_FIRST = {
    "zh-CN": r"(?<!不要)(?<!别)先取消，|现在取消|最晚 [^，。]*取消",
    "en": r"cancel (by|now|today)|Cancel it",
}


def mail(one: Plan, code: str, when: str, kind: str) -> str:
    """Return the subject and text of what `me` is told of a plan at an instant in New York, of kinds by name."""
    world = World(code)
    house = home(world, one)
    house = replace(house, people={"me": house.people["me"]._replace(zone=NEW_YORK)})
    written = render(*letter(house, at(when), kinds=tuple(kind.split())))
    text = " ".join(re.sub(r"(?<=[\u3000-\u9fff])\n(?=[\u3000-\u9fff])", "", written.text).split())
    return f"{written.subject} {text}"


def main(code: str, **cancel: Any) -> Plan:
    return World(code).main(renews="2027-02-08", bills=(), cancel=Cancel(**cancel))


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("kind", ["charge", "cancel-by"])
def test_on_the_last_day_who_ports_is_told_to_port_first(code: str, kind: str) -> None:
    words = mail(main(code, number="port", by=day("2027-02-05")), code, "2027-02-07 12:00", kind)
    assert {"zh-CN": "先转号，不要先取消", "en": "Port first, never cancel first"}[code] in words
    assert {"zh-CN": "还差", "en": "to do first"}[code] in words
    assert "renewd report main" in words


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("kind", ["charge", "cancel-by"])
def test_undecided_is_decided_first_and_nothing_says_to_cancel(code: str, kind: str) -> None:
    words = mail(main(code), code, "2027-02-07 12:00", kind)
    assert not re.search(CANCEL_FIRST[code], words)
    assert {"zh-CN": "一取消，号码就没了", "en": "canceling ends the number"}[code] in words
    assert "leaving --number port" in words


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize(("when", "kind"), [("2027-02-05 12:00", "renewal"), ("2027-02-07 12:00", "overdue")])
def test_a_stopped_line_hears_no_opposite_orders(code: str, when: str, kind: str) -> None:
    one = World(code).tello(renews="2027-02-05", cancel=Cancel(by=day("2027-02-03")))
    words = mail(one, code, when, kind)
    assert not re.search(CANCEL_FIRST[code], words)
    assert not re.search({"zh-CN": "别续费", "en": "do not renew"}[code], words)
    assert {"zh-CN": "转不出去", "en": "cannot be ported"}[code] in words


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_number_that_is_given_up_is_not_canceled_once_it_is_off(code: str) -> None:
    one = World(code).tello(renews="2027-02-05", cancel=Cancel(number="drop"))
    off = mail(one, code, "2027-02-07 12:00", "overdue")
    assert not re.search(CANCEL_FIRST[code], off)
    assert {"zh-CN": "不用做什么", "en": "need do nothing"}[code] in off
    assert {"zh-CN": "不用做什么", "en": "need do nothing"}[code] not in mail(
        one._replace(grace=None, renews=day("2027-02-15")), code, "2027-02-13 12:00", "lost"
    )


@pytest.mark.parametrize("code", LANGUAGES)
def test_after_asking_a_charge_is_to_be_claimed_back_and_not_to_be_marked_failed(code: str) -> None:
    one = main(code, number="port", requested_on=day("2027-02-03"))
    words = mail(one, code, "2027-02-09 12:00", "charged")
    assert "failed" not in words
    assert {"zh-CN": "没扣是对的", "en": "If nothing was taken, that is right"}[code] in words
    assert "failed" in mail(one._replace(cancel=None), code, "2027-02-09 12:00", "charged")


@pytest.mark.parametrize("code", LANGUAGES)
def test_nothing_renews_by_itself_where_nobody_charges_it(code: str) -> None:
    """What is paid by hand stops either way: what is lost with the last day is that the number can be ported."""
    again = re.compile({"zh-CN": "又到期|否则停机", "en": "next cycle is due|or it stops"}[code])
    one = World(code).tello(renews="2027-02-05")
    for number in ("port", None):
        words = mail(one._replace(cancel=Cancel(number=number)), code, "2027-02-02 12:00", "cancel-by")
        assert {"zh-CN": "，停机后转不出去", "en": "; once it stops, it cannot be ported"}[code] in words
        assert not again.search(words)
    for kind, stops in (("line", {"zh-CN": "停机", "en": "stops"}), ("other", {"zh-CN": "到期", "en": "expires"})):
        words = mail(one._replace(kind=kind, cancel=Cancel(number="drop")), code, "2027-02-02 12:00", "cancel-by")
        ends = {"zh-CN": f"，不续就在 2月5日周五{stops[code]}", "en": f"; unless renewed, it {stops[code]} Fri, Feb 5"}[
            code
        ]
        assert ends in words
        assert not again.search(words)
    owed = one._replace(cancel=Cancel(number="drop"), notice=length("3 days"))
    assert again.search(mail(owed, code, "2027-01-31 12:00", "cancel-by"))


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize(
    ("when", "kind"), [("2027-02-02 12:00", "renewal"), ("2027-02-07 12:00", "overdue"), ("2027-02-05 12:00", "lost")]
)
def test_a_port_out_that_nobody_confirmed_is_asked_about_before_the_number_is_lost(
    code: str, when: str, kind: str
) -> None:
    one = World(code).tello(renews="2027-02-05", grace="7 days" if kind == "overdue" else None)
    asked = one._replace(cancel=Cancel(number="port", requested_on=day("2027-01-20")))
    words = mail(asked, code, when, kind)
    assert not re.search({"zh-CN": "别续费", "en": "do not renew"}[code], words)
    assert {
        "zh-CN": "问新运营商号码到了没有；没到，",
        "en": "Ask the new carrier whether the number has arrived. If not, renew",
    }[code] in words
    given_up = mail(one._replace(cancel=Cancel(number="drop", requested_on=day("2027-01-20"))), code, when, kind)
    assert {"zh-CN": "别续费", "en": "do not renew"}[code] in given_up
    assert not re.search({"zh-CN": "先续", "en": "renew, then ask"}[code], given_up)


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize(
    ("when", "kind"), [("2027-02-02 12:00", "renewal"), ("2027-02-07 12:00", "overdue"), ("2027-02-05 12:00", "lost")]
)
def test_who_asked_to_leave_without_a_word_on_the_number_is_told_how_to_keep_it(
    code: str, when: str, kind: str
) -> None:
    grace = "7 days" if kind == "overdue" else None
    one = World(code).tello(renews="2027-02-05", grace=grace, cancel=Cancel(requested_on=day("2027-01-20")))
    words = mail(one, code, when, kind)
    assert {"zh-CN": "问问离开成了没有", "en": "ask whether you have left"}[code] in words
    assert {"zh-CN": "想留号码，", "en": "To keep the number, renew"}[code] in words


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("number", ["drop", "port"])
@pytest.mark.parametrize(("when", "kind"), [("2027-02-02 12:00", "renewal"), ("2027-02-10 12:00", "overdue")])
def test_what_a_postpaid_line_is_billed_is_paid_even_after_asking_to_leave(
    code: str, number: Any, when: str, kind: str
) -> None:
    asked = main(code, number=number, requested_on=day("2027-01-20"))._replace(autopay=False)
    words = mail(asked, code, when, kind)
    assert not re.search({"zh-CN": "别续费", "en": "do not renew"}[code], words)
    assert re.search({"zh-CN": "账单上的(照样|也)要付", "en": "What is billed must be paid even"}[code], words)


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize(("when", "left"), [("2027-01-26 12:00", 4), ("2027-01-30 12:00", 0)])
def test_the_days_that_are_left_are_those_to_the_last_day_that_is_named(code: str, when: str, left: int) -> None:
    """The PIN works until Jan 30, and the last safe day is Feb 7."""
    carrier = MAGENTA._replace(pin_days=7)
    one = main(code, number="port", pin_on=day("2027-01-24"))._replace(carrier=carrier)
    words = mail(one, code, when, "cancel-by")
    assert labels.when("cancel-by", left, code) in words
    assert ({"zh-CN": "今天转出", "en": "port out today"}[code] in words) is (left == 0)


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_charge_that_the_balance_does_not_cover_is_not_taken(code: str) -> None:
    """Of a balance of $4.50, no charge of $5.00 is made: the line stops unless it is topped up."""
    charged = {"zh-CN": "$5.00", "en": "$5.00 more is taken"}[code]
    for amount, taken in (("4.5", False), ("25", True)):
        held = Balance(Decimal(amount), day("2027-02-01"))
        one = World(code).tello(renews="2027-02-10", autopay=True, pay_with="balance", balance=held)
        one = one._replace(cancel=Cancel(number="port"))
        words = mail(one, code, "2027-02-06 12:00", "cancel-by")
        subject = words.split("[", maxsplit=1)[0]
        assert (charged in subject) is taken
        report = readiness(one, household(one), NOTHING_FOUND, day("2027-02-06"))
        assert (report.taken, "taken" in as_text([report], "en")) == (taken, taken)


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_line_that_runs_out_need_not_be_used(code: str) -> None:
    one = World(code).att()
    use, need_not = {"zh-CN": ("最晚 12月22日周二", "不用去用"), "en": ("To do by Tue, Dec 22", "need not be used")}[
        code
    ]
    kept = mail(one, code, "2026-12-16 12:00", "keep-alive")
    assert (use in kept, need_not in kept) == (True, False)
    left = mail(one._replace(cancel=Cancel(how="lapse", number="drop")), code, "2026-12-16 12:00", "keep-alive")
    assert need_not in left
    assert {"zh-CN": "改主意想留", "en": "To keep it after all"}[code] in left
    ported = mail(one._replace(cancel=Cancel(how="lapse", number="port")), code, "2026-12-16 12:00", "keep-alive")
    assert (use in ported, need_not in ported) == (True, False)


@pytest.mark.parametrize("code", LANGUAGES)
def test_renewing_first_is_no_order_where_it_may_have_been_renewed(code: str) -> None:
    one = World(code).tello(renews="2027-01-05", cancel=Cancel(number="port"))
    words = mail(one, code, "2027-02-01 12:00", "cancel-by")
    assert {"zh-CN": "停了就先恢复", "en": "If it is off, bring it back first"}[code] in words


@pytest.mark.parametrize("code", LANGUAGES)
def test_autopay_that_is_off_is_not_to_be_turned_off(code: str) -> None:
    one = World(code).tello(cancel=Cancel(how="lapse", number="drop", requested_on=day("2026-12-01")))
    for plan, said in ((one, False), (one._replace(autopay=True), True)):
        off = {"zh-CN": "[关自动扣款", "en": "[Turn off autopay"}[code]
        assert (off in mail(plan, code, "2026-12-04 12:00", "unconfirmed")) is said
        title = labels.title("unconfirmed", -3, code, labels.manner("unconfirmed", plan, None))
        assert title.startswith({"zh-CN": "关自动扣款", "en": "turn autopay off"}[code]) is said


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_plan_is_removed_only_30_days_after_a_certain_loss(code: str) -> None:
    remove = re.compile("删掉|[Rr]emove")
    sure = World(code).tello()  # the user's own grace: lost on 4 January
    for when, said in (("2027-01-05 12:00", False), ("2027-02-03 12:00", True)):
        assert bool(remove.search(mail(sure, code, when, "lost"))) is said
    doubtful = World(code).usmobile()  # publishes none
    assert not remove.search(mail(doubtful, code, "2027-02-03 12:00", "lost"))


@pytest.mark.parametrize("code", LANGUAGES)
def test_an_unconfirmed_request_asks_for_what_was_requested(code: str) -> None:
    asks = {
        "port": {"zh-CN": "转出成了吗", "en": "been ported out?"},
        "move": {"zh-CN": "便宜的套餐换好了吗", "en": "cheaper plan for Magenta main in force?"},
        "drop": {"zh-CN": "取消成了吗", "en": "canceled?"},
    }
    for number, words in asks.items():
        one = main(code, number=number, requested_on=day("2027-02-01"))
        assert words[code] in mail(one, code, "2027-02-05 12:00", "unconfirmed")


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_final_bill_of_a_ported_line_speaks_of_no_cancellation(code: str) -> None:
    one = main(code, number="port", confirmed_on=day("2027-01-01"))
    words = mail(one, code, "2027-02-01 12:00", "final-bill")
    assert {"zh-CN": "转出已过", "en": "Ported out 31 days ago"}[code] in words


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_holder_who_is_told_of_no_plan_reads_why_the_first_mail_came(code: str) -> None:
    world = World(code)
    message, house = letter(home(world, main(code, number="port")), at("2027-02-07 12:00"), kinds=("cancel-by",))
    text = " ".join(render(message._replace(first=Welcome(0, NEW_YORK)), house).text.split())
    assert {"zh-CN": "你是主账户人", "en": "because the account is yours"}[code] in text
    assert {"zh-CN": "0 个套餐", "en": "0 plans"}[code] not in text


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_charge_of_a_plan_that_is_being_changed_never_has_nothing_to_do(code: str) -> None:
    nothing, change = {"zh-CN": ("不用做什么", "换便宜的套餐"), "en": ("othing to do", "You want a cheaper plan")}[code]
    words = mail(main(code, number="move"), code, "2027-02-07 12:00", "charge")
    assert nothing not in words
    assert change in words
    words = mail(main(code, number="move", requested_on=day("2027-02-03")), code, "2027-02-07 12:00", "charge")
    assert nothing not in words
    assert {"zh-CN": "申请了换套餐", "en": "The change was requested on Wed, Feb 3"}[code] in words
    assert nothing in mail(main(code)._replace(cancel=None), code, "2027-02-07 12:00", "charge")


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_charge_after_asking_to_leave_is_in_doubt_in_the_whole_mail(code: str) -> None:
    asked = mail(main(code, number="port", requested_on=day("2027-02-03")), code, "2027-02-07 12:00", "charge")
    doubt, row = {"zh-CN": ("可能还会扣 $40.00", "可能扣款"), "en": ("may still take $40.00", "May be charged")}[code]
    assert asked.count(doubt) == 2  # the subject, and the headline
    assert row in asked
    no_line = World(code).visible(kind="other", renews="2027-02-08", carrier=None, number=None, charge_before="0 days", promo=None,
                                  cancel=Cancel(requested_on=day("2027-02-03")))  # fmt: skip
    asked = mail(no_line, code, "2027-02-07 12:00", "charge")
    assert asked.count(doubt.replace("40", "25")) == 2
    assert row in asked


@pytest.mark.parametrize("code", LANGUAGES)
def test_on_the_day_of_its_loss_a_number_is_renewed_now(code: str) -> None:
    one = World(code).tello(renews="2027-01-05", grace=length("30 days"), cancel=Cancel(number="port"))
    now = {"zh-CN": "续一次再转出，现在续", "en": "renew once now and port it"}[code]
    assert now in mail(one, code, "2027-02-04 12:00", "lost")
    assert now not in mail(one, code, "2027-02-03 12:00", "lost")


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("number", ["port", "drop"])
@pytest.mark.parametrize("kinds", [("balance",), ("balance", "cancel-by")])
def test_a_balance_is_topped_up_only_by_who_does_not_leave(code: str, number: Any, kinds: tuple[str, ...]) -> None:
    held = Balance(Decimal("3.20"), day("2027-01-01"))
    one = World(code).tello(renews="2027-02-05", pay_with="balance", balance=held, cancel=Cancel(number=number))
    house = home(World(code), one)
    house = replace(house, people={"me": house.people["me"]._replace(zone=NEW_YORK)})
    text = " ".join(render(*letter(house, at("2027-02-04 12:00"), kinds=kinds)).text.split()).replace(" ", "")
    spare, pay = {"zh-CN": ("2月5日周五以前离开，就不用充", "至少充"), "en": ("need not top up", "op up at least")}[
        code
    ]
    assert spare.replace(" ", "") in text
    assert (pay.replace(" ", "") in text) is (number == "port")


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_heading_of_a_mail_never_names_the_act_that_loses_the_number(code: str) -> None:
    words = {
        number: mail(main(code, number=number), code, "2027-02-06 12:00", "cancel-by")
        for number in ("port", "move", "drop")
    }
    headings = {"zh-CN": ("转出", "换套餐", "取消"), "en": ("Port out", "Change plan", "Cancel")}[code]
    for heading, said in zip(headings, words.values(), strict=True):
        assert f"[{heading} · " in said
    asked = main(code, number="port", requested_on=day("2027-02-03"))
    assert f"[{headings[0]} · " in mail(asked, code, "2027-02-06 12:00", "unconfirmed")


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_other_lines_of_the_account_are_named_before_autopay_is_turned_off(code: str) -> None:
    world = World(code)
    one = main(code, number="port")._replace(account=Account(id="982-555"))
    house = home(world, one, one._replace(id="mei", name="李梅", cancel=None))
    text = " ".join(render(*letter(house, at("2027-02-06 12:00"), kinds=("cancel-by",))).text.split())
    assert {"zh-CN": "同一个账户还有李梅：关自动扣款以前", "en": "This account also has 李梅: before autopay"}[
        code
    ] in text


@pytest.mark.parametrize("code", LANGUAGES)
def test_of_a_later_cycle_it_is_said_how_many_marks_are_needed(code: str) -> None:
    one = World(code).tello(renews="2026-12-05")
    words = mail(one, code, "2027-02-02 12:00", "renewal")
    assert {"zh-CN": "要记两次", "en": "Two marks are needed"}[code] in words


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize(("number", "act"), [("port", "转出"), ("drop", "取消")])
def test_a_postpaid_line_that_is_left_is_past_due_and_not_off(code: str, number: Any, act: str) -> None:
    one = main(code, number=number)._replace(autopay=False)
    before = mail(one, code, "2027-02-05 12:00", "renewal")
    after = mail(one, code, "2027-02-09 12:00", "overdue")
    off = {"zh-CN": "停机(?!了的号码)", "en": r"\bstops?\b|\bhas been off\b|Off since|A stopped line"}[code]
    assert not re.search(off, before), before
    assert {"zh-CN": f"先付清，再{act}", "en": "pay it, then "}[code] in after
    assert {"zh-CN": "付过：|付清以后", "en": r"Paid\?"}[code].split("|")[-1].replace("\\", "") in after


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_request_to_leave_that_nobody_confirmed_is_not_as_planned(code: str) -> None:
    one = World(code).ultra(renews="2027-01-05", cancel=Cancel(number="port", requested_on=day("2027-01-03")))
    words = mail(one, code, "2027-02-06 12:00", "lost")
    assert {"zh-CN": "问问号码转走了没有", "en": "ask whether the number has been ported"}[code] in words
    assert {"zh-CN": "打算", "en": "as planned"}[code] not in words


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("number", ["drop", "move"])
def test_a_pin_says_nothing_of_a_number_that_is_not_ported(code: str, number: Any) -> None:
    one = main(code, number=number, pin_on=day("2027-01-28"))
    assert "PIN" not in mail(one, code, "2027-02-01 12:00", "cancel-by")


@pytest.mark.parametrize("code", LANGUAGES)
def test_only_what_is_charged_by_itself_may_be_charged_again(code: str) -> None:
    one = main(code, number="port", requested_on=day("2027-02-03"))
    again = {"zh-CN": "还可能再扣款", "en": "charged again"}[code]
    said = [mail(one._replace(autopay=auto), code, "2027-02-06 12:00", "unconfirmed") for auto in (True, False)]
    assert [again in words for words in said] == [True, False]


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_day_of_a_later_cycle_is_said_to_be_one(code: str) -> None:
    one = World(code).tello(renews="2026-12-20", cancel=Cancel(number="drop", by=day("2027-03-01")))
    words = mail(one, code, "2027-02-10 12:00", "cancel-by")
    assert words.count({"zh-CN": "要是一直在续，", "en": "if you kept renewing"}[code]) == 2  # subject and headline
    assert {"zh-CN": "12月20日以后没有记过", "en": "Nothing has been marked since Dec 20, 2026"}[code] in words


def mail_of_all(one: Plan, code: str, when: str, *kinds: str) -> str:
    world = World(code)
    house = replace(home(world, one), people={"me": home(world, one).people["me"]._replace(zone=NEW_YORK)})
    return " ".join(render(*letter(house, at(when), kinds=kinds)).text.split())


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_charge_and_the_last_day_before_it_are_one_order_in_one_mail(code: str) -> None:
    one = main(code, number="port", by=day("2027-02-05"))
    words = mail_of_all(one, code, "2027-02-07 12:00", "charge", "cancel-by")
    assert words.count({"zh-CN": "最晚转出", "en": "Port out by"}[code]) == 1
    assert {"zh-CN": "[自动扣款 ·", "en": "[Autopay ·"}[code] not in words


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_postpaid_bill_is_paid_by_its_due_day_and_on_it_before_leaving(code: str) -> None:
    stays = main(code)._replace(autopay=False, cancel=None)
    assert {"zh-CN": "最晚 2月8日周一付", "en": "pay $40.00 by Mon, Feb 8"}[code] in mail(
        stays, code, "2027-02-07 12:00", "renewal"
    )
    leaves = main(code, number="port", by=day("2027-03-01"))._replace(autopay=False)
    assert {"zh-CN": "先付清，再转出", "en": "pay it, then port out"}[code] in mail(
        leaves, code, "2027-02-08 12:00", "renewal"
    )
    assert "renewd mark main renewed" in mail(leaves, code, "2027-02-08 12:00", "renewal")


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_number_to_port_from_a_line_that_runs_out_is_ported_in_every_mail(code: str) -> None:
    cancel = Cancel(how="lapse", number="port")
    act = {"zh-CN": "转出", "en": "port out"}[code]
    runs_out = World(code).tello(renews="2027-02-05", cancel=cancel)
    assert act in mail(runs_out, code, "2027-02-04 12:00", "renewal").lower()
    assert {"zh-CN": "要放弃", "en": "giving this number up"}[code] not in mail(
        runs_out, code, "2027-03-05 12:00", "lost"
    )
    charged = runs_out._replace(autopay=True)
    for kind in ("cancel-by", "charge"):
        words = mail(charged, code, "2027-02-04 12:00", kind).lower()
        assert act in words
        assert {"zh-CN": "关自动扣款", "en": "turn autopay off"}[code] not in words


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_payment_that_notice_no_longer_avoids_is_named(code: str) -> None:
    gym = main(code, number="drop", by=day("2027-03-01"))._replace(notice=length("20 days"))
    words = mail(gym, code, "2027-02-03 12:00", "cancel-by")
    past = {"zh-CN": "避开的最后一天过了：2月8日周一的", "en": "Past the last day to avoid: $40.00 on Mon, Feb 8"}[code]
    assert words.index({"zh-CN": "过了这天", "en": "After that"}[code]) < words.index(past)  # of the next last day


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_monthly_mail_names_the_act_of_a_line_that_is_let_run_out(code: str) -> None:
    one = World(code).tello(renews="2027-02-15", autopay=True, cancel=Cancel(how="lapse"))
    act = {"zh-CN": "关自动扣款，最晚 2月14日周日", "en": "turn autopay off by Sun, Feb 14"}[code]
    assert "".join(act.split()) in "".join(mail(one, code, "2027-02-01 12:00", "digest").split())


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_number_that_is_probably_gone_is_asked_about_before_it_is_paid_for(code: str) -> None:
    one = World(code).tello(renews="2027-02-05", cancel=Cancel(number="port"))
    words = mail(one, code, "2027-03-08 12:00", "lost")
    assert {"zh-CN": "先问运营商还在不在，在的话续一次再转出", "en": "ask the carrier first"}[code] in words
    assert {"zh-CN": "转不出去", "en": "A stopped line"}[code] not in words


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_day_that_was_chosen_is_not_the_last_before_the_charge(code: str) -> None:
    words = mail(main(code, number="port", by=day("2027-01-31")), code, "2027-01-31 12:00", "cancel-by")
    assert {"zh-CN": "这是定好的日子", "en": "That is the day chosen"}[code] in words
    assert {"zh-CN": "过了这天", "en": "After that, $"}[code] not in words
    assert not re.search({"zh-CN": "否则", "en": r"or \$"}[code], words)


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_days_of_a_line_that_nobody_marked_say_what_they_rest_on(code: str) -> None:
    one = World(code).tello(renews="2027-02-05", cancel=Cancel(number="port"))
    words = mail(one, code, "2027-03-04 12:00", "renewal")
    assert {"zh-CN": "这里的日子按一直在续算", "en": "the dates assume that it was paid"}[code] in words


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_day_from_which_a_step_can_be_done_stays_on_one_line(code: str) -> None:
    page = render(*CASES["cancel-by"](code)).html
    first = {"zh-CN": "12月22日周二", "en": "Tue, Dec 22"}[code]
    assert page.count(first) == page.count(f'<span style="white-space:nowrap">{first}</span>') > 0


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("grace", [None, "1 day"])
@pytest.mark.parametrize("kind", ["overdue", "lost"])
def test_after_asking_to_leave_a_number_that_may_be_gone_is_asked_about_before_paying(
    code: str, kind: str, grace: str | None
) -> None:
    pays_now = re.compile({"zh-CN": "现在续", "en": r"renew for \$5\.00 now"}[code])
    if_still_there = re.compile(
        {"zh-CN": "号码还在(不在，在的话|又想留，)续一次", "en": "still yours( and you want to keep it)?, renew once"}[
            code
        ]
    )
    for number in ("port", None):
        asked = Cancel(number=number, requested_on=day("2027-01-20"))
        words = mail(World(code).tello(renews="2027-02-05", grace=grace, cancel=asked), code, "2027-02-07 12:00", kind)
        assert if_still_there.search(words)
        assert not pays_now.search(words)


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("kind", ["overdue", "lost", "digest"])
def test_once_the_number_may_be_gone_nothing_pays_before_asking(code: str, kind: str) -> None:
    one = World(code).tello(renews="2027-01-20", grace="10 days", cancel=Cancel(number="port"))
    report = as_text([readiness(one, household(one), NOTHING_FOUND, day("2027-02-01"))], code)
    for words in (mail(one, code, "2027-02-01 12:00", kind), report):
        unwrapped = "".join(words.split())
        assert re.search({"zh-CN": "先问运营商", "en": "askthecarrierfirst"}[code], unwrapped)
        assert not re.search(
            {"zh-CN": "想留号码，续|先续，", "en": "number,renewonce|renewfirst,then"}[code], unwrapped
        )


@pytest.mark.parametrize("code", LANGUAGES)
def test_after_a_change_of_plan_nothing_says_that_the_price_is_the_same(code: str) -> None:
    moved = main(code, number="move", requested_on=day("2027-02-01"), confirmed_on=day("2027-02-03"))
    words = mail(moved, code, "2027-02-07 12:00", "charge")
    assert {"zh-CN": "看看这笔按哪个价扣", "en": "see which price this charge has"}[code] in words
    assert not re.search({"zh-CN": "不用做什么|价钱没变", "en": "othing to do|has not changed"}[code], words)


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_line_that_is_gone_needs_no_other_size(code: str) -> None:
    asks = {"zh-CN": "换小一档", "en": "is a size smaller"}[code]
    used = Data(limit=10 * 10**9, limit_text="10 GB", used=8 * 10**9, used_text="8 GB", on=day("2026-12-18"))
    left = Cancel(number="drop", requested_on=day("2026-12-20"), confirmed_on=day("2026-12-22"))
    stays, gone = (World(code).main(cancel=cancel, data=used) for cancel in (None, left))
    assert asks in mail(stays, code, "2027-01-01 12:00", "digest")
    assert asks not in mail(gone, code, "2027-01-01 12:00", "digest")


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_line_that_still_works_is_ported_without_renewing_it(code: str) -> None:
    one = World(code).tello(renews="2027-02-05", grace="1 day", cancel=Cancel(number="port"))
    words = "".join(mail(one, code, "2027-02-04 12:00", "lost").split())
    assert {"zh-CN": "续一次", "en": "renewonce"}[code] not in words
    assert {"zh-CN": "先转号，不要先取消", "en": "Portfirst,nevercancelfirst"}[code] in words


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize(
    "leaving", [None, Cancel(number="port"), Cancel(number="port", requested_on=day("2027-01-20"))]
)
@pytest.mark.parametrize("kind", ["overdue", "lost", "digest"])
def test_nothing_says_to_call_a_carrier_whose_telephone_number_is_not_known(
    code: str, kind: str, leaving: Cancel | None
) -> None:
    one = World(code).tello(renews="2027-01-20", grace=None, cancel=leaving)
    words = mail(one, code, "2027-02-01 12:00", kind)
    assert not re.search({"zh-CN": "电话", "en": r"\b[Cc]all\b"}[code], words)


@pytest.mark.parametrize("code", LANGUAGES)
def test_two_reminders_of_a_block_do_not_say_the_same(code: str) -> None:
    one = World(code).usmobile(cancel=Cancel(number="drop"))
    words = mail(one, code, "2026-12-07 12:00", "overdue lost")
    assert words.count({"zh-CN": "按你的打算放弃了", "en": "You gave this number up"}[code]) == 1


@pytest.mark.parametrize("code", LANGUAGES)
def test_what_is_added_to_a_block_says_what_it_is_about(code: str) -> None:
    bills = (bill("Roaming", "2027-02-07"),)
    owed = mail(main(code, number="drop")._replace(bills=bills), code, "2027-02-07 12:00", "cancel-by bill")
    assert {"zh-CN": "账单：Roaming，$12.50。今天付清", "en": "Bill: Roaming, $12.50. Pay it today"}[code] in owed
    going = mail(World(code).usmobile(cancel=Cancel(number="drop")), code, "2026-12-03 12:00", "lost cancel-by")
    assert {"zh-CN": "最晚 12月4日周五取消，动手前", "en": "Cancel US Mobile data by Fri, Dec 4; "}[code] in going


@pytest.mark.parametrize("code", LANGUAGES)
def test_who_gives_a_number_up_need_do_nothing_only_if_nothing_is_tied_to_it_and_nothing_charged(code: str) -> None:
    nothing = {"zh-CN": "不用做什么", "en": "need do nothing"}[code]
    one = World(code).ultra(cancel=Cancel(how="lapse", number="drop"))
    bound, free = (mail(plan, code, "2026-12-05 12:00", "lost") for plan in (one, one._replace(bindings=())))
    assert (nothing in bound, nothing in free) == (False, True)
    assert {"zh-CN": "先去", "en": "number first"}[code] not in bound
    held = Balance(Decimal("1.5"), day("2026-11-01"))
    charged = one._replace(bindings=(), autopay=True, pay_with="balance", balance=held)
    assert nothing not in mail(charged, code, "2026-12-05 12:00", "lost")


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_number_that_is_given_up_is_not_paid_for_once_the_last_day_to_leave_is_over(code: str) -> None:
    """Off since Nov 12, the number is lost on Dec 12; leaving on Dec 11 would avoid the last charge before Dec 20."""
    one = World(code).ultra(cancel=Cancel(number="drop", by=day("2026-12-20")))
    keep, given_up = {"zh-CN": ("先充值", "按你的打算放弃了"), "en": ("top up first", "You gave this number up")}[code]
    words = mail(one, code, "2026-12-13 12:00", "lost")
    assert (keep in words, given_up in words) == (False, True)
    bound = mail(one, code, "2026-12-14 12:00", "binding")
    off = {"zh-CN": "11月12日周四以后没有记过。停了的话，", "en": "since Thu, Nov 12. If the line is off, "}[code]
    assert off in bound


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("number", ["drop", "port", None])
def test_no_day_is_the_last_where_nobody_knows_when_the_number_is_lost(code: str, number: str | None) -> None:
    one = World(code).tello(carrier=None, grace=None, renews="2027-02-05", cancel=Cancel(number=number))
    for when in ("2027-02-06 12:00", "2027-02-19 12:00"):
        words = mail(one, code, when, "overdue")
        assert {"zh-CN": "尽早续", "en": "soon"}[code] in words
        assert not re.search({"zh-CN": "今天续|收不回来", "en": "today|brought back"}[code], words)


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_stop_and_a_loss_of_a_line_that_is_left_say_what_to_do_once(code: str) -> None:
    one = World(code).tello(grace=None, renews="2027-02-05", cancel=Cancel(number="port"))
    words = mail(one, code, "2027-02-06 12:00", "overdue lost")
    assert words.count({"zh-CN": "不用做什么", "en": "do nothing"}[code]) == 1


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_day_to_leave_after_an_unpaid_cycle_has_its_condition(code: str) -> None:
    """On Jan 19 the line is to be ported now; a month later only if the cycle of Jan 20 was paid."""
    one = World(code).tello(renews="2027-01-20", every="1 month", grace=None, cancel=Cancel(number="port"))
    condition = {"zh-CN": "要是一直在续", "en": "if you keep renewing"}[code]
    for plan, said in ((one, True), (one._replace(renews=day("2027-02-20")), False)):
        words = mail(plan._replace(cut_off=length("2 days")), code, "2027-01-19 12:00", "cancel-by")
        assert (condition in words) is said


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize(("number", "said"), [("port", False), ("move", False), (None, False), ("drop", True)])
@pytest.mark.parametrize("kind", ["cancel-by", "unconfirmed"])
def test_how_to_cancel_is_told_only_to_who_gives_the_number_up(
    code: str, number: str | None, said: bool, kind: str
) -> None:
    how = CarrierFact(text={"zh-CN": "打电话取消", "en": "Cancel by phone"}, sources=(), confidence="high")
    asked = day("2027-02-03") if kind == "unconfirmed" else None
    one = main(code, number=number, requested_on=asked)._replace(carrier=MAGENTA._replace(facts={"cancel": how}))
    words = mail(one, code, "2027-02-06 12:00", kind)
    assert ({"zh-CN": "打电话取消", "en": "Cancel by phone"}[code] in words) is said


@pytest.mark.parametrize("code", LANGUAGES)
def test_what_becomes_of_an_undecided_number_is_not_guessed_after_the_request(code: str) -> None:
    words = mail(main(code, requested_on=day("2027-02-03")), code, "2027-02-06 12:00", "unconfirmed")
    assert {"zh-CN": "离开成了吗", "en": "Have you left"}[code] in words
    assert not re.search({"zh-CN": "取消成了", "en": "cancel+ed"}[code], words)


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_number_that_may_be_brought_back_for_longer_is_not_said_to_be_gone(code: str) -> None:
    world = World(code)
    one = main(code, number="drop", confirmed_on=day("2027-01-13"))._replace(carrier=LEAVING)
    other = world.tello(renews="2027-02-05")
    words = render(*letter(home(world, other, one), at("2027-02-05 12:00"), kinds=("renewal", "undo"))).text
    assert {"zh-CN": "号码可能收不回来", "en": "the number may be gone"}[code] in words


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_first_mail_says_which_days_are_meant(code: str) -> None:
    world = World(code)
    here, there = world.tello(), world.usmobile(zone="Asia/Tokyo")
    for plans, said in (((here,), NEW_YORK), ((there,), "Asia/Tokyo"), ((here, there), NEW_YORK)):
        message, house = letter(home(world, *plans), at("2026-12-04 12:00"), kinds=("renewal",))
        text = " ".join(render(message._replace(first=welcome(plans, house)), house).text.split())
        assert said in text
        assert ({"zh-CN": "自己时区", "en": "time zone of its own"}[code] in text) is (len(plans) > 1)


@pytest.mark.parametrize("code", LANGUAGES)
def test_what_autopay_renews_is_not_said_to_stop(code: str) -> None:
    stops = {"zh-CN": r"停机 +2026年12月19日", "en": r"Stops +Sat, Dec 19"}[code]
    renews = {"zh-CN": r"续费日 +(2026年)?12月19日", "en": r"Renews +Sat, Dec 19"}[code]
    paid = World(code).visible(promo=None)
    free = paid._replace(price=Decimal(0))
    for plan, when, kind in (
        (paid._replace(cancel=Cancel(number="move")), "2026-12-10 12:00", "cancel-by"),
        (free._replace(cancel=Cancel(number="drop")), "2026-12-10 12:00", "cancel-by"),
        (paid._replace(cancel=Cancel(number="drop")), "2026-12-17 12:00", "charge"),
    ):
        words = mail(plan, code, when, kind)
        assert re.search(renews, words), words
        assert not re.search(stops, words), words


def together(code: str, when: str, *plans: Plan, kinds: tuple[str, ...]) -> str:
    """Return the text of a mail about several kinds of several plans."""
    house = home(World(code), *plans)
    house = replace(house, people={"me": house.people["me"]._replace(zone=NEW_YORK)})
    return " ".join(render(*letter(house, at(when), kinds=kinds)).text.split())


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_number_that_is_presumed_lost_is_not_said_to_be_lost(code: str) -> None:
    presumed = {"zh-CN": "应该已失号", "en": "presumed lost"}[code]
    one = World(code).tello(renews="2026-12-05", grace="5 days")
    given_up, ports = (one._replace(cancel=Cancel(number=number)) for number in ("drop", "port"))
    assert presumed in mail(given_up, code, "2026-12-11 12:00", "lost").split("[")[0]
    two = ports, ports._replace(id="usmobile", name="US Mobile")
    below = together(code, "2026-12-11 12:00", *two, kinds=("lost",))
    assert {"zh-CN": "10日周四起应该已失号", "en": "number presumed lost on Thu, Dec 10"}[code] in below


@pytest.mark.parametrize("code", LANGUAGES)
def test_money_that_is_added_to_a_block_says_what_it_is_about(code: str) -> None:
    money = Refund(amount=Decimal(9), expected=day("2027-01-23"))
    gone = main(code, number="drop", confirmed_on=day("2026-12-24"), refund=money)._replace(carrier=LEAVING)
    words = together(code, "2027-01-23 12:00", gone, kinds=("undo", "refund"))
    assert {"zh-CN": "最晚 1月23日周六恢复。过了", "en": "can be brought back through Sat, Jan 23. After"}[
        code
    ] in words


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("number", ["port", None])
def test_a_mail_says_once_what_a_stopped_line_that_may_be_lost_needs(code: str, number: Any) -> None:
    one = World(code).usmobile(carrier=None, grace=length("2 days"), cancel=Cancel(number=number))
    text = together(code, "2026-12-08 12:00", one, kinds=("lost", "overdue"))
    assert text.count({"zh-CN": "先问运营商", "en": "ask the carrier first"}[code]) == 1


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_last_day_of_a_pin_is_not_the_last_before_the_next_bill(code: str) -> None:
    one = main(code, number="port", pin_on=day("2027-01-29"))._replace(carrier=LEAVING)
    due = {"zh-CN": "不然下一期也要付", "en": "or the next cycle is due as well"}[code]
    one = one._replace(autopay=False)
    assert due not in mail(one, code, "2027-02-01 12:00", "renewal")
    assert due in mail(one._replace(cancel=Cancel(number="port")), code, "2027-02-01 12:00", "renewal")


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_charge_that_will_fail_is_not_said_to_be_taken(code: str) -> None:
    headline = {"zh-CN": "应扣 $25.00", "en": "Visible is to take $25.00"}[code]
    one = World(code).visible(promo=None, renews="2027-04-19")
    assert headline in mail(one, code, "2027-04-17 12:00", "charge")
    assert headline not in mail(one._replace(pay_with=None), code, "2027-04-17 12:00", "charge")


def test_a_past_charge_is_not_spoken_of_as_one_to_come() -> None:
    one = World("en").visible(cancel=Cancel(number="drop", requested_on=day("2026-12-16")), promo=None)
    assert "Visible should not have charged you on Thu, Dec 17" in mail(one, "en", "2026-12-18 12:00", "charged")


@pytest.mark.parametrize("code", LANGUAGES)
def test_what_is_said_of_a_later_cycle_is_not_advised_twice(code: str) -> None:
    """Off since Nov 12, and lost on Dec 12, the day on which it would stop next if it was renewed unmarked."""
    one = World(code).ultra(cancel=Cancel(requested_on=day("2026-11-01")))
    words = mail(one, code, "2026-12-11 12:00", "lost renewal")
    assert words.count({"zh-CN": "想留号码，", "en": "To keep the number, "}[code]) == 1
    assert {"zh-CN": "要是一直在续，12月12日周六停机", "en": "If you kept renewing, it stops on Sat, Dec 12"}[
        code
    ] in words


@pytest.mark.parametrize("code", LANGUAGES)
def test_to_decide_is_one_of_the_things_that_are_left(code: str) -> None:
    for when, kind in (("2027-02-07 12:00", "cancel-by"), ("2027-02-01 12:00", "digest")):
        words = mail(main(code), code, when, kind)
        assert not re.search({"zh-CN": "动手前", "en": "to do first"}[code], words)
        assert {"zh-CN": "还差", "en": "things left"}[code] in words


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_plan_that_is_to_be_changed_is_not_canceled_before_a_charge(code: str) -> None:
    words = mail(main(code, number="move"), code, "2027-02-07 12:00", "charge")
    assert re.search({"zh-CN": "最晚换套餐", "en": r"Change by|Last day was"}[code], words)
    assert not re.search({"zh-CN": "最晚取消", "en": r"Cancel by|Last day to cancel was"}[code], words)


@pytest.mark.parametrize("code", LANGUAGES)
def test_what_is_past_due_is_to_be_paid_now(code: str) -> None:
    one = main(code)._replace(cancel=None, autopay=False, grace=length("30 days"))
    words = mail(one, code, "2027-02-10 12:00", "overdue")
    assert re.search(
        {"zh-CN": r"现在付 \$40.00。过了 3月9日周二，", "en": r"pay \$40.00 now. After Tue, Mar 9, "}[code], words
    )


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_line_that_is_off_is_not_to_be_canceled_in_the_monthly_mail(code: str) -> None:
    one = World(code).tello(renews="2027-02-05", grace="5 days", cancel=Cancel(number="drop"))
    lets_go = {"zh-CN": "要放弃：还差", "en": "let it go; "}[code]
    for when, gone in (("2027-02-01 12:00", False), ("2027-03-01 12:00", True)):
        words = mail(one, code, when, "digest")
        assert (lets_go in words) is gone
        assert (bool(re.search({"zh-CN": "要取消", "en": ": cancel by|: cancel;"}[code], words))) is not gone


@pytest.mark.parametrize("code", LANGUAGES)
def test_who_changes_a_plan_avoids_the_old_price_and_not_the_payment(code: str) -> None:
    old = {"zh-CN": "旧价", "en": "old price"}[code]
    for one in (
        World(code).tello(renews="2027-02-05", cancel=Cancel(number="move")),
        main(code, number="move")._replace(autopay=False),
        main(code, number="move"),
    ):
        when = "2027-02-04 12:00" if one.id == "tello" else "2027-02-07 12:00"
        report = readiness(one, household(one), NOTHING_FOUND, day("2027-02-01"))
        for words in (mail(one, code, when, "cancel-by"), as_text([report], code), as_html([report], code)):
            assert old in words
            assert not re.search({"zh-CN": "再扣|又要", "en": " more |again"}[code], words)


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_postpaid_line_that_nobody_marks_was_paid_not_renewed(code: str) -> None:
    one = main(code)._replace(autopay=False, carrier=LEAVING, grace=None)
    report = as_text([readiness(one, household(one), NOTHING_FOUND, day("2027-03-20"))], code)
    stays = one._replace(cancel=None)
    for words in (report, mail(stays, code, "2027-03-07 12:00", "renewal")):
        assert re.search({"zh-CN": "一直在付", "en": "kept paying"}[code], words)
        assert not re.search({"zh-CN": "一直在续", "en": "kept renewing"}[code], words)


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_stop_and_a_loss_beside_a_later_day_to_leave_say_what_to_do_once(code: str) -> None:
    one = World(code).tello(renews="2027-01-20", every="1 month", grace="29 days", cancel=Cancel(number="drop"))
    words = mail(one._replace(cut_off=length("2 days")), code, "2027-02-17 12:00", "cancel-by lost overdue")
    assert words.count({"zh-CN": "这个号码你要放弃", "en": "You are giving this number up"}[code]) == 1
