"""A fact is changed in the text, and nothing but that fact."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import tomli
from hypothesis import given
from hypothesis import strategies as st

from config_files import FULL
from renewd.assets import ASSETS
from renewd.config import edit
from renewd.config.edit import append_table, as_toml, find_plan_file, remove, set_value
from renewd.config.locate import KeyPath, scan
from renewd.domain.errors import UsageError

MAIN = """\
# my plans
[plan.main]   # the main one
renews   =  2026-12-05    # paid by hand
price = 5
balance = { amount = 12.5,  on = 2026-11-01 }  # looked
# price = 6

# ---- mom ----
[plan.mom]
renews = 2027-01-01
"""


def changed(before: str, after: str) -> list[tuple[str, str]]:
    """Return what differs, line by line: (old, new) of each changed line, ("", new) of each added one."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    start = next((n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    end = next(
        (n for n, (a, b) in enumerate(zip(reversed(old[start:]), reversed(new[start:]), strict=False)) if a != b),
        min(len(old), len(new)) - start,
    )
    olds, news = old[start : len(old) - end], new[start : len(new) - end]
    return [
        *zip(olds, news, strict=False),
        *((line, "") for line in olds[len(news) :]),
        *(("", line) for line in news[len(olds) :]),
    ]


@pytest.mark.parametrize(
    ("path", "value", "difference"),
    [
        (
            ("plan", "main", "renews"),
            date(2027, 1, 4),
            [("renews   =  2026-12-05    # paid by hand\n", "renews   =  2027-01-04    # paid by hand\n")],
        ),
        (
            ("plan", "main", "balance", "amount"),
            Decimal("7.50"),
            [
                (
                    "balance = { amount = 12.5,  on = 2026-11-01 }  # looked\n",
                    "balance = { amount = 7.50,  on = 2026-11-01 }  # looked\n",
                )
            ],
        ),
        (
            ("plan", "main", "balance"),
            {"amount": Decimal(20), "on": date(2026, 12, 1)},
            [
                (
                    "balance = { amount = 12.5,  on = 2026-11-01 }  # looked\n",
                    "balance = { amount = 20,  on = 2026-12-01 }  # looked\n",
                )
            ],
        ),
        (("plan", "main", "snooze"), date(2026, 12, 1), [("", "snooze = 2026-12-01\n")]),
        (("plan", "mom", "note"), 'a "b" \\ 小\n', [("", 'note = "a \\"b\\" \\\\ 小\\u000A"\n')]),
        (
            ("plan", "main", "keep_alive"),
            {"every": "90 days", "last": date(2026, 11, 1)},
            [("", 'keep_alive = { every = "90 days", last = 2026-11-01 }\n')],
        ),
        (
            ("plan", "main", "cancel", "requested_on"),
            date(2027, 2, 21),
            [("", "\n"), ("", "[plan.main.cancel]\n"), ("", "requested_on = 2027-02-21\n")],
        ),
        (
            ("plan", "mom", "cancel", "refund"),
            {"amount": Decimal(9), "expected": date(2027, 4, 20)},
            [("", "\n"), ("", "[plan.mom.cancel]\n"), ("", "refund = { amount = 9, expected = 2027-04-20 }\n")],
        ),
        (("plan", "main", "autopay"), True, [("", "autopay = true\n")]),
        (("plan", "main", "renews"), date(2026, 12, 5), []),
    ],
)
def test_one_value_changes_and_every_other_line_stays(
    path: KeyPath, value: object, difference: list[tuple[str, str]]
) -> None:
    for text in (MAIN, MAIN.replace("\n", "\r\n"), "\ufeff" + MAIN):
        after = set_value(text, path, value)
        wanted = (
            [(a.replace("\n", "\r\n"), b.replace("\n", "\r\n")) for a, b in difference] if "\r" in text else difference
        )
        assert sorted(changed(text, after)) == sorted(wanted)


def test_a_new_key_goes_below_the_last_key_and_above_remarks() -> None:
    after = set_value(MAIN, ("plan", "main", "snooze"), date(2026, 12, 1))
    assert "# looked\nsnooze = 2026-12-01\n# price = 6\n\n# ---- mom" in after
    after = set_value("[plan.x]\n  [plan.x.cancel]\n[plan.y]\n", ("plan", "x", "renews"), date(2026, 12, 1))
    assert after == "[plan.x]\nrenews = 2026-12-01\n  [plan.x.cancel]\n[plan.y]\n"
    after = set_value("[plan.x]\n  a = 1\n", ("plan", "x", "b"), 2)
    assert after == "[plan.x]\n  a = 1\n  b = 2\n"
    after = set_value('[plan.x]\na = """\n[plan.y]\n"""\n[plan.z]\n', ("plan", "x", "b"), 2)
    assert after == '[plan.x]\na = """\n[plan.y]\n"""\nb = 2\n[plan.z]\n'


