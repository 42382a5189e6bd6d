"""Where things stand in a text, whatever else is in it."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
import tomli
from hypothesis import given
from hypothesis import strategies as st

from renewd.assets import ASSETS
from renewd.config.edit import as_toml
from renewd.config.locate import KeyPath, Map, SourcePlace, scan

TEXT = '''\
# [plan.no]
top = 1
plan.dotted.renews = "x"   # name = 2
[plan.main]
"quoted key" = 'a # b'
balance = { amount = 12.5, on = 2026-11-01 }
note = """
[plan.fake]
name = "fake" \\"""
"""
remind = { renewal = [
  30, # the first
  7,
] }
[[plan.main.bill]]
what = "a\\"]"
[[plan.main.bill]]
what = 'b'
  due = 2026-12-01
[plan.main.bill.deep]
x = [[1, 2], [3]]
'''


@pytest.mark.parametrize(
    ("path", "mark", "place"),
    [
        (("top",), "key", SourcePlace(2, 1, 3)),
        (("top",), "value", SourcePlace(2, 7, 1)),
        (("plan", "dotted", "renews"), "key", SourcePlace(3, 13, 6)),
        (("plan", "dotted"), "table", SourcePlace(3, 1, 18)),
        (("plan", "main"), "table", SourcePlace(4, 1, 11)),
        (("plan", "main", "quoted key"), "key", SourcePlace(5, 1, 12)),
        (("plan", "main", "quoted key"), "value", SourcePlace(5, 16, 7)),
        (("plan", "main", "balance", "on"), "value", SourcePlace(6, 33, 10)),
        (("plan", "main", "note"), "value", SourcePlace(7, 8, 3)),
        (("plan", "main", "remind", "renewal", 1), "value", SourcePlace(13, 3, 1)),
        (("plan", "main", "bill", 0), "table", SourcePlace(15, 1, 18)),
        (("plan", "main", "bill", 1, "due"), "value", SourcePlace(19, 9, 10)),
        (("plan", "main", "bill", 1, "deep"), "table", SourcePlace(20, 1, 21)),
        (("plan", "main", "bill", 1, "deep", "x", 0, 1), "value", SourcePlace(21, 10, 1)),
        (("plan", "main", "bill", 1, "amount"), "key", SourcePlace(17, 1, 18)),
        (("plan", "main", "nothing", "here"), "key", SourcePlace(4, 1, 11)),
        (("nothing",), "key", SourcePlace(0, 0, 0)),
    ],
)
def test_where_things_stand(path: KeyPath, mark: str, place: SourcePlace) -> None:
    assert Map(TEXT).place(path, mark) == place
    assert Map(TEXT.replace("\n", "\r\n")).place(path, mark) == place


@pytest.mark.parametrize(
    ("line", "column", "path"),
    [
        (1, 1, ()),
        (2, 1, ("top",)),
        (4, 1, ("plan", "main")),
        (6, 3, ("plan", "main", "balance")),
        (6, 33, ("plan", "main", "balance", "on")),
        (8, 1, ("plan", "main", "note")),
        (13, 3, ("plan", "main", "remind", "renewal")),
        (18, 1, ("plan", "main", "bill", 1, "what")),
        (22, 1, ("plan", "main", "bill", 1, "deep")),
    ],
)
def test_what_a_place_belongs_to(line: int, column: int, path: KeyPath) -> None:
    assert Map(TEXT).around(line, column) == path


def leaves(value: object, path: KeyPath = ()) -> dict[KeyPath, object]:
    if isinstance(value, dict):
        return {at: leaf for name, one in value.items() for at, leaf in leaves(one, (*path, name)).items()}
    if isinstance(value, list):
        return {at: leaf for n, one in enumerate(value) for at, leaf in leaves(one, (*path, n)).items()}
    return {path: value}


def check_every_value(text: str) -> None:
    found = {entry.path: text[entry.value : entry.end] for entry in scan(text)}
    for path, value in leaves(tomli.loads(text, parse_float=Decimal)).items():
        assert tomli.loads(f"x = {found[path]}", parse_float=Decimal)["x"] == value


def test_every_value_of_the_examples_is_found_where_it_stands() -> None:
    check_every_value(TEXT)
    for file in ("plans.toml", "starter.toml", "carriers.toml"):
        check_every_value((ASSETS / "config" / file).read_text("utf-8"))


KEYS = st.text("abc-_ .\"'#=[]é\n", min_size=1, max_size=5)
VALUES = st.recursive(
    st.integers(-9, 9) | st.booleans() | st.dates() | st.times() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(KEYS, VALUES, max_size=4), st.dictionaries(KEYS, VALUES, max_size=3))
def test_every_value_of_any_text_is_found_where_it_stands(top: dict[str, object], table: dict[str, object]) -> None:
    lines = [
        f"{as_toml(name) if not re.fullmatch('[a-z]+', name) else name} = {as_toml(value)}"
        for name, value in top.items()
    ]
    below = [f"{as_toml(name)}=  {as_toml(value)} # {name!r}" for name, value in table.items()]
    check_every_value("\n".join([*lines, "[below.'x.y']", *below, "[[below.list]]", *below, "[[below.list]]"]))
