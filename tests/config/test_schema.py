"""One description of every key: the checker, the schema, the example and the reference all agree with it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import tomli
from jsonschema import Draft202012Validator

from config_files import FULL, TODAY, Load
from renewd.assets import ASSETS
from renewd.config import load, say_problem
from renewd.config.catalogue import load_catalogue
from renewd.config.keys import FILE
from renewd.config.lengths import read_length
from renewd.config.plan_schema import ById, Each, Key, Sub, Table
from renewd.config.schema import plain, schema
from renewd.config.times import Day, Zone
from renewd.config.value_types import WrongError
from renewd.i18n import LANGUAGES, language
from renewd.reminders import KINDS

CONFIG = ASSETS / "config"
EXAMPLE = (CONFIG / "plans.toml").read_text("utf-8")
VALIDATOR = Draft202012Validator(schema())


def every_key(table: Table = FILE, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Key]]:
    for name, key in table.keys.items():
        yield (*path, name), key
        if isinstance(key.type, ById):
            yield from every_key(key.type.table, (*path, name, "ID"))
        elif isinstance(key.type, Sub | Each):
            yield from every_key(key.type.table, (*path, name))


KEYS = dict(every_key())
NAMES = [".".join(path) for path in KEYS]


def uncommented(text: str) -> str:
    """Return the example with every line of TOML in its comments written out."""
    return re.sub(r"(?m)^# (?=\[+[a-z.]+\]+ |\[+[a-z.]+\]+$|[a-z_-]+ = )", "", text)


def written(value: object, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if isinstance(value, dict):
        by_id = path in {("plan",), ("person",), ("card",), ("push",)}
        for name, one in value.items():
            here = (*path, "ID" if by_id else name)
            yield here
            yield from written(one, here)
    elif isinstance(value, list):
        for one in value:
            yield from written(one, path)


def test_the_example_loads_with_the_shipped_catalogue_and_nothing_to_say(folder: Path) -> None:
    catalogue, _ = load_catalogue(CONFIG / "carriers.toml")
    (folder / "plans.d").mkdir()
    for name, text in {"plans.toml": EXAMPLE, "all.toml": uncommented(EXAMPLE)}.items():
        path = folder / name
        path.write_text(text, "utf-8")
        path.chmod(0o600)
        loaded = load(path, catalogue=catalogue, today=TODAY, machine_zone="UTC", hostname="pi")
        assert [say_problem(problem, "en") for problem in loaded.problems] == []
        assert len(loaded.household.plans) == 4


def test_the_example_has_an_unpaid_bill_long_due_in_any_year() -> None:
    bills = tomli.loads(EXAMPLE)["plan"]["main"]["bill"]
    assert [bill for bill in bills if "paid_on" not in bill and bill["due"] <= date(2026, 12, 31)]


def test_the_example_holds_every_key_commented_or_not() -> None:
    shown = {".".join(path) for path in written(tomli.loads(uncommented(EXAMPLE)))}
    missing = [f"{name} = {KEYS[tuple(name.split('.'))].example}" for name in NAMES if name not in shown]
    assert [line for line in missing if not line.startswith(("plan.ID.remind.", "person.ID.remind."))] == [], (
        "show it in config/plans.toml"
    )
    assert {"plan.ID.remind.renewal", "person.ID.remind.renewal"} <= shown


def test_the_example_says_nothing_that_only_a_server_can_do() -> None:
    tables = tomli.loads(EXAMPLE)
    assert not {"ledger", "web", "heartbeat"} & set(tables)
    assert [*tables["mail"]] == ["to"]


def test_the_starter_is_a_dozen_lines_and_works(load_text: Load) -> None:
    text = (CONFIG / "starter.toml").read_text("utf-8")
    assert len(text.splitlines()) <= 15
    loaded = load_text(text)
    assert (loaded.problems, [*loaded.household.plans]) == ((), ["tello"])


def test_both_name_the_schema_for_editors() -> None:
    for name in ("plans.toml", "starter.toml"):
        assert (CONFIG / name).read_text("utf-8").startswith("#:schema ./plans.schema.json\n")


def test_the_schema_is_one_and_takes_the_examples() -> None:
    Draft202012Validator.check_schema(schema())
    for text in (EXAMPLE, uncommented(EXAMPLE), FULL, (CONFIG / "starter.toml").read_text("utf-8")):
        errors = [error.message for error in VALIDATOR.iter_errors(plain(tomli.loads(text, parse_float=Decimal)))]
        assert errors == []


def objects(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, dict):
        if "properties" in part and "type" in part:
            yield part
        for one in part.values():
            yield from objects(one)
    elif isinstance(part, list):
        for one in part:
            yield from objects(one)


def test_the_schema_refuses_a_key_it_does_not_know_in_every_table() -> None:
    tables = list(objects(schema()))
    assert len(tables) > 20
    assert all(table["additionalProperties"] is False for table in tables)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("plan", "main", "late"), "later"),
        (("plan", "main", "every"), "30 moons"),
        (("plan", "main", "every"), "biweekly"),
        (("plan", "main", "every"), "P1M2D"),
        (("plan", "main", "every"), "0 days"),
        (("plan", "main", "every"), "24 hours"),
        (("plan", "main", "price"), -1),
        (("plan", "main", "autopay"), "yes"),
        (("plan", "main", "renews"), "5 Dec"),
        (("plan", "main", "day"), 32),
        (("plan", "main", "cancel", "how"), "run"),
        (("plan", "tello", "binding"), [{"service": "x", "kind": "sms"}]),
        (("plan", "tello", "binding"), [{"kind": "2fa"}]),
        (("plan", "main"), {"name": "x"}),
        (("plan", "Main"), {"renews": "2026-12-05"}),
        (("language",), "zh"),
        (("mail", "password"), "x"),
        (("mail", "tls"), "ssl"),
        (("mail", "host"), "smtp.example.com:587"),
        (("plan", "main", "for"), []),
        (("plan", "main", "renews"), "1926-12-05"),
        (("plan", "main", "renews"), "05/06/2027"),
        (("plan", "main", "renews"), "2026-12-05T09:00:00"),
        (("person", "mom"), {"name": "Mom"}),
        (("timezone",), "posix/UTC"),
        (("timezone",), "localtime"),
        (("remind", "overdue"), []),
        (("remind", "renewal"), [1.5]),
        (("currency",), "usd"),
    ],
)
def test_the_schema_refuses_what_the_checker_refuses(path: tuple[str, ...], value: object) -> None:
    table: Any = plain(tomli.loads(EXAMPLE, parse_float=Decimal))
    at = table
    for part in path[:-1]:
        at = at[part]
    at[path[-1]] = value
    assert list(VALIDATOR.iter_errors(table))


@pytest.mark.parametrize(
    "text",
    ["30 days", "1 month", "2 weeks", "quarterly", "Monthly", "ANNUALLY", "semi-annually", "biennial", "every 4 weeks", "every other week",
     "每月", "每季度", "一年", "半年", "3个月", "两周", "30days", "P1M", "p2w", "P1Y6M"],
)  # fmt: skip
def test_the_schema_takes_every_cycle_that_is_read_exactly(text: str) -> None:
    assert read_length(text).exact
    table: Any = plain(tomli.loads(EXAMPLE, parse_float=Decimal))
    table["plan"]["main"]["every"] = text
    assert list(VALIDATOR.iter_errors(table)) == []


@pytest.mark.parametrize(
    "text",
    ["2026-12-05", " 2026-12-05 ", "2026/12/5", "20261205", "2026年12月5日", "Dec 5, 2026", "5 december 2026", "December 5th, 2026", "Sat, Dec 5, 2026", "2026年12月5日 周六", "25/12/2026", "12.25.2026",
     "2026-12-05T00:00:00", "2026-12-05 00:00", "2026-12-05T00:00:00.000Z", "2026-12-05T00:00:00+08:00"],
)  # fmt: skip
def test_the_schema_takes_every_day_that_is_read_exactly(text: str) -> None:
    Day().read(text)
    assert Draft202012Validator(Day().schema()).is_valid(text)


FORMS: list[Any] = [
    *(f"{n} {unit}" for unit, most in {"hours": 87660, "days": 3660, "weeks": 522, "months": 120, "quarters": 40, "years": 10}.items()
      for n in (0, 1, most, most + 1, most * 10)),
    "five biennial", "six biennial", "ten years", "twelve years", "P10Y", "P11Y", "P120M", "P121M", "P0D", "p3660d", "00 days", "-1 month",
    "1 minute", "1440 minutes", "1441 minutes", "24 hours", "25 hours", "0 minutes", "30", "every 30 days", "一年", "biweekly",
    "2026-12-31", "2026-13-01", "2026-00-10", "2026-12-32", "20261305", "05/05/2027", "5.5.2027", "05/06/2027", "12/31/2027", "1999-12-31",
    "Dec 32, 2026", "2026-12-05T00:00", "2026-12-05T09:00", "2027-03", " 2027-12 ", "2027-13", "9:00", "09:00:00.5", "24:00",
    "5", "5.00", "5,00", "1,234.50", "1.234,50", "1,234", "1,234,567", "1'234", "5,123", "5.1234", "5.12345", "1000000000", "1000000001",
    "free", "免费", "$5", "-5", "5 USD", " ", "", "a\nb", "\x00", "x" * 200, "~/x", "/srv/x/*", "10 GB", "10 gb", "USD", "usd",
    "me@example.com", "a.b+c@例子.测试", "小李@example.com", "me@example..com", "-me@example.com", "me@1.2.3.4", "me@localhost", "a@b, c@d",
    "Lee <me@example.com>", "<me@example.com", "smtp.example.com", "a..b", "-x.example", "256.1.1.1", "127.0.0.1", "::1", "a b", "x.example:25",
    "127.0.0.1:8321", "[::1]:8321", "localhost:0", "localhost:65535", "localhost:65536", "256.1.1.1:80", ":80",
    "https://x.example/a?b", "http://localhost:8321", "https://", "https://a b", "https://x:65536", "https://u:p@x.example", "ftp://x",
    "postgresql:///renewd?host=/run", "postgres://x/y", "socks5://127.0.0.1:1080", "UTC", "America/New_York", "posix/UTC", "right/UTC",
    "localtime", "+08:00", "+1 (206) 555-0100", "2065550100", "+120655501001234567", "+0123456789", "350000000000000", "35", "8901 2600 0000 0000 000",
    0, 1, 31, -1, 60, 65535, 65536, 10**9, 10**9 + 1, Decimal("12.5"), True, [], ["me"], [""], [1, 3], [-1], [3651], [[1]], {}, {"default": [1]},
]  # fmt: skip


TYPES: dict[str, Any] = {
    str(key.type.schema()): key.type for key in KEYS.values() if not isinstance(key.type, Sub | Each | ById)
}


@pytest.mark.parametrize("kind", TYPES.values(), ids=lambda kind: type(kind).__name__)
def test_the_schema_and_the_checker_agree_on_every_form_of_a_value(kind: Any) -> None:
    validator = Draft202012Validator(kind.schema())
    differ = []
    for value in FORMS:
        try:
            kind.read(deepcopy(value))
        except WrongError:
            read = False
        else:
            read = True
        valid = validator.is_valid(plain(value))
        if read != valid and not (valid and isinstance(kind, Zone)):  # no pattern knows which zones there are
            differ.append((value, read))
    assert differ == []


@pytest.mark.parametrize(
    "extra",
    [
        'mail.host = "smtp.example.com"\nmail.username = "me"\nmail.tls = "none"',
        'answers = { host = "imap.example.com", tls = "none" }',
        "remind = { keep-alive = [1], keep_alive = [2] }",
        "card.balance = {}",
        'plan.y = { renews = 2026-12-05, kind = "other", cancel = { number = "port" } }',
        'plan.y = { renews = 2026-12-05, pay_with = "balance" }',
        "person.mom = { push = [] }",
    ],
)
def test_the_schema_and_the_checker_refuse_keys_that_do_not_go_together(extra: str, load_text: Load) -> None:
    text = f'{extra}\nmail.to = "me@example.com"\nplan.x.renews = 2026-12-05\n'
    assert [problem for problem in load_text(text).problems if problem.severity == "error"]
    assert list(VALIDATOR.iter_errors(plain(tomli.loads(text, parse_float=Decimal))))


@pytest.mark.parametrize(("table", "key"), [("mail", "host"), ("person", "push")])
def test_the_schema_takes_an_ip_address_and_who_has_only_pushes(table: str, key: str) -> None:
    raw: Any = plain(tomli.loads(EXAMPLE, parse_float=Decimal))
    raw[table] |= {"host": "2001:db8::1"} if key == "host" else {"mom": {"push": ["phone"]}, "me": {}}
    assert list(VALIDATOR.iter_errors(raw)) == []


@pytest.mark.parametrize("name", NAMES)
def test_every_key_is_described_in_both_languages_with_an_example_that_reads(name: str) -> None:
    key = KEYS[tuple(name.split("."))]
    assert key.en.endswith(".")
    assert key.zh.endswith("。")
    nested = isinstance(key.type, Sub | Each | ById)
    if not nested:
        assert key.example
    for text in filter(None, (key.example, key.default)):
        value = tomli.loads(f"x = {text}", parse_float=Decimal)["x"]
        if not isinstance(key.type, Sub | Each | ById):
            key.type.read(value)
            assert Draft202012Validator(key.type.schema()).is_valid(plain(value))


WRONG: list[object] = [None, -1, 1.5, Decimal("1.5"), "", "\x00", True, [], {}, [[]], {"x": 1}, date(1900, 1, 1), "\u202e", 10**30, Decimal("NaN"), Decimal("sNaN"), "a" * 5000]  # fmt: skip


@pytest.mark.parametrize(
    "name", [name for name, key in zip(NAMES, KEYS.values(), strict=True) if hasattr(key.type, "read")]
)
def test_every_kind_reads_or_says_why_not_whatever_it_is_given(name: str) -> None:
    kind: Any = KEYS[tuple(name.split("."))].type
    for value in WRONG:
        try:
            kind.read(deepcopy(value))
        except WrongError as wrong:
            assert wrong.code in language("en").keys()


# words


@pytest.mark.checkout
def test_every_sentence_is_used_and_every_code_has_a_sentence() -> None:
    files = [path for path in (ASSETS / "daemon" / "renewd").rglob("*.py") if path.parent.name != "cli"]
    source = "".join(path.read_text("utf-8") for path in files)
    used = set(re.findall(r'"(check\.[a-z0-9-]+)"', source))
    used |= {f"{code}-meant" for code in re.findall(r'"(check\.no-such-(?:person|card|carrier|push))"', source)}
    used |= {f"{code}-yet" for code in re.findall(r'"(check\.no-such-(?:person|push))"', source)}
    used |= {"check.same-bill", "check.same-backup"}
    for code in LANGUAGES:
        assert {key for key in language(code).keys() if key.startswith("check.")} == used


def test_both_languages_fill_the_same_places() -> None:
    for key in language("en").keys():
        if key.startswith("check."):
            places = [set(re.findall(r"(?<!\{)\{(\w+)", str(language(code).words(key)))) for code in LANGUAGES]
            assert places[0] == places[1], key


def chinese() -> Iterator[str]:
    yield from (str(language("zh-CN").words(key)) for key in language("zh-CN").keys() if key.startswith("check."))
    yield from (key.zh for key in KEYS.values())
    for text in (EXAMPLE, (CONFIG / "starter.toml").read_text("utf-8")):
        yield from (part for line in text.splitlines() for part in re.split(r"[\"#/]", line))


def test_chinese_is_spaced_and_punctuated_as_agreed() -> None:
    cjk = "[\u4e00-\u9fff]"
    for said in chinese():
        words = re.sub(r"年-月(-日)?|键 = 值", "x", re.sub(r"(\d{4}年)?\d+月(\d+日)?", "x", said.strip()))
        alone = re.sub(r"'[^']*'|\{\w+\}|x", "", words)
        assert not re.search(f"{cjk}[A-Za-z0-9]|[A-Za-z0-9]{cjk}", alone), said
        assert not re.search(f"{cjk} {cjk}| [，。：；？）]|[，。：；？（] |！|～|您|请", words), said


def test_the_leads_in_the_reference_are_those_that_reminders_have() -> None:
    table = FILE.keys["remind"].type
    assert isinstance(table, Sub)
    for name, kind in KINDS.items():
        written = tomli.loads(f"leads = {table.table.keys[name].default}")["leads"]
        assert tuple(written) == kind.leads, name


LEAST = """# plans.toml
timezone = "America/New_York"
[mail]
to = "me@example.com"
host = "smtp.example.com"
[calendar]
[web]
[answers]
host = "imap.example.com"
[push.phone] # [push.ID]
service = "bark"
[plan.main] # [plan.ID]
renews = 2026-12-05
every = "1 month"
[[plan.main.backup]] # [[plan.ID.backup]]
what = "photos"
path = "/srv/backup"
[[plan.main.binding]] # [[plan.ID.binding]]
service = "Chase"
[plan.main.cancel] # [plan.ID.cancel]
by = 2027-03-01
number = "port"
"""


def test_the_defaults_that_are_documented_are_those_in_force(load_text: Load) -> None:
    """Whether a default is written or not is the same household; those of [remind] are tested above."""
    without = load_text(LEAST)
    for table in FILE.tables().values():
        for name, key in table.keys.items():
            if key.default and not table.name.startswith("[remind]"):
                line = next((one for one in LEAST.splitlines() if table.name in one), "")
                assert line, f"LEAST needs the table {table.name}, which has defaults by now"
                head, line, rest = LEAST.partition(line)
                with_it = load_text(f"{head}{line}\n{name} = {key.default}{rest}")
                assert with_it.problems == without.problems, (table.name, name)
                assert with_it.household == without.household, (table.name, name)
                assert with_it.settings == without.settings, (table.name, name)