def test_a_new_table_goes_below_the_plan_and_its_remarks() -> None:
    after = append_table(MAIN, ("plan", "main", "receipt"), {"on": date(2026, 12, 1), "amount": Decimal("5.00")})
    assert "# price = 6\n\n[[plan.main.receipt]]\non = 2026-12-01\namount = 5\n\n# ---- mom ----\n[plan.mom]" in after
    again = append_table(after, ("plan", "main", "receipt"), {"on": date(2027, 1, 1)})
    assert "amount = 5\n\n[[plan.main.receipt]]\non = 2027-01-01\n\n# ---- mom" in again
    tight = "[plan.x]\nrenews = 2026-12-01\n# about y\n[plan.y]\n"
    after = append_table(tight, ("plan", "x", "receipt"), {"on": date(2026, 12, 1)})
    assert after == "[plan.x]\nrenews = 2026-12-01\n\n[[plan.x.receipt]]\non = 2026-12-01\n# about y\n[plan.y]\n"


def test_a_receipt_stays_above_the_tables_of_other_plans() -> None:
    text = "[plan.x]\na = 1\n[plan.y]\nb = 1\n[[plan.x.bill]]\nwhat = 'c'\n[plan.z]\n"
    after = append_table(text, ("plan", "x", "receipt"), {"on": date(2026, 12, 1)})
    assert after.index("[plan.y]") < after.index("[[plan.x.bill]]") < after.index("receipt") < after.index("[plan.z]")


@pytest.mark.parametrize("end", ["", "\n", "\r\n", "   # end", "\n\n\n"])
def test_the_end_of_the_file_stays_as_it_is(end: str) -> None:
    text = f"[plan.x]\nrenews = 2026-12-05{end}"
    after = append_table(text, ("plan", "x", "receipt"), {"on": date(2026, 12, 1)})
    assert after.startswith("[plan.x]\nrenews = 2026-12-05" + end.rstrip("\r\n"))
    assert after.endswith("\n") == text.endswith("\n")
    after = set_value(text, ("plan", "x", "price"), 5)
    assert after.endswith("\n") == text.endswith("\n")


