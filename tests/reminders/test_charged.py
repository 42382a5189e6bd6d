"""`charged`: did it go through?"""

from __future__ import annotations

from households import at, balance, household, listed, plan, receipts, said

WORDS = {"renews": "2026-10-18", "every": "1 month", "autopay": True}


def asked(home: object, now: str) -> set[str]:
    return {key for key in said(home, at(now)) if "/charged/" in key}  # type: ignore[arg-type]


def test_the_day_after_the_charge() -> None:
    home = household(plan(charge_before="25 hours", **WORDS))
    assert listed(home, "2026-12-01", 31) == [
        ("2026-12-15 14:00", "tello/charge/2026-12-16/1"),
        ("2026-12-17 14:00", "tello/charged/2026-12-16/-1"),
    ]


def test_it_is_asked_for_a_fortnight_and_not_beyond_the_next_charge() -> None:
    home = household(plan(**WORDS))
    assert asked(home, "2026-11-19 08:59") == set()
    assert asked(home, "2026-11-19 09:00") == {"tello/charged/2026-11-18/-1"}
    assert asked(home, "2026-12-02 23:59") == {"tello/charged/2026-11-18/-1"}
    assert asked(home, "2026-12-03 00:00") == set()
    weekly = household(plan(**{**WORDS, "every": "7 days"}))
    assert asked(weekly, "2026-11-21 12:00") == {"tello/charged/2026-11-15/-1"}
    assert asked(weekly, "2026-11-22 12:00") == set()
    assert asked(weekly, "2026-11-23 12:00") == {"tello/charged/2026-11-22/-1"}


def test_the_answer_no_ends_the_question() -> None:
    assert asked(household(plan(failed_on="2026-11-18", **WORDS)), "2026-11-19 12:00") == set()


def test_the_answer_yes_ends_the_question() -> None:
    assert asked(household(plan(receipts=receipts("2026-11-18"), **WORDS)), "2026-11-19 12:00") == set()
    old = household(plan(receipts=receipts("2026-11-17"), **WORDS))
    assert asked(old, "2026-11-19 12:00") == {"tello/charged/2026-11-18/-1"}
    assert asked(old, "2026-12-19 12:00") == {"tello/charged/2026-12-18/-1"}


def test_what_nobody_charges_is_not_asked_after() -> None:
    assert asked(household(plan(**{**WORDS, "autopay": False})), "2026-10-19 12:00") == set()
    assert asked(household(plan(pause_until="2026-11-19", **WORDS)), "2026-11-19 12:00") == set()
    empty = plan(pay_with="balance", price="5", balance=balance("0", "2026-11-01"), **{**WORDS, "renews": "2026-11-18"})
    assert asked(household(empty), "2026-11-19 12:00") == set()


def test_it_can_be_switched_off_and_a_plan_that_ends_is_asked_after_once() -> None:
    assert asked(household(plan(leads={"charged": ()}, **WORDS)), "2026-11-19 12:00") == set()
    ended = household(plan(renews="2026-11-18", autopay=True))
    assert asked(ended, "2026-12-02 12:00") == {"tello/charged/2026-11-18/-1"}
    assert asked(ended, "2026-12-03 12:00") == set()
