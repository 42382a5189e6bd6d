"""`renewd mark` and `undo`: one fact changes, every other byte stays."""

from __future__ import annotations

import difflib
import json
import os
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
import tomli
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from renewd.assets import ASSETS
from renewd.config.record_fact import changed
from renewd.domain.fact_changes import FACTS, Append, Remove, Set
from shell import Said, Shell, golden

HEAD = """# Mine.
language = "en"
timezone = "America/New_York"

[mail]
to = "me@example.com"

"""
TELLO = """[plan.tello]   # the bank's
name = "Tello"
renews = 2026-12-05   # paid to the 4th
every="30 days"
price =   5
"""
ITEMS = """
[plan.main]
renews = 2026-12-29
every = "1 month"
autopay = true
keep_alive = { every = "90 days", last = 2026-10-01, action = "send one text" }
data = { limit = "10 GB", used = "7.5 GB", on = 2026-11-18 }

[[plan.main.bill]]
what = "October overage"
amount = 12.50

[[plan.main.bill]]
what = "Oct roaming"

[[plan.main.bill]]
what = "September"
paid_on = 2026-10-01

[[plan.main.backup]]
what = "照片和短信"

[[plan.main.binding]]
service = "Chase"
kind = "2fa"

[[plan.main.binding]]
service = "Chase Freedom"

[[plan.main.document]]
what = "Final invoice"

[plan.main.device]
imei = "350000000000000"

[plan.main.cancel]
by = 2027-03-01
"""


def marked(shell: Shell, *argv: str) -> list[str]:
    """Mark something, and give the changed lines: `-old`, `+new`."""
    before = shell.config.read_text("utf-8")
    said = shell("mark", *argv)
    assert (said.code, said.err) == (0, ""), said
    return lines_changed(before, shell.config.read_text("utf-8"))


def lines_changed(before: str, after: str) -> list[str]:
    lines = difflib.unified_diff(before.splitlines(keepends=True), after.splitlines(keepends=True), n=0)
    return [line.rstrip("\n") for line in lines if line[0] in "+-" and not line.startswith(("+++", "---"))]


def refused(said: Said) -> str:
    assert (said.code, said.out) == (2, "")
    return said.err.replace("\n", " ").strip()


# --- renewed --------------------------------------------------------------------------------------------------------


def test_renewed_moves_the_date_and_adds_a_receipt(shell: Shell) -> None:
    shell.write(HEAD + TELLO)
    assert marked(shell, "tello", "renewed", "--amount", "5.00", "--reference", "A1") == [
        "-renews = 2026-12-05   # paid to the 4th",
        "+renews = 2027-01-04   # paid to the 4th",
        "+",
        "+[[plan.tello.receipt]]",
        "+on = 2026-12-01",
        "+amount = 5",
        '+reference = "A1"',
    ]


def test_a_reference_is_written_without_hidden_characters(shell: Shell) -> None:
    """What a page of the carrier is copied with reaches neither the file nor a terminal."""
    shell.write(HEAD + TELLO)
    lines = marked(shell, "tello", "renewed", "--reference", "A\x1b[31m\u202eB\u200b 1\n")
    assert lines[-1] == '+reference = "A [31mB 1"'
    said = shell("mark", "tello", "renewed", "--reference", "\u200b")
    assert (said.code, "--reference" in said.err) == (2, True)


def test_what_it_says_and_shows(shell: Shell) -> None:
    shell.write(HEAD + TELLO)
    golden("mark-renewed.en.80.txt", shell("mark", "tello", "renewed").out)
    shell.language = "zh-CN"
    shell.write(HEAD.replace('"en"', '"zh-CN"') + TELLO)
    golden("mark-renewed.zh-CN.80.txt", shell("mark", "tello", "renewed").out)


