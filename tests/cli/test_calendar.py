"""`renewd calendar`: the .ics on standard output or in a file, as the daemon would write it."""

from __future__ import annotations

from datetime import timedelta

import pytest

import rfc5545
from shell import NOW, Shell

TWO = """language = "en"
timezone = "America/New_York"
[mail]
to = "me@example.com"
[person.mom]
email = "mom@example.com"
language = "zh-CN"
[card.visa]
name = "Visa …4242"
expires = "2027-03"
[plan.tello]
name = "Tello"
for = ["me"]
renews = 2026-12-05
price = {price}
[plan.vis]
name = "Visible"
for = ["me", "mom"]
renews = 2026-12-18
autopay = true
pay_with = "visa"
[plan.rp]
name = "红卡"
for = ["mom"]
renews = 2027-01-10
price = 10
"""


def read(shell: Shell, *argv: str) -> rfc5545.Calendar:
    said = shell("calendar", *argv)
    assert (said.code, said.err) == (0, "")
    return rfc5545.read(said.raw)


def test_it_shows_everybodys_dates_or_one_persons_or_one_plans(shell):
    """Each in the language of who reads it."""
    shell.write(TWO.format(price=5))
    assert read(shell).shown() == [
        ("2027-03-31", "Visa …4242 expires"), ("2026-12-05", "Tello stops: renew before ($5.00)"), ("2026-12-18", "Visible: autopay"),
        ("2027-01-10", "红卡 stops: renew before ($10.00)"),
    ]  # fmt: skip
    assert read(shell, "--person", "mom").shown() == [
        ("2027-03-31", "Visa …4242：过期"), ("2026-12-18", "Visible：自动扣款"), ("2027-01-10", "红卡：停机，之前续 $10.00"),
    ]  # fmt: skip
    assert read(shell, "--plan", "rp", "--plan", "tello").shown() == [
        ("2026-12-05", "Tello stops: renew before ($5.00)"), ("2027-01-10", "红卡 stops: renew before ($10.00)"),
    ]  # fmt: skip


def test_the_same_facts_give_the_same_bytes_and_nothing_is_written(shell):
    """Twice on one day, and on a day that was asked for."""
    shell.write(TWO.format(price=5))
    assert shell("calendar").raw == shell("calendar").raw
    shell.now = NOW + timedelta(days=2)
    assert shell("calendar", "--on", "2026-12-01").raw == shell("calendar", "--on", "2026-12-01").raw
    assert not shell.state.exists()


def test_it_goes_on_from_what_the_daemon_wrote(shell):
    """The same bytes as its file; +1 for what changed since, without writing that down."""
    shell.write(TWO.format(price=5))
    assert shell("run", "--once").code == 0
    for person in ("me", "mom"):
        assert shell("calendar", "--person", person).raw == (shell.state / "calendar" / f"{person}.ics").read_bytes()
    shell.write(TWO.format(price=6))
    for _ in range(2):
        assert [event.sequence for event in read(shell).events] == [0, 1, 0, 0]
    assert [event.sequence for event in read(shell, "--on", "2026-12-01").events] == [0, 0, 0, 0]


def test_it_writes_a_file_whole(shell):
    """0600, in place of the one that was there."""
    shell.write(TWO.format(price=5))
    file = shell.folder / "mine.ics"
    file.write_text("old")
    assert shell("calendar", "--output", str(file)).out == ""
    assert shell("calendar", "--output", "-").raw.startswith(b"BEGIN:VCALENDAR\r\n")
    assert len(rfc5545.read(file.read_bytes()).events) == 4
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("--person", "mum"), "renewd: no person 'mum'; did you mean 'mom'?"),
        (("--plan", "telo"), "renewd: no plan 'telo'; did you mean 'tello'?"),
        (("--plan", "quite-another"), "renewd: no plan 'quite-another'; renewd plan list shows them"),
        (("--output", "/nowhere/x.ics"), "renewd: /nowhere/x.ics cannot be written: No such file or directory"),
    ],
)
def test_what_it_cannot_do_it_says(shell, argv, said):
    """Exit 2, with what was meant."""
    shell.write(TWO.format(price=5))
    answer = shell("calendar", *argv)
    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err.replace("\n", " ")
