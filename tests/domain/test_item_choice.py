"""Which item was meant by the name that somebody typed."""

from __future__ import annotations

import pytest

from households import day
from renewd.domain.errors import UsageError
from renewd.domain.item_choice import choose, matches

NAMES = ["Chase", "Chase Freedom", "招商银行"]


@pytest.mark.parametrize(
    ("typed", "places"),
    [
        ("Chase", [0]),
        ("chase freedom", [1]),
        ("CHASE", [0]),
        ("chas", [0, 1]),
        ("招商", [2]),
        ("Chse Freedom", [1]),
        ("Uber", []),
    ],
)
def test_the_strictest_rule_that_finds_any_counts(typed: str, places: list[int]) -> None:
    assert matches(NAMES, typed) == places


def test_what_is_open_is_meant_first_and_never_one_of_two() -> None:
    settled = [day("2026-11-01"), None, None]
    assert choose("chas", NAMES, settled, plan="main", what="moved") == 1
    with pytest.raises(UsageError) as several:
        choose(None, NAMES, settled, plan="main", what="moved")
    assert several.value.args_["items"] == ["Chase Freedom", "招商银行"]


@pytest.mark.parametrize("typed", [None, "Chase", "chas"])
def test_items_of_one_name_are_said_to_need_names_of_their_own(typed: str | None) -> None:
    with pytest.raises(UsageError) as same:
        choose(typed, ["Chase", "Chase"], [None, None], plan="main", what="moved")
    assert (same.value.code, same.value.args_["n"]) == ("terminal.mark.same-items", 2)
