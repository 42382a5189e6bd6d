"""The blocks of a person's page below what is open: plans, mails, calendar, and renewd's state."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from renewd.domain.cancellation import has_left, way_out
from renewd.domain.dates import DAY
from renewd.domain.plans import Plan
from renewd.ledger import NOT_TAKEN
from renewd.reminders.leave import leave_by
from renewd.reminders.person_page import PersonPage
from renewd.reminders.plan_overview import PlanRow
from renewd.render.mail_parts import MailRow
from renewd.render.markup import own
from renewd.web.forms import price_of
from renewd.web.mail_pages import mail_row, mails_of
from renewd.web.owner_findings import OwnerFinding
from renewd.web.visit import Visit
from renewd.web.wording import Wording

_MANY_PLANS = 20  # from there on, plans are searched and grouped
_MAILS = 5
_WEEK = timedelta(days=7)


class Sections:
    """Makes the blocks of one page."""

    def __init__(self, page: PersonPage, visit: Visit, words: Wording) -> None:
        self._page = page
        self._visit = visit
        self._words = words

    def _of_kind(self, key: str) -> str:
        """Return the key of a sentence; another one where nothing of the reader's is a line."""
        return key if any(row.plan.is_line for row in self._page.rows) else f"{key}-other"

    @property
    def well(self) -> bool:
        """Whether renewd does its work, as far as the reader is concerned."""
        around, person = self._visit.around, self._visit.person
        return not around.stale and not any(failing.person == person.id for failing in around.failing)

    def nav(self, look: Sequence[OwnerFinding], comes: str, year: str) -> dict[str, object]:
        """Return the links further down, each with its answer."""
        say = self._words.say
        last = next(iter(mails_of(self._visit)), None)
        values = {
            "comes": comes,
            "plans": say(self._of_kind("nav.plan-count"), n=len(self._page.rows)),
            "money": year,
            "mail": self._words.day(self._words.local(last.at).date()) if last else say("nav.none"),
            "calendar": say("nav.subscribe"),
            "well": say("nav.to-look-at", n=len(look))
            if look
            else say("nav.is-well" if self.well else "nav.is-unwell"),
        }
        names = {"well": "nav.renewd", "plans": self._of_kind("nav.plans")}
        rows = [
            {"id": id_, "words": say(names.get(id_, f"nav.{id_}")), "value": value} for id_, value in values.items()
        ]
        return {"title": say("nav.title"), "rows": rows}

    def plans(self) -> dict[str, object]:
        """Return the plans, the most urgent first; many of them in groups, with a field to find one."""
        say, query = self._words.say, self._visit.query
        rows = sorted((row for row in self._page.rows if _matches(row.plan, query)), key=self._can_wait)
        many = len(self._page.rows) >= _MANY_PLANS
        found = say(self._of_kind("plans.found" if rows else "plans.found-none"), n=len(rows), q=own(query))
        return {
            "title": say(self._of_kind("plans.title"), n=len(self._page.rows)),
            "about": say("plans.about"),
            "find": say(self._of_kind("plans.find")) if many else "",
            "hint": say(self._of_kind("plans.find-hint")),
            "button": say("plans.find-button"),
            "q": query,
            "found": found,
            "all": say("plans.all"),
            "groups": self._groups(rows, many=many, opened=bool(query)),
        }

    def _can_wait(self, row: PlanRow) -> tuple[bool, bool]:
        return row.next in (None, "left"), not row.urgent and _leave_by(row, self._words) is None

    def _groups(self, rows: Sequence[PlanRow], *, many: bool, opened: bool) -> list[dict[str, object]]:
        groups: dict[str, list[PlanRow]] = {}
        for row in rows:
            over = row.next in (None, "left")
            urgent = row.urgent or _leave_by(row, self._words) is not None
            name = "over" if over else "urgent" if urgent else "autopay" if row.plan.autopay else "yours"
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

    def state(self, look: Sequence[OwnerFinding]) -> dict[str, object]:
        """Return how renewd is; to anybody but the owner, only whether mails reach them."""
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
            MailRow(say("state.week"), self._week()),
            MailRow(
                say("state.file"), say("state.file-mistakes", file=file, n=len(visit.errors)) if visit.errors else read
            ),
        ]
        return {"title": title, "rows": rows, "about": ""}

    def _week(self) -> str:
        """Return what became of the mails of the last 7 days, to all of the household."""
        counts = self._visit.around.counts(self._visit.around.now - _WEEK)
        sent, bad = counts.get("sent", 0), sum(counts.get(state, 0) for state in NOT_TAKEN)
        if not bad:
            return self._words.say("state.week-good", n=sent) if sent else self._words.say("nav.none")
        return self._words.say("state.week-bad", n=sent, bad=bad)


def plan_row(row: PlanRow, words: Wording) -> dict[str, str]:
    """Return a plan's row: its name, what comes next, and what it is."""
    plan = row.plan
    by = _leave_by(row, words)
    runs_out = row.words == "keep-alive" and way_out(plan) == "lapse"
    next_ = row.words
    if runs_out:
        next_ = "ran-out" if row.day and row.day < words.today else "runs-out"
    last_use = row.next == "keep-alive" and not runs_out
    day = row.day - DAY if row.day and last_use else row.day
    event = words.say(f"plans.{next_}", day=day) if next_ else words.say("plans.nothing")
    if by is not None:
        event = words.say(f"plans.leave-{way_out(plan)}", day=by)
    about = [
        words.say("plans.ends-in", digits=plan.last_four) if plan.last_four else "",
        price_of(plan, words),
        _paid_by(plan, words),
    ]
    tone = "red" if row.next in ("lost", "stopped") else "amber" if row.urgent or by else ""
    return {
        "name": words.name(plan),
        "url": f"plan/{plan.id}",
        "event": event,
        "tone": tone,
        "about": words.clauses(*filter(None, about)),
    }


def _paid_by(plan: Plan, words: Wording) -> str:
    """Return who pays a plan, or that it is left; empty where nothing is renewed."""
    if plan.cancel:
        leaves = "has-left" if has_left(plan) else "is-leaving" if plan.is_line else "is-leaving-other"
        return words.say(f"plans.{leaves}")
    if plan.autopay:
        return words.say("plans.is-autopay")
    return words.say("plans.is-yours") if plan.renews is not None else ""


def _leave_by(row: PlanRow, words: Wording) -> date | None:
    """Return by which day a plan is to be left; None where it is not, or where something else comes first."""
    return leave_by(row.plan, words.today) if row.next in ("stops", "charge") else None


def _matches(plan: Plan, query: str) -> bool:
    carrier = " ".join(plan.carrier.name.values()) if plan.carrier else ""
    names = (plan.name, plan.id, plan.last_four or "", carrier)
    return any(query.casefold() in name.casefold() for name in names)