def test_in_chinese_an_item_and_a_day_stand_without_spaces(shell: Shell) -> None:
    shell.write(HEAD.replace('"en"', '"zh-CN"') + TELLO + ITEMS)
    assert shell("mark", "main", "backed-up").out.startswith("main：照片和短信已在 2026年12月1日 周二备份。\n")
    assert shell("mark", "main", "moved", "Chase").out.startswith("main：Chase 已在 2026年12月1日 周二换到别的号码。\n")


def test_paid_late_counts_from_the_payment_or_keeps_its_series(shell: Shell) -> None:
    late = TELLO.replace("2026-12-05", "2026-11-20")
    shell.write(HEAD + late)
    assert "+renews = 2026-12-25   # paid to the 4th" in marked(shell, "tello", "renewed", "--on", "2026-11-25")
    shell.write(HEAD + late + 'late = "fixed"\n')
    assert "+renews = 2026-12-20   # paid to the 4th" in marked(shell, "tello", "renewed", "--on", "2026-11-25")
    shell.write(HEAD + late + 'late = "reset-minus-1"\n')
    assert "+renews = 2026-12-24   # paid to the 4th" in marked(shell, "tello", "renewed", "--on", "2026-11-25")


def test_late_without_a_day_it_is_taken_as_paid_on_the_last_date_and_says_so(shell: Shell) -> None:
    shell.write(HEAD + TELLO.replace("2026-12-05", "2026-10-05"))
    said = shell("mark", "tello", "renewed")
    assert "+on = 2026-11-04" in said.out
    assert "+renews = 2026-12-04   # paid to the 4th" in said.out
    assert "Counted as paid on Wed, Nov 4" in said.out


def test_a_clamped_month_keeps_its_day_in_the_file(shell: Shell) -> None:
    month = TELLO.replace("2026-12-05", "2027-01-31").replace('"30 days"', '"1 month"')
    shell.write(HEAD + month)
    assert [line for line in marked(shell, "tello", "renewed") if "receipt" not in line and "on =" not in line] == [
        "-renews = 2027-01-31   # paid to the 4th",
        "+renews = 2027-02-28   # paid to the 4th",
        "+day = 31",
        "+",
    ]
    assert "+renews = 2027-03-31   # paid to the 4th" in marked(shell, "tello", "renewed")


def test_a_date_of_one_s_own_wins_and_an_older_day_goes(shell: Shell) -> None:
    shell.write(HEAD + TELLO.replace('"30 days"', '"1 month"') + "day = 31\n")
    lines = marked(shell, "tello", "renewed", "--until", "2027-02-10")
    assert lines[:2] == ["-renews = 2026-12-05   # paid to the 4th", "+renews = 2027-02-10   # paid to the 4th"]
    assert "-day = 31" in lines
    shell.write(HEAD + TELLO.replace('"30 days"', '"1 month"') + "day = 31\n")
    assert "-day = 31" not in marked(shell, "tello", "renewed", "--until", "2027-02-28")


def test_on_autopay_only_a_receipt_is_added(shell: Shell) -> None:
    shell.write(HEAD + TELLO + "autopay = true\n")
    assert marked(shell, "tello", "renewed", "--amount", "5") == [
        "+",
        "+[[plan.tello.receipt]]",
        "+on = 2026-12-01",
        "+amount = 5",
    ]


def test_after_a_charge_that_failed_it_moves_the_date_as_for_any_plan(shell: Shell) -> None:
    shell.write(HEAD + TELLO.replace("2026-12-05", "2026-11-25") + "autopay = true\n")
    assert marked(shell, "tello", "failed", "--on", "2026-11-25") == ["+failed_on = 2026-11-25"]
    lines = marked(shell, "tello", "renewed", "--on", "2026-11-28")
    assert "-failed_on = 2026-11-25" in lines
    assert "+renews = 2026-12-28   # paid to the 4th" in lines


