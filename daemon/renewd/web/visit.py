"""A visit to a page: who reads it, when, and what they may do there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from renewd.config.config_files import OpenedConfig
from renewd.config.fact_log import FactRecord
from renewd.domain.checklist_items import ChecklistItem
from renewd.domain.dates import day_in
from renewd.domain.errors import Problem
from renewd.domain.plans import Household, Person, Plan
from renewd.ledger import HistoryLine
from renewd.reminders.kind import FactsContext
from renewd.reminders.leave import todo
from renewd.render.markup import CODE, CODED, own
from renewd.render.views import command
from renewd.web.surroundings import Surroundings
from renewd.web.wording import Wording


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What a page is made of: who reads it, when, and what they were told last."""

    opened: OpenedConfig
    person: Person
    around: Surroundings
    log: tuple[FactRecord, ...]
    undoable: str | None
    may_record: bool
    query: str = ""
    whole: bool = False  # every payment of the 90 days is asked for
    said: str = ""  # "done" or "undone": what the reader has just done

    @property
    def household(self) -> Household:
        """The household as it stands."""
        return self.opened.loaded.household

    @property
    def is_owner(self) -> bool:
        """Whether the reader runs renewd."""
        return self.person.id == self.household.owner.id

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The mistakes of the file."""
        return tuple(problem for problem in self.opened.problems if problem.severity == "error")

    def words(self) -> Wording:
        """Return the words for the reader."""
        return Wording(self.household, self.person.languages[0], self.person.zone, self.around.now)

    def todo(self, plan: Plan) -> tuple[ChecklistItem, ...]:
        """Return what stands in the way of leaving a plan."""
        today = day_in(self.around.now, plan.zone)
        return todo(plan, FactsContext(self.household, self.around.findings, today))

    def left(self, plan: Plan) -> int:
        """Return how many things stand in the way of leaving a plan."""
        return len(self.todo(plan))

    def records(self) -> list[FactRecord]:
        """Return what was recorded about the reader's plans."""
        theirs = {plan.id for plan in self.household.plans_of(self.person.id)}
        return [record for record in self.log if record.plan in theirs]


def around(visit: Visit, words: Wording, root: str = "") -> dict[str, object]:
    """Return what the frame of a page shows."""
    owner = words.owner()
    secret = (
        f"{words.say('footer-secret')} {CODE}{command('page', '--rotate')}{CODED}"
        if visit.is_owner
        else words.say("footer-secret-other", owner=owner)
    )
    key = "read-only" if visit.is_owner else "read-only-other"
    read_only = "" if visit.may_record else words.say(key, owner=owner)
    return {"code": words.code, "root": root, "read_only": read_only, "footer": [words.say("footer"), secret]}


def who_recorded(record: FactRecord, visit: Visit, words: Wording) -> str:
    """Return when a fact was recorded, and by whom."""
    key = "command" if record.person is None else "you" if record.person == visit.person.id else "person"
    people: Mapping[str, Person] = visit.household.people
    reader = people.get(record.person or "")
    who = own(reader.name if reader else record.person or "")
    return words.moment(f"recent.{key}", record.at, who=who)


def state_of_mail(line: HistoryLine, words: Wording) -> str:
    """Return what became of a mail."""
    if line.state == "sent" and line.tries > 1:
        return words.say("mails.sent-tries", n=line.tries)
    return words.say(
        {
            "sent": "mails.sent",
            "failed": "mails.failed",
            "unknown": "mails.unknown",
            "unknown-final": "mails.unknown",
        }.get(line.state, "mails.waiting")
    )
