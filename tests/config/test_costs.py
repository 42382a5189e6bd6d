"""The effect of a mistake: its table keeps its last good form, and no other table is affected."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from config_files import Load
from renewd.config import Loaded, say_problem
from renewd.domain.errors import ConfigError

Put = Callable[[str, str | bytes], Path]

GOOD = """\
timezone = "Asia/Shanghai"
language = "zh-CN"
budget = 50
[remind]
renewal = [9]
[mail]
to = "me@example.com"
host = "smtp.example.com"
username = "me"
[calendar]
months = 6
[person.mom]
email = "mom@example.com"
name = "Mom"
[card.visa]
expires = "2027-03"
[plan.a]
renews = 2026-12-05
name = "A"
for = ["me", "mom"]
[plan.b]
renews = 2026-12-06
name = "B"
pay_with = "visa"
"""


def errors(loaded: Loaded) -> list[str]:
    return [problem.code for problem in loaded.problems if problem.severity == "error"]


@pytest.mark.parametrize("mistake", ["renews = soon", "frobnicate = 1", "every = '0 days'", "carrier = 'nobody'"])
def test_a_mistake_in_a_plan_keeps_its_last_good_form_and_nothing_else(load_text: Load, mistake: str) -> None:
    first = load_text(GOOD)
    loaded = load_text(GOOD.replace('name = "A"', f'name = "A2"\n{mistake}').replace('"B"', '"B2"'), good=first.good)
    assert (loaded.household.plans["a"], loaded.household.plans["b"].name) == (first.household.plans["a"], "B2")
    assert errors(loaded)
    assert {problem.plan for problem in loaded.problems} == {"a"}
    again = load_text(good=loaded.good)
    assert again.household == loaded.household


def test_a_plan_never_seen_well_is_left_out(load_text: Load) -> None:
    first = load_text(GOOD)
    loaded = load_text(f"{GOOD}[plan.c]\nprice = -1", good=first.good)
    assert [*loaded.household.plans] == ["a", "b"]
    assert "c" not in loaded.good.plan
    assert {problem.plan for problem in loaded.problems} == {"c"}


def test_a_plan_that_was_taken_out_is_gone(load_text: Load) -> None:
    first = load_text(GOOD)
    loaded = load_text(GOOD.partition("[plan.b]")[0], good=first.good)
    assert [*loaded.household.plans] == [*loaded.good.plan] == ["a"]
    assert errors(loaded) == []


def test_the_last_good_form_lives_in_todays_household(load_text: Load) -> None:
    first = load_text(GOOD)
    loaded = load_text(GOOD.replace("Asia/Shanghai", "UTC").replace('name = "A"', "x = 1"), good=first.good)
    assert (loaded.household.plans["a"].name, loaded.household.plans["a"].zone) == ("A", "UTC")


def test_a_last_good_plan_whose_card_was_taken_out_is_left_out_and_comes_back(load_text: Load) -> None:
    first = load_text(GOOD)
    broken = GOOD.replace('name = "B"', "x = 1")
    without = load_text(broken.replace('[card.visa]\nexpires = "2027-03"\n', ""), good=first.good)
    assert [*without.household.plans] == ["a"]
    back = load_text(broken, good=without.good)
    assert back.household.plans["b"] == first.household.plans["b"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('timezone = "Asia/Shanghai"', 'timezone = "Asia/Shangri"'),
        ('language = "zh-CN"', 'language = "zh"'),
        ("budget = 50", "budget = -1"),
        ("renewal = [9]", "renewal = 9"),
        ('username = "me"', 'username = ""'),
        ("months = 6", "months = 0"),
        ('email = "mom@example.com"', 'email = "mom"'),
        ('expires = "2027-03"', 'expires = "soon"'),
        ('to = "me@example.com"', 'to = "me"'),
        ('host = "smtp.example.com"', "host = smtp.example.com"),
    ],
)
def test_a_mistake_anywhere_else_keeps_the_last_good_form_of_what_it_is_in(load_text: Load, old: str, new: str) -> None:
    first = load_text(GOOD)
    loaded = load_text(GOOD.replace(old, new), good=first.good)
    assert (loaded.household, loaded.settings) == (first.household, first.settings)
    assert len(errors(loaded)) == 1
    assert loaded.good == first.good


@pytest.mark.parametrize(
    ("old", "new", "left"),
    [
        ('timezone = "Asia/Shanghai"', 'timezone = "Asia/Shangri"', lambda loaded: loaded.household.zone == "America/New_York"),
        ("renewal = [9]", "renewal = 9\ncharge = [2]", lambda loaded: loaded.household.leads == {"charge": (2,)}),
        ('username = "me"', 'username = ""', lambda loaded: (loaded.settings.mail.username, loaded.settings.mail.host) == (None, "smtp.example.com")),
        ("months = 6", "months = 0\nalarms = [2]", lambda loaded: (loaded.settings.calendar.months, loaded.settings.calendar.alarms) == (13, (2,))),
        ("[calendar]", "[heartbeat]\nurl = 'x'\n[calendar]", lambda loaded: loaded.settings.heartbeat_url is None),
        ('email = "mom@example.com"', 'email = "mom"', lambda loaded: [*loaded.household.people] == ["me"] and [*loaded.household.plans] == ["b"]),
        ('expires = "2027-03"', 'expires = "soon"', lambda loaded: [*loaded.household.plans] == ["a"]),
    ],
)  # fmt: skip
def test_without_a_last_good_form_only_what_is_wrong_is_left_out(
    load_text: Load, old: str, new: str, left: Callable[[Loaded], bool]
) -> None:
    loaded = load_text(GOOD.replace(old, new))
    assert errors(loaded)
    assert left(loaded)


def test_what_was_in_force_despite_a_mistake_stays_when_the_file_goes(load_text: Load, folder: Path) -> None:
    first = load_text(
        GOOD.replace('username = "me"', 'username = ""').replace("renewal = [9]", "keep_alive = [9]\nbill = 1")
    )
    assert len(errors(first)) == 2
    (folder / "plans.toml").unlink()
    loaded = load_text(good=first.good)
    assert (loaded.household, loaded.settings) == (first.household, first.settings)


def test_encryption_never_falls_below_the_default_by_a_mistake(load_text: Load) -> None:
    loaded = load_text(GOOD.replace('username = "me"', 'username = "me"\ntls = "none"'))
    assert (loaded.settings.mail.tls, loaded.settings.mail.port) == ("starttls", 587)
    assert errors(loaded) == ["check.password-in-clear"]


def test_a_second_address_of_me_costs_nothing_but_itself(load_text: Load) -> None:
    loaded = load_text(f"{GOOD}[person.me]\nemail = 'you@example.com'\nname = 'Li'")
    assert (loaded.household.people["me"].email, loaded.household.people["me"].name) == ("me@example.com", "me")
    assert errors(loaded) == ["check.two-addresses"]


def unreadable(path: Path) -> None:
    path.write_bytes('name = "套餐"'.encode("gbk"))


def deleted(path: Path) -> None:
    path.unlink()


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def without_plans(path: Path) -> None:
    path.write_text("[mail]\nto = 'you@example.com'\nhots = 1\n")


def torn(path: Path) -> None:
    path.write_text('[mail]\nto = "you@example.com"\n[plan.a]\nnote = """\n')


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def open_to_all(path: Path) -> None:
    path.chmod(0o666)


