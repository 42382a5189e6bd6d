"""Text that is not TOML is named like any other mistake, and has no more effect than one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import tomli

from config_files import Load
from renewd.config import say_problem
from renewd.config.syntax_errors import MOST_SLIPS, parse
from renewd.domain.errors import ConfigError

HEAD = 'timezone = "UTC"\n[mail]\nto = "me@example.com"\n[plan.ok]\nrenews = 2026-12-05\n[plan.x]\n'  # 6 lines


@pytest.mark.parametrize(
    ("lines", "at", "sentence"),
    [
        ("renews = 2027-02-30", 7, "renews: February 2027 has no day 30; write 2027-02-28 and day = 30"),
        ("renews = 2027-02-32", 7, "renews: February 2027 has no day 32; write 2027-02-28"),
        ("renews = 2027-04-31 # end", 7, "renews: April 2027 has no day 31; write 2027-04-30 and day = 31"),
        ("snooze = 2027-02-29", 7, "snooze: February 2027 has no day 29; write 2027-02-28"),
        ("renews = 2027-13-01", 7, "renews: there is no month 13"),
        ("name = 2027-02-30", 7, "name: February 2027 has no day 30; write 2027-02-28"),
        ("renews = 2027/02/03", 7, "renews: write the date as year-month-day: 2027-02-03"),
        ("renews = 2027-2-3", 7, "renews: write the date as year-month-day: 2027-02-03"),
        ("renews = 2027年2月3日", 7, "renews: write the date as year-month-day: 2027-02-03"),
        ("balance = { amount = 1, on = 2027-02-30 }", 7, "balance.on: February 2027 has no day 30; write 2027-02-28"),
        ("[[plan.x.bill]]\nwhat = 'a'\ndue = 2026-11-31", 9, "bill.due: November 2026 has no day 31; write 2026-11-30"),
        ("price = 1e9999999999999999999", 7, "price: write an amount such as 5 or 12.50"),
        (f"name = 0x{'f' * 4000}", 7, "name: the number is too long"),
        ("name = “银行号”", 7, 'name: curly quotes; write straight ones: "银行号"'),
        ("name = ”银行号” # 备注", 7, 'name: curly quotes; write straight ones: "银行号"'),
        ("name = ‘x’", 7, 'name: curly quotes; write straight ones: "x"'),
        ("sim = { kind = “esim” }", 7, 'sim.kind: curly quotes; write straight ones: "esim"'),
        ("name = 银行号", 7, 'name: text goes in quotes; write "银行号"'),
        ("name = T-Mobile main # mine", 7, 'name: text goes in quotes; write "T-Mobile main"'),
        ("every = 30 days", 7, 'every: text goes in quotes; write "30 days"'),
        ("every = 30天", 7, 'every: text goes in quotes; write "30 days"'),
        ("[person.a]\nsend_at = 25:00", 8, 'send_at: write the time as 09:00:00 or "09:00"'),
        ("currency = usd", 7, 'currency: write the currency’s three capital letters: "USD"'),
        ("late = resett", 7, "late: write one of fixed, reset, reset-minus-1, in quotes; did you mean 'reset'?"),
        ("number = 206-555-0100", 7, 'number: write the number with + and the country, in quotes: "+12065550100"'),
        ("cancel = { number = ported }", 7, "cancel.number: write one of port, drop, move, in quotes; did you mean 'port'?"),
        ("day = 31st", 7, "day: write a whole number from 1 to 31, without quotes"),
        ("sim = { kind = esim }", 7, 'sim.kind: text goes in quotes; write "esim"'),
        ("autopay = True", 7, "autopay: write true"),
        ("autopay = no", 7, "autopay: write false"),
        ("autopay = 是", 7, "autopay: write true"),
        ("price = $5", 7, 'price: write 5; the currency has a key of its own: currency = "USD"'),
        ("price = ¥35.5", 7, 'price: write 35.5; the currency has a key of its own: currency = "CNY"'),
        ("price = 5刀", 7, 'price: write 5; the currency has a key of its own: currency = "USD"'),
        ("price = 5,00", 7, "price: write 5.00, without quotes"),
        ("renews = 12-05", 7, "renews: write the date as year-month-day, for instance 2026-12-05"),
        ("renews = 2026－12－05", 7, "renews: write the date as year-month-day: 2026-12-05"),
        ("price =", 7, "price: has no value; write one, or take the line out"),
        ("price = # later", 7, "price: has no value; write one, or take the line out"),
        ('name = "Tello', 7, 'name: a quote is missing, or one is too many; write "Tello"'),
        ("name = 'Tello", 7, 'name: a quote is missing, or one is too many; write "Tello"'),
        ('name = "Tello"s"', 7, 'name: a quote is missing, or one is too many; write "Tello\\"s"'),
        ('note = "C:\\Users"', 7, "note: a backslash means something else between double quotes; write 'C:\\Users'"),
        ("　name = 'x'", 7, "name: this is another kind of space (U+3000); write an ordinary one"),
        ("price =\u00a05", 7, "price: this is another kind of space (U+00A0); write an ordinary one"),
        ("price ＝ 5", 7, "price: '＝' is the full-width form; write ="),
        ("for = ['me'，'me']", 7, "for: '，' is the full-width form; write ,"),
        ("【plan.y】\nrenews = 2026-12-05", 7, "plan.y: '【plan.y】' is the full-width form; write [plan.y]"),
        *(
            (f"{before}plan.y{after}\nrenews = 2026-12-05", 7, f"plan.y: '{before}plan.y{after}' is the full-width form; write [plan.y]")
            for before, after in ("「」", "『』", "〔〕", "〖〗", "《》", "〈〉", "｢｣")
        ),
        ("【【plan.x.bill】】 # 账单\nwhat = 'a'", 7, "'【【plan.x.bill】】 # 账单' is the full-width form; write [[plan.x.bill]]"),
        ("[plan。y]\nrenews = 2026-12-05", 7, "'。' is the full-width form; write ."),
        ("for = ['me'、'me']", 7, "for: '、' is the full-width form; write ,"),
        ("renews = 2026-12-05，", 7, "renews: '，' does not belong here; take it out"),
        ("autopay = true;", 7, "autopay: ';' does not belong here; take it out"),
        ('name = "x"； # mine', 7, "name: '；' does not belong here; take it out"),
        ("for = ['me'],", 7, "for: ',' does not belong here; take it out"),
        ("price = ５", 7, "price: '５' is the full-width form; write 5"),
        ("remind = { renewal = [7, 3 }", 7, "remind: is not TOML"),
        ("for = ['me'\nprice = 5", 7, "for: a bracket is opened here and not closed; add ]"),
        ("balance = { amount = 1, on = 2026-11-01\nprice = 5", 7, "balance: a bracket is opened here and not closed; add }"),
        ("sim = { kind = 'esim',", 7, "sim: a bracket is opened here and not closed; add }"),
        ("sim = {\n[plan.y]\nrenews = 2026-12-05", 7, "sim: a bracket is opened here and not closed; add }"),
        ("for = [\n  'me',\n\nprice = 5", 7, "for: a bracket is opened here and not closed; add ]"),
        ("price = 5\nprice = 6", 8, "price: is written twice, first in line 7; keep one"),
        ("price = 5 autopay = true", 7, "price: one key per line; start a new line for the second"),
        ("name = 'x', price = 5", 7, "name: one key per line; start a new line for the second"),
        ("name = 'x' kind = 'line'", 7, "name: one key per line; start a new line for the second"),
        ("every '30 days'", 7, ": is neither a key with a value nor a table; write key = value, or put # before it"),
        ("every: '30 days'", 7, ": a key and its value go on either side of =; write every = '30 days'"),
        ("name： 银行号", 7, ': a key and its value go on either side of =; write name = "银行号"'),
        ("mine, do not touch", 7, ": is neither a key with a value nor a table; write key = value, or put # before it"),
        ("名字 = 'x'", 7, "名字: a key is made of a-z, 0-9, - and _"),
        ("name = 'a\x1bb'", 7, "name: holds the invisible character U+001B; type the line again"),
        ("[plan.ok]\nrenews = 2026-12-06", 7, "[plan.ok] is written twice, first in line 4; two plans need two IDs"),
        ("cancel.by = 2027-01-01\n[plan.x.cancel]\nhow = 'lapse'", 8, "cancel: is written twice, first in line 7; keep one"),
        ("cancel = { by = 2027-01-01 }\n[plan.x.cancel]\nhow = 'lapse'", 8, "cancel: is written twice, first in line 7; keep one"),
        ("[plan.x.bill]\nwhat = 'a'\n[plan.x.bill]", 9, "bill: there may be several of these; write [[plan.x.bill]], in line 7 too"),
        ("[plan.y\nrenews = 2026-12-05", 7, "the bracket is not closed; write [plan.y]"),
        ("[plan.主号]\nrenews = 2026-12-05", 7, "a table is named by a-z, 0-9 and -, for instance [plan.tello]"),
        ("price = " + "9" * 5000, 7, "price: the number is too long"),
        ("for = " + "[" * 1000 + "]" * 1000, 7, "for: there are too many brackets inside each other"),
    ],
)  # fmt: skip
def test_a_slip_is_named_on_its_line(said: Callable[..., list[str]], lines: str, at: int, sentence: str) -> None:
    rest = "" if "renews" in lines else "renews = 2026-12-05\n"
    found = said(f"{HEAD}{lines}\n" if not rest else f"{HEAD}{lines}\n[person.mom]\nemail = 'mom@example.com'\n")
    mine = [line for line in found if line.startswith(f"plans.toml:{at}: ")]
    assert len(mine) == 1, found
    assert sentence in mine[0]


@pytest.mark.parametrize("first", ["plan.y.renews = 2026-12-05", "plan.y = { renews = 2026-12-05 }"])
def test_a_table_that_began_as_keys_is_named_by_their_line(said: Callable[..., list[str]], first: str) -> None:
    assert "plans.toml:4: plan.y: [plan.y] is written twice, first in line 1; two plans need two IDs" in said(
        f"{first}\n[mail]\nto = 'me@example.com'\n[plan.y]\nprice = 5\n"
    )


@pytest.mark.parametrize(
    "slip", ["name = “银行号”", "snooze = 2027-02-30", "price = $5", 'note = "x', "every 30", "＝"]
)
def test_a_slip_costs_the_plan_it_is_in_and_no_other(load_text: Load, slip: str) -> None:
    loaded = load_text(f"{HEAD}renews = 2026-12-05\n{slip}\n[plan.z]\nrenews = 2026-12-05")
    assert [*loaded.household.plans] == ["ok", "z"]
    assert [problem.plan for problem in loaded.problems] == ["x"]


def test_what_was_meant_by_a_slip_is_never_taken_for_what_was_written(load_text: Load) -> None:
    good = load_text(f"{HEAD}renews = 2026-12-05\nname = 'old'").good
    loaded = load_text(f"{HEAD}renews = 2026-12-06\nname = “new”", good=good)
    assert (loaded.household.plans["x"].name, loaded.household.plans["x"].renews.day) == ("old", 5)  # type: ignore[union-attr]
    assert loaded.good.plan["x"] == good.plan["x"]


def test_a_copied_plan_whose_id_was_not_changed_costs_that_plan_alone(load_text: Load) -> None:
    good = load_text(f"{HEAD}renews = 2026-12-05").good
    loaded = load_text(
        f"{HEAD}renews = 2026-12-05\n[plan.x]\nrenews = 2027-01-01\n[[plan.x.bill]]\nwhat='b'", good=good
    )
    assert [(problem.plan, problem.line) for problem in loaded.problems] == [("x", 8)]
    assert str(loaded.household.plans["x"].renews) == "2026-12-05"


@pytest.mark.parametrize(
    ("top", "line"),
    [
        ("[calendar]\nmonths = “6”", 2),
        ("[calendar]\nmonths = 6\nmonths = 7", 3),
        ("[calendar]\nmonths = 6\nalarms = [1", 3),
    ],
)
def test_a_slip_in_another_table_costs_its_key_alone(load_text: Load, top: str, line: int) -> None:
    loaded = load_text(f"{top}\n{HEAD}renews = 2026-12-05".replace('timezone = "UTC"\n', ""))
    assert loaded.settings.calendar.alarms == (7, 3, 1)
    assert [problem.line for problem in loaded.problems if problem.severity == "error"] == [line]
    assert [*loaded.household.plans] == ["ok", "x"]


def test_several_slips_and_mistakes_come_at_once(said: Callable[..., list[str]]) -> None:
    text = (
        f"{HEAD}renews = 2027-02-30\nname = “a”\nprice = -1\nevry = 1\n[plan.y]\nrenews = soon\n[plan.z]\nautopay = yes"
    )
    assert [line.split(":")[1] for line in said(text)] == ["7", "8", "9", "10", "12", "13", "14"]


def test_more_slips_than_anybody_makes_end_in_one_refusal() -> None:
    parsed = parse("\n".join(f"k{n} = “x”" for n in range(MOST_SLIPS + 5)))
    assert parsed.raw is None
    assert len(parsed.slips) == MOST_SLIPS + 1


@pytest.mark.parametrize("text", ['note = """\nnever closed\n[plan.x]\n', "note = '''\nnever closed\n"])
def test_open_ended_text_is_named_where_it_begins(load_text: Load, text: str) -> None:
    with pytest.raises(ConfigError) as raised:
        load_text(f"# a\n{text}")
    assert [say_problem(problem, "en") for problem in raised.value.problems] == [
        "plans.toml:2: text over several lines begins here and never ends; close it with three quotes"
    ]


