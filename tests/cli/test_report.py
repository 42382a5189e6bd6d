"""`renewd report`: whether plans can be left; 0 ready, 3 not."""

from __future__ import annotations

import json
import os

import pytest

from shell import Shell

HEAD = 'language = "en"\ntimezone = "America/New_York"\n[mail]\nto = "me@example.com"\n'
READY = """
[plan.main]
carrier = "tmobile"
charge_before = "0 days"
number = "+12065550100"
account = { id = "982-555", email = "me@example.com", holder = "me" }
renews = 2027-01-29
every = "1 month"
price = 40
autopay = true
device = { owed = 0, unlocked_on = 2026-11-02 }
[plan.main.cancel]
number = "drop"
checked = ["bindings"]
"""
OPEN = """
[plan.tello]
renews = 2026-12-05
every = "30 days"
price = 5
account = { id = "1", email = "me@example.com" }
[[plan.tello.binding]]
service = "Chase"
critical = true
[[plan.tello.bill]]
what = "fee"
amount = 12.50
[plan.tello.cancel]
number = "port"
"""


def test_ready_is_0_and_not_ready_is_3(shell: Shell) -> None:
    shell.write(HEAD + READY + OPEN)
    assert shell("report", "main").code == 0
    assert shell("report", "tello").code == 3
    everything = shell("report")
    assert everything.code == 3
    assert everything.out.rstrip().splitlines()[-1] == "exit 3: not ready yet"
    assert "exit" not in shell("report", "main").out.splitlines()[-1]


def test_for_programs_it_has_the_fields_of_the_contract(shell: Shell) -> None:
    shell.write(HEAD + READY + OPEN)
    said = shell("report", "--format", "json", "--on", "2026-12-02")
    report = json.loads(said.out)
    assert said.code == 3
    assert shell("report", "--json", "--on", "2026-12-02") == said
    assert {key: report[key] for key in ("on", "verdict")} == {"on": "2026-12-02", "verdict": "not-ready"}
    main, tello = report["plans"]
    assert list(main) == ["plan", "name", "verdict", "cancel_by", "next_step", "outstanding", "sections"]
    assert (main["verdict"], main["cancel_by"], main["outstanding"]) == ("ready", "2027-01-28", {})
    assert (tello["verdict"], tello["cancel_by"], tello["outstanding"]) == ("not-ready", "2026-12-04", {"USD": "12.50"})
    assert "Chase" in tello["next_step"]
    assert [section["id"] for section in tello["sections"]] == [
        "number", "bindings", "bills", "balance", "backups", "documents", "device", "access", "port-out", "cancelling",
        "after",
    ]  # fmt: skip
    for section in tello["sections"]:
        for item in section["items"]:
            assert list(item) == ["id", "text", "state", "blocking", "due"]
            assert item["state"] in ("open", "done", "unknown")
            assert isinstance(item["blocking"], bool)
            assert "?." not in item["text"]


def test_on_a_day_it_is_as_on_that_day(shell: Shell) -> None:
    shell.write(HEAD + READY)
    days = [
        json.loads(shell("report", "--format", "json", "--on", on).out)["plans"][0]["cancel_by"]
        for on in ("2027-01-28", "2027-01-29", "2027-03-01")
    ]
    assert days == ["2027-01-28", "2027-02-27", "2027-03-28"]


def test_several_plans_are_named_in_their_order_and_each_once(shell: Shell) -> None:
    shell.write(HEAD + READY + OPEN)
    plans = json.loads(shell("report", "tello", "main", "tello", "--format", "json").out)["plans"]
    assert [plan["plan"] for plan in plans] == ["tello", "main"]


def test_a_plan_that_is_not_there_is_named_with_the_one_that_was_meant(shell: Shell) -> None:
    shell.write(HEAD + READY)
    said = shell("report", "mian")
    assert (said.code, said.out) == (2, "")
    assert "mian" in said.err
    assert "main" in said.err


@pytest.mark.parametrize(
    ("name", "begins"), [("a.html", "<!DOCTYPE html>"), ("a.md", "#"), ("a.json", "{"), ("a", "main")]
)
def test_the_files_ending_says_what_is_written_for_oneself_alone(shell: Shell, name: str, begins: str) -> None:
    shell.write(HEAD + READY)
    shell.tty = True
    assert shell("report", "--output", name).code == 0
    file = shell.folder / name
    assert file.read_text("utf-8").startswith(begins)
    assert "\x1b" not in file.read_text("utf-8")
    assert file.stat().st_mode & 0o777 == 0o600


def test_where_nothing_can_be_written_it_says_so(shell: Shell) -> None:
    shell.write(HEAD + READY)
    said = shell("report", "--output", "no/such/folder/a.html")
    assert said.code == 2
    assert "a.html" in said.err


def test_files_are_looked_at(shell: Shell) -> None:
    backup = '[[plan.main.backup]]\nwhat = "photos"\npath = "photos"\n'
    shell.write(HEAD + READY + backup)
    assert shell("report", "main").code == 3
    (shell.folder / "photos").mkdir()
    picture = shell.folder / "photos" / "1.jpg"
    picture.write_bytes(b"x" * 2048)
    for age, code in ((29, 0), (31, 3)):
        changed = shell.now.timestamp() - age * 86400
        os.utime(picture, (changed, changed))
        assert shell("report", "main").code == code


def test_it_can_be_completed_and_explained(shell: Shell) -> None:
    assert "report [PLAN…]" in shell("report", "--help").out
    assert '"report/"*) offers="$(__renewd_ids plan "$config")"' in shell("completion", "bash").out
