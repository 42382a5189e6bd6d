"""Doubt in mails and pushes: what may fail or may be lost is said so, everywhere and to the same degree."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from household_mails import VISIBLE, World, home, letter
from households import NEW_YORK, at, length
from renewd.domain.findings import NOTHING_FOUND
from renewd.domain.plans import Cancel, Household, Plan
from renewd.i18n import LANGUAGES, language
from renewd.reminders import due
from renewd.reminders.facts import facts
from renewd.render.mail import RenderedMail, render
from renewd.render.push_words import PushWords, push_words


def household_of(plan: Plan, code: str) -> Household:
    """Return a household in New York with one plan."""
    house = home(World(code), plan)
    return replace(house, people={"me": house.people["me"]._replace(zone=NEW_YORK)})


def mail(house: Household, when: str, kind: str) -> RenderedMail:
    """Return the mail about what is due of one kind at noon of a day."""
    return render(*letter(house, at(f"{when} 12:00"), kinds=(kind,)))


def pushes(house: Household, when: str, kind: str, code: str) -> list[PushWords]:
    """Return the pushes about what is due of one kind at noon of a day."""
    now = at(f"{when} 12:00")
    told = [facts(one, house, NOTHING_FOUND, now) for one in due(house, NOTHING_FOUND, now) if one.subject.kind == kind]
    return [push_words(one, language(code)) for one in told]


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("pays", ["visa", "balance"])
@pytest.mark.parametrize("price", ["15.49", None])
@pytest.mark.parametrize("kind", ["line", "other"])
def test_a_charge_that_may_fail_is_in_doubt_also_where_the_plan_is_left(
    code: str, pays: str, price: str | None, kind: Any
) -> None:
    """The card has ended by then, or what the balance holds is not written."""
    one = World(code).visible(
        renews="2027-05-12", price=price, promo=None, charge_before="0 days", kind=kind, pay_with=pays,
        cancel=Cancel(number="drop"),
    )  # fmt: skip
    taken = re.compile(
        {"zh-CN": r"会再扣|，又要扣款|自动扣(?!款 ·)| 扣", "en": r"\b(is (taken|charged)|takes|charges)\b"}[code]
    )
    house = household_of(one, code)
    for subject in ("cancel-by", "charge"):
        written = mail(house, "2027-05-11", subject)
        assert {"zh-CN": "可能", "en": "may"}[code] in written.subject
        for words in (written.subject, written.text.replace("可能会再扣", "")):
            assert not taken.search(words)
        for push in pushes(house, "2027-05-11", subject, code):
            assert not taken.search(f"{push.title} {push.text}")


CERTAIN = {
    "zh-CN": r"(?<!可能)(?<!可能已)失号|应该?已|应该已经",
    "en": r"Number lost|number lost|loses|presum|counts as lost|Counts as lost",
}
DOUBTFUL = {"zh-CN": "可能(已|失|已经)", "en": r"[Mm]ay (be|lose|have lost)"}


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("cancel", [None, Cancel(number="port"), Cancel(number="drop")])
@pytest.mark.parametrize("confidence", ["high", "low"])
def test_a_loss_is_spoken_of_with_one_degree_of_doubt(code: str, cancel: Cancel | None, confidence: Any) -> None:
    """In the subject, the headline, the strip and the push, before the number is lost, on that day and after it."""
    carrier = VISIBLE._replace(grace=length("30 days"), grace_confidence=confidence)
    one = World(code).visible(carrier=carrier, renews="2027-01-10", autopay=False, cancel=cancel)
    house = household_of(one, code)
    wrong = re.compile((DOUBTFUL if confidence == "high" else CERTAIN)[code])
    for when in ("2027-02-06", "2027-02-08", "2027-02-09", "2027-02-10", "2027-02-12"):
        for kind in ("overdue", "lost"):
            written = mail(house, when, kind)
            strip = re.findall(r"^  .* 2月9日.*$|^  .*Feb 9 .*$", written.text, re.MULTILINE)
            for words in (written.subject, written.text.split("\n\n")[0], *strip):
                assert not wrong.search(words), (when, kind, words)
            for push in pushes(house, when, kind, code):
                assert not wrong.search(f"{push.title} {push.text}"), (when, kind, push)


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("kind", ["line", "other"])
def test_the_title_of_a_loss_that_may_be_over_looks_back(code: str, kind: Any) -> None:
    """In the short form, too, which a mail has of all but its first reminder."""
    world = World(code)
    carrier = VISIBLE._replace(grace=length("30 days"), grace_confidence="low") if kind == "line" else None
    one = world.visible(
        kind=kind, carrier=carrier, grace=length("30 days") if kind == "other" else None, renews="2027-01-10",
        autopay=False, cancel=Cancel(number="drop"),
    )  # fmt: skip
    house = home(world, one, one._replace(id="second", name="Second"))
    house = replace(house, people={"me": house.people["me"]._replace(zone=NEW_YORK)})
    looks_back = {
        "zh-CN": "：2月9日周二起(可能已失号|应该没了)",
        "en": ": (number may have been lost on|counts as gone since) Tue, Feb 9",
    }
    assert re.search(looks_back[code], mail(house, "2027-02-10", "lost").text)
