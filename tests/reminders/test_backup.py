"""`backup`: a backup is no longer fresh."""

from __future__ import annotations

from typing import Any

from households import at, day, household, keys, length, plan, said
from renewd.domain.findings import item_id
from renewd.domain.plans import Backup
from renewd.reminders import Findings

ITEM = f"tello/backup:{item_id('Photos')}/"


def photos(**words: Any) -> Any:
    return plan(backups=(Backup(what="Photos", fresh=length("30 days"), **words),))


def leads(one: Any, start: str, days: int = 120) -> list[str]:
    return [key.removeprefix(ITEM) for key in keys(household(one), start, days, "backup")]


def test_the_day_it_is_as_old_as_it_may_be_and_twice_after() -> None:
    one = photos(done_on=day("2026-11-01"))
    assert said(household(one), at("2026-12-01 08:59")) == set()
    assert said(household(one), at("2026-12-01 09:00")) == {f"{ITEM}2026-12-01/0"}
    assert leads(one, "2026-12-02") == ["2026-12-01/-7", "2026-12-01/-14"]
    assert said(household(one), at("2027-12-01 12:00")) == {f"{ITEM}2026-12-01/-14"}


def test_one_that_ends_today_is_made_again_today() -> None:
    assert leads(photos(done_on=day("2026-11-01")), "2026-12-01", 20) == ["2026-12-01/0"]


def test_one_that_is_made_again_each_time_comes_again() -> None:
    assert leads(photos(done_on=day("2026-11-01")), "2026-11-02", 90) == [
        "2026-12-01/0",
        "2026-12-31/0",
        "2027-01-30/0",
    ]


def test_the_newest_file_and_the_word_of_the_user_whichever_is_later() -> None:
    def found(newest: str, done_on: str | None) -> set[str]:
        findings = Findings(newest={("tello", "Photos"): day(newest)})
        one = photos(path="/srv/*", done_on=day(done_on) if done_on else None)
        return said(household(one), at("2026-12-10 12:00"), findings)

    assert found("2026-11-01", None) == {f"{ITEM}2026-12-01/-7"}
    assert found("2026-11-01", "2026-11-05") == {f"{ITEM}2026-12-05/0"}
    assert found("2026-11-20", "2026-11-01") == set()


def test_one_that_nobody_could_look_at_is_unknown_and_says_nothing() -> None:
    assert said(household(photos(path="/srv/*")), at("2026-12-10 12:00")) == set()


def test_own_leads() -> None:
    own = plan(backups=(Backup(what="Photos", done_on=day("2026-11-01")),), leads={"backup": (3,)})
    assert leads(own, "2026-11-02", 29) == ["2026-12-01/3"]
    off = plan(backups=(Backup(what="Photos", done_on=day("2026-11-01")),), leads={"backup": ()})
    assert leads(off, "2026-11-02") == []


def test_hours_never_stop_the_agenda() -> None:
    hourly = plan(backups=(Backup(what="Photos", fresh=length("12 hours"), done_on=day("2026-11-01")),))
    assert leads(hourly, "2026-11-01", 2) == ["2026-11-02/0"]