@pytest.mark.parametrize(
    ("text", "path", "value", "after"),
    [
        ("plan.x.price = 5\nplan.x.renews = 2026-12-05\n", ("plan", "x", "price"), 6, "plan.x.price = 6\nplan.x.renews = 2026-12-05\n"),
        ("plan.x.price = 5\n[plan.y]\n", ("plan", "x", "day"), 6, "plan.x.price = 5\nplan.x.day = 6\n[plan.y]\n"),
        ("[plan]\nx.price = 5\ny.price = 6\n", ("plan", "x", "day"), 7, "[plan]\nx.price = 5\nx.day = 7\ny.price = 6\n"),
        ("[plan]\nx = { price = 5 }\n", ("plan", "x", "price"), 6, "[plan]\nx = { price = 6 }\n"),
        ("[plan]\nx = { price = 5 }\n", ("plan", "x", "day"), 7, "[plan]\nx = { price = 5, day = 7 }\n"),
        ("[plan]\nx = {}\n", ("plan", "x", "day"), 7, "[plan]\nx = { day = 7 }\n"),
        ("[plan.x]\nbalance.amount = 5\n", ("plan", "x", "balance", "amount"), 6, "[plan.x]\nbalance.amount = 6\n"),
        ("[plan.x]\nbalance.amount = 5\n", ("plan", "x", "balance", "on"), 6, "[plan.x]\nbalance.amount = 5\nbalance.on = 6\n"),
        ("[plan.x.balance]\namount = 5\n[plan.x]\na=1\n", ("plan", "x", "balance"), {"amount": 6, "on": 1}, "[plan.x.balance]\namount = 6\non = 1\n[plan.x]\na=1\n"),
        ("[[plan.x.bill]]\nwhat='a'\n[[plan.x.bill]]\nwhat='b' # c\n", ("plan", "x", "bill", 1, "paid_on"), date(2026, 12, 1), "[[plan.x.bill]]\nwhat='a'\n[[plan.x.bill]]\nwhat='b' # c\npaid_on = 2026-12-01\n"),
        ("[plan.x]\nbill = [{what='a'}, {what='b'}]\n", ("plan", "x", "bill", 1, "what"), "c", "[plan.x]\nbill = [{what='a'}, {what=\"c\"}]\n"),
        ("[plan.x]\nbill = [{what='a'}, {what='b'}]\n", ("plan", "x", "bill", 0, "due"), 1, "[plan.x]\nbill = [{what='a', due = 1}, {what='b'}]\n"),
        ("[plan.x]\n'note' = '''a\nb''' # c\n", ("plan", "x", "note"), "d", "[plan.x]\n'note' = \"d\" # c\n"),
        ("[plan.x]\nremind = { renewal = [7,\n 3] }\n", ("plan", "x", "remind", "renewal"), [1], "[plan.x]\nremind = { renewal = [1] }\n"),
        ("[plan.x]\nprice = '5.00'\n", ("plan", "x", "price"), Decimal(6), "[plan.x]\nprice = 6\n"),
    ],
)  # fmt: skip
def test_every_way_of_writing_a_table_is_kept(text: str, path: KeyPath, value: object, after: str) -> None:
    assert set_value(text, path, value) == after


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("[plan.x]\nbill = [{what='a'}]\n", "[plan.x]\nbill = [{what='a'}, { on = 1 }]\n"),
        ("[plan.x]\nbill = [ ]\n", "[plan.x]\nbill = [{ on = 1 }]\n"),
        ("[plan]\nx = { a = 1 }\n", "[plan]\nx = { a = 1, bill = [{ on = 1 }] }\n"),
        ("plan.x.a = 1\nb = 2\n", "plan.x.a = 1\nb = 2\n\n[[plan.x.bill]]\non = 1\n"),
        ("[plan.x]\n", "[plan.x]\n\n[[plan.x.bill]]\non = 1\n"),
        (
            "[[plan.x.bill]]\non = 0\n[plan.x.bill.deep]\na = 1\n[plan.y]\n",
            "[[plan.x.bill]]\non = 0\n[plan.x.bill.deep]\na = 1\n\n[[plan.x.bill]]\non = 1\n[plan.y]\n",
        ),
    ],
)
def test_a_table_is_added_to_every_way_of_writing_a_list(text: str, after: str) -> None:
    assert append_table(text, ("plan", "x", "bill"), {"on": 1}) == after


@pytest.mark.parametrize(
    ("text", "path", "after"),
    [
        (MAIN, ("plan", "main", "price"), MAIN.replace("price = 5\n", "", 1)),
        (MAIN, ("plan", "main", "day"), MAIN),
        (MAIN, ("plan", "main", "balance", "on"), MAIN.replace(",  on = 2026-11-01 }", " }")),
        (MAIN, ("plan", "main", "balance", "amount"), MAIN.replace("amount = 12.5,  ", "")),
        ("[plan.x]\nb = { a = 1 }\n", ("plan", "x", "b", "a"), "[plan.x]\nb = {  }\n"),
        ("[plan.x]\na = '''\n[b]\n''' # c\nd = 1", ("plan", "x", "a"), "[plan.x]\nd = 1"),
        ("[plan.x]\nb = 1\na = 1", ("plan", "x", "a"), "[plan.x]\nb = 1\n"),
    ],
)
def test_a_value_is_taken_out_with_its_line_and_nothing_else(text: str, path: KeyPath, after: str) -> None:
    assert remove(text, path) == after


