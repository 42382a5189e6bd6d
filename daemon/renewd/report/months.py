"""What the next twelve months cost: the sums, a drawing of bars, and the same in words.

The sums are what would be paid if nothing changed: every renewal and charge in its month at the price of its day,
and the unpaid bills. A price that is not known is counted, and not in the sum.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from markupsafe import escape

from renewd.domain.cancellation import has_left
from renewd.domain.dates import add_months
from renewd.domain.money import Money
from renewd.domain.plans import Plan
from renewd.i18n import Language, language
from renewd.reminders.payments import bills_of, payments_of

MONTHS = 12
_ROW, _BAR = 28, 12
_LABEL, _AMOUNT, _ACROSS = 104, 96, 480  # units of the drawing: the month's name, the sum, all of it


@dataclass(frozen=True, slots=True)
class MonthCosts:
    """What is paid from `first` to the end of its month; `unknown` payments have no known price."""

    first: date
    total: Decimal
    unknown: int = 0


def months(plans: Iterable[Plan], today: date, currency: str) -> tuple[MonthCosts, ...]:
    """Return the next twelve months' costs in one currency, the rest of this month first."""
    starts = [today, *(add_months(today.replace(day=1), n, 1) for n in range(1, MONTHS + 1))]
    last = starts[-1].toordinal() - 1
    totals = [Decimal(0)] * MONTHS
    unknown = [0] * MONTHS
    for plan in plans:
        if plan.currency != currency:
            continue
        coming = bills_of if has_left(plan) else payments_of
        for payment in coming(plan, today, date.fromordinal(last)):
            place = (payment.day.year - today.year) * 12 + payment.day.month - today.month
            if payment.money is None:
                unknown[place] += 1
            else:
                totals[place] += payment.money.amount
    return tuple(map(MonthCosts, starts, totals, unknown))


def drawing(rows: Sequence[MonthCosts], currency: str, code: str, *, many: bool = False) -> str:
    """Return the months as an SVG to stand in a page: bars, sums and names, in colors that the page may change."""
    words = language(code)
    most = max((row.total for row in rows), default=Decimal(0)) or Decimal(1)
    room = _ACROSS - _LABEL - _AMOUNT
    said = words.say("report.months.drawn", months=in_words(rows, currency, code, many=many))
    size = (
        f'viewBox="0 0 {_ACROSS} {_ROW * len(rows)}" style="display:block;width:100%;max-width:{_ACROSS}px;height:auto"'
    )
    parts = [f'<svg class="months" {size} role="img" aria-label="{escape(said)}">']
    for n, row in enumerate(rows):
        base = _ROW * n + 19
        length = max(Decimal(2), room * row.total / most) if row.total else Decimal(0)
        amount = words.money(Money(row.total, currency), many=many) if row.total or not row.unknown else "?"
        parts.append(
            f'<text class="t-sec" x="0" y="{base}" font-size="15" fill="#565c64">{escape(_name(row, n, words))}</text>'
            f'<rect class="f-amber" x="{_LABEL}" y="{base - _BAR + 1}" width="{length:.1f}" height="{_BAR}" rx="2" fill="#7d4b00"/>'
            f'<text class="t-ink" x="{_LABEL + length + (8 if length else 0):.1f}" y="{base}" font-size="15" font-weight="600">{escape(amount)}</text>'
        )
    return "".join([*parts, "</svg>"])


def summary(rows: Sequence[MonthCosts], currency: str, code: str, *, many: bool = False) -> list[str]:
    """Return what stands below the drawing: the sum of all months, and how many payments are not in it."""
    words = language(code)
    total = words.money(Money(sum((row.total for row in rows), Decimal(0)), currency), many=many)
    unknown = sum(row.unknown for row in rows)
    said = [words.say("report.months.total", money=total)]
    return [*said, words.say("report.months.unknown", n=unknown)] if unknown else said


def in_words(rows: Sequence[MonthCosts], currency: str, code: str, *, many: bool) -> str:
    """Return the months as one sentence: `12月 $123.50，1月 …`."""
    words = language(code)
    each = (f"{words.month(row.first)} {words.money(Money(row.total, currency), many=many)}" for row in rows)
    return words.clauses(each)


def _name(row: MonthCosts, place: int, words: Language) -> str:
    """Return a month's name; January's with the year that it begins."""
    return words.month_year(row.first) if row.first.month == 1 and place else words.month(row.first)
