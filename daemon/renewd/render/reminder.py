"""One reminder as its templates see it: its facts, and what has to be worked out before they can be said."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from functools import cached_property, partial
from operator import attrgetter
from zoneinfo import ZoneInfo

from renewd.domain.cycles import bought, last_receipt
from renewd.domain.dates import DAY, add_months
from renewd.domain.money import Money
from renewd.domain.plans import Bill, Household, Plan
from renewd.i18n import Language
from renewd.redact import last_four
from renewd.reminders.facts import Facts
from renewd.reminders.grouping import Block
from renewd.render import labels, paying
from renewd.render.carrier_words import OfCarrier, link, said, site_of
from renewd.render.markup import BOLD, BOLDED, KEEP, KEPT, bare, brief, own
from renewd.render.spans import ends_earlier, per, soon
from renewd.render.table import cells_of, shortened
from renewd.render.views import Reader, clock_here, phone, step_words

_LAST_DIGITS = re.compile(r"(…|\.\.\.)?\d{2,6}$")  # by which people tell cards apart
_MOST_MEMBERS = 30  # plans that are named where one account or card pays for many
_IN_A_SUBJECT = 24  # columns for words of the user's beside the name


class ReminderView(OfCarrier):
    """One reminder as a template sees it: every field of `Facts` by its name, and the names below."""

    def __init__(
        self, facts: Facts, block: Block | None, household: Household, reader: Reader, language: Language
    ) -> None:
        self.facts = facts
        self.language = language
        self.many = household.many_currencies
        members = _members(facts, block)
        self.members = members[:_MOST_MEMBERS]
        self.members_more = len(members) - len(self.members)
        self.group = block.group if block is not None and len(self.members) > 1 else ()
        self.total = block.total if block is not None else None
        self.runs_it = reader.runs_it
        self.late = reader.late
        self.today = reader.written.date()
        self.called = False  # whether a button dials the hotline
        self.reader = reader
        self._household = household
        self._most: int | None = None

    def fields(self) -> dict[str, object]:
        """Return the fields of the reminder that this view does not put differently."""
        return dict(zip(_FIELDS, _fields_of(self.facts), strict=True))

    def shorten(self, most: int | None) -> None:
        """Limit names to `most` columns from now on; None removes the limit."""
        self._most = most
        self.forget()

    def mine(self, text: str) -> str:
        """Return words of the user's, cut where this is a subject line."""
        return own(text) if self._most is None else own(_to_the_digits(bare(text), min(self._most, _IN_A_SUBJECT)))

    @property
    def name(self) -> str:
        """What the reader calls it: the plan's name, or the card's."""
        plan, name = self.facts.plan, self.facts.name
        if plan is not None:
            name = self._household.label(plan)
        if self._most is not None:
            return KEEP + own(self._cut(bare(name), self._most)) + KEPT
        return brief(name)

    def _cut(self, name: str, most: int) -> str:
        """Return a name in at most so many columns, with the last digits if a card's or if others look the same."""
        cut, plan = shortened(name, most), self.facts.plan
        if plan is None:
            return _to_the_digits(name, most)
        others = (self._household.label(other) for other in self._household.plans.values() if other is not plan)
        if cut == name or all(shortened(bare(other), most) != cut for other in others):
            return cut
        digits = f" {plan.last_four or plan.id}"
        return shortened(name, max(1, most - cells_of(digits))) + digits

    @property
    def kind_word(self) -> str:
        """`续费`, `Renew`."""
        return labels.kind_word(self.facts.kind, self.language.code, self._manner)

    @property
    def when(self) -> str:
        """`3 天后停机`, `stops in 3 days`."""
        return KEEP + labels.when(self.facts.kind, self.left, self.language.code, self._manner) + KEPT

    @property
    def _manner(self) -> labels.Manner:
        facts = self.facts
        doubtful = facts.kind == "lost" and facts.loss is not None and not facts.loss.is_certain
        ends = labels.manner_of(facts.plan)
        return "doubtful" if doubtful else "due-free" if ends == "due" and self.free else ends

    @property
    def left(self) -> int:
        """Days to the subject date, by the reader's calendar or the plan's if that leaves less; negative after it."""
        return self.facts.days

    @property
    def ago(self) -> int:
        """Days since the subject date."""
        return -self.left

    @property
    def soon(self) -> str:
        """`3 天后`, `明天`, `今天`; `in 3 days`, `tomorrow`, `today`."""
        return KEEP + soon(self.left, self.language) + KEPT

    @cached_property
    def by(self) -> str | None:
        """The last good day, with the plan's zone where it ends there before it ends for the reader."""
        good = self.facts.good
        return None if good is None else self._there(good, self.language.day_seen(good, self.today))

    def _there(self, day: date, words: str) -> str:
        """Return a last day in words, with the plan's zone where it ends there before it ends for the reader."""
        plan = self.facts.plan
        if plan is not None and ends_earlier(day, plan.zone, self.reader.person.zone):
            words = said(self.language, "mail.day-in", day=words, city=self.language.city(plan.zone))
        return KEEP + words + KEPT

    @property
    def till(self) -> str | None:
        """`最晚 12月4日周五`, `by Fri, Dec 4`; on that day itself `今天`, `today`."""
        return self._till(self.facts.good)

    @property
    def till_b(self) -> str | None:
        """The same with its day in bold."""
        return self._till(self.facts.good, BOLD, BOLDED)

    @property
    def cancel_till(self) -> str | None:
        """`最晚 12月15日周二`, `by Tue, Dec 15`: the last day to cancel; on it `今天`, `today`."""
        return self._till(self.facts.cancel_by)

    @property
    def cancel_till_b(self) -> str | None:
        """The same with its day in bold."""
        return self._till(self.facts.cancel_by, BOLD, BOLDED)

    def _till(self, day: date | None, bold: str = "", bolded: str = "") -> str | None:
        if day is None:
            return None
        if day == self.today == self.facts.today:
            return bold + self._there(day, said(self.language, "mail.soon.today")) + bolded
        words = bold + self._there(day, self.language.day_seen(day, self.today)) + bolded
        return said(self.language, "mail.till", day=words)

    @property
    def free(self) -> bool:
        """Whether the cycle is known to cost nothing."""
        return paying.is_free(self.facts)

    @property
    def tops_up(self) -> bool:
        """Whether paying is putting money on the line."""
        return paying.tops_up(self.facts)

    @property
    def short(self) -> Money | None:
        """What the balance lacks of the sum; None where that is not known, or it lacks nothing."""
        return paying.short(self.facts)

    @property
    def written(self) -> str:
        """The day on which the mail was written, where it is read."""
        return KEEP + self.language.day(self.today) + KEPT

    @property
    def written_at(self) -> str:
        """The hour at which a late mail was written; empty for one in time."""
        return self.language.clock(self.reader.written.time()) if self.late else ""

    @property
    def owner(self) -> str | None:
        """The owner's name, for everybody else."""
        return own(self.reader.owner) if self.reader.owner else None

    @property
    def ends(self) -> str | None:
        """`尾号 0142`, `line ending in 0142`; the whole number where the file allows it."""
        plan = self.facts.plan
        if plan is None or plan.number is None:
            return None
        if self._household.show_numbers:
            return KEEP + phone(plan.number) + KEPT
        return KEEP + said(self.language, "mail.ends-in", digits=plan.last_four) + KEPT

    @property
    def per(self) -> str | None:
        """`每 30 天`, `每月`; `every 30 days`, `a month`; None for a plan without a cycle."""
        every = self.facts.plan.every if self.facts.plan else None
        return None if every is None else KEEP + per(every, self.language) + KEPT

    @property
    def cycle(self) -> str | None:
        """`30 天`, `30 days`; None for a plan without a cycle."""
        every = self.facts.plan.every if self.facts.plan else None
        return None if every is None else KEEP + self.language.duration(every) + KEPT

    @property
    def data_limit(self) -> str | None:
        """`10 GB`, as it was written."""
        plan = self.facts.plan
        return own(plan.data.limit_text) if plan is not None and plan.data is not None else None

    @property
    def stops_clock(self) -> str:
        """`05:00 纽约`, `5 AM New York`: when service stops on its day; empty where that is not known."""
        at, zone = self.facts.stops_at, self.facts.stops_zone
        if at is None or zone is None:
            return ""
        return f"{self.language.clock(at.astimezone(ZoneInfo(zone)).time())} {self.language.city(zone)}"

    @property
    def stops_below(self) -> str:
        """What stands below the day of the stop: its hour, or since when service is off: `20 天前`, `20 days ago`."""
        renews = self.facts.renews
        if renews is None or not self.stopped:
            return self.stops_clock
        return said(self.language, "mail.ago", n=(self.facts.today - renews).days)

    @property
    def stops_there(self) -> str | None:
        """`05:00（纽约）`, `5 AM New York`; None where the hour is not known."""
        at, zone = self.facts.stops_at, self.facts.stops_zone
        return None if at is None or zone is None else KEEP + self.language.clock_in(at, zone) + KEPT

    @property
    def stops_here(self) -> str | None:
        """The same instant on the reader's clocks, where they differ: `北京时间 18:00`, `6 PM Beijing`."""
        at, zone = self.facts.stops_at, self.facts.stops_zone
        return (
            None
            if at is None or zone is None
            else clock_here(at, zone, self.reader.person.zone, self.today, self.language)
        )

    @property
    def stopped(self) -> bool:
        """Whether service stopped before the day on which the mail was written."""
        renews = self.facts.renews
        return renews is not None and renews < self.facts.today

    @property
    def gone(self) -> bool:
        """Whether the day on which the number is lost has come, by the reader's calendar or the plan's."""
        loss = self.facts.loss
        return loss is not None and loss.basis != "unpublished" and self.loss_has_come

    @property
    def loss_has_come(self) -> bool:
        """Whether the first day on which the number may be lost has come, also where no grace is published."""
        return self.facts.loss is not None and self.facts.loss.day <= self.facts.today

    @property
    def leave(self) -> bool:
        """Whether canceling still avoids the charge."""
        return paying.can_leave(self.facts)

    @property
    def counts_receipt(self) -> bool:
        """Whether the loss is counted from a payment that is recorded, and not from one that is assumed."""
        plan, loss = self.facts.plan, self.facts.loss
        return plan is not None and loss is not None and loss.counted_from == last_receipt(plan)

    @property
    def new_date(self) -> str | None:
        """A date to type for the new one, of a plan without a cycle; None where the new date can be computed."""
        plan, renews = self.facts.plan, self.facts.renews
        if plan is None or renews is None or bought(plan, None) is not None:
            return None
        return str(add_months(max(renews, self.facts.today), 1, renews.day))

    @property
    def day_before(self) -> date:
        """The day before the subject date."""
        return self.facts.day - DAY

    @property
    def next_day(self) -> date:
        """The day after the subject date."""
        return self.facts.day + DAY

    @property
    def early(self) -> int:
        """Days from the charge to the renewal."""
        return (self.facts.renews - self.facts.day).days if self.facts.renews else 0

    @property
    def card_gone(self) -> bool:
        """Whether the plan's card has ended by the subject date, or by today if that is over."""
        card = self.facts.card
        return card is not None and card.expires is not None and card.expires < max(self.facts.day, self.facts.today)

    @property
    def account_ends(self) -> str | None:
        """The last four letters and digits of the account's number."""
        account = self.facts.plan.account.id if self.facts.plan else None
        return KEEP + own(last_four(account)) + KEPT if account else None

    @property
    def hangs(self) -> list[str]:
        """The services that still know the number: `招商银行（验证码）`."""
        kind = partial(said, self.language)
        return [
            kind(
                "mail.bound", service=f"{BOLD}{own(binding.service)}{BOLDED}", kind=kind(f"mail.binding.{binding.kind}")
            )
            for binding in self.facts.bindings
        ]

    @property
    def first_bound(self) -> str:
        """The first service that still knows the number, cut in a subject line: `Chase 验证码`, `Chase codes`."""
        return self._bound(self.mine)

    @property
    def first_bound_whole(self) -> str:
        """The same, whole."""
        return self._bound(own)

    def _bound(self, words: Callable[[str], str]) -> str:
        if not self.facts.bindings:
            return ""
        binding = self.facts.bindings[0]
        kind = said(self.language, f"mail.binding.{binding.kind}")
        return said(self.language, "mail.bound-plain", service=words(binding.service), kind=kind)

    @property
    def todo_words(self) -> list[str]:
        """What stands in the way of leaving, a line each: `把招商银行的验证码换到别的号码`."""
        return [step_words(item, self.language) for item in self.facts.todo]

    @property
    def note(self) -> str | None:
        """The user's own note on the plan."""
        plan = self.facts.plan
        return own(plan.note) if plan is not None and plan.note else None

    @property
    def offer(self) -> str | None:
        """What the plan's offer is, in the user's words, until it ends."""
        promo = self.facts.plan.promo if self.facts.plan else None
        return own(promo.what) if promo and promo.what and self.facts.today < promo.ends else None

    @property
    def bill_what(self) -> str | None:
        """What a bill is for; None for the last bill after leaving."""
        bill = self.facts.bill
        return bill.what if isinstance(bill, Bill) else None

    @property
    def since_made(self) -> int:
        """Days since the last backup."""
        return (self.today - self.facts.made).days if self.facts.made else 0

    @property
    def sites(self) -> list[tuple[Plan, str]]:
        """The plans that a card pays for, each with a link to its site or nothing."""
        return [(plan, link(site_of(plan))) for plan in self.facts.plans[:_MOST_MEMBERS]]

    @property
    def sites_more(self) -> int:
        """How many plans of the card `sites` leaves out."""
        return max(0, len(self.facts.plans) - _MOST_MEMBERS)


_FIELDS = tuple(name for name in Facts._fields if not hasattr(ReminderView, name))
_fields_of = attrgetter(*_FIELDS)


def _members(facts: Facts, block: Block | None) -> tuple[Facts, ...]:
    if block is None or not block.group:
        return (facts,)
    return (facts, *(other for other in block.also if other.kind == facts.kind))


def _to_the_digits(text: str, most: int) -> str:
    """Return text in at most so many columns; digits at its end, as those of a card, stay."""
    last = _LAST_DIGITS.search(text)
    if last is None or cells_of(text) <= most:
        return shortened(text, most)
    return shortened(text[: last.start()].rstrip(), max(1, most - cells_of(last[0]))).rstrip("…") + last[0]
