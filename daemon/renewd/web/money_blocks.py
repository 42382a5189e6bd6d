"""What is paid when, for a person's page: the next 90 days by month, the sums, the chart and its tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from renewd.domain.cancellation import way_out
from renewd.domain.charging import card_of, may_fail
from renewd.domain.dates import DAY, add_months
from renewd.domain.findings import item_id
from renewd.domain.money import Money, sums
from renewd.reminders.facts import Payment
from renewd.reminders.payments import counts_until_left
from renewd.reminders.person_page import ComingDay, MonthSum, PersonPage
from renewd.render.mail_parts import Link, MailRow
from renewd.render.markup import brief, own
from renewd.web.asked_fact import ask
from renewd.web.forms import price_of
from renewd.web.wording import Wording

_MANY = 30  # payments in 90 days; from there on, the first 30 days by week
_FLOOR, _TALLEST = 126, 100  # pixels of the chart


@dataclass(frozen=True, slots=True, kw_only=True)
class ComingRow:
    """A row of what comes."""

    day: str
    name: str
    url: str
    amount: str = ""
    sub: str = ""
    tone: str = ""
    tap: Link | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SumTable:
    """A table of sums with its total."""

    title: str
    caption: str
    rows: Sequence[MailRow]
    total: str
    amount: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A bar of the chart; x and width in percent, the rest in pixels."""

    x: float
    y: int
    width: float
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BarText:
    """A text of the chart."""

    x: float
    y: int
    anchor: str
    words: str
    strong: bool = False


