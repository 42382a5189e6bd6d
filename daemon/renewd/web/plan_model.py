"""A plan's page, put together: its state, its forms, what it is, and what happened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime

from renewd.config.fact_log import FactRecord
from renewd.domain import cycles
from renewd.domain.cancellation import falls_due, has_left, last_safe, number_is_gone
from renewd.domain.charging import card_of
from renewd.domain.cycles import Loss
from renewd.domain.dates import DAY, day_in
from renewd.domain.money import Money
from renewd.domain.plans import Plan
from renewd.ledger import HistoryLine
from renewd.reminders.facts import stop_of
from renewd.reminders.leave import leave_by
from renewd.reminders.person_page import PersonPage
from renewd.render.mail_parts import Link, MailRow
from renewd.render.markup import brief, own
from renewd.render.open_item import OpenItems
from renewd.render.views import phone
from renewd.web.forms import FormMaker, price_of
from renewd.web.leaving_steps import LeavingSteps
from renewd.web.open_items import ItemMaker, PageItem, leaving_item
from renewd.web.recent_facts import RecentFacts
from renewd.web.sections import plan_row
from renewd.web.visit import Visit, around, state_of_mail, who_recorded
from renewd.web.wording import Wording

_MOST_HAPPENED = 30


class PlanModel:
    """Makes the model of `page/plan.html`."""

    def __init__(self, visit: Visit, plan: Plan, page: PersonPage) -> None:
        self._visit = visit
        self._plan = plan
        self._words: Wording = visit.words()
        self._page = page
        self._row = next(row for row in self._page.rows if row.plan.id == plan.id)
        self._forms = FormMaker(words=self._words, root="../", back=plan.id, records=visit.may_record)
        self._recent = RecentFacts(visit, self._words, self._forms)

    def model(self) -> dict[str, object]:
        """Return all that the page shows."""
        say = self._words.say
        item, *others = self._items()
        other = "" if self._plan.is_line else "-other"
        report = "plan.report-leaving" if self._plan.cancel else f"plan.report{other}"
        return {
            **around(self._visit, self._words, "../"),
            "title": item.title,
            "back": say("plan.back", name=own(self._visit.person.name)),
            "notice": self._recent.notice(self._records()),
            "item": item,
            "others": {"title": say("plan.others", n=len(others)), "found": others} if others else None,
            "steps": self._steps([item, *others]),
            "write": {"title": say("plan.write"), "forms": self._forms.all_of(self._plan)},
            "about": {"title": say("plan.facts"), "rows": list(self._rows())},
            "report": Link(f"{self._plan.id}/report", say(report)),
            "history": self._history(),
        }

    def _items(self) -> list[PageItem]:
        """Return the plan's open items, the most urgent first, or that there is nothing to do."""
        visit, say = self._visit, self._words.say
        items = OpenItems(visit.household, visit.person, visit.around.now, visit.around.overrides)
        maker = ItemMaker(self._page, items, self._words, self._forms, visit.left)
        found = [
            replace(maker.item(block, items.item(block, self._words.code)), figures=None)  # it is among all forms
            for block in self._page.open
            if block.is_about(self._plan)
        ]
        if not found and (near := self._page.leaving_soon(self._plan.id)) is not None:
            found.append(leaving_item(near, self._words))
        found += [maker.question(block) for block in self._page.questions if block.is_about(self._plan)]
        if number_is_gone(self._plan, self._words.today) and (bound := self._bound()):
            name = self._words.name(self._plan)
            found.append(
                PageItem(
                    id="tied",
                    tone="red",
                    kicker=say("plan.tied"),
                    title=say("plan.gone-title" if self._row.sure else "plan.perhaps-gone-title", name=name),
                    sentence=say("plan.gone", names=self._words.several(bound)),
                )
            )
        found = found or [self._calm()]
        if self._plan.cancel is not None and not has_left(self._plan):
            checklist, first = maker.checklist(self._plan), found[0]
            if first.go != checklist:
                found[0] = replace(first, go=checklist, beside=first.go)
        return found

    def _steps(self, items: Sequence[PageItem]) -> dict[str, object] | None:
        """Return what else is in the way of leaving, of a plan that is to be left."""
        plan = self._plan
        if plan.cancel is None or has_left(plan):
            return None
        offered = {value for item in items for form in item.forms for name, value in form.hidden if name == "fact"}
        checklist = Link(f"{self._forms.root}plan/{plan.id}/report", self._words.say("open.checklist"))
        return LeavingSteps(plan, self._visit.todo(plan), self._words, self._forms).section(offered, checklist)

    def _records(self) -> list[FactRecord]:
        return [record for record in self._visit.log if record.plan == self._plan.id]

    # --- what it is

    def _rows(self) -> Iterator[MailRow]:
        plan, words, say = self._plan, self._words, self._words.say
        if plan.number:
            shown = self._visit.household.show_numbers
            number = phone(plan.number) if shown else say("plans.ends-in", digits=plan.last_four)
            yield MailRow(say("plan.number"), number)
        price = price_of(plan, words)
        year = self._row.year
        if year is not None and year.amount:
            price = say("plan.year-sum", price=price, year=year)
        if price:
            yield MailRow(say("plan.price"), price)
        yield from self._dates()
        if plan.balance is not None:
            money = Money(plan.balance.amount, plan.currency)
            balance = say("plan.balance-as-of", money=money, day=plan.balance.on)
            if plan.pay_with == "balance" and plan.price is not None and plan.balance.amount < plan.price:
                balance += say("plan.balance-short", money=Money(plan.price, plan.currency))
            yield MailRow(say("plan.balance"), balance)
        if plan.data is not None:
            yield MailRow(say("plan.data"), self._data())
        card = card_of(plan, self._visit.household)
        if card is not None:
            until = (
                say("plan.card-until", card=brief(card.name), month=words.month(card.expires))
                if card.expires
                else brief(card.name)
            )
            yield MailRow(say("plan.paid-by"), until)
        elif plan.pay_with == "balance":
            yield MailRow(say("plan.paid-by"), say("plan.from-balance"))
        if bound := self._bound():
            yield MailRow(say("plan.tied"), words.several(bound))
        yield MailRow(say("plan.told"), words.several(self._told()))
        if plan.note:
            yield MailRow(say("plan.note"), own(plan.note))

    def _calm(self) -> PageItem:
        """Return that there is nothing to do, and what comes next."""
        say, day = self._words.say, self._row.day
        over = day is not None and day < self._words.today  # is not said to come
        return PageItem(
            id="calm",
            tone="green",
            kicker=say("plan.calm"),
            title=say("plan.calm-title", name=self._words.name(self._plan)),
            sentence=say(
                "plan.calm-over" if over else "plan.calm-next", event=plan_row(self._row, self._words)["event"]
            ),
        )

    def _bound(self) -> list[str]:
        """Return the services that still know the number."""
        say, said = self._words.say, self._words.said
        return [
            say("plan.bound", service=own(one.service), kind=said(f"mail.binding.{one.kind}"))
            for one in self._plan.bindings
            if one.is_open
        ]

    def _told(self) -> Iterator[str]:
        for id_ in self._plan.told:
            mine = id_ == self._visit.person.id
            yield self._words.say("plan.you") if mine else own(self._visit.household.people[id_].name)

    def _data(self) -> str:
        data, say = self._plan.data, self._words.say
        assert data is not None
        limit = own(data.limit_text)
        return say("plan.data-as-of", used=own(data.used_text), limit=limit, day=data.on)

    def _dates(self) -> Iterator[MailRow]:
        plan, words, say = self._plan, self._words, self._words.say
        if has_left(plan):
            return  # what was to come comes no longer
        today = day_in(self._visit.around.now, plan.zone)
        unpaid = cycles.unpaid_from(plan)
        if unpaid is not None:
            until = "due-day" if falls_due(plan) else "stops-day" if plan.is_line else "expires-day"
            yield MailRow(say("plan.stops"), say(f"plan.{until}", day=self._stop(cycles.renewal(plan, unpaid))))
            lost = cycles.loss(plan, unpaid, paid_on=cycles.last_receipt(plan))
            if lost or plan.is_line:
                yield MailRow(say("plan.lost" if plan.is_line else "plan.last-chance"), self._lost(lost))
        charge = next(cycles.charges(plan, today), None)
        if charge is not None:
            yield MailRow(say("plan.charge"), say("plan.renews-autopay", day=words.day_year(charge[1])))
        safe = last_safe(plan, today)
        before_charge = safe.day if safe is not None and plan.every is not None else None
        by = leave_by(plan, today) if plan.cancel else before_charge if plan.autopay else None
        if by is not None:
            day = words.day_year(by)
            yield MailRow(
                say("plan.cancel-by" if plan.is_line else "plan.cancel-by-other"),
                say("plan.cancel-by-day", day=day) if by == before_charge else day,
            )
        if plan.keep_alive is not None:
            due = plan.keep_alive.due
            yield MailRow(say("plan.keep-alive"), words.day_year(due - DAY))

    def _stop(self, renews: date) -> str:
        """Return the day on which service stops, with its hour where the carrier has one."""
        day, stop = self._words.day_year(renews), stop_of(self._plan, renews)
        return self._words.say("plan.day-hour", day=day, hour=self._words.hour(*stop)) if stop else day

    def _lost(self, loss: Loss | None) -> str:
        """Return when a number is lost, and where that is known from."""
        say = self._words.say
        if loss is None:
            return say("plan.lost-unknown")
        words = say("plan.lost-day" if loss.is_certain else "plan.lost-perhaps", day=self._words.day_year(loss.day))
        if loss.basis == "unpublished" or loss.grace is None:
            return f"{words}{say('plan.grace-unpublished')}"
        key = f"plan.grace-{loss.basis}{'' if loss.grace.n else '-none'}"
        return f"{words}{say(key, grace=self._words.length(loss.grace))}"

    # --- what happened

    def _history(self) -> dict[str, object]:
        say = self._words.say
        lines = [line for line in self._visit.around.history(self._plan.id) if line.person in self._plan.told]
        happened = [(line.at, self._mail(line)) for line in lines] + [
            (one.at, self._recorded(one)) for one in self._records()
        ]
        happened.sort(key=lambda one: one[0], reverse=True)
        rows = [{**self._at(at), **row} for at, row in happened[:_MOST_HAPPENED]]
        return {
            "title": say("plan.history"),
            "caption": say("plan.history-about"),
            "none": say("plan.history-none"),
            "rows": rows,
        }

    def _at(self, at: datetime) -> dict[str, object]:
        return {"day": self._words.day(self._words.local(at).date()), "clock": self._words.clock(at), "undo": None}

    def _mail(self, line: HistoryLine) -> dict[str, object]:
        say, people = self._words.say, self._visit.household.people
        mine = line.person == self._visit.person.id
        who = say("plan.you") if mine else own(people[line.person].name if line.person in people else line.person)
        subject = own(line.subject) if mine else self._words.name(self._plan)  # theirs may be about other plans too
        sub = say("plan.history-to", who=who, state=state_of_mail(line, self._words))
        return {"words": say("plan.history-mail", subject=subject), "sub": sub}

    def _recorded(self, record: FactRecord) -> dict[str, object]:
        words = self._words.say("plan.history-record", what=self._recent.note(record))
        return {
            "words": words,
            "sub": who_recorded(record, self._visit, self._words),
            "undo": self._recent.undo(record),
        }