@pytest.mark.parametrize(
    ("act", "table", "toml"),
    [
        (lambda: set_value("[plan.x]\n", ("plan", "y", "price"), 5), "[plan.y]", "price = 5"),
        (lambda: set_value("[plan.x.cancel]\n", ("plan", "x", "cancel"), 5), "[plan.x]", "cancel = 5"),
        (lambda: set_value("[plan.x]\na = 1\n", ("plan", "x", "a", "b"), 5), "[plan.x.a]", "b = 5"),
        (lambda: append_table("[plan.x]\n", ("plan", "y", "bill"), {"on": 1}), "[plan.y]", "[[plan.y.bill]] { on = 1 }"),
        (lambda: append_table("[plan.x]\nbill = 1\n", ("plan", "x", "bill"), {"on": 1}), "[plan.x]", "[[plan.x.bill]] { on = 1 }"),
        (lambda: remove("[plan.x.cancel]\nby = 2027-01-01\n", ("plan", "x", "cancel")), "[plan.x]", "# cancel"),
        (lambda: remove("plan.x.a = 1\n", ("plan", "x")), "[plan]", "# x"),
    ],
)  # fmt: skip
def test_what_cannot_be_changed_is_refused_with_the_line_to_write(
    act: Callable[[], str], table: str, toml: str
) -> None:
    with pytest.raises(UsageError) as raised:
        act()
    assert (raised.value.code, raised.value.args_) == ("check.cannot-edit", {"table": table, "toml": toml})


def test_a_broken_file_is_not_changed() -> None:
    with pytest.raises(UsageError) as raised:
        set_value("[plan.x]\na = 1\nb = “2”\n", ("plan", "x", "a"), 2)
    assert (raised.value.code, raised.value.args_) == ("check.cannot-edit-broken", {"line": 3})


def test_a_change_that_touches_more_than_its_fact_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    spliced = edit._Text._spliced
    monkeypatch.setattr(
        edit._Text, "_spliced", lambda self, a, b, new: spliced(self, a, b, new).replace("price = 5", "price = 6")
    )
    with pytest.raises(UsageError):
        set_value(MAIN, ("plan", "main", "renews"), date(2027, 1, 4))


@pytest.mark.parametrize(("before", "after"), [("1", "true"), ("1", "1.0"), ("2026-12-05", '"2026-12-05"')])
def test_values_that_only_look_alike_are_told_apart(before: str, after: str) -> None:
    one, other = (edit._told_apart(tomli.loads(f"x = {value}", parse_float=Decimal)) for value in (before, after))
    assert one != other


VALUES: st.SearchStrategy[object] = (
    st.dates() | st.booleans() | st.integers(0, 99) | st.decimals(0, 999, places=2) | st.text(max_size=20)
)
TEXTS = [FULL, MAIN, (ASSETS / "config/plans.toml").read_text("utf-8")]
PLACES = [(text, entry.path) for text in TEXTS for entry in scan(text) if entry.sort in ("key", "member")]


@given(st.sampled_from(PLACES), VALUES, st.sampled_from(["\n", "\r\n"]))
def test_any_value_in_any_place_is_set_and_one_line_differs(
    place: tuple[str, KeyPath], value: object, newline: str
) -> None:
    text = place[0].replace("\n", newline)
    after = set_value(text, place[1], value)
    old, new = text.split("\n"), after.split("\n")
    assert len(old) >= len(new)
    assert sum(a != b for a, b in zip(old, new, strict=False)) <= 1 or len(old) > len(new)


def test_a_key_at_the_top_stays_above_the_first_table() -> None:
    after = set_value('timezone = "UTC"\n# more\n[plan.x]\na = 1\n', ("budget",), Decimal("99.50"))
    assert after == 'timezone = "UTC"\nbudget = 99.50\n# more\n[plan.x]\na = 1\n'


@given(st.sampled_from(PLACES))
def test_what_is_taken_out_and_set_again_is_there_again(place: tuple[str, KeyPath]) -> None:
    text, path = place
    entry = next(entry for entry in scan(text) if entry.path == path)
    value = tomli.loads(f"x = {text[entry.value : entry.end]}", parse_float=Decimal)["x"]
    again = set_value(remove(text, path), path, value)
    assert edit._told_apart(tomli.loads(again, parse_float=Decimal)) == edit._told_apart(
        tomli.loads(set_value(text, path, value), parse_float=Decimal)
    )


@given(VALUES)
def test_every_value_is_written_so_that_it_reads_the_same(value: object) -> None:
    read_back = tomli.loads(f"x = {as_toml(value)}", parse_float=Decimal)["x"]
    assert read_back == value


# files


def test_the_file_that_holds_a_plan_is_found(put: Callable[..., Path], folder: Path) -> None:
    files = [
        put("a.toml", "[plan.x]\n"),
        put("b.toml", "plan.y.price = 5\n"),
        put("c.toml", "broken ="),
        folder / "none.toml",
    ]
    assert [find_plan_file(files, plan) for plan in ("x", "y", "z")] == [files[0], files[1], None]
