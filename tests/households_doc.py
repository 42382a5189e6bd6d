"""The tables of docs/households.md: what each household got, counted. `pytest --update-golden` accepts a change."""

from __future__ import annotations

import re
from collections.abc import Mapping

from simulated_year import Life, kind_of

_ORDER = (
    "renewal", "overdue", "lost", "keep-alive", "balance", "bill", "charge", "charged", "card", "data", "promo", "pause",
    "backup", "digest",
)  # fmt: skip
_TABLE = re.compile(r"(<!-- counts: ([a-z0-9-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def filled(page: str, lives: Mapping[str, Life], many: str) -> str:
    """Give the page with every table as these lives make it; a household that has none is an error."""
    found = {name for _, name, _ in _TABLE.findall(page)}
    assert found == {*lives, "all", "many"}, found ^ {*lives, "all", "many"}

    def table(match: re.Match[str]) -> str:
        begin, name, end = match.groups()
        rows = {"all": lambda: _summary(lives), "many": lambda: many}.get(name, lambda: _table(lives[name]))()
        return f"{begin}{rows}\n{end}"

    return _TABLE.sub(table, page)


def _table(life: Life) -> str:
    people = sorted(life.count(), key=lambda one: (one != "me", one))
    kinds = [kind for kind in _ORDER if any(life.kinds(one)[kind] for one in people)]
    rows = [["", "mails", *(f"`{kind}`" for kind in kinds)], ["---", *["---:"] * (len(kinds) + 1)]]
    rows += [
        [f"`{one}`", str(life.count()[one]), *(str(life.kinds(one)[kind] or "") for kind in kinds)] for one in people
    ]
    return "\n".join(_line(row) for row in rows)


def _summary(lives: Mapping[str, Life]) -> str:
    rows = [
        ["", "`for`", "mails / 封", "of them only monthly / 只有月报", "busiest 7 days / 最多的一周"],
        ["---", "---", "---:", "---:", "---:"],
    ]
    for name, life in lives.items():
        for one in sorted(life.count(), key=lambda one: (one != "me", one)):
            mails = [mail for mail in life.mails if mail.person == one]
            monthly = sum(all(kind_of(key) == "digest" for key in mail.keys) for mail in mails)
            rows.append(
                [f"[{name}](#{name})", f"`{one}`", str(len(mails)), str(monthly), str(_busiest_week(life, one))]
            )
    return "\n".join(_line(row) for row in rows)


def _busiest_week(life: Life, person: str) -> int:
    moments = [mail.at for mail in life.mails if mail.person == person]
    return max(sum(0 <= (other - one).days < 7 for other in moments) for one in moments)


def many_row(life: Life, lines: int) -> str:
    """Give the table of a household of very many."""
    mails = sorted(life.count().values())
    rows = [
        ["lines / 条", "people / 人", "mails / 封", "a person: least / 最少", "median / 中位", "most / 最多"],
        ["---:"] * 6,
        [
            f"{lines:,}",
            f"{len(mails):,}",
            f"{sum(mails):,}",
            *(str(n) for n in (mails[0], mails[len(mails) // 2], mails[-1])),
        ],
    ]
    return "\n".join(_line(row) for row in rows)


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