def nobody_left(path: Path) -> None:
    path.write_text(
        path.read_text()
        .replace('to = "me@example.com"\n', "")
        .replace('[person.mom]\nemail = "mom@example.com"\nname = "Mom"\n', "")
    )


def without_any_good_plan(path: Path) -> None:
    path.write_text("[plan.new]\nprice = -1\n[plan.a]\n")


WHOLE = [unreadable, deleted, emptied, without_plans, torn, a_folder, open_to_all, nobody_left]


@pytest.mark.parametrize("spoil", WHOLE)
def test_a_file_that_is_lost_as_a_whole_costs_nothing(
    load_text: Load, folder: Path, spoil: Callable[[Path], None]
) -> None:
    first = load_text(GOOD)
    spoil(folder / "plans.toml")
    loaded = load_text(good=first.good)
    assert (loaded.household, loaded.settings, loaded.good) == (first.household, first.settings, first.good)
    assert errors(loaded)
    assert all(say_problem(problem, code) for problem in loaded.problems for code in ("en", "zh-CN"))


@pytest.mark.parametrize("spoil", WHOLE)
def test_a_file_that_is_lost_at_the_first_start_stops_it(
    load_text: Load, folder: Path, spoil: Callable[[Path], None]
) -> None:
    load_text(GOOD)
    spoil(folder / "plans.toml")
    with pytest.raises(ConfigError) as raised:
        load_text()
    assert raised.value.problems or raised.value.code == "terminal.no-config"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "plans.toml: the file is empty"),
        ("\n \n# only remarks\n", "plans.toml: the file is empty"),
        (
            "[mail]\nto = 'me@example.com'\n",
            "plans.toml: there is no plan in it; write [plan.tello] and renews = 2026-12-05",
        ),
    ],
)
def test_a_file_without_plans_says_that_and_nothing_else(load_text: Load, text: str, sentence: str) -> None:
    first = load_text(GOOD)
    lines = [say_problem(problem, "en") for problem in load_text(text, good=first.good).problems]
    assert [line[: len(sentence)] for line in lines if "note:" not in line] == [sentence]


