"""Facts that cannot all be true are named with their line; they cost nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from config_files import Load
from households import carrier, day, plan
from renewd.config.contradictions import warn_of_contradictions
from renewd.config.locate import KeyPath
from renewd.config.table_reader import Mistakes
from renewd.domain.plans import Cancel

Said = Callable[..., list[str]]
HEAD = '[mail]\nto = "me@example.com"\n[plan.x]\nrenews = 2026-12-05\n'  # 4 lines


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[plan.x.cancel]\nrequested_on = 2026-11-10\nconfirmed_on = 2026-11-09\n",
         "plans.toml:7: plan.x.cancel.confirmed_on: note: confirmed before it was requested on Tue, Nov 10, 2026"),
        ('[[plan.x.bill]]\nwhat = "a"\ndue = 2026-12-01\npaid_on = 2024-11-28\n',
         "plans.toml:8: plan.x.bill.paid_on: note: 733 days before it is due on Tue, Dec 1, 2026"),
        ("[plan.x.cancel]\nfinal_bill = { due = 2026-12-01, paid_on = 2025-06-28 }\n",
         "plans.toml:6: plan.x.cancel.final_bill.paid_on: note: 521 days before"),
        ('[[plan.x.backup]]\nwhat = "a"\ndone_on = 2027-11-01\n',
         "plans.toml:7: plan.x.backup.done_on: note: Mon, Nov 1, 2027 is still to come"),
        ("price = 5.125\n", "plans.toml:5: plan.x.price: note: USD has no such small amounts: 5.125 is shown as 5.12"),
        ('currency = "JPY"\nprice = "980.5"\n', "plans.toml:6: plan.x.price: note: JPY has no such small amounts: 980.5 is"),
        ('currency = "KWD"\n[[plan.x.bill]]\nwhat = "a"\namount = 5.1234\n', "plans.toml:8: plan.x.bill.amount: note: KWD has no"),
        ("cancel = { refund = { amount = 0.001 } }\n", "plans.toml:5: plan.x.cancel.refund.amount: note: USD has no such"),
    ],
)  # fmt: skip
def test_a_contradiction_is_named_at_its_line(said: Said, load_text: Load, text: str, line: str) -> None:
    [found] = said(HEAD + text)
    assert found.startswith(line)
    loaded = load_text(HEAD + text)
    assert [problem.severity for problem in loaded.problems if problem.plan] == ["warning"]
    assert "x" in loaded.household.plans


def test_a_failure_that_is_settled_by_its_new_date_is_left_over(said: Said) -> None:
    paid = HEAD.replace("2026-12-05", "2027-01-06") + 'every = "30 days"\nautopay = true\nfailed_on = 2026-12-06\n'
    [found] = said(paid)
    assert found.startswith("plans.toml:7: plan.x.failed_on: note: a charge before Wed, Jan 6, 2027 counts as paid")
    assert said(paid.replace("failed_on = 2026-12-06", "failed_on = 2027-01-06")) == []


@pytest.mark.parametrize(
    "text",
    [
        "[plan.x.cancel]\nrequested_on = 2026-11-10\nconfirmed_on = 2026-11-10\n",
        '[[plan.x.bill]]\nwhat = "a"\ndue = 2026-12-01\npaid_on = 2026-01-28\n',
        '[[plan.x.bill]]\nwhat = "a"\ndue = 2024-12-01\npaid_on = 2026-01-28\n',
        '[[plan.x.backup]]\nwhat = "a"\ndone_on = 2026-11-21\n',
        "[plan.x.cancel]\npin_on = 2026-10-01\n",
        'currency = "KWD"\nprice = 5.125\n',
        "price = 5.1000\n",
    ],
)
def test_what_can_be_true_is_not_remarked_on(said: Said, text: str) -> None:
    assert said(HEAD + text) == []


@pytest.mark.parametrize(
    ("cancel", "today", "said"),
    [
        (Cancel(pin_on=day("2026-10-01")), "2026-10-07", []),
        (Cancel(pin_on=day("2026-10-01")), "2026-10-08", [("cancel", "pin_on")]),
        (Cancel(pin_on=day("2026-10-01"), requested_on=day("2026-10-03")), "2026-11-08", []),
    ],
)
def test_a_pin_that_is_older_than_its_life_is_named_until_it_was_used(
    cancel: Cancel, today: str, said: list[KeyPath]
) -> None:
    report = Mistakes()
    warn_of_contradictions((), plan(carrier=carrier(pin_days=7), cancel=cancel), day(today), report)
    assert [finding.path for finding in report.findings] == said


def test_a_line_that_is_billed_afterwards_cannot_be_let_run_out(said: Said) -> None:
    lapse = HEAD + 'carrier = "tmobile"\n[plan.x.cancel]\nhow = "lapse"\n'
    [found] = said(lapse)
    assert found.startswith("plans.toml:7: plan.x.cancel.how: this carrier bills afterwards")
    assert "debt collector" in found
    assert said(lapse.replace('"tmobile"', '"tello"')) == []


def test_a_line_cannot_both_run_out_and_be_kept(said: Said) -> None:
    text = HEAD + '[plan.x.cancel]\nhow = "lapse"\nnumber = "move"\n'
    [found] = said(text)
    assert found.startswith('plans.toml:7: plan.x.cancel.number: note: how = "lapse" lets the line run out')
    assert said(text.replace('"move"', '"port"')) == []
