"""`renewd plan list`: what comes next of each plan, and what a year costs."""

from __future__ import annotations

import json
import re

import pytest

from renewd.render.table import cells_of
from shell import Shell, golden

HEAD = 'language = "en"\ntimezone = "America/New_York"\n[mail]\nto = "me@example.com"\n'


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_seven_plans_look_as_it_was_designed(shell: Shell, language: str, width: int) -> None:
    shell.language, shell.width = language, width
    shell.seven()
    said = shell("plan", "list")
    assert (said.code, said.err) == (0, "")
    golden(f"plan-list.{language}.{width}.txt", said.out)


def test_for_programs_money_is_text_and_days_are_iso(shell: Shell) -> None:
    shell.seven()
    rows = json.loads(shell("plan", "list", "--json").out)
    assert rows[0] == {
        "plan": "ultra",
        "name": "Ultra purple",
        "kind": "line",
        "for": ["me"],
        "autopay": False,
        "next": "lost",
        "date": "2026-12-12",
        "each": "3.00",
        "year": "36.00",
        "currency": "USD",
    }


def test_red_is_what_is_lost_and_yellow_what_asks_for_an_act_soon(shell: Shell) -> None:
    shell.seven()
    shell.tty = True
    colored = shell("plan", "list").out
    assert "\x1b[1;31mlost\x1b[0m" in colored
    assert "\x1b[1;31mSat, Dec 12\x1b[0m" in colored
    assert colored.count("\x1b[33mSat, Dec 5\x1b[0m") == 2
    assert "\x1b[33mWed, Dec 16" not in colored
    assert "\x1b[1m$1,015.00\x1b[0m" in colored


def rows(shell: Shell, plans: str) -> dict[str, tuple[str | None, str | None]]:
    shell.write(HEAD + plans)
    read = json.loads(shell("plan", "list", "--json").out)
    return {row["plan"]: (row["next"], row["date"]) for row in read}


def test_what_comes_next_depends_on_who_pays(shell: Shell) -> None:
    plans = """
[plan.hand]
renews = 2026-12-20
every = "30 days"
[plan.auto]
renews = 2026-10-20
every = "1 month"
autopay = true
charge_before = "25 hours"
[plan.once]
renews = 2026-12-25
[plan.over]
renews = 2026-10-01
[plan.gone]
renews = 2026-11-20
every = "30 days"
[plan.gone.cancel]
confirmed_on = 2026-11-10
[plan.failed]
renews = 2026-10-20
every = "1 month"
autopay = true
failed_on = 2026-11-20
"""
    assert rows(shell, plans) == {
        "over": ("stopped", "2026-10-01"),
        "failed": ("stopped", "2026-11-20"),
        "auto": ("charge", "2026-12-18"),
        "hand": ("stops", "2026-12-20"),
        "once": ("stops", "2026-12-25"),
        "gone": ("left", "2026-11-10"),
    }


def test_what_is_going_wrong_stands_first_and_what_is_over_last(shell: Shell) -> None:
    plans = """
[plan.a]
renews = 2026-12-03
every = "30 days"
[plan.b]
renews = 2026-11-20
every = "30 days"
grace = "30 days"
[plan.c]
keep_alive = { every = "90 days", last = 2026-08-01 }
[plan.d]
renews = 2026-11-20
[plan.d.cancel]
confirmed_on = 2026-11-10
"""
    assert list(rows(shell, plans)) == ["c", "b", "a", "d"]


def test_totals_are_one_a_currency_and_what_is_not_known_is_said(shell: Shell) -> None:
    shell.width = 80
    shell.write(
        HEAD
        + '[plan.a]\nrenews = 2026-12-05\nevery = "1 year"\nprice = 10\n'
        + '[plan.b]\nrenews = 2026-12-06\nevery = "1 month"\nprice = 20\ncurrency = "CNY"\n'
        + '[plan.c]\nrenews = 2026-12-07\nevery = "1 month"\n'
    )
    lines = shell("plan", "list").out.splitlines()
    assert lines[4].split() == ["Total", "US$10.00"]
    assert lines[5].split() == ["CN¥240.00"]
    assert lines[-1] == "1 plan has no known price and is not in the total."


def test_what_costs_nothing_is_free_and_adds_no_sum_of_0(shell: Shell) -> None:
    shell.width = 80
    free = HEAD + '[plan.a]\nrenews = 2026-12-05\nevery = "1 month"\nprice = 0\n'
    shell.write(free)
    lines = shell("plan", "list").out.splitlines()
    assert lines[1].split()[-2:] == ["free", "nothing"]
    assert lines[2].split() == ["Total", "nothing"]
    shell.write(free + '[plan.b]\nrenews = 2026-12-06\nevery = "1 month"\nprice = 20\ncurrency = "CNY"\n')
    said = shell("plan", "list").out
    assert "0.00" not in said.replace("20.00", "").replace("240.00", "")
    assert ["Total", "CN¥240.00"] in [line.split() for line in said.splitlines()]


def test_a_date_far_off_has_its_year(shell: Shell) -> None:
    shell.write(HEAD + '[plan.a]\nrenews = 2027-11-05\nevery = "1 year"\n')
    assert "Fri, Nov 5, 2027" in shell("plan", "list").out


def test_a_loss_that_is_only_possible_says_so(shell: Shell) -> None:
    shell.write(HEAD + '[plan.tello]\ncarrier = "tracfone"\nrenews = 2026-11-25\nevery = "30 days"\n')
    assert "may be lost" in shell("plan", "list").out
    shell.write(HEAD + '[plan.tello]\nrenews = 2026-11-25\nevery = "30 days"\ngrace = "30 days"\n')
    assert "may be lost" not in shell("plan", "list").out


def test_lines_come_first_and_everything_else_in_its_own_words(shell: Shell) -> None:
    shell.write(
        HEAD
        + """
[plan.domain]
kind = "other"
renews = 2026-12-04
[plan.spare]
renews = 2026-12-20
"""
    )
    table = shell("plan", "list").out.splitlines()
    assert [line.split()[0] for line in table[1:5]] == ["Lines", "spare", "Everything", "domain"]
    assert "stops" in table[2]
    assert "expires" in table[4]


@pytest.mark.parametrize(("code", "words"), [("en", ["past due", "due"]), ("zh-CN", ["已过应付日", "应付"])])
def test_a_postpaid_line_is_due_and_does_not_stop(shell: Shell, code: str, words: list[str]) -> None:
    line = '[plan.{}]\ncarrier = "verizon"\nrenews = {}\nevery = "1 month"\n'
    head = f'language = "{code}"\n[mail]\nto = "me@example.com"\n'
    shell.write(head + line.format("a", "2026-11-20") + line.format("b", "2026-12-20"))
    rows = [re.split("  +", row) for row in shell("plan", "list").out.splitlines()[1:3]]
    assert [row[2] for row in rows] == words


@pytest.mark.parametrize("command", [("plan", "list"), ("agenda",)])
@pytest.mark.parametrize("name", ["x" * 100, "长" * 100])
def test_a_long_name_pushes_no_column_off_the_terminal(shell: Shell, command: tuple[str, ...], name: str) -> None:
    shell.write(f'{HEAD}[plan.a]\nname = "{name}"\nrenews = 2026-12-05\nevery = "30 days"\n')
    said = shell(*command).out
    assert "…" in said
    assert max(map(cells_of, said.splitlines())) <= 100
