"""`renewd plan add`: asks for what a plan needs, shows the TOML, writes it; nothing else in the file changes."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import tomli

from shell import Shell

HEAD = """language = "en"   # mine
timezone = "America/New_York"
[mail]
to = "me@example.com"
"""
FAMILY = HEAD + '[person.mom]\nemail = "mom@example.com"\n[card.visa]\nname = "Visa"\n'
OLD = '[plan.tello]\nrenews = 2026-12-05\nevery = "30 days"\n'


def answers(*lines: str) -> str:
    return "".join(f"{line}\n" for line in lines)


def plans(shell: Shell) -> dict[str, dict[str, object]]:
    """Return the plans of the file as it stands now, by id."""
    return tomli.loads(shell.config.read_text("utf-8"))["plan"]


def test_a_carrier_brings_its_cycle_and_name(shell: Shell) -> None:
    shell.write(HEAD + OLD)
    shell.typed = answers("line", "tello", "", "", "+12065550142", "2026-12-20", "", "5", "", "yes")
    said = shell("plan", "add")
    assert (said.code, said.err) == (0, "")
    added = plans(shell)["tello-2"]
    assert added == {
        "name": "Tello (monthly plan)", "carrier": "tello", "number": "+12065550142",
        "renews": added["renews"], "every": "30 days", "price": 5,
    }  # fmt: skip
    assert str(added["renews"]) == "2026-12-20"
    assert "[plan.tello-2]" in said.out
    assert "Catalogue: " in said.out
    assert shell("check").code == 0


@pytest.mark.parametrize("end", ["", "\n", "\n\n# the end"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_every_other_line_stays_byte_for_byte_and_undo_takes_it_back(shell: Shell, newline: str, end: str) -> None:
    text = (HEAD + OLD.rstrip("\n") + end).replace("\n", newline)
    shell.write(text)
    shell.config.chmod(0o640)
    shell.typed = answers("line", "", "line", "", "", "2026-12-20", "", "", "")
    assert shell("plan", "add").code == 0
    after = shell.config.read_bytes().decode()
    assert after.startswith(text)
    assert newline == "\n" or "\n" not in after.replace("\r\n", "")
    assert shell.config.stat().st_mode & 0o777 == 0o640
    assert shell("undo").code == 0
    assert shell.config.read_bytes().decode() == text


@pytest.mark.parametrize(
    ("typed", "every", "renews", "day"),
    [
        ("end of the month", "1 month", "2026-12-31", None),
        ("月底", "", "2026-12-31", None),
        ("2027-02-28", "1 month", "2027-02-28", None),
    ],
)
def test_what_renews_at_the_end_of_a_month(shell: Shell, typed: str, every: str, renews: str, day: int | None) -> None:
    shell.write(HEAD + OLD)
    shell.typed = answers("line", "", "a", "", "", typed, every, "", "", "yes")
    assert shell("plan", "add").code == 0
    added = plans(shell)["a"]
    assert (str(added["renews"]), added.get("day")) == (renews, day)


@pytest.mark.parametrize(("every", "day"), [("1 month", 31), ("1 year", 31), ("30 days", None)])
def test_the_end_of_a_short_month_stays_the_end_of_each(shell: Shell, every: str, day: int | None) -> None:
    """November ends on the 30th, and December 30 is no end of a month."""
    shell.now = datetime(2026, 11, 12, 15, tzinfo=UTC)
    shell.write(HEAD + OLD)
    shell.typed = answers("other", "a", "", "", "月末", every, "5", "", "", "yes")
    assert shell("plan", "add").code == 0
    added = plans(shell)["a"]
    assert (str(added["renews"]), added.get("day")) == ("2026-11-30", day)
    assert shell("check").code == 0


def test_what_is_not_answered_is_left_out(shell: Shell) -> None:
    shell.write(HEAD + OLD)
    shell.typed = answers("line", "", "spare", "", "", "2026-12-20")
    assert shell("plan", "add").code == 0
    plan = plans(shell)["spare"]
    assert {key: value for key, value in plan.items() if key != "renews"} == {"name": "spare", "every": "1 month"}


def test_cards_and_people_are_asked_for_where_there_are_any(shell: Shell) -> None:
    shell.write(FAMILY + OLD)
    shell.typed = answers("line", "", "spare", "", "mom", "", "2026-12-20", "1 year", "30", "y", "visa", "y")
    said = shell("plan", "add")
    assert said.code == 0
    plan = plans(shell)["spare"]
    assert (plan["for"], plan["pay_with"], plan["autopay"], plan["every"]) == (["mom"], "visa", True, "1 year")


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (("telo",), "did you mean tello?"),
        (("", "", "Tello!"), "cannot be an ID"),
        (("", "", "tello"), "already"),
        (("", "a", "", "555-0142"), "555-0142: "),
        (("", "a", "", "", "2026-02-30"), "2026-02-30: "),
        (("", "a", "", "", ""), "required"),
        (("", "a", "", ""), "required"),
        (("", "a", "", "", "2026-12-20", "now and then"), "now and then: "),
        (("", "a", "", "", "2026-12-20", "", "five"), "five: "),
        (("", "a", "", "", "2026-12-20", "", "", "perhaps"), "neither yes nor no"),
    ],
)
def test_a_piped_answer_that_cannot_stand_writes_nothing(shell: Shell, lines: tuple[str, ...], why: str) -> None:
    before = shell.write(HEAD + OLD).read_text("utf-8")
    shell.typed = answers("line", *lines)
    said = shell("plan", "add")
    assert said.code == 2
    assert why in said.err
    assert "Error" not in said.err
    assert shell.config.read_text("utf-8") == before


def test_at_a_terminal_it_is_asked_again(shell: Shell) -> None:
    shell.write(HEAD + OLD)
    shell.stdin_tty = True
    shell.typed = answers("line", "", "", "tello", "spare", "", "tomorrow", "2026-12-20", "", "", "", "")
    said = shell("plan", "add")
    assert said.code == 0
    assert "already" in said.out
    assert "spare" in plans(shell)


def test_no_is_no(shell: Shell) -> None:
    before = shell.write(HEAD + OLD).read_text("utf-8")
    shell.typed = answers("line", "", "spare", "", "", "2026-12-20", "", "", "", "no")
    said = shell("plan", "add")
    assert said.code == 0
    assert "Nothing was written." in said.out
    assert shell.config.read_text("utf-8") == before


def test_a_file_that_cannot_be_added_to_is_left_alone(shell: Shell) -> None:
    before = shell.write(f"plan = {{ x = {{ renews = 2026-12-05 }} }}\n{HEAD}").read_text("utf-8")
    shell.typed = answers("line", "", "spare", "", "", "2026-12-20")
    said = shell("plan", "add")
    assert said.code == 2
    assert "spare" in said.err
    assert shell.config.read_text("utf-8") == before


def test_a_value_may_be_typed_as_the_messages_write_it(shell: Shell) -> None:
    shell.write(HEAD + OLD)
    shell.typed = answers("line", "", "spare", "", '"+12065550199"', "2026年12月20日", "一个月", "5,00", "", "yes")
    assert shell("plan", "add").code == 0
    plan = plans(shell)["spare"]
    assert (plan["number"], str(plan["renews"]), plan["every"], plan["price"]) == (
        "+12065550199",
        "2026-12-20",
        "1 month",
        5,
    )


def test_what_is_no_line_is_asked_for_what_it_has(shell: Shell) -> None:
    shell.write(HEAD + OLD)
    contract = ("other", "Gym", "", "https://gym.example", "2027-04-01", "1 year", "480", "EUR", "yes", "3 months")
    shell.typed = answers(*contract, "yes")
    said = shell("plan", "add")
    assert (said.code, said.err) == (0, "")
    added = plans(shell)["gym"]
    assert added == {
        "name": "Gym", "kind": "other", "site": "https://gym.example", "renews": added["renews"], "every": "1 year",
        "price": 480, "currency": "EUR", "autopay": True, "notice": "3 months",
    }  # fmt: skip
    assert "arrier" not in said.out
    assert "umber" not in said.out


def test_a_passport_has_neither_cycle_nor_price(shell: Shell) -> None:
    shell.write(HEAD + OLD)
    shell.typed = answers("other", "passport", "", "", "2027-08-03", "", "", "", "yes")
    assert shell("plan", "add").code == 0
    added = plans(shell)["passport"]
    assert added == {"name": "passport", "kind": "other", "renews": added["renews"]}


@pytest.mark.parametrize(("answer", "kind"), [("其他", "other"), ("Other", "other"), ("线路", None), ("phone", None)])
def test_what_it_is_may_be_answered_in_either_language(shell: Shell, answer: str, kind: str | None) -> None:
    shell.write(HEAD.replace('"en"', '"zh-CN"') + OLD)
    carrier = () if kind else ("",)
    shell.typed = answers(answer, *carrier, "护照", "", "", "2027-08-03", "", "", "", "是")
    said = shell("plan", "add")
    assert (said.code, said.err) == (0, "")
    added = plans(shell)["other" if kind else "line"]
    assert (added["name"], added.get("kind")) == ("护照", kind)


def test_what_was_probably_meant_is_offered_the_next_time(shell: Shell) -> None:
    shell.write(HEAD + OLD)
    shell.stdin_tty = True
    shell.typed = answers("lin", "", "telo", "", "", "My Tello", "tello", "", "", "2026-12-20", "biweekly", *[""] * 4)
    said = shell("plan", "add")
    assert (said.code, said.err) == (0, "")
    for offered in ("[line]: ", "[tello]: ", "[my-tello]: ", "[tello-2]: ", "[14 days]: "):
        assert offered in said.out
    added = plans(shell)["tello-2"]
    assert (added["carrier"], added["every"]) == ("tello", "14 days")


QUESTIONS = ("carrier", "name", "id", "for", "number", "renews", "every", "price", "currency")


@pytest.mark.parametrize(
    ("key", "typed", "read"),
    [
        ("carrier", "T-Mobile", "tmobile"),
        ("carrier", "AT&T", "att"),
        ("carrier", "紫卡", "ultra-paygo"),
        ("carrier", "ultra mobile", "ultra-paygo"),
        ("carrier", "没有", None),
        ("for", "妈妈", ["mom"]),
        ("for", "me, mom", ["me", "mom"]),
        ("for", "都", ["me", "mom"]),
        ("number", "(206) 555-0100", "+12065550100"),
        ("number", "001 206 555 0100", "+12065550100"),
        ("number", "８６13800138000", "+8613800138000"),
        ("number", "none", None),
        ("renews", "Sun, Dec 20, 2026", date(2026, 12, 20)),
        ("renews", "2026年12月20日 周日", date(2026, 12, 20)),
        ("renews", "December 20th, 2026", date(2026, 12, 20)),
        ("price", "25刀", 25),
        ("price", "5 dollars", 5),
        ("price", "不知道", None),
    ],
)
def test_a_line_s_answers_are_taken_as_people_type_them(shell: Shell, key: str, typed: str, read: object) -> None:
    shell.write(FAMILY.replace('email = "mom', 'name = "妈妈"\nemail = "mom'))
    given = {"carrier": "tello", "name": "x", "id": "x", "renews": "2027-01-05"} | {key: typed}
    shell.typed = answers("line", *(given.get(question, "") for question in QUESTIONS[:-1]), "", "", "yes")
    said = shell("plan", "add")
    assert (said.code, said.err) == (0, "")
    plan = plans(shell)["x"]
    assert (plan.get(key), plan.get("currency")) == (read, None)


@pytest.mark.parametrize(
    ("price", "answers_of_currency", "read"),
    [
        ("¥30", ("",), (30, "CNY")),
        ("¥30", ("日元",), (30, "JPY")),
        ("30元", (), (30, "CNY")),
        ("€5,50", (), (5.5, "EUR")),
        ("$5", (), (5, None)),
    ],
)
def test_a_price_of_another_currency_stays_of_that_currency(
    shell: Shell, price: str, answers_of_currency: tuple[str, ...], read: tuple[float, str | None]
) -> None:
    shell.write(HEAD)
    shell.typed = answers("line", "", "x", "", "", "2027-01-05", "", price, *answers_of_currency, "", "yes")
    said = shell("plan", "add")
    assert (said.code, said.err) == (0, "")
    plan = plans(shell)["x"]
    assert (plan["price"], plan.get("currency")) == read


@pytest.mark.parametrize(
    ("typed", "offered"),
    [("12月20日", "2026-12-20"), ("12/20", "2026-12-20"), ("Nov 5", "2027-11-05"), ("2027-02-30", "2027-02-28")],
)
def test_of_a_day_without_a_year_the_next_is_offered(shell: Shell, typed: str, offered: str) -> None:
    shell.write(HEAD)
    shell.stdin_tty = True
    shell.typed = answers("line", "", "x", "", "", typed, "", "三十天", "", "", "", "")
    said = shell("plan", "add")
    assert (said.code, said.err) == (0, "")
    plan = plans(shell)["x"]
    assert (str(plan["renews"]), plan["every"]) == (offered, "30 days")


@pytest.mark.parametrize(
    ("typed", "taken"),
    [("tomorrow", "2026-12-02"), ("明天", "2026-12-02"), ("in 3 days", "2026-12-04"), ("下个月5号", "2027-01-05")],
)
def test_a_day_counted_from_today_is_taken(shell: Shell, typed: str, taken: str) -> None:
    shell.write(HEAD)
    shell.typed = answers("line", "", "x", "", "", typed)
    said = shell("plan", "add")
    assert (said.code, said.err) == (0, "")
    assert f"renews = {taken}\n" in shell.config.read_text("utf-8")


@pytest.mark.parametrize(
    ("typed", "offered"),
    [("the 5th", "2026-12-05"), ("5号", "2026-12-05"), ("Friday", "2026-12-04"), ("周五", "2026-12-04")],
)
def test_of_a_day_without_a_month_or_week_the_next_is_offered(shell: Shell, typed: str, offered: str) -> None:
    shell.write(HEAD)
    shell.stdin_tty = True
    shell.typed = answers("line", "", "x", "", "", typed, "", "", "", "", "")
    said = shell("plan", "add")
    assert (said.code, said.err) == (0, "")
    assert f"[{offered}]: " in said.out
    assert f"renews = {offered}\n" in shell.config.read_text("utf-8")