class MoneyBlocks:
    """The blocks about money of one page."""

    def __init__(self, page: PersonPage, words: Wording, *, may_record: bool) -> None:
        self._page = page
        self._words = words
        self._may_record = may_record
        said = [facts for block in page.open for facts in (block.facts, *block.also)]
        self._open = {facts.plan.id for facts in said if facts.plan}
        self._billed = {facts.plan.id for facts in said if facts.plan and facts.kind == "bill"}

    def comes(self, *, whole: bool) -> dict[str, object]:
        """Return the next 90 days; where there is much to pay, only 30 in rows, unless the `whole` is asked for."""
        payments = self._page.paid_by(self._page.later)
        many = len(payments) >= _MANY and not whole
        after = payments[len(self._page.paid_by(self._page.soon)) :]
        return {
            "title": self._words.say("nav.comes"),
            "sentence": self._sentence(payments),
            "plain": self._of_one(payments) if len(self._page.rows) == 1 else None,
            "months": self._weeks() if many else self._months(payments),
            "after": self._words.say("comes.many", n=len(after), sum=self._sum(after)) if many and after else "",
            "all": self._words.say("comes.all"),
        }

    def _of_one(self, payments: Sequence[Payment]) -> list[ComingRow]:
        """Return the rows of somebody with a single plan: its name says nothing there."""
        rows: list[Payment | ComingDay] = [*payments, *self._page.days]
        rows.sort(key=lambda row: row.day)
        names = [own(row.what) if isinstance(row, Payment) and row.what else "" for row in rows]
        return [replace(self._row(row), name=name) for row, name in zip(rows, names, strict=True)]

    def short(self) -> str:
        """Return the 90 days in a few words."""
        payments = self._page.paid_by(self._page.later)
        return (
            self._words.say("nav.payments", n=len(payments), sum=self._sum(payments))
            if payments
            else self._words.say("nav.no-payments")
        )

    def year_sum(self) -> str:
        """Return the year's sum."""
        return self._sum(self._page.year) if self._page.year else self._words.say("nav.no-payments")

    def money(self) -> dict[str, object]:
        """Return the sums, the chart and the tables."""
        page, say = self._page, self._words.say
        spans = ((page.soon, say("money.days", n=30)), (page.later, say("money.days", n=90)))
        blocks = [self._total(page.paid_by(last), label, last) for last, label in spans]
        blocks.append(self._total(page.year, say("money.year"), page.until))
        unknown = sum(payment.money is None for payment in page.year)
        months, sentences = page.months(), self._words.sentences
        return {
            "title": say("money.title"),
            "sums": blocks,
            "about": sentences(say("money.about"), *([say("money.unknown", n=unknown)] if unknown else [])),
            "chart": self._chart(months),
            "caption": sentences(*self._changes(), *self._left_out()),
            "tables": [self._by_month(months), self._by_plan()] if page.year else [],
        }

    def _sum(self, payments: Iterable[Payment]) -> str:
        return self._words.sum(sums(payment.money for payment in payments))

    def _total(self, payments: Sequence[Payment], label: str, last: date) -> dict[str, str]:
        total = self._words.sum(sums(payment.money for payment in payments) or (self._nothing,))
        return {
            "label": label,
            "sum": total,
            "sub": self._words.say("money.sub", n=len(payments), day=self._words.day_brief(last)),
        }

    @property
    def _nothing(self) -> Money:
        return Money(Decimal(0), self._words.household.currency)

    def _sentence(self, payments: Sequence[Payment]) -> str:
        say = self._words.say
        if not payments:
            return say("comes.nothing", day=self._page.later)
        parts = [say("comes.sentence", n=len(payments), sum=self._sum(payments), day=self._page.later)]
        by_itself = [payment for payment in payments if payment.autopay]
        yours = [payment for payment in payments if not payment.autopay]
        cards = self._cards(by_itself)
        if by_itself and (yours or cards):
            parts.append(self._autopay(by_itself, cards))
        if by_itself and yours:
            parts.append(say("comes.yours", n=len(yours), sum=self._sum(yours)))
        if len(self._page.rows) == 1:
            parts.append(say("comes.year", n=len(self._page.year), sum=self._sum(self._page.year)))
        return self._words.sentences(*parts)

    def _cards(self, payments: Sequence[Payment]) -> dict[str, list[Payment]]:
        """Return the payments that each card is charged with, by its name."""
        cards: dict[str, list[Payment]] = {}
        for payment in payments:
            if (card := card_of(payment.plan, self._words.household)) is not None:
                cards.setdefault(card.name, []).append(payment)
        return cards

    def _autopay(self, payments: Sequence[Payment], cards: Mapping[str, Sequence[Payment]]) -> str:
        say, n, total = self._words.say, len(payments), self._sum(payments)
        if [len(charged) for charged in cards.values()] == [n]:
            return say("comes.autopay-card", n=n, sum=total, card=brief(next(iter(cards))))
        said = [say("comes.card", card=brief(name), sum=self._sum(charged)) for name, charged in cards.items()]
        parts = [
            say("comes.autopay", n=n, sum=total),
            *([say("comes.cards", list=self._words.several(said))] if said else []),
        ]
        return self._words.sentences(*parts)

    def _months(self, payments: Sequence[Payment]) -> list[dict[str, object]]:
        months: dict[date, list[Payment | ComingDay]] = {self._page.today.replace(day=1): []}
        rows: list[Payment | ComingDay] = [*payments, *self._page.days]
        for each in sorted(rows, key=lambda row: row.day):
            months.setdefault(each.day.replace(day=1), []).append(each)
        (first, opened), *later = months.items()
        paid = [row for row in opened if isinstance(row, Payment)]
        title = (
            self._words.month(first) if paid else self._words.say("comes.month-none", month=self._words.month(first))
        )
        groups = [self._group(title, opened, self._sum(paid) if paid else "")]
        for month, found in later:
            groups.append(self._group(self._month_title(month, found, first), found))
            first = month
        return groups

    def _month_title(self, month: date, rows: Sequence[Payment | ComingDay], before: date) -> str:
        """Return what is paid in a month; its year is said where the month before is of another."""
        words, payments = self._words, [row for row in rows if isinstance(row, Payment)]
        name = words.month(month) if month.year != before.year else words.month_alone(month)
        if self._page.later < add_months(month, 1, 1) - DAY:
            last = self._page.later.day
            name = words.say("comes.month-to" if last > 1 else "comes.month-first", month=name, day=str(last))
        if not payments:
            return words.say("comes.month-none", month=name)
        return words.say("comes.month", month=name, n=len(payments), sum=self._sum(payments))

    def _weeks(self) -> list[dict[str, object]]:
        groups = []
        first = self._page.today
        while first <= self._page.soon:
            last = min(first + timedelta(days=6), self._page.soon)
            rows = [payment for payment in self._page.paid_by(last) if payment.day >= first]
            if rows:
                title = self._words.say("comes.week", first=first, last=last, n=len(rows), sum=self._sum(rows))
                groups.append(self._group(title, rows))
            first = last + timedelta(days=1)
        return groups

    def _group(self, title: str, rows: Sequence[Payment | ComingDay], total: str = "") -> dict[str, object]:
        return {"title": title, "sum": total, "rows": [self._row(row) for row in rows]}

    def _row(self, row: Payment | ComingDay) -> ComingRow:
        words, plan = self._words, row.plan
        name = words.name(plan)
        if isinstance(row, ComingDay):
            sub = self._event(row)
            tone = "amber" if row.what == "cancel-by" else ""
            return ComingRow(day=words.day(row.day), name=name, url=f"plan/{plan.id}", sub=sub, tone=tone)
        if row.what:
            name = words.say("comes.with-what", name=name, what=own(row.what))
        sub, tone = self._note(row)
        return ComingRow(
            day=words.day(row.day),
            name=name,
            url=f"plan/{plan.id}",
            amount=words.money(row.money),
            sub=sub,
            tone=tone,
            tap=self._paid(row) if row.what else self._early(row),
        )

    def _event(self, row: ComingDay) -> str:
        promo = row.plan.promo
        if row.what == "promo" and promo is not None and promo.price_after is not None:
            return self._words.say("comes.row-promo", money=Money(promo.price_after, row.plan.currency))
        if row.what == "cancel-by":
            return self._words.say(f"plans.leave-{way_out(row.plan)}", day=row.day)
        if row.what == "keep-alive" and row.plan.is_line and way_out(row.plan) == "lapse":
            return self._words.say("comes.row-lapses")
        if row.what == "keep-alive":
            return self._words.say("comes.row-keep-alive", day=max(row.day - DAY, self._page.today))
        return self._words.say("comes.row-promo-unknown")

    def _note(self, row: Payment) -> tuple[str, str]:
        say = self._words.say
        if row.what is not None:
            if row.note == "overdue":
                return say("comes.row-overdue"), "red"
            return say("comes.row-bill" if row.what else "comes.row-final"), ""
        if row.note == "stopped" and row.postpaid:
            return say("comes.row-due"), "red"
        if row.note == "stopped" and not row.plan.is_line:
            return say("comes.row-expired"), "red"
        if row.note == "stopped":
            return self._lost(row), "red"
        if row.autopay:
            card = card_of(row.plan, self._words.household)
            if card is None:
                return say("comes.row-autopay"), ""
            expired = may_fail(row.plan, self._words.household, row.day) == "card"
            return say(f"comes.row-autopay-{'expired' if expired else 'card'}", card=brief(card.name)), ""
        if row.day == row.plan.renews and row.day > self._page.today and not row.postpaid:
            return say("comes.row-stops" if row.plan.is_line else "comes.row-expires", day=row.day - DAY), ""
        return say("comes.row-yours"), ""

    def _lost(self, row: Payment) -> str:
        """Return what becomes of a number whose service has stopped."""
        if row.lost_on is None:
            return self._words.say("comes.row-stopped")
        if row.lost_on <= self._page.today:
            return self._words.say("comes.row-lost" if row.sure else "comes.row-lost-maybe", day=row.lost_on)
        return self._words.say("comes.row-lost-by" if row.sure else "comes.row-lost-perhaps", day=row.lost_on - DAY)

    def _paid(self, row: Payment) -> Link | None:
        """Return the link to record that a bill is paid, of a plan without one that is open above."""
        if not self._may_record or row.plan.id in self._billed:
            return None
        asked = ask(row.plan, "paid", item_id(row.what or ""))
        return Link(f"ask?fact={asked.value}", self._words.say("record.bill"))

    def _early(self, row: Payment) -> Link | None:
        """Return the link to record an early payment, of the next row of a plan that is not open above."""
        plan = row.plan
        if (
            not self._may_record
            or row.autopay
            or row.what is not None
            or plan.id in self._open
            or plan.renews is None
            or row.day != plan.renews
        ):
            return None
        return Link(f"ask?fact={ask(plan, 'renewed').value}", self._words.say("record.early"))

    def _chart(self, months: Sequence[MonthSum]) -> dict[str, object] | None:
        """Return the bars of the household's currency."""
        amounts = [
            next((m.amount for m in month.total if m.currency == self._words.household.currency), Decimal(0))
            for month in months
        ]
        top = max(amounts, default=Decimal(0))
        if not top:
            return None
        step = 100 / len(months)
        bars, texts = [], []
        shown = {0, amounts.index(top)} | {n for n in range(1, len(amounts) - 1) if _changes_level(amounts, n)}
        for n, (month, amount) in enumerate(zip(months, amounts, strict=True)):
            height = round(amount / top * _TALLEST)
            x, middle = round(n * step + step * 0.16, 2), round(n * step + step / 2, 2)
            bars.append(Bar(x=x, y=_FLOOR - height, width=round(step * 0.68, 2), height=height))
            last = n == len(months) - 1
            anchor, at = ("start", x) if n == 0 else ("end", round(x + step * 0.68, 2)) if last else ("middle", middle)
            if n % 3 == 0 or (last and n % 3):
                texts.append(BarText(x=at, y=146, anchor=anchor, words=self._words.month_short(month.month)))
            if n in shown and not any(text.strong and abs(text.x - at) < 3 * step for text in texts):
                money = self._words.money(Money(amount, self._words.household.currency))
                first = {"start": n, "middle": n - 1, "end": n - 2}[anchor]
                under = max(amounts[max(first, 0) : first + 3])  # a sum is as wide as three bars of a phone
                y = _FLOOR - round(under / top * _TALLEST) - 8
                texts.append(BarText(x=at, y=y, anchor=anchor, words=money, strong=True))
        said = [
            self._words.say(
                "money.bar", month=self._words.month(m.month), sum=self._words.sum(m.total or (self._nothing,))
            )
            for m in months
        ]
        return {"bars": bars, "texts": texts, "label": self._words.say("money.chart", list=self._words.several(said))}

    def _changes(self) -> Iterable[str]:
        """Iterate the sentences that say why the level of the bars changes."""
        for day in self._page.rows:
            promo = day.plan.promo
            if promo is None or promo.price_after is None or not self._page.today <= promo.ends <= self._page.until:
                continue
            money = Money(promo.price_after, day.plan.currency)
            yield self._words.say("money.promo", name=self._words.name(day.plan), day=promo.ends, money=money)

    def _left_out(self) -> Iterable[str]:
        """Iterate the sentences that name the plans which are counted only until they are left."""
        for plan in (row.plan for row in self._page.rows):
            if plan.price is not None and counts_until_left(plan, self._page.today):
                yield self._words.say("money.leaving", name=self._words.name(plan), price=price_of(plan, self._words))

    def _by_month(self, months: Sequence[MonthSum]) -> SumTable:
        say, rows = self._words.say, []
        for month in months:
            sub = say("money.from-day", day=self._page.today) if month is months[0] and self._page.today.day > 1 else ""
            if month is months[-1] and len(months) == 13:
                sub = say("money.to-day", day=self._page.until)
            amount = self._words.sum(month.total or (self._nothing,))
            rows.append(MailRow(self._words.month(month.month), "", sub, amount))
        return SumTable(
            title=say("money.months"),
            caption=say("money.by-month"),
            rows=rows,
            total=say("money.the-year"),
            amount=self.year_sum(),
        )

    def _by_plan(self) -> SumTable:
        say = self._words.say
        paid: dict[tuple[str, str], list[Payment]] = {}
        for payment in self._page.year:
            paid.setdefault((payment.plan.id, payment.what or ""), []).append(payment)
        rows = [(sums(p.money for p in payments), self._plan_row(payments)) for payments in paid.values()]
        rows.sort(key=lambda row: -row[0][0].amount if row[0] else Decimal(0))
        return SumTable(
            title=say("money.by-plan"),
            caption=say("money.by-plan"),
            rows=[row for _, row in rows],
            total=say("total"),
            amount=self.year_sum(),
        )

    def _plan_row(self, payments: Sequence[Payment]) -> MailRow:
        first = payments[0]
        name = self._words.name(first.plan)
        if first.what:
            name = self._words.say("comes.with-what", name=name, what=own(first.what))
        return MailRow(name, "", self._words.say("money.times", n=len(payments)), self._sum(payments))


def _changes_level(amounts: Sequence[Decimal], n: int) -> bool:
    """Whether the bars rise or fall at n, and stay there."""
    return amounts[n] != amounts[n - 1] and amounts[n] == amounts[n + 1]