def test_a_plan_without_a_cycle_needs_the_date(shell: Shell) -> None:
    shell.write(HEAD + TELLO.replace('every="30 days"\n', ""))
    assert "--until" in refused(shell("mark", "tello", "renewed"))
    assert "+renews = 2027-01-05   # paid to the 4th" in marked(shell, "tello", "renewed", "--until", "2027-01-05")


def test_a_new_date_with_a_mistyped_year_is_named_or_refused(shell: Shell) -> None:
    shell.write(HEAD + TELLO)
    assert "Jan 4, 2028 is more than two cycles ahead" in " ".join(
        shell("mark", "tello", "renewed", "--until", "2028-01-04").out.split()
    )
    shell.write(HEAD + TELLO)
    said = refused(shell("mark", "tello", "renewed", "--until", "2026-10-30"))
    assert "more than a cycle ago" in said
    passed = " ".join(shell("mark", "tello", "renewed", "--until", "2026-11-05").out.split())
    assert "more than" not in passed
    assert "Thu, Nov 5, 2026 is past, and nothing counts as paid from that day on. Is the date right?" in passed


def test_renewed_far_ahead_asks_whether_it_was_meant(shell: Shell) -> None:
    shell.write(HEAD + TELLO)
    assert "Recorded twice" not in shell("mark", "tello", "renewed").out
    assert "Recorded twice" in shell("mark", "tello", "renewed").out


# --- balance --------------------------------------------------------------------------------------------------------


def test_a_new_balance_first_writes_what_the_old_one_has_paid(shell: Shell) -> None:
    plan = (
        TELLO.replace("2026-12-05", "2026-10-05")
        + 'pay_with = "balance"\nbalance = { amount = 12.5, on = 2026-10-01 }\n'
    )
    shell.write(HEAD + plan)
    assert marked(shell, "tello", "balance", "--amount", "20") == [
        "-renews = 2026-10-05   # paid to the 4th",
        "+renews = 2026-12-04   # paid to the 4th",
        "-balance = { amount = 12.5, on = 2026-10-01 }",
        "+balance = { amount = 20, on = 2026-12-01 }",
    ]


def test_a_balance_settles_nothing_that_it_did_not_cover(shell: Shell) -> None:
    plan = (
        TELLO.replace("2026-12-05", "2026-10-05") + 'pay_with = "balance"\nbalance = { amount = 5, on = 2026-10-01 }\n'
    )
    shell.write(HEAD + plan)
    assert "+renews = 2026-11-04   # paid to the 4th" in marked(shell, "tello", "balance", "--amount", "20")


def test_a_first_balance_and_one_without_an_amount(shell: Shell) -> None:
    shell.write(HEAD + TELLO)
    assert "--amount" in refused(shell("mark", "tello", "balance"))
    assert marked(shell, "tello", "balance", "--amount", "7.25") == ["+balance = { amount = 7.25, on = 2026-12-01 }"]


# --- items ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("argv", "line"),
    [
        (("paid", "October overage"), "+paid_on = 2026-12-01"),
        (("paid", "october OVERAGE", "--on", "2026-11-30"), "+paid_on = 2026-11-30"),
        (("paid", "octo"), "+paid_on = 2026-12-01"),
        (("paid", "roaming"), "+paid_on = 2026-12-01"),
        (("paid", "Octobr overage"), "+paid_on = 2026-12-01"),
        (("backed-up",), "+done_on = 2026-12-01"),
        (("backed-up", "照片"), "+done_on = 2026-12-01"),
        (("moved", "Chase"), "+moved_on = 2026-12-01"),
        (("kept", "final"), "+kept_on = 2026-12-01"),
        (("unlocked",), "+unlocked_on = 2026-12-01"),
        (("requested", "--reference", "C-778"), "+requested_on = 2026-12-01"),
        (("pin",), "+pin_on = 2026-12-01"),
        (("lock-off",), "+lock_off_on = 2026-12-01"),
        (("checked", "bindings"), '+checked = ["bindings"]'),
        (("leaving", "--by", "2027-04-01"), "+by = 2027-04-01"),
        (("leaving", "--number", "drop"), '+number = "drop"'),
        (("confirmed",), "+confirmed_on = 2026-12-01"),
        (
            ("final-bill", "--amount", "21.30", "--until", "2027-03-20"),
            "+final_bill = { amount = 21.30, due = 2027-03-20 }",
        ),
        (("refunded", "--until", "2027-04-20", "--amount", "9"), "+refund = { amount = 9, expected = 2027-04-20 }"),
        (("kept-alive",), '+keep_alive = { every = "90 days", last = 2026-12-01, action = "send one text" }'),
        (("used", "9 GB"), '+data = { limit = "10 GB", used = "9 GB", on = 2026-12-01 }'),
        (("snoozed", "--until", "2026-12-20"), "+snooze = 2026-12-20"),
    ],
)
def test_each_fact_has_its_line(shell: Shell, argv: tuple[str, ...], line: str) -> None:
    shell.write(HEAD + ITEMS)
    assert line in marked(shell, "main", *argv)


