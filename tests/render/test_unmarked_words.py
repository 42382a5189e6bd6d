"""The sentences about a line that nobody marked: what holds only if it was renewed is never told as certain."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from household_mails import World, home, letter
from households import NEW_YORK, at, day, length
from renewd.domain.plans import Binding, Cancel, Plan
from renewd.i18n import LANGUAGES
from renewd.render.mail import render

BOUND = (Binding(service="Chase", critical=True),)


def mail(code: str, when: str, *plans: Plan, kinds: tuple[str, ...]) -> str:
    """Return the subject and text of what `me` is told at an instant in New York, without line breaks and spaces."""
    house = home(World(code), *plans)
    house = replace(house, people={"me": house.people["me"]._replace(zone=NEW_YORK)})
    written = render(*letter(house, at(when), kinds=kinds))
    return squeezed(f"{written.subject} {written.text}")


def squeezed(words: str) -> str:
    return re.sub(r"\s", "", words)


def tello(code: str, **cancel: Any) -> Plan:
    return World(code).tello(renews="2027-01-20", bindings=BOUND, cancel=Cancel(**cancel))


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_number_that_is_off_receives_no_code_until_the_day_one_chose(code: str) -> None:
    one = tello(code, number="drop", by=day("2027-03-01"))
    words = mail(code, "2027-02-01 12:00", one, kinds=("binding",))
    assert {"zh-CN": "停了的话，号码收不到验证码", "en": "Ifthelineisoff,nocodearrivesonit"}[code] in words
    assert {"zh-CN": "趁号码还能用", "en": "whilethenumberstillworks"}[code] not in words
    before = mail(code, "2027-01-15 12:00", one._replace(cancel=Cancel(number="drop")), kinds=("binding",))
    assert {"zh-CN": "趁号码还能用", "en": "whilethenumberstillworks"}[code] in before


@pytest.mark.parametrize("code", LANGUAGES)
def test_after_a_request_to_cancel_the_number_may_go_any_day(code: str) -> None:
    one = tello(code, number="drop", requested_on=day("2027-01-04"))
    words = mail(code, "2027-01-05 12:00", one, kinds=("binding",))
    assert {"zh-CN": "号码随时会停：现在就换", "en": "maybeclosedanyday:doitnow"}[code] in words
    assert {"zh-CN": "取消前先换掉", "en": "Movethesefirst"}[code] not in words
    by = {"zh-CN": "最晚2027年", "en": "Moveby"}[code]
    assert by not in words
    assert by in mail(code, "2027-01-15 12:00", one._replace(cancel=Cancel(number="drop")), kinds=("binding",))
    off = mail(code, "2027-02-05 12:00", one, kinds=("binding",))
    assert {"zh-CN": "要是一直在续，也现在就换", "en": "Ifyoukeptrenewing,doitnowtoo"}[code] in off


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_monthly_mail_gives_a_last_day_that_counts_on_a_renewal_as_such(code: str) -> None:
    one = tello(code, number="drop", by=day("2027-03-01"))
    words = mail(code, "2027-02-01 12:00", one, kinds=("digest",))
    assert {"zh-CN": "要是一直在续，最晚2月18日周四", "en": "byThu,Feb18,ifyoukeptrenewing"}[code] in words
    assert {"zh-CN": "要是一直在续", "en": "ifyoukeptrenewing"}[code] not in mail(
        code, "2027-01-01 12:00", one, kinds=("digest",)
    )


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_charge_after_the_last_day_is_asked_about_and_not_given_up(code: str) -> None:
    one = World(code).visible(renews="2027-02-08", notice=length("3 days"), cancel=Cancel(number="drop"))
    words = mail(code, "2027-02-05 12:00", one, kinds=("charge",))
    assert {"zh-CN": "离开的最后一天过了", "en": "thelastdaytoleaveispast"}[code] in words
    assert {"zh-CN": "问问还能不能停", "en": "Ask"}[code] in words
