"""`renewd agenda`: what people and programs are shown of what is to come."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from renewd.config.config_files import open_config
from renewd.domain.outcome import Outcome
from renewd.ledger import Draft, Reminded, Settlement
from renewd.ledger.sqlite import FILENAME, open_ledger
from renewd.state import GOOD
from shell import Shell, golden

ROWS = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "at": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"},
            "key": {
                "type": "string",
                "pattern": r"^(@?[a-z0-9-]+)/[a-z-]+(:([0-9a-f]{8}|final))?/\d{4}-\d\d-\d\d/-?\d+$",
            },
            "plan": {"type": ["string", "null"]},
            "kind": {"type": "string"},
            "item": {"type": ["string", "null"]},
            "date": {"type": "string", "format": "date"},
            "lead": {"type": "integer"},
            "to": {"type": "string"},
            "title": {"type": "string", "minLength": 1},
        },
        "required": ["at", "key", "plan", "kind", "item", "date", "lead", "to", "title"],
        "additionalProperties": False,
    },
}
TELLO = """language = "en"
timezone = "America/New_York"
[mail]
to = "me@example.com"
[plan.tello]
name = "Tello"
renews = {renews}
every = "30 days"
price = 5
"""


def rows(shell: Shell, *argv: str) -> list[dict[str, Any]]:
    said = shell("agenda", "--json", *argv)
    assert (said.code, said.err) == (0, "")
    read: list[dict[str, Any]] = json.loads(said.out)
    jsonschema.validate(read, ROWS)
    return read


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_the_week_of_seven_plans_looks_as_it_was_designed(shell: Shell, language: str, width: int) -> None:
    shell.language, shell.width = language, width
    shell.seven()
    said = shell("agenda", "--from", "2026-12-02", "--days", "8")
    assert (said.code, said.err) == (0, "")
    golden(f"agenda.{language}.{width}.txt", said.out)


def test_colors_change_no_letter_of_it(shell: Shell) -> None:
    shell.seven()
    plain = shell("agenda", "--from", "2026-12-02", "--days", "8").out
    shell.tty = True
    colored = shell("agenda", "--from", "2026-12-02", "--days", "8").out
    assert "\x1b[1;31mnumber lost in 7 days\x1b[0m" in colored
    assert "\x1b[33mrenew, stops in 3 days\x1b[0m" in colored
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == plain


@pytest.mark.parametrize("unwanted", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_no_color_where_none_is_wanted(shell: Shell, unwanted: dict[str, str]) -> None:
    shell.seven()
    shell.tty = True
    shell.environment = unwanted
    assert "\x1b" not in shell("agenda", "--from", "2026-12-02").out


def test_rows_for_programs_are_one_a_person_in_order_of_time(shell: Shell) -> None:
    shell.seven()
    found = rows(shell, "--from", "2026-12-02", "--days", "8")
    assert len(found) == 17  # 15 reminders, two of which go to two people
    assert [row["at"] for row in found] == sorted(row["at"] for row in found)
    assert found[0] == {
        "at": "2026-12-02T14:00:00Z",
        "key": "mom-rp/renewal/2026-12-16/14",
        "plan": "mom-rp",
        "kind": "renewal",
        "item": None,
        "date": "2026-12-16",
        "lead": 14,
        "to": "mom",
        "title": "Mom’s Red Pocket: renew, stops in 14 days",
    }
    bill = next(row for row in found if row["kind"] == "bill")
    assert bill["key"] == f"main/bill:{bill['item']}/2026-12-12/7"
    assert bill["title"] == "T-Mobile main: bill, due in 7 days"


def test_what_belongs_to_no_plan_has_none(shell: Shell) -> None:
    shell.seven()
    digest = next(row for row in rows(shell, "--from", "2027-01-01", "--days", "1") if row["kind"] == "digest")
    assert (digest["plan"], digest["key"], digest["title"]) == (None, "@me/digest/2027-01-01/0", "monthly mail")


def test_a_reader_in_china_counts_days_by_their_own_calendar(shell: Shell) -> None:
    shell.write(TELLO.format(renews="2026-12-05") + '[person.me]\ntimezone = "Asia/Shanghai"\n')
    found = rows(shell, "--from", "2026-12-01", "--days", "3")
    assert [(row["at"], row["lead"], row["title"]) for row in found] == [
        ("2026-12-02T01:00:00Z", 3, "Tello: renew, stops in 3 days"),
        ("2026-12-04T01:00:00Z", 1, "Tello: renew, stops tomorrow"),
    ]
    text = shell("agenda", "--from", "2026-12-01", "--days", "3").out
    assert "Wed, Dec 2  Tello" in text
    assert "each at 9 AM (Beijing)" in text


def test_the_days_left_to_leave_are_those_of_the_mail_and_the_date_is_that_of_the_key(shell: Shell) -> None:
    shell.write(TELLO.format(renews="2027-01-10") + 'autopay = true\ncancel = { number = "port", by = 2027-01-03 }\n')
    week, *_ = (row for row in rows(shell, "--from", "2026-12-20", "--days", "20") if row["kind"] == "cancel-by")
    assert (week["at"][:10], week["date"], week["title"]) == (
        "2027-01-02",
        "2027-01-09",
        "Tello: port out, one day left",
    )
    assert "port out, one day left" in shell("agenda", "--from", "2027-01-02", "--days", "1").out


def test_a_later_cycle_of_a_plan_that_nobody_marked_is_listed_as_a_guess(shell: Shell) -> None:
    """Of one that is paid in time so far, the next cycles are no guess."""
    for renews, guess in (("2026-11-05", True), ("2026-12-05", False)):
        shell.write(TELLO.format(renews=renews))
        titles = [row["title"] for row in rows(shell, "--from", "2026-12-02") if "/renewal/" in row["key"]]
        assert titles
        assert {title.endswith(" (if paid)") for title in titles} == {guess}


def test_without_a_day_what_is_due_comes_first_and_at_once(shell: Shell) -> None:
    shell.write(TELLO.format(renews="2026-12-05"))
    found = rows(shell, "--days", "5")
    assert (found[0]["at"], found[0]["key"]) == ("2026-12-01T23:14:00Z", "tello/renewal/2026-12-05/7")
    assert [row["key"] for row in found if row["kind"] == "renewal"] == [
        f"tello/renewal/2026-12-05/{lead}" for lead in (7, 3, 1, 0)
    ]
    assert shell("agenda", "--days", "5").out.splitlines()[1].startswith("now ")


def test_what_comes_at_once_comes_once(shell: Shell) -> None:
    used = 'data = { limit = "10 GB", used = "9 GB", on = 2026-12-01 }\n'
    shell.write(TELLO.format(renews="2026-12-25") + used)
    found = [row for row in rows(shell, "--days", "5") if row["kind"] == "data"]
    assert [row["at"] for row in found] == ["2026-12-01T23:14:00Z"]


def test_what_the_ledger_holds_is_not_listed_again(shell: Shell) -> None:
    shell.write(TELLO.format(renews="2026-12-05"))
    before = rows(shell, "--days", "5")
    said_on = datetime(2026, 11, 28, 14, tzinfo=UTC)
    ledger = open_ledger(shell.state / FILENAME, said_on).ledger
    reminder = Reminded("tello/renewal/2026-12-05", 7, "tello", "renewal")
    draft = Draft(
        person="me", address="me@example.com", account="a", message_id="<1@example.com>", subject="s", data=b"",
        reminders=(reminder,), composed_at=said_on,
    )  # fmt: skip
    (mail,) = ledger.claim([draft])
    assert mail is not None
    ledger.settle([Settlement(mail=mail, outcome=Outcome(result="sent"), at=said_on)])
    assert [row["key"] for row in before if row["lead"] == 7] == ["tello/renewal/2026-12-05/7"]
    assert rows(shell, "--days", "5") == [row for row in before if row["key"] != "tello/renewal/2026-12-05/7"]
    ledger.close()


def test_a_ledger_that_cannot_be_read_is_said_and_costs_nothing_else(shell: Shell) -> None:
    shell.write(TELLO.format(renews="2026-12-05"))
    shell.state.mkdir()
    (shell.state / FILENAME).write_bytes(b"not a database, but long enough to be taken for a damaged one" * 40)
    said = shell("agenda", "--days", "5")
    assert said.code == 0
    assert "ledger cannot be read" in said.err
    assert "renew, stops in 3 days" in said.out


def test_a_backup_s_newest_file_counts(shell: Shell, tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    (photos / "one.jpg").write_bytes(b"a picture")
    import os

    old = (shell.now - timedelta(days=31)).timestamp()
    os.utime(photos / "one.jpg", (old, old))
    backup = '[[plan.tello.backup]]\nwhat = "Photos"\npath = "photos"\n'
    shell.write(TELLO.format(renews="2027-12-05") + backup)
    assert [row["kind"] for row in rows(shell, "--days", "1")] == ["backup", "digest"]
    (photos / "one.jpg").touch()
    now = shell.now.timestamp()
    os.utime(photos / "one.jpg", (now, now))
    assert [row["kind"] for row in rows(shell, "--days", "1")] == ["digest"]


def test_nothing_to_come_is_said_in_a_sentence(shell: Shell) -> None:
    shell.write(TELLO.format(renews="2027-12-05"))
    assert shell("agenda", "--from", "2026-12-02", "--days", "3").out == "There are no reminders until Fri, Dec 4.\n"


def test_one_broken_plan_is_noted_and_the_others_are_shown(shell: Shell) -> None:
    shell.write(TELLO.format(renews="2026-12-05") + '[plan.main]\nrenews = 2026-12-05\nevry = "30 days"\n')
    said = shell("agenda", "--from", "2026-12-02")
    assert said.code == 0
    assert said.err.startswith("plans.toml has 1 mistake; to see it: renewd check\nLeft out until then: main.\n")
    assert "Tello" in said.out
    assert "main" not in said.out


def test_a_plan_that_has_a_mistake_now_counts_as_the_running_renewd_counts_it(shell: Shell) -> None:
    shell.write(TELLO.format(renews="2026-12-05"))
    opened = open_config(shell.config, shell.now, language="en")
    shell.state.mkdir()
    (shell.state / GOOD).write_text(opened.loaded.good.to_json())
    shell.write(TELLO.format(renews="2026-12-50") + '[plan.main]\nrenews = 2026-12-05\nevery = "30 days"\n')
    said = shell("agenda", "--from", "2026-12-02")
    assert "Shown as it last was: tello." in said.err
    assert "Tello" in said.out
    assert "main" in said.out


def test_plans_of_one_name_are_told_apart(shell: Shell) -> None:
    """By the number's last four, and where there is none by the id."""
    plans = "".join(
        f'[plan.{name}]\nname = "Tello"\nrenews = 2026-12-05\nevery = "30 days"\n{more}'
        for name, more in [("one", 'number = "+12065550142"\n'), ("two", ""), ("three", "")]
    )
    shell.write(
        f'language = "en"\n[mail]\nto = "me@example.com"\n{plans}[plan.four]\nname = "Visible"\nrenews = 2026-12-05\n'
    )
    said = shell("agenda", "--from", "2026-12-02", "--days", "1").out
    assert [name in said for name in ("Tello (0142) ", "Tello (two) ", "Tello (three) ", "Visible ")] == [True] * 4
    assert {row["title"].partition(":")[0] for row in rows(shell, "--from", "2026-12-02", "--days", "1")} == {
        "Tello (0142)", "Tello (two)", "Tello (three)", "Visible",
    }  # fmt: skip