def test_no_usable_plan_at_the_first_start_stops_it(load_text: Load) -> None:
    with pytest.raises(ConfigError) as raised:
        load_text("[mail]\nto = 'me@example.com'\n[plan.a]\nrenews = soon")
    assert [problem.plan for problem in raised.value.problems if problem.severity == "error"] == ["a"]


def test_every_half_written_file_costs_no_plan_that_is_not_gone_from_it(load_text: Load) -> None:
    first = load_text(GOOD)
    for length in range(len(GOOD)):
        loaded = load_text(GOOD[:length], good=first.good)
        assert loaded.household.plans
        if not loaded.problems:
            assert set(loaded.household.plans) <= {"a", "b"}


# included files


@pytest.fixture
def with_included(put: Put, load_text: Load) -> Loaded:
    put("more/c.toml", "[plan.c]\nrenews = 2026-12-07\nname = 'C'\n[person.dad]\nemail = 'dad@example.com'\n")
    put("more/d.toml", "[plan.d]\nrenews = 2026-12-08\nname = 'D'\nfor = 'dad'\n")
    return load_text('include = ["more/*.toml"]\n' + GOOD)


@pytest.mark.parametrize(
    "text", [b"", "[plan.c]\nname = '套".encode("gbk"), b'note = """', b"# nothing\n", b"\xff\xfe["]
)
def test_a_broken_included_file_costs_only_what_it_held(
    load_text: Load, put: Put, with_included: Loaded, text: bytes
) -> None:
    put("more/c.toml", text)
    put("more/d.toml", "[plan.d]\nrenews = 2026-12-08\nname = 'D2'\nfor = 'dad'\n")
    loaded = load_text(good=with_included.good)
    assert loaded.household.plans["c"] == with_included.household.plans["c"]
    assert loaded.household.plans["d"].name == "D2"
    assert {problem.file for problem in loaded.problems if problem.severity == "error"} == {"more/c.toml"}
    assert load_text(good=loaded.good).household == loaded.household


def test_an_included_file_that_was_deleted_is_a_wish(load_text: Load, folder: Path, with_included: Loaded) -> None:
    (folder / "more/d.toml").unlink()
    loaded = load_text(good=with_included.good)
    assert [*loaded.household.plans] == ["a", "b", "c"]
    assert errors(loaded) == []


def test_a_file_included_by_name_that_is_missing_is_no_wish(load_text: Load, put: Put) -> None:
    more = put("more.toml", "[plan.c]\nrenews = 2026-12-07\n")
    first = load_text('include = "more.toml"\n' + GOOD)
    more.unlink()
    loaded = load_text(good=first.good)
    assert loaded.household == first.household
    assert [say_problem(problem, "en") for problem in loaded.problems] == [f"more.toml: there is no such file: {more}"]
    assert more in loaded.files


def test_a_wrong_list_of_files_keeps_the_last_one(load_text: Load, with_included: Loaded) -> None:
    loaded = load_text("include = 5\n" + GOOD, good=with_included.good)
    assert loaded.household.plans == with_included.household.plans
    assert errors(loaded) == ["check.not-a-path"]


def test_an_id_in_two_files_names_both_and_costs_that_plan(load_text: Load, put: Put, with_included: Loaded) -> None:
    put("more/z.toml", "[plan.a]\nrenews = 2027-01-01\nname = 'other'\n")
    loaded = load_text(good=with_included.good)
    assert loaded.household.plans["a"] == with_included.household.plans["a"]
    [line] = [say_problem(problem, "en") for problem in loaded.problems]
    assert line == "more/z.toml:1: plan.a: [plan.a] is in plans.toml and in more/z.toml; keep one of them"
    assert "a" not in load_text().household.plans


def test_an_included_file_holds_nothing_but_plans_people_and_cards(load_text: Load, put: Put) -> None:
    put("more.toml", "timezone = 'UTC'\n[mail]\nto = 'you@example.com'\n[plan.c]\nrenews = 2026-12-07\n")
    loaded = load_text('include = "more.toml"\n' + GOOD)
    assert [(problem.file, problem.line, problem.path) for problem in loaded.problems] == [
        ("more.toml", 1, "timezone"),
        ("more.toml", 2, "mail"),
    ]
    assert (loaded.household.zone, loaded.settings.mail.to, "c" in loaded.household.plans) == (
        "Asia/Shanghai",
        "me@example.com",
        True,
    )


def test_problems_come_by_file_and_line(load_text: Load, put: Put) -> None:
    put("m/a.toml", "[plan.c]\nrenews = soon\nprice = -1\n")
    put("m/b.toml", "[plan.d]\nx = 1\n")
    loaded = load_text('include = ["m/*.toml"]\n' + GOOD.replace('name = "A"', "x = 1"))
    assert [(problem.file, problem.line) for problem in loaded.problems] == [
        ("plans.toml", 20),
        ("m/a.toml", 2),
        ("m/a.toml", 3),
        ("m/b.toml", 1),
        ("m/b.toml", 2),
    ]
