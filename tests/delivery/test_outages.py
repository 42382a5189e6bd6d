"""A plan's life while machines are off, servers down, addresses wrong, clocks astray: never missed, never twice, never wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

import invariants
from households import NEW_YORK, at, day, household, person, plan
from renewd.domain.dates import day_in
from renewd.domain.outcome import Envelope, Outcome
from renewd.domain.plans import Household, Plan
from renewd.reminders.grouping import Lateness
from simulated_year import SENT, Life, Pigeonholes, change, live, with_plan

DOWN = Outcome(result="failed", scope="account", reason="connection-refused")
LOST = Outcome(result="unknown", scope="account", reason="answer-lost")
NO_SUCH_USER = Outcome(
    result="refused",
    scope="recipient",
    reason="recipient-refused",
    code=550,
    reply="550 5.1.1 No such user",
    permanent=True,
)
BEAT = timedelta(minutes=5)  # so often the daemon has a pass, at least, where an answer was lost
BEFORE = ["renewal/2026-12-05/7", "renewal/2026-12-05/3"]  # from 20 Nov until 2 Dec
AFTER = [f"overdue/2026-12-05/-{lead}" for lead in (5, 7)]  # from 10 Dec on

pytestmark = pytest.mark.in_memory


def tello(**words: Any) -> Plan:
    return plan("tello", **{"renews": "2026-12-05", "every": "30 days", "price": "5", "grace": "60 days", **words})


async def lived(home: Household | None = None, *, days: int = 24, **words: Any) -> Life:
    return await live(home or household(tello()), "2026-11-20 08:00", days=days, **words)


def said(life: Life, person: str = "me") -> list[str]:
    """Return the keys of the plan, in order."""
    return [key.removeprefix("tello/") for key in life.keys(person) if key.startswith("tello/")]


def words_of(life: Life, moment: datetime) -> str:
    """Return the one mail of an instant, its lines as one."""
    (mail,) = [mail for mail in life.mails if mail.at == moment]
    return " ".join(mail.text.split())


def late(life: Life) -> list[Lateness]:
    return [mail.letter.late for mail in life.mails if mail.letter.late]


# --- the machine ------------------------------------------------------------------------------------------------------


async def test_a_week_off_over_a_renewal_costs_one_late_mail_that_says_from_when_to_when() -> None:
    life = await lived(off=[("2026-12-02 20:00", "2026-12-09 20:00")])
    assert [*BEFORE, "overdue/2026-12-05/-3", *AFTER] == said(life)
    (why,) = late(life)
    assert (why.cause, why.since, why.until) == ("off", at("2026-12-02 20:00"), at("2026-12-09 20:00"))
    assert "renewd was not running from Wed, Dec 2, 8 PM to Wed, Dec 9, 8 PM" in words_of(life, at("2026-12-09 20:00"))
    invariants.nothing_was_told_twice(life)
    invariants.everything_told_was_true(life)


async def test_the_late_mail_speaks_chinese_too() -> None:
    reader = person(languages=("zh-CN",), zone="Asia/Shanghai")
    life = await lived(household(tello(), me=reader), off=[("2026-12-02 20:00", "2026-12-09 20:00")])
    assert "从12月3日周四09:00到12月10日周四09:00没有运行" in words_of(life, at("2026-12-09 20:00")).replace(" ", "")


async def test_two_readers_of_one_late_mail_each_read_their_own_calendar() -> None:
    home = household(tello(told=("me", "mom")), me=person(), mom=person("mom", zone="Asia/Shanghai"))
    life = await lived(home, off=[("2026-12-02 20:00", "2026-12-09 20:00")])
    texts = {mail.person: " ".join(mail.text.split()) for mail in life.mails if mail.letter.late}
    assert "not running from Wed, Dec 2, 8 PM to Wed, Dec 9, 8 PM" in texts["me"]
    assert "not running from Thu, Dec 3, 9 AM to Thu, Dec 10, 9 AM" in texts["mom"]


async def test_off_for_an_hour_without_a_reminder_in_it_nothing_is_late() -> None:
    life = await lived(off=[("2026-12-04 09:30", "2026-12-04 18:00")])
    assert late(life) == []
    assert [*BEFORE, "renewal/2026-12-05/1", "renewal/2026-12-05/0"] == said(life)[:4]


async def test_off_over_one_morning_the_mail_comes_at_the_start_and_says_that_it_is_late() -> None:
    life = await lived(off=[("2026-12-04 08:00", "2026-12-04 23:00")])
    assert [mail.keys for mail in life.mails if mail.letter.late] == [("tello/renewal/2026-12-05/1",)]
    assert [mail.at for mail in life.mails if mail.letter.late] == [at("2026-12-04 23:00")]


async def test_what_was_edited_while_it_was_off_is_not_late() -> None:
    moved = change("tello", renews=day("2026-12-12"))
    life = await lived(off=[("2026-12-02 20:00", "2026-12-09 20:00")], events={"2026-12-06": moved})
    assert said(life)[2] == "renewal/2026-12-12/3"
    assert late(life) == []


@pytest.mark.parametrize("language", ["en", "zh-CN"])
async def test_what_was_added_while_it_was_off_is_not_late(language: str) -> None:
    home = household(tello(renews="2027-06-05"), me=person(languages=(language,)))
    events = {"2026-12-06": lambda home, _today: with_plan(home, plan("new", renews="2026-12-12", every="30 days"))}
    life = await lived(home, off=[("2026-12-02 20:00", "2026-12-09 20:00")], events=events)
    assert [mail.at for mail in life.mails if "new/renewal/2026-12-12/3" in mail.keys] == [at("2026-12-09 20:00")]
    assert late(life) == []


async def test_a_year_off_is_one_mail_and_what_is_over_is_not_said() -> None:
    life = await lived(off=[("2026-11-25 12:00", "2027-11-25 12:00")], days=380)
    first = life.mails[0]
    assert at("2027-11-25 12:00") == first.at
    assert {"overdue/2026-12-05/-56", "lost/2027-02-03/-30"} == {key.removeprefix("tello/") for key in first.keys}
    assert len([mail for mail in life.mails if mail.at == first.at]) == 1
    invariants.everything_told_was_true(life)


# --- the mail server --------------------------------------------------------------------------------------------------


async def test_a_server_down_for_two_days_is_tried_gently_and_one_late_mail_follows() -> None:
    begins, ends = at("2026-12-03 00:00"), at("2026-12-05 00:00")
    channel = Pigeonholes(answer=lambda _, now: DOWN if begins <= now < ends else SENT)
    life = await lived(channel=channel)
    assert [
        *BEFORE,
        "renewal/2026-12-05/1",
        "renewal/2026-12-05/0",
        *(f"overdue/2026-12-05/-{n}" for n in (1, 2, 3)),
        *AFTER,
    ] == said(life)
    (why,) = late(life)
    assert (why.cause, why.since) == ("delivery", at("2026-12-04 09:00"))
    assert why.until - ends <= timedelta(hours=1)
    tries = [moment for moment in channel.tries if begins <= moment < ends]
    assert [(one - tries[0]) // timedelta(minutes=1) for one in tries][:7] == [0, 5, 15, 35, 75, 135, 195]
    assert len(tries) <= 30
    invariants.nothing_was_told_twice(life)
    invariants.everything_told_was_true(life)


async def test_what_ended_while_the_server_was_down_is_not_said_when_it_is_back() -> None:
    begins, ends = at("2026-12-01 00:00"), at("2026-12-07 12:00")
    life = await lived(channel=Pigeonholes(answer=lambda _, now: DOWN if begins <= now < ends else SENT))
    assert ["renewal/2026-12-05/7", "overdue/2026-12-05/-2", "overdue/2026-12-05/-3", *AFTER] == said(life)
    assert "@me/digest/2026-12-01/0" not in life.keys()  # it is worth saying for three days


async def test_a_refused_address_costs_that_person_alone_and_is_tried_once_a_day() -> None:
    fixed = at("2026-12-08 00:00")

    def answer(envelope: Envelope, now: datetime) -> Outcome:
        return NO_SUCH_USER if envelope.recipient == "mom@example.com" and now < fixed else SENT

    channel = Pigeonholes(answer=answer)
    home = household(tello(told=("me", "mom")), me=person(), mom=person("mom"))
    life = await lived(home, channel=channel)
    everything = [
        *BEFORE,
        "renewal/2026-12-05/1",
        "renewal/2026-12-05/0",
        *(f"overdue/2026-12-05/-{n}" for n in (1, 2, 3)),
        *AFTER,
    ]
    assert everything == said(life)
    assert all(mail.at.astimezone(UTC).time() == time(14) for mail in life.mails if mail.person == "me")
    assert ["overdue/2026-12-05/-3", *AFTER] == said(life, "mom")
    per_day = [day_in(moment, NEW_YORK) for moment in channel.tries]
    assert max(per_day.count(one) for one in per_day) <= 2
    invariants.nothing_was_told_twice(life)


async def test_an_answer_that_was_lost_is_followed_by_the_same_bytes_a_quarter_of_an_hour_later() -> None:
    nine = at("2026-12-04 09:00")
    channel = Pigeonholes(answer=lambda _, now: LOST if now == nine else SENT)
    life = await lived(channel=channel, beat=BEAT)
    same = [envelope for envelope in channel.letters if b"tello/renewal/2026-12-05/1\r\n" in envelope.data]
    assert len(same) == 2
    assert same[0] == same[1]
    assert [at("2026-12-04 09:15")] == [mail.at for mail in life.mails if "tello/renewal/2026-12-05/1" in mail.keys]
    names = [envelope.name for envelope in channel.letters]
    assert [same[0].name] == [name for name in dict.fromkeys(names) if names.count(name) > 1]


async def test_a_lost_answer_is_not_repeated_once_it_is_paid() -> None:
    nine = at("2026-12-04 09:00")
    channel = Pigeonholes(answer=lambda _, now: LOST if now == nine else SENT)
    paid = change("tello", renews=day("2027-01-04"))
    life = await lived(channel=channel, beat=BEAT, events={"2026-12-04 09:10": paid})
    assert len([one for one in channel.letters if b"tello/renewal/2026-12-05/1\r\n" in one.data]) == 1
    assert said(life) == BEFORE


# --- the owner --------------------------------------------------------------------------------------------------------


async def test_a_snooze_is_silent_and_ends_on_the_last_good_day_before_the_stop() -> None:
    life = await lived(events={"2026-11-29": change("tello", snooze=day("2026-12-20"))})
    assert [one for one, _ in life.told("tello/")][:3] == ["2026-11-28", "2026-12-04", "2026-12-05"]
    assert said(life)[:3] == ["renewal/2026-12-05/7", "renewal/2026-12-05/1", "renewal/2026-12-05/0"]
    assert late(life) == []


async def test_snoozed_after_the_stop_it_is_silent_to_the_day_that_was_written() -> None:
    life = await lived(days=32, events={"2026-12-06": change("tello", snooze=day("2026-12-20"))})
    assert life.told("tello/overdue") == [
        ("2026-12-06", "tello/overdue/2026-12-05/-1"),
        ("2026-12-20", "tello/overdue/2026-12-05/-14"),
    ]


async def test_a_snooze_of_one_plan_keeps_no_other_silent() -> None:
    home = household(tello(), plan("visible", renews="2026-12-05", every="1 month"))
    life = await lived(home, events={"2026-11-29": change("tello", snooze=day("2026-12-20"))})
    assert [one for one, _ in life.told("visible/renewal")] == ["2026-11-28", "2026-12-02", "2026-12-04", "2026-12-05"]


# --- clocks -----------------------------------------------------------------------------------------------------------

EVERYTHING = [
    *BEFORE,
    "renewal/2026-12-05/1",
    "renewal/2026-12-05/0",
    *(f"overdue/2026-12-05/-{n}" for n in (1, 2, 3)),
    *AFTER,
]


async def test_a_clock_set_back_a_day_repeats_nothing_and_skips_nothing() -> None:
    life = await lived(jumps={"2026-12-04 12:00": -timedelta(days=1)})
    assert said(life) == EVERYTHING
    assert late(life) == []


@pytest.mark.parametrize("ahead", [timedelta(hours=3), timedelta(days=2), timedelta(days=365), timedelta(days=3650)])
async def test_a_clock_that_ran_ahead_and_was_put_right_misses_nothing(ahead: timedelta) -> None:
    begins = datetime.fromisoformat("2026-12-03 12:00")
    back = f"{begins + ahead + timedelta(hours=1):%Y-%m-%d %H:%M}"
    life = await lived(jumps={"2026-12-03 12:00": ahead, back: -ahead})
    true = [mail for mail in life.mails if mail.at < at("2026-12-15")]  # what was said on the days as they were
    keys = [key.removeprefix("tello/") for mail in true for key in mail.keys if key.startswith("tello/")]
    spoilt = [key for mail in life.mails if at(back) - timedelta(hours=2) < mail.at for key in mail.keys]
    missing = [key for key in EVERYTHING if key not in keys]
    assert not [key for key in missing if f"tello/{key}" not in spoilt]
    invariants.nothing_was_told_twice(life)


async def test_in_the_hour_that_is_skipped_the_first_instant_after_it() -> None:
    daily = tello(renews="2027-03-20", leads={"renewal": tuple(range(20, -1, -1))})
    home = household(daily, me=person(send_at=time(2, 30)))
    life = await live(home, "2027-03-13 00:30", days=3)
    moments = [mail.at.replace(tzinfo=None).isoformat(" ", "minutes") for mail in life.mails][1:]
    assert moments == ["2027-03-13 07:30", "2027-03-14 07:00", "2027-03-15 06:30"]


@pytest.mark.parametrize(
    ("zone", "night"),
    [
        ("America/New_York", "2027-03-14"),
        ("America/New_York", "2027-11-07"),
        ("America/Santiago", "2027-04-03"),  # the hour before midnight comes twice
        ("America/Santiago", "2027-09-05"),  # the day begins at 01:00
        ("Pacific/Auckland", "2027-04-04"),
        ("Pacific/Auckland", "2027-09-26"),
        ("Australia/Lord_Howe", "2027-04-04"),  # half an hour
        ("Australia/Lord_Howe", "2027-10-03"),
    ],
)
@pytest.mark.parametrize("clock", [time(0), time(1, 30), time(1, 45), time(2), time(2, 15), time(2, 30), time(23, 30)])
async def test_a_night_that_changes_the_clocks_has_one_mail_and_it_is_in_time(
    zone: str, night: str, clock: time
) -> None:
    """At the first minute of its day that shows the hour or a later one, found by looking at every minute."""
    daily = tello(renews=str(day(night) + timedelta(days=9)), leads={"renewal": tuple(range(20, -1, -1))}, zone=zone)
    home = replace(household(daily, me=person(send_at=clock, zone=zone), leads={"digest": ()}), zone="UTC")
    start = at(str(day(night) - timedelta(days=2)), "UTC")
    life = await live(home, f"{start:%Y-%m-%d %H:%M}", days=5)
    minutes = [start + n * timedelta(minutes=1) for n in range(5 * 24 * 60)]
    walls = [(minute, minute.astimezone(ZoneInfo(zone))) for minute in minutes]
    for on in (day(night) - timedelta(days=1), day(night), day(night) + timedelta(days=1)):
        (told,) = [
            mail.at for mail in life.mails if mail.keys == (f"tello/renewal/{daily.renews}/{(daily.renews - on).days}",)
        ]
        assert told == next(minute for minute, wall in walls if wall.date() == on and wall.time() >= clock), on


async def test_in_the_hour_that_comes_twice_once_the_first_time() -> None:
    daily = tello(renews="2027-11-20", leads={"renewal": tuple(range(20, -1, -1))})
    home = household(daily, me=person(send_at=time(1, 30)))
    life = await live(home, "2027-11-06 00:30", days=3)
    moments = [mail.at.replace(tzinfo=None).isoformat(" ", "minutes") for mail in life.mails][1:]
    assert moments == ["2027-11-06 05:30", "2027-11-07 05:30", "2027-11-08 06:30"]