def test_leaving_is_wanted_and_taken_back(shell: Shell) -> None:
    file = shell.write(HEAD + TELLO)
    before = file.read_bytes()
    lines = marked(shell, "tello", "leaving", "--by", "2027-03-01", "--how", "lapse", "--number", "port")
    assert lines == ["+", "+[plan.tello.cancel]", "+by = 2027-03-01", '+how = "lapse"', '+number = "port"']
    lines = marked(shell, "tello", "leaving", "--number", "move")
    assert lines == ['-how = "lapse"', '-number = "port"', '+how = "cancel"', '+number = "move"']
    assert marked(shell, "tello", "checked", "documents") == ['+checked = ["documents"]']
    assert marked(shell, "tello", "checked", "bindings") == [
        '-checked = ["documents"]',
        '+checked = ["bindings", "documents"]',
    ]
    marked(shell, "tello", "staying")
    assert file.read_bytes() == before


def test_staying_takes_the_whole_table_out_and_nothing_else(shell: Shell) -> None:
    head = HEAD + TELLO + "# mine\n"
    tail = "\n# the next one\n[plan.other]\nrenews = 2026-12-05\n"
    table = (
        "\n[plan.tello.cancel]   # soon\n# by = 2027-01-01\nby = 2027-03-01\n[plan.tello.cancel.refund]\namount = 9\n"
    )
    file = shell.write(head + table + tail)
    marked(shell, "tello", "staying")
    assert file.read_text("utf-8") == head + tail


@pytest.mark.parametrize("what", ["requested", "confirmed", "pin", "lock-off", "staying"])
def test_of_a_plan_that_nobody_wants_to_leave_no_step_is_recorded(shell: Shell, what: str) -> None:
    file = shell.write(HEAD + TELLO)
    before = file.read_bytes()
    assert "renewd mark tello leaving --number" in refused(shell("mark", "tello", what))
    assert file.read_bytes() == before


def test_a_line_that_is_billed_afterwards_is_not_let_run_out(shell: Shell) -> None:
    shell.write(HEAD + TELLO.replace("[plan.tello]", '[plan.tello]\ncarrier = "tmobile"'))
    assert "debt collector" in refused(shell("mark", "tello", "leaving", "--how", "lapse"))


def test_a_failure_before_the_first_charge_is_not_recorded(shell: Shell) -> None:
    shell.write(HEAD + TELLO + "autopay = true\n")
    assert "is before the first charge" in refused(shell("mark", "tello", "failed"))


def test_a_final_bill_is_paid_by_its_name(shell: Shell) -> None:
    shell.write(HEAD + ITEMS + "final_bill = { amount = 21.30, due = 2027-03-20 }\n")
    said = shell("mark", "main", "paid", "final", "--on", "2026-11-30")
    assert said.out.startswith("main: final bill paid on Mon, Nov 30, 2026.\n")
    assert "\n+final_bill = { amount = 21.30, due = 2027-03-20, paid_on = 2026-11-30 }\n" in said.out


