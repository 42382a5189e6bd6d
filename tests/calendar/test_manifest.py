"""What a start draws: nothing that is as it was left."""

from __future__ import annotations

import os
import shutil
from datetime import date, timedelta
from decimal import Decimal

import pytest

from calendars import HOUR, Desk
from households import (
    card,
    carrier,
    day,
    household,
    person,
    plan,
)
from renewd.calendar import manifest
from renewd.calendar.files import MANIFEST
from renewd.domain.plans import Cancel
from renewd.formats import ics
from renewd.ledger.sqlite import in_memory


def test_a_restart_with_nothing_changed_draws_nothing(desk):
    """The next day neither, although one plan is being left: its day to cancel depends on the day, so it alone is drawn."""
    leaving = plan(
        "left", told=("mom",), renews="2026-12-20", every="1 month", autopay=True, cancel=Cancel(by=day("2027-02-01"))
    )
    home = household(plan(renews="2026-12-05", every="30 days"), leaving, me=person(), mom=person("mom"))
    desk.keep(home)
    before = desk.files()
    desk.restart()
    assert (desk.keep(home).written, desk.drawn, desk.files()) == (0, [], before)
    desk.restart()
    desk.keep(home, after=timedelta(days=1))
    assert desk.drawn == ["left"]


def test_a_restart_draws_what_changed_meanwhile(desk):
    """Who is told of it and nobody else."""
    mine, hers = plan(renews="2026-12-05"), plan("b", told=("mom",), renews="2026-12-06")
    desk.keep(household(mine, hers, me=person(), mom=person("mom")))
    desk.restart()
    edited = household(mine, hers._replace(price=Decimal(7)), me=person(), mom=person("mom"))
    assert desk.keep(edited).written == 1
    assert desk.drawn == ["b"]


def _damage(desk: Desk) -> None:
    (desk.folder.parent / MANIFEST).write_text('{"token": 1}', "utf-8")


def _cut(desk: Desk) -> None:
    (desk.folder.parent / MANIFEST).write_bytes(b"")


def _remove(desk: Desk) -> None:
    (desk.folder.parent / MANIFEST).unlink()


def _touch(desk: Desk) -> None:
    os.utime(desk.folder / "me.ics", ns=(0, 0))


def _lose_a_file(desk: Desk) -> None:
    (desk.folder / "mom.ics").unlink()


def _new_ledger(desk: Desk) -> None:
    desk.ledger = in_memory()


@pytest.mark.parametrize("spoil", [_damage, _cut, _remove, _touch, _lose_a_file, _new_ledger])
def test_a_manifest_that_does_not_hold_is_not_trusted(desk, spoil):
    """Then all is drawn, and the files are as a first round makes them."""
    home = household(plan(renews="2026-12-05", told=("me", "mom")), me=person(), mom=person("mom"))
    desk.keep(home)
    before = set(desk.files())
    spoil(desk)
    desk.restart()
    desk.keep(home)
    assert desk.drawn == ["tello", "tello"]
    assert set(desk.files()) == before
    desk.restart()
    desk.keep(home)
    assert desk.drawn == []


@pytest.mark.parametrize(
    "changed",
    ["version", "form", "zones", "sentences", "settings", "window", "person", "card", "carrier", "currency", "name"],
)
def test_all_is_drawn_where_anything_that_all_events_rest_on_changed(desk, monkeypatch, tmp_path, changed):
    """The program, its sentences and zones, the settings, the window, the people, cards and carriers."""
    one, both, words, after = (
        plan(renews="2026-12-05", carrier=carrier()),
        {"me": person(), "mom": person("mom")},
        {},
        HOUR,
    )
    home = household(one, cards=(card(),), **both)
    desk.keep(home)
    desk.restart()
    if changed == "version":
        monkeypatch.setattr(manifest, "__version__", "9.9")
    elif changed == "form":
        monkeypatch.setattr(ics, "FORM", 99)
    elif changed == "zones":
        monkeypatch.setattr("tzdata.IANA_VERSION", "2099a")
    elif changed == "sentences":
        shutil.copytree(manifest.TEMPLATES / "en", tmp_path / "templates" / "en")
        with (tmp_path / "templates" / "en" / "calendar.toml").open("a", encoding="utf-8") as file:
            file.write("# another\n")
        monkeypatch.setattr(manifest, "TEMPLATES", tmp_path / "templates")
    elif changed == "settings":
        words = {"alarms": (5,)}
    elif changed == "window":
        after = timedelta(days=31)
    elif changed == "person":
        home = household(one, cards=(card(),), **{**both, "mom": person("mom", alarms=(2,))})
    elif changed == "card":
        home = household(one, cards=(card(expires="2029-03-31"),), **both)
    elif changed == "carrier":
        edited = one._replace(carrier=carrier(site="https://acme.example"))
        home = household(edited, cards=(card(),), **both)
    elif changed == "name":
        home = household(one, plan("b", name="tello", told=("mom",)), cards=(card(),), **both)
    else:
        home = household(one, plan("yen", told=("mom",), currency="JPY"), cards=(card(),), **both)
    desk.keep(home, after=after, **words)
    assert "tello" in desk.drawn


def test_on_the_first_of_a_month_only_what_is_new_is_built(desk, monkeypatch):
    """All dates are counted, and the bytes of the events that are as they were come from the files."""
    built = []
    vevent = ics.vevent
    monkeypatch.setattr(ics, "vevent", lambda event, *rest: built.append(event.day) or vevent(event, *rest))
    home = household(plan(renews="2026-12-05", every="1 month", price="5"))
    desk.keep(home)
    assert len(built) == 14
    built.clear()
    desk.restart()
    desk.keep(home, after=timedelta(days=31))
    assert built == [date(2028, 2, 5)]
    assert [str(event.day) for event in desk.read().events][::14] == ["2026-12-05", "2028-02-05"]


def test_an_event_of_another_revision_than_the_ledgers_is_built(desk, tmp_path):
    """A ledger from a backup knows an older revision than the file shows."""
    one = plan(renews="2026-12-05", price="5")
    desk.keep(household(one))
    kept = desk.ledger.revisions()
    desk.keep(household(one._replace(price=Decimal(6))))
    desk.keep(household(one))
    assert desk.read().events[0].sequence == 2
    desk.ledger.set_revisions(kept)
    desk.restart()
    desk.keep(household(one))
    assert desk.read().events[0].sequence == 0


def test_a_plan_that_could_not_be_drawn_is_told_again_after_a_restart(desk):
    """The others stay as they are."""
    home = household(
        plan(renews="2026-12-06"), plan("bad", told=("mom",), name=None, renews="2026-12-05", every="1 month"),
        me=person(), mom=person("mom"),
    )  # fmt: skip
    desk.keep(home)
    desk.restart()
    assert [name for name, _ in desk.keep(home).broken] == ["bad"]
    assert desk.drawn == ["bad"]


def test_a_round_that_fails_leaves_no_manifest(desk):
    """The next start begins it again."""
    one = plan(renews="2026-12-05", told=("me", "mom"))
    desk.keep(household(one, me=person(), mom=person("mom")))
    (desk.folder / "mom.ics").unlink()
    (desk.folder / "mom.ics").mkdir()
    edited = household(one._replace(price=Decimal(6)), me=person(), mom=person("mom"))
    with pytest.raises(OSError, match=r"mom\.ics"):
        desk.keep(edited)
    (desk.folder / "mom.ics").rmdir()
    desk.restart()
    desk.keep(edited)
    assert desk.drawn == ["tello", "tello"]
    assert [desk.read(who).events[0].sequence for who in ("me", "mom")] == [1, 1]
