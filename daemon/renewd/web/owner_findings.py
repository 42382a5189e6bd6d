"""What the owner should look at in renewd: who was not reached, mistakes of the file, and what `doctor` would find."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from renewd.config import say_problem
from renewd.config.messages import show_source
from renewd.domain.diagnosis import Diagnosis
from renewd.domain.errors import Problem
from renewd.ledger import Failing
from renewd.ledger.backoff import next_try, unsent
from renewd.reminders.person_page import person_page
from renewd.render.mail_parts import MailRow
from renewd.render.markup import own
from renewd.render.open_item import OpenItems
from renewd.web.visit import Visit
from renewd.web.wording import Wording

_UNTOLD = 3  # open things of somebody whom no mail reaches


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerFinding:
    """One thing to look at; `source` is the line of a mistake, `command` what helps."""

    kicker: str
    title: str
    about: str
    command: str = ""
    source: str = ""
    rows: Sequence[MailRow] = ()


@dataclass(frozen=True, slots=True)
class OwnerFindings:
    """Puts into words what only the owner sees."""

    visit: Visit
    words: Wording

    def found(self) -> list[OwnerFinding]:
        """Return what is to be looked at; nothing for anybody but the owner."""
        if not self.visit.is_owner:
            return []
        around = self.visit.around
        found = [self._not_reached(failing) for failing in around.failing]
        found += [self._mistake(problem) for problem in self.visit.errors]
        if around.stale:
            found.append(self._passes())
        return [*found, *(self._diagnosis(each) for each in around.diagnoses())]

    def in_short(self) -> str:
        """Return the same in a few words."""
        visit, say, people = self.visit, self.words.say, self.visit.household.people
        unreached = dict.fromkeys(failing.person for failing in visit.around.failing)
        words = [say("look.row-not-reached", who=own(people[id_].name if id_ in people else id_)) for id_ in unreached]
        if visit.errors:
            words.append(say("look.row-mistakes", n=len(visit.errors)))
        if visit.around.stale:
            words.append(say("look.row-passes"))
        words += [self._label(each) for each in visit.around.diagnoses()]
        return say("look.row-between").join(dict.fromkeys(words))

    def _not_reached(self, failing: Failing) -> OwnerFinding:
        say, visit = self.words.say, self.visit
        people = visit.household.people
        who = own(people[failing.person].name if failing.person in people else failing.person)
        reply = own(failing.reply) if failing.reply else say("look.no-reply")
        rows = [MailRow(say("look.it-says"), words) for words in self._untold(failing.person)]
        rows.append(MailRow(say("look.server-says"), reply))
        line = unsent(failing, visit.around.history(None))
        following = next_try(failing, line, visit.around.backoffs)
        if following is not None:
            tried = self.words.moment("look.next-try-at", following.at, n=following.failures + 1)
            rows.append(MailRow(say("look.next-try"), tried))
        rows.append(MailRow(say("look.to"), own(failing.address)))
        return OwnerFinding(
            kicker=say("look.not-reached", who=who),
            title=self.words.moment("look.not-reached-title", failing.since),
            about=say("look.not-reached-about"),
            rows=rows,
        )

    def _untold(self, person: str) -> Iterator[str]:
        """Iterate the most urgent that is open for somebody, each with its own last day."""
        household, around = self.visit.household, self.visit.around
        if person not in household.people or person == self.visit.person.id:
            return
        page = person_page(household, around.findings, household.people[person], around.now)
        items = OpenItems(household, self.visit.person, around.now, around.overrides)
        for block in page.open[:_UNTOLD]:
            words, day = items.item(block, self.words.code).row, block.facts.good
            yield self.words.say("look.it-says-by", what=words, day=day) if day else words

    def _mistake(self, problem: Problem) -> OwnerFinding:
        say = self.words.say
        kicker = say("look.mistake-line", line=problem.line) if problem.line else say("look.mistake")
        return OwnerFinding(
            kicker=kicker,
            title=own(say_problem(problem, self.words.code)),
            about=self._in_force(problem),
            source=show_source(problem) or "",
        )

    def _in_force(self, problem: Problem) -> str:
        """Return what holds until a mistake is mended."""
        if not problem.plan:
            return self.words.say("look.mistake-whole")
        plan, since = self.visit.household.plans.get(problem.plan), self.visit.around.findings.since.get(problem.plan)
        if plan is None:
            return self.words.say("look.mistake-new")
        if since is None:
            return self.words.say("look.mistake-plan")
        return self.words.moment("look.mistake-since", since, name=self.words.name(plan))

    def _passes(self) -> OwnerFinding:
        say = self.words.say
        return OwnerFinding(
            kicker=say("look.passes"),
            title=say("state.title-unwell"),
            about=say("look.passes-about"),
            command="renewd doctor",
        )

    def _diagnosis(self, found: Diagnosis) -> OwnerFinding:
        return OwnerFinding(
            kicker=self.words.say("look.doctor"),
            title=self._label(found),
            about=self.words.diagnosis(found),
            command="renewd doctor",
        )

    def _label(self, found: Diagnosis) -> str:
        return self.words.said(f"doctor.label.{found.name}")
