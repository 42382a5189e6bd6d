"""Whether a plan can be left: what blocks, what waits, what comes first; unknown is not done."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from checklist_codes import CALL_CODES, ITEM_CODES, NOTE_CODES, POINT_CODES
from households import balance, bill, carrier, day, household, person, plan
from renewd.domain.cancellation import CancellationStage, stage
from renewd.domain.carriers import CarrierFact
from renewd.domain.checklist import SECTIONS
from renewd.domain.checklist_items import ChecklistItem
from renewd.domain.dates import Duration
from renewd.domain.findings import NOTHING_FOUND, Findings, Seen, item_id
from renewd.domain.money import Money
from renewd.domain.plans import Account, Backup, Binding, Cancel, Device, Document, FinalBill, Plan, Refund
from renewd.domain.readiness import Readiness, readiness, verdict_changes, verdict_of

ON = day("2026-12-09")
MAGENTA = carrier(
    "magenta", kind="postpaid", pin_days=7, port_lock="Port Out Protection", channels=("phone",), grace="30 days",
    reactivate_days=30,
)  # fmt: skip
DONE: dict[str, Any] = {
    "carrier": MAGENTA, "number": "+12065550100", "renews": "2026-12-29", "every": "1 month", "price": "40", "autopay": True,
    "account": Account(id="982-555", email="me@example.com", holder="me"),
    "device": Device(owed=Decimal(0), unlocked_on=day("2026-12-01")),
    "cancel": Cancel(number="port", lock_off_on=day("2026-12-08"), pin_on=day("2026-12-08")),
}  # fmt: skip


def main(**words: Any) -> Plan:
    """Return a line that can be ported today, but for what a test changes; no account is tied to its number."""
    known = {**DONE, **words}
    if known["cancel"] is not None and not known["cancel"].checked:
        known["cancel"] = known["cancel"]._replace(checked=("bindings",))
    return plan("main", **known)


def of(one: Plan, on: str = "2026-12-09", findings: Findings = NOTHING_FOUND) -> Readiness:
    return readiness(one, household(one, me=person(), mom=person("mom")), findings, day(on))


def item(report: Readiness, section: str, id_: str = "") -> ChecklistItem:
    return next(one for one in report.items if one.section == section and one.id.startswith(id_))


def test_a_line_with_everything_done_is_ready() -> None:
    report = of(main())
    assert (report.verdict, report.left) == ("ready", 0)
    assert report.next_step is not None
    assert report.next_step.code == "request-port"


@pytest.mark.parametrize(
    ("words", "section"),
    [
        ({"cancel": DONE["cancel"]._replace(number=None)}, "number"),
        ({"bindings": (Binding(service="Chase", critical=True),)}, "bindings"),
        ({"bills": (bill(),)}, "bills"),
        ({"backups": (Backup(what="photos"),)}, "backups"),
        ({"backups": (Backup(what="photos", path="x"),)}, "backups"),
        ({"backups": (Backup(what="photos", done_on=day("2026-11-08")),)}, "backups"),
        ({"documents": (Document(what="invoice"),)}, "documents"),
        ({"device": Device(owed=Decimal(10), unlocked_on=day("2026-12-01"))}, "device"),
        ({"device": Device(owed=Decimal(0))}, "device"),
        ({"device": Device()}, "device"),
        ({"device": Device(owed=Decimal(0), unlock_on=day("2027-01-01"))}, "device"),
        ({"account": Account()}, "access"),
        ({"account": Account(id="1", email="me@example.com")}, "access"),
        ({"cancel": Cancel(number="port", pin_on=day("2026-12-08"))}, "port-out"),
        ({"cancel": Cancel(number="port", lock_off_on=day("2026-12-08"))}, "port-out"),
        ({"cancel": Cancel(number="port", lock_off_on=day("2026-12-01"), pin_on=day("2026-12-02"))}, "port-out"),
        ({"autopay": False, "renews": "2026-12-01"}, "number"),
    ],
)  # fmt: skip
def test_each_of_these_alone_keeps_it_from_being_ready(words: dict[str, Any], section: str) -> None:
    report = of(main(**words))
    assert report.verdict == "not-ready"
    blocking = {one.section for one in report.items if one.blocks}
    assert section in blocking
    assert blocking <= {section, "port-out"}
    assert report.left >= 1


@pytest.mark.parametrize(
    "words",
    [
        {"bindings": (Binding(service="Uber"), Binding(service="Chase", critical=True, moved_on=day("2026-12-01")))},
        {"bills": (bill(paid_on="2026-12-01"),)},
        {"backups": (Backup(what="photos", done_on=day("2026-11-09")),)},
        {"documents": (Document(what="invoice", kept_on=day("2026-12-01")),)},
        {"account": Account(id="1", email="a@example.com", holder="mom")},
        {"balance": balance("8.20", "2026-12-01")},
    ],
)
def test_none_of_these_does(words: dict[str, Any]) -> None:
    assert of(main(**words)).verdict == "ready"


def test_a_line_that_nobody_wants_to_leave_has_a_report_too() -> None:
    report = of(main(cancel=None))
    assert (report.wanted, report.stage, report.verdict) == (False, None, "not-ready")
    assert report.cancel_by == day("2026-12-28")
    assert report.next_step is not None
    assert report.next_step.code == "number-undecided"


def test_a_cheaper_plan_asks_nothing_of_the_phone() -> None:
    moves = Cancel(number="move")
    stays = of(main(cancel=moves, device=Device(imei="350000000000000", unlock_on=day("2027-03-01"))))
    assert [one.code for one in stays.items if one.section == "device"] == ["device-stays"]
    assert stays.call.lines == ("say-move", "say-account", "ask-change", "ask-reference")
    owing = of(main(cancel=moves, device=Device(owed=Decimal(120))))
    assert [(one.code, one.blocks) for one in owing.items if one.section == "device"] == [("device-owed", False)]


def test_an_undecided_number_has_nothing_that_asks_the_carrier_to_cancel() -> None:
    undecided = of(main(cancel=None))
    assert item(undecided, "cancelling", "request").code == "request-undecided"
    assert undecided.call.lines[0] == "say-undecided"
    assert not {"say-cancel", "say-reason", "ask-when", "ask-autopay-off"} & set(undecided.call.lines)
    assert item(of(main(cancel=Cancel(number="drop"))), "cancelling", "request").code == "request-cancel"


def test_sections_come_in_their_order_and_each_holds_something() -> None:
    for words in ({}, {"cancel": None}, {"cancel": Cancel(how="lapse")}):
        report = of(main(**words))
        assert tuple(section.id for section in report.sections) == tuple(SECTIONS)
        assert all(section.items for section in report.sections)
        for one in report.items:
            assert set(one.args) >= set(ITEM_CODES[one.code]), one
            assert one.note is None or one.note in NOTE_CODES
        assert {point.code for point in report.timeline} <= set(POINT_CODES)
        assert set(report.call.lines) <= set(CALL_CODES)
        assert len({(one.section, one.id) for one in report.items}) == len(report.items)


def test_lock_and_pin_wait_for_their_day_while_there_is_something_to_do_before() -> None:
    early = {"cancel": Cancel(number="port"), "bills": (bill(due_on="2026-12-12"),)}
    report = of(main(**early))
    assert [one.code for one in report.items if one.blocks and not one.later] == ["bill"]
    assert item(report, "port-out", "pin").args["day"] == day("2026-12-22")  # so that it lasts to 28 Dec
    assert item(report, "port-out", "pin").later
    assert of(main(**early), "2026-12-22").left == 3
    alone = of(main(cancel=Cancel(number="port")))
    assert (alone.verdict, alone.left, alone.next_step) == ("not-ready", 2, None)
    begun = of(main(cancel=Cancel(number="port")), "2026-12-22").next_step
    assert begun is not None
    assert begun.code == "lock"


def test_what_cannot_be_repaired_comes_first_then_what_is_due_first_then_the_order_of_sections() -> None:
    bills = (bill("late", "2026-12-20"), bill("soon", "2026-12-12"))
    everything = main(
        bills=bills, bindings=(Binding(service="Uber"), Binding(service="Chase", critical=True)),
        documents=(Document(what="invoice"),), backups=(Backup(what="photos"),),
    )  # fmt: skip

    def first(one: Plan) -> str:
        step = of(one).next_step
        assert step is not None
        return str(step.args.get("service") or step.args["what"])

    assert first(everything) == "Chase"
    assert first(everything._replace(bindings=())) == "soon"
    assert first(everything._replace(bindings=(), bills=())) == "photos"
    assert first(everything._replace(bindings=(), bills=(), backups=())) == "invoice"


def test_the_last_safe_day_is_that_of_the_charge_and_waiting_costs_its_price() -> None:
    report = of(main(charge_before="2 days", notice="3 days", cancel=Cancel(number="port")))
    assert (report.cancel_by, report.charge_on, report.wait_cost) == (
        day("2026-12-24"), day("2026-12-27"), Money(Decimal(40), "USD"),
    )  # fmt: skip
    asked = of(main(cancel=Cancel(number="port", requested_on=day("2026-12-08"))))
    assert (asked.cancel_by, asked.wait_cost) == (None, None)


def test_the_payment_that_is_avoided_is_the_first_one_after_the_last_day_to_leave() -> None:
    """The PIN works until Dec 14, and the day that was chosen is months away."""
    cancel = Cancel(number="port", by=day("2027-03-15"), pin_on=day("2026-12-08"))
    report = of(main(cancel=cancel))
    assert (report.cancel_by, report.charge_on, report.pays_before) == (day("2026-12-14"), day("2026-12-29"), False)
    later = of(main(cancel=cancel._replace(pin_on=None)))
    assert (later.cancel_by, later.charge_on, later.pays_before) == (day("2027-02-27"), day("2027-02-28"), True)


@pytest.mark.parametrize(("on", "before"), [("2026-12-27", False), ("2026-12-29", True), ("2027-01-10", True)])
def test_a_cycle_that_nobody_has_paid_comes_before_the_payment_that_is_avoided(on: str, before: bool) -> None:
    by_hand = main(carrier=carrier("acme"), autopay=False, cancel=Cancel(number="port"))
    assert of(by_hand, on).pays_before is before


def test_outstanding_is_bills_and_the_phone_and_the_final_bill_that_is_not_paid() -> None:
    owing = main(
        bills=(bill(), bill("paid", paid_on="2026-12-01")), device=Device(owed=Decimal(100)),
        cancel=Cancel(number="port", final_bill=FinalBill(amount=Decimal("21.30"))),
    )  # fmt: skip
    assert of(owing).outstanding == (Money(Decimal("133.80"), "USD"),)
    assert not of(owing).at_least
    assert of(main()).outstanding == ()
    unknown = main(bills=(bill()._replace(amount=None),))
    assert (of(unknown).outstanding, of(unknown).at_least) == ((), True)


@pytest.mark.parametrize(
    ("seen", "state", "note"),
    [
        (Seen(ON - timedelta(days=30), 5), "done", "fresh"),
        (Seen(ON - timedelta(days=31), 5), "open", "stale"),
        (Seen(ON + timedelta(days=5), 5), "unknown", "future"),
        (Seen(why="none"), "open", "no-file"),
        (Seen(why="empty"), "open", "empty"),
        (Seen(why="denied"), "unknown", "denied"),
        (Seen(why="slow"), "unknown", "slow"),
    ],
)
def test_a_backup_is_what_was_found(seen: Seen, state: str, note: str) -> None:
    newest = {("main", "photos"): seen.day} if seen.day else {}
    findings = Findings(newest=newest, seen={("main", "backup", "photos"): seen})
    found = item(of(main(backups=(Backup(what="photos", path="x"),)), findings=findings), "backups")
    assert (found.state, found.note, found.blocking) == (state, note, True)
    assert found.args["size"] == (5 if seen.day else None)


def test_a_paper_that_lies_where_it_should_is_kept() -> None:
    findings = Findings(seen={("main", "document", "invoice"): Seen(ON, 5)})
    assert (
        item(of(main(documents=(Document(what="invoice", path="x"),)), findings=findings), "documents").state == "done"
    )


@pytest.mark.parametrize(
    ("cancel", "expected"),
    [
        (None, None),
        (Cancel(), "wanted"),
        (Cancel(number="port"), "preparing"),
        (Cancel(pin_on=ON), "pin"),
        (Cancel(pin_on=ON, requested_on=ON), "requested"),
        (Cancel(requested_on=ON, confirmed_on=ON), "confirmed"),
        (Cancel(confirmed_on=ON, final_bill=FinalBill(amount=Decimal(5))), "confirmed"),
        (Cancel(confirmed_on=ON, final_bill=FinalBill(amount=Decimal(0))), "closed"),
        (Cancel(confirmed_on=ON, final_bill=FinalBill(paid_on=ON), refund=Refund(expected=ON)), "confirmed"),
        (Cancel(confirmed_on=ON, final_bill=FinalBill(paid_on=ON), refund=Refund(received_on=ON)), "closed"),
    ],
)
def test_how_far_it_has_come_follows_from_the_facts(cancel: Cancel | None, expected: CancellationStage | None) -> None:
    assert stage(main(cancel=cancel), ON) == expected


def test_a_line_that_is_let_run_out_needs_its_autopay_off_and_no_account() -> None:
    running = main(cancel=Cancel(how="lapse", number="drop"), account=Account())
    report = of(running)
    assert [one.code for one in report.items if one.blocks] == ["autopay-off"]
    assert of(running._replace(autopay=False)).verdict == "ready"


def test_once_it_was_asked_for_the_way_there_no_longer_blocks_but_bills_do() -> None:
    asked = main(cancel=Cancel(number="port", requested_on=ON), account=Account())
    assert of(asked).verdict == "ready"
    assert of(asked._replace(bills=(bill(),))).verdict == "not-ready"
    step = of(asked).next_step
    assert step is not None
    assert (step.code, step.due) == ("confirmation", day("2026-12-12"))


def test_a_pin_of_unknown_life_is_fetched_once_all_else_is_known() -> None:
    ports = main(cancel=Cancel(number="port"), carrier=None, account=Account())
    steps = [of(one).next_step for one in (ports, ports._replace(account=DONE["account"]))]
    assert [step.code for step in steps if step] == ["account-id-missing", "pin"]


def test_the_call_is_filled_in_and_is_another_one_afterwards() -> None:
    mine = main(account=Account(id="982-555", email="me@example.com", holder="mom"))
    fetched = of(mine).call
    assert "ask-pin" not in fetched.lines
    before = of(mine, "2026-12-15").call  # the PIN's last day was the 14th
    assert (before.account, before.holder, before.after) == ("982-555", "mom", False)
    assert {"say-port", "ask-pin", "ask-not-cancel", "ask-reference"} <= set(before.lines)
    assert "ask-lock-off" not in before.lines
    after = of(main(cancel=Cancel(number="port", requested_on=ON, reference="C-778"))).call
    assert (after.after, after.reference) == (True, "C-778")
    assert {"say-moved", "ask-closed", "ask-zero-balance"} <= set(after.lines)
    assert "ask-pin" not in after.lines


def test_the_days_of_a_line_lie_on_its_timeline_in_order() -> None:
    report = of(main(cancel=Cancel(number="port", by=day("2027-01-15"))))
    assert [(point.code, str(point.day)) for point in report.timeline] == [
        ("today", "2026-12-09"), ("pin-from", "2026-12-22"), ("safe", "2026-12-28"), ("charge", "2026-12-29"),
        ("stops", "2026-12-29"), ("by", "2027-01-15"), ("lost", "2027-01-28"),
    ]  # fmt: skip


def test_several_are_ready_if_each_is() -> None:
    ready, not_ready = of(main()), of(main(cancel=None))
    assert verdict_of([ready, ready]) == "ready"
    assert verdict_of([ready, not_ready]) == "not-ready"


def test_an_unpaid_postpaid_line_is_past_due_and_not_off() -> None:
    late = main(autopay=False, renews="2026-12-01", cancel=Cancel(number="port"))
    assert item(of(late), "number", "line").code == "line-due"
    assert item(of(late._replace(carrier=carrier("acme"))), "number", "line").code == "line-stopped"


@pytest.mark.parametrize(
    ("words", "on", "expected"),
    [
        ({}, "2026-12-09", "2026-12-29"),
        ({"notice": "60 days", "renews": "2027-01-10", "every": "1 year"}, "2026-12-09", "2028-01-10"),
        ({"autopay": False}, "2026-12-09", None),
        ({"cancel": Cancel(requested_on=day("2026-11-20"))}, "2026-12-30", "2026-12-29"),
    ],
)
def test_the_charge_to_look_for_is_the_one_that_leaving_avoids(
    words: dict[str, Any], on: str, expected: str | None
) -> None:
    known = {"kind": "other", "renews": "2026-12-29", "every": "1 month", "autopay": True, "cancel": Cancel(), **words}
    charges = item(of(plan("gym", **known), on), "after", "charges")
    assert charges.args["day"] == (day(expected) if expected else None)


def test_a_paper_runs_out_by_itself_and_there_is_nothing_to_cancel_or_to_pay() -> None:
    paper = plan("passport", kind="other", renews="2027-08-03")
    report = of(paper)
    assert (report.wanted, report.stage, report.cancel_by, report.charge_on) == (False, None, None, None)
    assert report.next_step is not None
    assert report.next_step.code == "let-lapse"
    assert "channel" not in [one.id for one in report.items]
    for renewing in (plan("a", kind="other", renews="2027-08-03", every="1 year"), paper._replace(autopay=True)):
        step = of(renewing).next_step
        assert step is not None
        assert step.code == "request-cancel"


def test_a_closed_plan_has_no_last_day_to_leave() -> None:
    one = plan(renews="2026-12-05", every="30 days", grace="30 days", cancel=Cancel(how="lapse", number="drop"))
    report = readiness(one, household(one), NOTHING_FOUND, day("2027-02-05"))
    assert (report.verdict, report.cancel_by, report.charge_on) == ("closed", None, None)


def test_a_plan_that_is_changed_is_not_told_how_to_cancel() -> None:
    one = plan(renews="2026-12-05", every="30 days", cancel=Cancel(number="move"))
    report = readiness(one, household(one), NOTHING_FOUND, day("2026-12-01"))
    assert not [item for item in report.items if item.id == "channel"]


def test_of_a_number_that_is_gone_every_account_tied_to_it_has_to_be_changed() -> None:
    tied = (Binding("Chase", critical=True), Binding("Costco", kind="login"))

    def notes(number: Any) -> tuple[set[str | None], bool]:
        one = main(bindings=tied, cancel=Cancel(number=number, requested_on=ON, confirmed_on=ON))
        items = [item(of(one), "bindings", f"binding:{item_id(each.service)}") for each in tied]
        return {each.note for each in items}, all(each.blocks and not each.later for each in items)

    ran_out = plan(renews="2026-11-01", every="30 days", grace="20 days", bindings=tied, cancel=RUNS_OUT)
    assert of(ran_out, "2026-11-21").tied == ()  # its last day
    report = of(ran_out, "2026-11-22")
    assert (report.verdict, report.tied) == ("closed", ("Chase", "Costco"))
    assert {one.note for one in report.items if one.section == "bindings"} == {"binding-dead"}
    assert notes("drop") == ({"binding-dead"}, True)
    assert notes("port") == ({"binding-ported"}, False)  # the number goes on at the new carrier


def test_after_the_end_an_overdue_bill_comes_first_then_what_a_dead_number_opens_then_other_bills() -> None:
    def step(due_on: str) -> str | None:
        one = main(
            bindings=(Binding("Chase"),), bills=(bill(due_on=due_on),),
            cancel=Cancel(number="drop", requested_on=ON, confirmed_on=ON),
        )  # fmt: skip
        found = of(one).next_step
        return found.section if found else None

    assert step("2026-12-08") == "bills"
    assert step("2026-12-20") == "bindings"


def test_after_the_end_the_phone_may_still_be_unlocked_and_the_line_does_not_work() -> None:
    one = main(
        device=Device(unlock_on=day("2027-01-15")), cancel=Cancel(number="drop", requested_on=ON, confirmed_on=ON)
    )
    assert item(of(one), "device", "lock").note == "unlock-still"
    assert item(of(one), "number", "line").code == "line-ended"


def test_the_sim_is_not_cut_before_a_request_is_confirmed_however_the_line_ends() -> None:
    asked = of(main(autopay=False, cancel=Cancel(how="lapse", number="drop", requested_on=day("2026-12-08"))))
    assert asked.next_step is not None
    assert asked.next_step.code == "confirmation"


@pytest.mark.parametrize("number", ["drop", "port"])
def test_of_a_line_that_has_ended_nothing_is_left_to_be_canceled(number: str) -> None:
    one = main(carrier=None, cancel=Cancel(how="lapse", number=number, confirmed_on=day("2026-12-08")))
    assert {one.code for one in of(one).items if one.section == "cancelling"} <= {"requested"}


def test_who_ports_is_not_sent_to_find_out_how_to_cancel() -> None:
    codes = {one.code for one in of(main(carrier=None, cancel=Cancel(number="port"))).items}
    assert "channel-unknown" not in codes
    assert "channel-unknown" in {one.code for one in of(main(carrier=None, cancel=Cancel(number="drop"))).items}


def test_the_deposit_of_a_line_that_stays_does_not_come_back() -> None:
    known = MAGENTA._replace(facts={"deposit": CarrierFact(text={"en": "Back"}, sources=(), confidence="high")})
    for number, said in (("move", False), ("port", True)):
        report = of(main(carrier=known, cancel=Cancel(number=number)))
        assert ("deposit" in {one.code for one in report.items}) is said
        assert ("say-deposit" in report.call.lines) is said


def test_what_autopay_takes_is_not_renewed_by_hand_until_one_leaves() -> None:
    one = main(
        carrier=None, renews="2026-12-10", price="8", pay_with="balance", balance=balance("8", "2026-12-01"),
        cancel=Cancel(number="drop"),
    )  # fmt: skip
    report = of(one, "2026-12-10")
    assert (report.taken, report.pays_before) == (False, False)


OLD_COPY = Backup(what="Photos", path=None, fresh=Duration(10, "days"), done_on=day("2026-12-05"))
RUNS_OUT = Cancel(how="lapse", number="drop")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ({}, ["2026-12-15"]),  # the transfer PIN, received on the 8th, lives 7 days
        ({"cancel": Cancel(number="drop"), "backups": (OLD_COPY,)}, ["2026-12-16"]),
        ({"autopay": False, "carrier": carrier(grace="30 days"), "cancel": Cancel(number="port")}, []),  # never ready
        ({"cancel": RUNS_OUT, "pay_with": "balance", "balance": balance("50", "2026-12-09")}, ["2026-12-29"]),
        ({"cancel": Cancel(number="drop", confirmed_on=day("2026-12-09"))}, []),
    ],
)
def test_it_is_known_ahead_when_the_verdict_changes_by_itself(words: dict[str, Any], expected: list[str]) -> None:
    one = main(**words)
    home = household(one, me=person(), mom=person("mom"))
    days = [ON + timedelta(days=n) for n in range(60)]
    found = list(verdict_changes(one, home, NOTHING_FOUND, days[0], days[-1]))
    assert [str(each) for each in found] == expected
    verdicts = [of(one, str(each)).verdict for each in days]
    assert found == [
        now for now, was, is_ in zip(days[1:], verdicts, verdicts[1:], strict=False) if was != is_ != "closed"
    ]
