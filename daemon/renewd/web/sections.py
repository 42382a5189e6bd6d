"""The blocks of a person's page below what is open: what to look at in renewd, plans, mails, calendar, and renewd's state."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from renewd.config import say_problem
from renewd.config.messages import show_source
from renewd.domain.errors import Problem
from renewd.domain.plans import Plan
from renewd.reminders.person_page import PersonPage, person_page
from renewd.reminders.plan_overview import PlanRow
from renewd.render.mail_parts import MailRow
from renewd.render.markup import own
from renewd.render.open_item import OpenItems
from renewd.web.forms import price_of
from renewd.web.mail_pages import mail_row, mails_of
from renewd.web.visit import Visit
from renewd.web.wording import Wording

_MANY_PLANS = 20  # from there on, plans are searched and grouped
_MAILS = 5
_UNTOLD = 3  # open things of somebody whom no mail reaches


class Sections:
    """Makes the blocks of one page."""

    def __init__(self, page: PersonPage, visit: Visit, words: Wording) -> None:
        self._page = page
        self._visit = visit
        self._words = words

    @property
    def well(self) -> bool:
        """Whether renewd does its work, as far as the reader is concerned."""
        around, person = self._visit.around, self._visit.person
        return not around.stale and not any(failing.person == person.id for failing in around.failing)

    def look(self) -> list[dict[str, object]]:
        """Return what the owner should look at: the file's mistakes, who was not reached, and a pass that failed."""
        visit, say = self._visit, self._words.say
        if not visit.is_owner:
            return []
        found = [
            self._not_reached(failing.person, failing.since, failing.reply, failing.address)
            for failing in visit.around.failing
        ]
        found += [self._mistake(problem) for problem in visit.errors]
        if visit.around.stale:
            found.append(
                {
                    "kicker": say("look.passes"),
                    "title": say("state.title-unwell"),
                    "about": say("look.passes-about"),
                    "command": "renewd doctor",
                    "source": "",
                    "rows": [],
                }
            )
        return found

    def look_row(self) -> str:
        """Return the same in a few words."""
        visit, say, people = self._visit, self._words.say, self._visit.household.people
        unreached = dict.fromkeys(failing.person for failing in visit.around.failing)
        words = [say("look.row-not-reached", who=own(people[id_].name if id_ in people else id_)) for id_ in unreached]
        if visit.errors:
            words.append(say("look.row-mistakes", n=len(visit.errors)))
        if visit.around.stale:
            words.append(say("look.row-passes"))
        return ("；" if self._words.code == "zh-CN" else "; ").join(words)

    def _not_reached(self, person: str, since: datetime, reply: str, address: str) -> dict[str, object]:
        say, people = self._words.say, self._visit.household.people
        who = own(people[person].name if person in people else person)
        rows = [
            *(MailRow(say("look.it-says"), words) for words in self._untold(person)),
            MailRow(say("look.server-says"), own(reply) if reply else say("look.no-reply")),
            MailRow(say("look.to"), own(address)),
        ]
        title = self._words.moment("look.not-reached-title", since)
        return {
            "kicker": say("look.not-reached", who=who),
            "title": title,
            "about": say("look.not-reached-about"),
            "command": "",
            "source": "",
            "rows": rows,
        }

    def _untold(self, person: str) -> Iterator[str]:
        """Iterate the most urgent that is open for somebody, each with its own last day."""
        household, around = self._visit.household, self._visit.around
        if person not in household.people or person == self._visit.person.id:
            return
        page = person_page(household, around.findings, household.people[person], around.now)
        items = OpenItems(household, self._visit.person, around.now, around.overrides)
        for block in page.open[:_UNTOLD]:
            words, day = items.item(block, self._words.code).row, block.facts.good
            yield self._words.say("look.it-says-by", what=words, day=day) if day else words

    def _mistake(self, problem: Problem) -> dict[str, object]:
        say = self._words.say
        kicker = say("look.mistake-line", line=problem.line) if problem.line else say("look.mistake")
        return {
            "kicker": kicker,
            "title": own(say_problem(problem, self._words.code)),
            "about": say("look.mistake-plan" if problem.plan else "look.mistake-whole"),
            "command": "",
            "source": show_source(problem) or "",
            "rows": [],
        }

    def nav(self, look: Sequence[object], comes: str, year: str) -> dict[str, object]:
        """Return the links further down, each with its answer."""
        say = self._words.say
        last = next(iter(mails_of(self._visit)), None)
        values = {
            "comes": comes,
            "plans": say("nav.plan-count", n=len(self._page.rows)),
            "money": year,
            "mail": self._words.day(self._words.local(last.at).date()) if last else say("nav.none"),
            "calendar": say("nav.subscribe"),
            "well": say("nav.is-unwell" if look or not self.well else "nav.is-well"),
        }
        rows = [
            {"id": id_, "words": say(f"nav.{'renewd' if id_ == 'well' else id_}"), "value": value}
            for id_, value in values.items()
        ]
        return {"title": say("nav.title"), "rows": rows}

    def plans(self) -> dict[str, object]:
        """Return the plans, the most urgent first; many of them in groups, with a field to find one."""
        say, query = self._words.say, self._visit.query
        rows = [row for row in self._page.rows if _matches(row.plan, query)]
        many = len(self._page.rows) >= _MANY_PLANS
        found = say("plans.found", n=len(rows), q=own(query)) if rows else say("plans.found-none", q=own(query))
        return {
            "title": say("plans.title", n=len(self._page.rows)),
            "about": say("plans.about"),
            "find": say("plans.find") if many else "",
            "hint": say("plans.find-hint"),
            "button": say("plans.find-button"),
            "q": query,
            "found": found,
            "all": say("plans.all"),
            "groups": self._groups(rows, many=many, opened=bool(query)),
        }

    def _groups(self, rows: Sequence[PlanRow], *, many: bool, opened: bool) -> list[dict[str, object]]:
        groups: dict[str, list[PlanRow]] = {}
        for row in rows:
            over = row.next in (None, "left")
            name = "over" if over else "urgent" if row.urgent else "autopay" if row.plan.autopay else "yours"
            groups.setdefault(name if many else "over" if over else "", []).append(row)
        return [
            {
                "title": self._words.say("plans.group", title=self._words.say(f"plans.{name}"), n=len(members))
                if name
                else "",
                "open": opened or (name == "over" and not many),
                "rows": [plan_row(row, self._words) for row in members],
            }
            for name, members in groups.items()
        ]

    def mails(self) -> dict[str, object]:
        """Return the latest mails to the reader."""
        say, sent = self._words.say, mails_of(self._visit)
        return {
            "title": say("mails.title"),
            "caption": say("mails.caption"),
            "none": say("mails.none"),
            "rows": [mail_row(line, self._words) for line in sent[:_MAILS]],
            "earlier": say("mails.earlier") if len(sent) > _MAILS else "",
        }

    def calendar(self) -> dict[str, str]:
        """Return the links to the reader's calendar."""
        links, person = self._visit.around.links, self._visit.person.id
        words = {name: self._words.say(f"calendar.{name}") for name in ("title", "about", "button", "address")}
        return {**words, "webcal": links.webcal(person), "https": links.feed(person)}

    def state(self, look: Sequence[object]) -> dict[str, object]:
        """Return how renewd is; to who does not run it, only whether mails reach them."""
        say, visit, moment = self._words.say, self._visit, self._words.moment
        title = say("state.title" if self.well and not look else "state.title-unwell")
        if not visit.is_owner:
            failing = next((one for one in visit.around.failing if one.person == visit.person.id), None)
            about = say("state.not-reached-you", day=self._words.local(failing.since).date()) if failing else ""
            return {"title": title, "rows": [], "about": about}
        next_ = self._page.next
        file = own(visit.opened.loaded.files[0].name if visit.opened.loaded.files else "plans.toml")
        read = moment("state.file-good", visit.around.read_at, file=file)
        rows = [
            MailRow(say("state.running"), moment("state.since", visit.around.started)),
            MailRow(say("state.next"), moment("state.next-at", next_.moment) if next_ else say("state.next-none")),
            MailRow(
                say("state.file"), say("state.file-mistakes", file=file, n=len(visit.errors)) if visit.errors else read
            ),
        ]
        return {"title": title, "rows": rows, "about": ""}


def plan_row(row: PlanRow, words: Wording) -> dict[str, str]:
    """Return a plan's row: its name, what comes next, and what it is."""
    plan = row.plan
    ends = not plan.is_line and row.next in ("stops", "stopped", "lost")
    next_ = f"other-{row.next}" if ends else row.next
    event = words.say(f"plans.{next_}", day=row.day) if next_ else words.say("plans.nothing")
    about = [
        words.say("plans.ends-in", digits=plan.last_four) if plan.last_four else "",
        price_of(plan, words),
        words.say("plans.is-leaving" if plan.cancel else "plans.is-autopay" if plan.autopay else "plans.is-yours"),
    ]
    tone = "red" if row.next in ("lost", "stopped") else "amber" if row.urgent else ""
    comma = "，" if words.code == "zh-CN" else ", "
    return {
        "name": words.name(plan),
        "url": f"plan/{plan.id}",
        "event": event,
        "tone": tone,
        "about": comma.join(filter(None, about)),
    }


def _matches(plan: Plan, query: str) -> bool:
    carrier = " ".join(plan.carrier.name.values()) if plan.carrier else ""
    names = (plan.name, plan.id, plan.last_four or "", carrier)
    return any(query.casefold() in name.casefold() for name in names)
