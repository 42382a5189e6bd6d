"""The tables of docs/households.md and its twin: what each household got, counted. `pytest --update-golden` accepts a change."""

from __future__ import annotations

import re
from collections.abc import Mapping

from simulated_year import Life, kind_of

_ORDER = (
    "renewal", "overdue", "lost", "keep-alive", "balance", "bill", "charge", "charged", "card", "data", "promo", "pause",
    "backup", "cancel-by", "binding", "pin", "unconfirmed", "final-bill", "refund", "undo", "report", "digest",
)  # fmt: skip
_TABLE = re.compile(r"(<!-- counts: ([a-z0-9-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


_HEADINGS = {
    "en": {
        "table": ["mails"],
        "all": ["mails", "of them only monthly", "busiest 7 days"],
        "many": ["lines", "people", "mails", "a person: least", "median", "most"],
    },
    "zh-CN": {
        "table": ["信"],
        "all": ["信", "其中只有月报", "最多的一周"],
        "many": ["线", "人", "信", "每人：最少", "中位", "最多"],
    },
}


def filled(page: str, lives: Mapping[str, Life], many: Life, lines: int, code: str) -> str:
    """Return the page with every table as these lives make it; a household that has none is an error."""
    headings = _HEADINGS[code]
    found = {name for _, name, _ in _TABLE.findall(page)}
    assert found == {*lives, "all", "many"}, found ^ {*lives, "all", "many"}

    def table(match: re.Match[str]) -> str:
        begin, name, end = match.groups()
        rows = {
            "all": lambda: _summary(lives, headings["all"]),
            "many": lambda: _many(many, lines, headings["many"]),
        }.get(name, lambda: _table(lives[name], headings["table"]))()
        return f"{begin}{rows}\n{end}"

    return _TABLE.sub(table, page)


def _table(life: Life, headings: list[str]) -> str:
    people = sorted(life.count(), key=lambda one: (one != "me", one))
    kinds = [kind for kind in _ORDER if any(life.kinds(one)[kind] for one in people)]
    rows = [["", *headings, *(f"`{kind}`" for kind in kinds)], ["---", *["---:"] * (len(kinds) + 1)]]
    rows += [
        [f"`{one}`", str(life.count()[one]), *(str(life.kinds(one)[kind] or "") for kind in kinds)] for one in people
    ]
    return "\n".join(_line(row) for row in rows)


def _summary(lives: Mapping[str, Life], headings: list[str]) -> str:
    rows = [
        ["", "`for`", *headings],
        ["---", "---", "---:", "---:", "---:"],
    ]
    for name, life in lives.items():
        for one in sorted(life.count(), key=lambda one: (one != "me", one)):
            mails = [mail for mail in life.mails if mail.person == one]
            monthly = sum({kind_of(key) for key in mail.keys} in ({"digest"}, {"digest", "report"}) for mail in mails)
            rows.append(
                [f"[{name}](#{name})", f"`{one}`", str(len(mails)), str(monthly), str(_busiest_week(life, one))]
            )
    return "\n".join(_line(row) for row in rows)


def _busiest_week(life: Life, person: str) -> int:
    moments = [mail.at for mail in life.mails if mail.person == person]
    return max(sum(0 <= (other - one).days < 7 for other in moments) for one in moments)


def _many(life: Life, lines: int, headings: list[str]) -> str:
    mails = sorted(life.count().values())
    rows = [
        headings,
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