@pytest.mark.parametrize(
    ("code", "refusal"),
    [
        ("en", "renewd: --until 2027-02-30: February 2027 has no day 30; write 2027-02-28"),
        ("zh-CN", "renewd：--until 2027-02-30：2027年2月没有 30 日；写 2027-02-28"),
    ],
)
def test_a_day_that_cannot_be_is_refused_in_the_readers_language(shell: Shell, code: str, refusal: str) -> None:
    shell.write(HEAD.replace('"en"', f'"{code}"') + TELLO)
    assert refused(shell("mark", "tello", "renewed", "--until", "2027-02-30")) == refusal


def test_what_is_open_is_meant_before_what_is_settled(shell: Shell) -> None:
    shell.write(HEAD + ITEMS + '[[plan.main.bill]]\nwhat = "September, again"\n')
    before = shell.config.read_text()
    marked(shell, "main", "paid", "sept")
    assert shell.config.read_text() == before + "paid_on = 2026-12-01\n"


@pytest.mark.parametrize(
    ("table", "key", "what"), [("backup", "done_on", "backed-up"), ("document", "kept_on", "kept")]
)
def test_what_is_done_again_is_recorded_again_without_its_name(shell: Shell, table: str, key: str, what: str) -> None:
    shell.write(HEAD + TELLO + f'[[plan.tello.{table}]]\nwhat = "Photos"\n{key} = 2026-10-01\n')
    assert marked(shell, "tello", what) == [f"-{key} = 2026-10-01", f"+{key} = 2026-12-01"]
    assert "nothing would change" in refused(shell("mark", "tello", what))


def test_a_bill_is_not_paid_again_without_its_name(shell: Shell) -> None:
    shell.write(HEAD + TELLO + '[[plan.tello.bill]]\nwhat = "September"\npaid_on = 2026-10-01\n')
    refused(shell("mark", "tello", "paid"))


def test_a_day_that_is_still_to_come_is_recorded_and_said(shell: Shell) -> None:
    """A payment may be set for a day; whoever mistyped it reads so."""
    file = shell.write(HEAD + TELLO + ITEMS)
    said = shell("mark", "tello", "renewed", "--on", "2026-12-24")
    assert said.code == 0
    assert "Thu, Dec 24, 2026 is still to come" in " ".join(said.out.split())
    assert "on = 2026-12-24" in file.read_text("utf-8")


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (("main", "paid"), "which one? October overage, Oct roaming"),
        (("main", "paid", "oct"), "'oct' may be any of: October overage, Oct roaming"),
        (("main", "moved", "chas"), "may be any of: Chase, Chase Freedom"),
        (
            ("main", "paid", "rent"),
            "nothing in main is called 'rent'; there is October overage, Oct roaming, September",
        ),
        (("main", "paid", "September", "--on", "2026-10-01"), "nothing would change"),
        (("tello", "paid"), "nothing to mark as 'paid'"),
        (("tello", "kept-alive"), "has no `keep_alive`"),
        (("tello", "failed"), "not on autopay"),
        (("tello", "renewed", "Bill"), "ITEM does not go with 'renewed'"),
        (("tello", "failed", "--until", "2026-12-20"), "--until does not go with 'failed'"),
        (("tello", "snoozed"), "needs --until"),
        (("tello", "snoozed", "--until", "2026-11-20"), "a snooze ends later"),
        (("main", "used", "1.5"), 'plan.main.data.used: write an amount of data such as "10 GB"'),
        (("main", "used", "1.5gb"), 'plan.main.data.used: write "1.5 GB"'),
        (("main", "used", "２ GB"), 'plan.main.data.used: write "2 GB"'),
        (("telo", "renewed"), "did you mean 'tello'?"),
        (("The bank", "renewed"), "renewd plan list shows them"),
        (("Tello", "renewed"), "did you mean 'tello'?"),
    ],
)
def test_what_cannot_be_recorded_is_said_and_changes_nothing(shell: Shell, argv: tuple[str, ...], says: str) -> None:
    file = shell.write(HEAD + TELLO + ITEMS)
    before = file.read_bytes()
    assert says in refused(shell("mark", *argv))
    assert file.read_bytes() == before


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    what=st.sampled_from(FACTS),
    item=st.none() | st.sampled_from(["1.5", "1.5G", "80%", "1,5 GB", "2 GB", "lots", "bindings", "Chase", "final"]),
    options=st.dictionaries(
        st.sampled_from(["--on", "--until", "--by"]), st.dates(date(2000, 1, 1), date(2199, 12, 31)).map(str)
    ),
    amount=st.none() | st.sampled_from(["0", "0.01", "5", "12.345", "99999"]),
    reference=st.none() | st.text(max_size=50),
)
def test_whatever_is_marked_check_finds_no_mistake(
    shell: Shell, what: str, item: str | None, options: dict[str, str], amount: str | None, reference: str | None
) -> None:
    shell.write(HEAD + ITEMS)
    argv = [what, *([item] if item else []), *(word for pair in options.items() for word in pair)]
    argv += ["--amount", amount] if amount else []
    argv += [f"--reference={reference}"] if reference else []
    said = shell("mark", "main", *argv)
    assert said.code in (0, 2)
    found = json.loads(shell("check", "--json").out)
    assert [problem["message"] for problem in found if problem["severity"] == "error"] == []