def test_text_over_several_lines_keeps_its_place_when_a_slip_follows(load_text: Load) -> None:
    loaded = load_text(f'{HEAD}renews = 2026-12-05\nnote = """a\n[plan.fake]\n"""\nname = “b”')
    assert [(problem.line, problem.path) for problem in loaded.problems if problem.severity == "error"] == [
        (11, "plan.x.name")
    ]


@pytest.mark.parametrize("line", ['"\\q" = "' + 'a"b' * 500 + '"', "\x85name = '" + '"' * 500 + "'x'"])
def test_a_line_that_is_quoted_again_each_time_does_not_grow_without_end(line: str) -> None:
    assert len(parse(f"{HEAD}{line}").text) < len(HEAD) + 4 * len(line)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('x = "a\n', r"Illegal character '\n'"),
        ('x = """a', "Unterminated string"),
        ("x = 'a\n", 'Expected "\'"'),
        ("x = [1\n", "Unclosed array"),
        ("x = { a = 1\n", "Unclosed inline table"),
        ("[a]\n[a]\n", "Cannot declare ('a',) twice"),
        ("x = 1\nx = 2\n", "Cannot overwrite a value"),
        ("x = 2026-02-30\n", "Invalid date or datetime"),
        ("x = yes\n", "Invalid value"),
        ("x = 1,\n", "Expected newline or end of document after a statement"),
        ("x = {\n[a]\n", "Invalid initial character for a key part"),
        ('x = "\\q"\n', "Unescaped '\\' in a string"),
        ('x = "\\u1"\n', "Invalid hex value"),
    ],
)
def test_the_parser_says_what_the_explanations_are_chosen_by(text: str, message: str) -> None:
    with pytest.raises(tomli.TOMLDecodeError) as error:
        tomli.loads(text)
    assert error.value.msg == message, "this tomli speaks differently: adapt config/syntax_errors.py, then its pin"
