"""The words of the calendar's events about a plan that is being left: the same act as in mails, and none that costs the number."""

from __future__ import annotations

import pytest

from households import day, household, plan
from renewd.calendar.entries import Entry
from renewd.calendar.words import event
from renewd.domain.plans import Cancel, Plan
from renewd.i18n import LANGUAGES

CANCEL_IT = {"en": "Cancel", "zh-CN": "取消，"}


def words(kind: str, cancel: Cancel, code: str, **of_plan: object) -> str:
    """Return the title and the note of an entry of a line in its first cycle."""
    line: Plan = plan(
        "tello", **{"renews": "2026-12-05", "every": "30 days", "price": "5", "cancel": cancel, **of_plan}
    )
    entry = Entry(kind, line, "me", "", "0", day("2026-12-05"), ("me",), about=0)
    made = event(entry, household(line), code, ())
    return f"{made.summary}\n{made.description}"


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize(
    ("cancel", "english", "chinese"),
    [
        (Cancel(number="port"), "last day to port out", "最晚转出"),
        (Cancel(number="move"), "last day to change the plan", "最晚换套餐"),
        (Cancel(), "last day to decide about the number", "最晚定好号码去向"),
        (Cancel(how="lapse"), "last day to turn autopay off", "最晚关自动扣款"),
        (Cancel(how="lapse", number="port"), "last day to port out", "最晚转出"),
    ],
)
def test_the_last_day_to_leave_names_the_act(cancel: Cancel, english: str, chinese: str, code: str) -> None:
    for kind in ("cancel-by", "charge"):
        said = words(kind, cancel, code, autopay=True)
        assert CANCEL_IT[code] not in said
        assert kind == "charge" or {"en": english, "zh-CN": chinese}[code] in said


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize(
    ("cancel", "english", "chinese"),
    [
        (Cancel(number="drop"), "nothing to renew", "不用续"),
        (Cancel(number="port"), "A stopped line cannot be ported", "停了的号码转不出去"),
        (
            Cancel(number="port", requested_on=day("2026-11-20")),
            "A stopped line cannot be ported",
            "停了的号码转不出去",
        ),
        (Cancel(how="lapse"), "A stopped line cannot be ported", "停了的号码转不出去"),
        (Cancel(requested_on=day("2026-11-20")), "A stopped line cannot be ported", "停了的号码转不出去"),
    ],
)
def test_what_is_left_is_not_to_be_renewed_and_a_number_to_keep_leaves_first(
    cancel: Cancel, english: str, chinese: str, code: str
) -> None:
    said = words("renewal", cancel, code)
    assert {"en": english, "zh-CN": chinese}[code] in said
    assert ({"en": "nothing to renew", "zh-CN": "不用续"}[code] in said) is (cancel.number == "drop")
    assert {"en": "renew before", "zh-CN": "之前续"}[code] not in said


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_line_that_runs_out_need_not_be_used(code: str) -> None:
    need_not = {"en": "need not be used", "zh-CN": "不用去用"}[code]
    assert need_not in words("keep-alive", Cancel(how="lapse", number="drop"), code)
    for kept in (Cancel(how="lapse", number="port"), Cancel(number="drop")):
        assert need_not not in words("keep-alive", kept, code)


@pytest.mark.parametrize("code", LANGUAGES)
def test_after_asking_a_charge_is_not_expected(code: str) -> None:
    said = words("charge", Cancel(number="port", requested_on=day("2026-11-20")), code, autopay=True)
    assert {"en": "should not be taken", "zh-CN": "不该再扣"}[code] in said


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize(
    ("number", "english", "chinese"), [("port", "ported out on", "号码已转出"), ("drop", "canceled on", "已取消。")]
)
def test_what_is_off_says_how_the_line_was_left(number: str, english: str, chinese: str, code: str) -> None:
    line = plan("tello", renews="2026-12-05", cancel=Cancel(number=number, confirmed_on=day("2026-11-20")))
    entry = Entry("renewal", line, "me", "", "0", day("2026-12-05"), ("me",), about=0, state="cancelled")
    assert {"en": english, "zh-CN": chinese}[code] in event(entry, household(line), code, ()).description