def test_a_plan_with_a_mistake_in_it_is_not_touched(shell: Shell) -> None:
    file = shell.write(HEAD + TELLO + 'evry = "30 days"\n' + ITEMS)
    before = file.read_bytes()
    said = shell("mark", "tello", "renewed")
    assert said.code == 2
    assert "[plan.tello] has a mistake in it" in said.err
    assert file.read_bytes() == before


# --- the file -------------------------------------------------------------------------------------------------------


def test_the_file_that_holds_the_plan_changes_with_its_mode_and_name(shell: Shell) -> None:
    shell.write('language = "en"\ninclude = ["plans.d/*.toml"]\n[mail]\nto = "me@example.com"\n' + ITEMS)
    more = shell.folder / "plans.d"
    more.mkdir()
    held = more / "bank.toml"
    held.write_text(TELLO)
    held.chmod(0o640)
    main = shell.config.read_bytes()
    said = shell("mark", "tello", "renewed")
    assert said.code == 0
    assert "--- bank.toml" in said.out
    assert "2027-01-04" in held.read_text()
    assert held.stat().st_mode & 0o777 == 0o640
    assert shell.config.read_bytes() == main
    assert sorted(path.name for path in more.iterdir()) == ["bank.toml"]


EXAMPLE = (ASSETS / "config" / "plans.toml").read_text("utf-8")


@settings(max_examples=25)
@given(
    ends=st.sampled_from(["\n", "\r\n"]),
    blanks=st.integers(0, 3),
    tail=st.sampled_from(["", "# the end", "\n\n"]),
    spaces=st.sampled_from([" = ", "=", "   =\t"]),
    on=st.dates(date(2026, 1, 1), date(2027, 12, 31)),
)
def test_whatever_a_file_looks_like_only_the_fact_changes(
    ends: str, blanks: int, tail: str, spaces: str, on: date
) -> None:
    text = re.sub(r"(?m)^(\w+) = ", rf"\1{spaces}", EXAMPLE)
    text = re.sub(r"(?m)^(\[plan)", "\n" * blanks + r"\1", text) + tail
    text = text.replace("\n", ends)
    before = tomli.loads(text)
    plan = next(iter(before["plan"]))
    receipt = {"on": on}
    changes = (Set(("renews",), on), Set(("day",), 31), Remove(("day",)), Append(("receipt",), receipt))
    after = changed(text, plan, changes)
    before["plan"][plan]["renews"] = on
    before["plan"][plan].setdefault("receipt", []).append(receipt)
    before["plan"][plan].pop("day", None)
    assert tomli.loads(after) == before
    lost = [line for line in lines_changed(text, after) if line.startswith("-") and line.strip("-\r")]
    assert len(lost) <= 2
    assert all(line.startswith(("-renews", "-day")) for line in lost)
    assert ends == "\n" or "\n" not in after.replace("\r\n", "")


# --- undo -----------------------------------------------------------------------------------------------------------


def test_undo_puts_the_file_back_byte_for_byte_and_once(shell: Shell) -> None:
    file = shell.write((HEAD + TELLO).replace("\n", "\r\n"))
    before = file.read_bytes()
    shell("mark", "tello", "renewed")
    assert file.read_bytes() != before
    said = shell("undo")
    assert (said.code, said.err) == (0, "")
    assert "+renews = 2026-12-05" in said.out
    assert file.read_bytes() == before
    assert refused(shell("undo")) == "renewd: nothing to undo"


def test_undo_leaves_a_file_that_was_edited_since(shell: Shell) -> None:
    file = shell.write(HEAD + TELLO)
    shell("mark", "tello", "renewed")
    file.write_text(file.read_text() + "# a remark\n")
    after = file.read_bytes()
    assert "was edited since" in refused(shell("undo"))
    assert file.read_bytes() == after


def test_what_is_kept_for_undo_is_for_its_owner_alone(shell: Shell) -> None:
    shell.write(HEAD + TELLO)
    shell("mark", "tello", "renewed")
    kept = shell.state / "undo.json"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert json.loads(kept.read_text())["before"] == HEAD + TELLO


@pytest.mark.skipif(os.geteuid() == 0 and sys.platform != "linux", reason="needs folders that cannot be written")
def test_a_state_folder_that_cannot_be_written_costs_the_undo_alone(shell: Shell) -> None:
    shell.write(HEAD + TELLO)
    shell.state.write_text("a file where the folder should be")
    said = shell("mark", "tello", "renewed")
    assert said.code == 0
    assert "cannot take this back" in said.out
    assert "2027-01-04" in shell.config.read_text()


def test_two_marks_at_once_are_both_kept(tmp_path: Path) -> None:
    plans = "".join(TELLO.replace("[plan.tello]", f"[plan.p{n}]") for n in range(6))
    config = tmp_path / "plans.toml"
    config.write_text(HEAD + plans)
    config.chmod(0o600)
    daemon = Path(__file__).parents[2] / "daemon"
    environment = {**os.environ, "PYTHONPATH": f"{daemon}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"}
    command = [sys.executable, "-m", "renewd", "--config", str(config), "--state", str(tmp_path / "state"), "mark"]
    running = [
        subprocess.Popen(
            [*command, f"p{n}", "renewed", "--until", "2027-06-01"], env=environment, stdout=subprocess.DEVNULL
        )
        for n in range(6)
    ]
    assert [process.wait(30) for process in running] == [0] * 6
    read = tomli.loads(config.read_text())
    assert [str(plan["renews"]) for plan in read["plan"].values()] == ["2027-06-01"] * 6


@pytest.mark.parametrize(
    ("name", "said"), [("银行号", "银行号续好了："), ("Tello", "Tello 续好了："), ("银 行", "银 行续好了：")]
)
def test_chinese_names_and_words_stand_without_a_space(shell: Shell, name: str, said: str) -> None:
    shell.language = "zh-CN"
    shell.write(f'[mail]\nto = "me@example.com"\n[plan.a]\nname = "{name}"\nrenews = 2026-12-05\nevery = "30 days"\n')
    assert shell("mark", "a", "renewed").out.startswith(said)
