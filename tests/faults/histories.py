"""Lives in which much goes wrong, drawn at random."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import cache, cached_property
from typing import NamedTuple

from hypothesis import strategies as st

from households import household, person, plan
from loop_without_threads import run_without_threads
from renewd.delivery.events import Delivered, Failure
from renewd.delivery.outbox import Outbox
from renewd.domain.outcome import Envelope, Outcome
from renewd.domain.plans import Bill, Household
from renewd.ledger import Attempt, HistoryLine, Ledger
from renewd.ledger.sql_rows import instant, number
from renewd.ledger.sqlite import in_memory
from renewd.reminders import Findings, Reminder, due, due_of_plan
from renewd.service.reports import Reporter
from simulated_year import SENT, Change, Got, Life, Pigeonholes, Story, _Living, renewed, with_plan

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
DAYS = 32
# Over every change of the clocks in the zones below: a gap and a fold each, at midnight, of half an hour, and the end of February.
BEGINS = (date(2027, 2, 20), date(2027, 3, 22), date(2027, 9, 3), date(2027, 10, 20))
MOST = 20_000  # passes of one life: ten times what the longest of hundreds had

DOWN = Outcome(result="failed", scope="account", reason="connection-refused")
LATER = Outcome(result="refused", scope="account", reason="message-not-now", code=451, reply="451 Later")
SPAM = Outcome(result="refused", scope="message", reason="message-refused", code=554, reply="554 Spam", permanent=True)
NOBODY = Outcome(
    result="refused", scope="recipient", reason="recipient-refused", code=550, reply="550 Nobody", permanent=True
)
GREY = Outcome(result="refused", scope="recipient", reason="recipient-not-now", code=450, reply="450 Greylisted")
PASSWORD = Outcome(result="refused", scope="account", reason="auth-refused", code=535, reply="535 No", permanent=True)
LOST = Outcome(result="unknown", reason="answer-lost")


class KilledError(BaseException):
    """The process has died with a mail in flight."""


class Trouble(NamedTuple):
    """What a server does to mails within a time (hours after the beginning): to all, or to one person's."""

    what: str
    begins: int
    hours: int
    person: str | None


@dataclass(frozen=True)
class History:
    """A household, and everything that happens to it from 08:00 UTC of a day."""

    begins: date
    home: Household
    edits: tuple[tuple[int, Change, str], ...]  # hours after the beginning, what, and its name
    off: tuple[tuple[int, int], ...]
    jumps: tuple[tuple[int, timedelta], ...]
    troubles: tuple[Trouble, ...]


ZONES = ("America/New_York", "Asia/Shanghai", "Pacific/Auckland", "America/Santiago", "Australia/Lord_Howe")

# Made once: a strategy costs as much to make as to draw from.
HOURS = st.integers(1, (DAYS - 4) * 24)
_BEGINS, _ZONES = st.sampled_from(BEGINS), st.sampled_from(ZONES)
_TOLD = st.sampled_from([("me",), ("mom",), ("me", "mom")])
_KINDS = st.sampled_from(["days", "months", "autopay", "idle", "bill"])
_CLOCKS = st.sampled_from([time(9), time(2, 30), time(23, 30), time(0)])
_EDITS = st.sampled_from(["paid", "moved", "snoozed", "leads"])
_JUMPS = st.sampled_from([timedelta(hours=-3), -DAY, 5 * HOUR, 3 * DAY, 400 * DAY])
_SOON, _COUNT, _FEW, _AROUND, _OFF = (
    st.integers(least, most) for least, most in ((-4, 36), (1, 3), (0, 4), (-3, 20), (1, 200))
)
_TWICE, _ONCE = st.lists(HOURS, max_size=2), st.lists(HOURS, max_size=1)
_WRONGS = ("down", "later", "spam", "nobody", "grey", "password", "lost", "lost-not-taken", "killed", "killed-taken")
TROUBLES = st.lists(
    st.builds(Trouble, st.sampled_from(_WRONGS), HOURS, st.integers(1, 60), st.sampled_from([None, "me", "mom"])),
    max_size=4,
)


@st.composite
def plans(draw: st.DrawFn, id_: str, begins: date):
    told = draw(_TOLD)
    soon = begins + timedelta(days=draw(_SOON))
    words: dict[str, object] = {"told": told, "zone": draw(_ZONES)}
    kind = draw(_KINDS)
    if kind == "idle":
        from renewd.domain.dates import Duration
        from renewd.domain.plans import KeepAlive

        last = soon - timedelta(days=90)
        return plan(id_, keep_alive=KeepAlive(every=Duration(90, "days"), last=last, action="send one text"), **words)
    every = "1 month" if kind == "months" else "30 days"
    words |= {"renews": str(soon), "every": every, "price": "5", "autopay": kind == "autopay", "grace": "20 days"}
    made = plan(id_, **words)
    if kind == "bill":
        made = made._replace(bills=(Bill(what="October", amount=made.price, due=soon + timedelta(days=3)),))
    return made


def put(id_: str, **fields: object) -> Change:
    return lambda home, _: with_plan(home, home.plans[id_]._replace(**fields))


def paid(id_: str) -> Change:
    def change(home: Household, today: date) -> Household:
        one = home.plans[id_]
        return renewed(id_)(home, today) if one.renews is not None and one.every is not None else home

    return change


@st.composite
def histories(draw: st.DrawFn) -> History:
    begins = draw(_BEGINS)
    ids = [f"p{n}" for n in range(draw(_COUNT))]
    people = {
        one: person(
            one,
            zone=draw(_ZONES),
            send_at=draw(_CLOCKS),
        )
        for one in ("me", "mom")
    }
    home = replace(household(*(draw(plans(one, begins)) for one in ids), **people), zone="UTC")  # an hour is an hour
    edits = []
    for _ in range(draw(_FEW)):
        id_, at = draw(st.sampled_from(ids)), draw(HOURS)
        what = draw(_EDITS)
        day = begins + timedelta(days=at // 24 + draw(_AROUND))
        change = {
            "paid": paid(id_),
            "moved": put(id_, renews=day) if home.plans[id_].renews else put(id_, name="other"),
            "snoozed": put(id_, snooze=day),
            "leads": put(id_, leads={**home.plans[id_].leads, "renewal": (10, 5, 2)}),
        }[what]
        edits.append((at, change, f"{what} {id_} {day}"))
    off = tuple((at, at + draw(_OFF)) for at in draw(_TWICE))
    jumps = []
    for at in draw(_ONCE):
        by = draw(_JUMPS)
        jumps += [(at, by)] if by < timedelta(0) else [(at, by), (at + by // HOUR + 1, -by)]
    return History(begins, home, tuple(edits), off, tuple(jumps), tuple(draw(TROUBLES)))


class Server(Pigeonholes):
    """A server that is in trouble at times; what it took is in `letters`, whatever it said."""

    def __init__(self, history: History, begin: datetime) -> None:
        super().__init__()
        self.history, self.begin = history, begin
        self.unsure: set[str] = set()  # the names of mails that nobody knows the end of
        self.once: Counter[Trouble] = Counter()

    async def send(self, envelope: Envelope) -> Outcome:
        assert self.clock is not None
        self.tries.append(self.clock())
        hour = (self.clock() - self.begin) / HOUR
        for trouble in self.history.troubles:
            concerns = trouble.person is None or envelope.recipient.startswith(trouble.person)
            if concerns and trouble.begins <= hour < trouble.begins + trouble.hours:
                return self._meet(trouble, envelope)
        self.letters.append(envelope)
        return SENT

    def _meet(self, trouble: Trouble, envelope: Envelope) -> Outcome:
        plain = {"down": DOWN, "later": LATER, "spam": SPAM, "nobody": NOBODY, "grey": GREY, "password": PASSWORD}
        if trouble.what in plain:
            return plain[trouble.what]
        self.unsure.add(envelope.name)
        if trouble.what in ("lost", "killed-taken"):
            self.letters.append(envelope)
        if trouble.what.startswith("killed"):
            self.once[trouble] += 1
            if self.once[trouble] <= 3:
                raise KilledError
        return LOST


@cache
def _ledger() -> Ledger:
    return in_memory()


def emptied_ledger() -> Ledger:
    """Return the ledger of all lives, one after the other, with nothing in it: a new one costs as much as two days."""
    with _ledger().database.writing() as cursor:  # type: ignore[attr-defined]
        for table in ("reminder", "attempt", "content", "ended", "backoff", "mail"):
            cursor.execute(f"DELETE FROM {table}")
    return _ledger()


class Hard(_Living):
    """A life in which the process may die; it is started again at once. `known` is what was found, and since when."""

    ledger = staticmethod(emptied_ledger)

    async def through(self, days: float, beat: timedelta) -> Life:
        self.reporter = Reporter()  # no plan is being left, so that none is written
        return await self._through(days, beat)

    def adopt(self) -> None:
        super().adopt()
        self.known = [*getattr(self, "known", []), (self.clock.now, self.findings)]

    async def run_pass(self) -> None:
        try:
            await super().run_pass()
        except KilledError:
            self.restart()
            self.outbox.repeat_at = self.life.ledger.next_repeat()
        if self.outbox.repeat_at is not None and (again := self.repeat_at()) is not None:
            # The daemon has a pass every half minute, which would take too long here: half-way and half-way again finds
            # what goes out too early, the instant itself what goes out too late.
            soon = max(self.clock.now + (again - self.clock.now) / 2, self.clock.now + 5 * MINUTE)
            self.outbox.retry_at = min(self.outbox.retry_at or again, soon, again)
        assert len(self.life.passes) < MOST, "pass after pass, and nothing comes of them"

    def repeat_at(self) -> datetime | None:
        """Return when the next mail of unknown end is to be tried again, from now on."""
        with self.life.ledger.database.statements() as cursor:  # type: ignore[attr-defined]
            cursor.execute(
                "SELECT MIN(next_try) FROM mail WHERE state = 'unknown' AND next_try > ?", (number(self.clock.now),)
            )
            (found,) = cursor.fetchone()
        return None if found is None else instant(found)

    def restart(self) -> None:
        self.life.ledger.recover(self.clock.now)
        self.outbox = Outbox(
            self.life.ledger, self.channel, sender="renewd@example.com", clock=self.clock, tell=self.heard
        )
        self.adopt()

    def heard(self, event: object) -> None:
        if isinstance(event, Failure):
            self.life.broken.append(event)
        elif isinstance(event, Delivered) and event.outcome.result == "sent":
            keys = tuple(key for key in event.keys if "/welcome/" not in key)  # it is no reminder
            letter = self.kept[event.person, frozenset(keys)]
            self.life.mails.append(Got(event.at, event.person, event.subject, keys, b"", letter))


@dataclass
class Lived:
    """A life that is over, what the server has of it, and when it was quiet."""

    life: Life
    server: Server
    history: History
    begin: datetime
    end: datetime
    known: list[tuple[datetime, Findings]]
    asked: dict[datetime, list[Reminder]] = field(default_factory=dict)

    @cached_property
    def mails(self) -> tuple[HistoryLine, ...]:
        """The mails of the ledger, the newest first."""
        return self.life.ledger.history(limit=100_000)

    @cached_property
    def attempts(self) -> dict[int, tuple[Attempt, ...]]:
        """The attempts of each mail of the ledger."""
        found = (self.life.ledger.mail(line.mail) for line in self.mails)
        return {kept.line.mail: kept.attempts for kept in found if kept is not None}

    def due(self, moment: datetime) -> list[Reminder]:
        """Return what ought to have been said by an instant, computed from the file as it stood."""
        if moment not in self.asked:
            self.asked[moment] = self._due(moment)
        return self.asked[moment]

    def _due(self, moment: datetime) -> list[Reminder]:
        return due(self.life.household_at(moment), self.found(moment), moment)

    def due_like(self, keys: Collection[str], moment: datetime) -> list[Reminder]:
        """Return the same of the plans that keys are of: no other plan has such keys."""
        plans = {key.partition("/")[0] for key in keys}
        if any(plan.startswith("@") for plan in plans):
            return self.due(moment)
        home, found = self.life.household_at(moment), self.found(moment)
        return [one for id_ in plans for one in due_of_plan(home.plans[id_], home, found, moment).reminders]

    def found(self, moment: datetime) -> Findings:
        """Return what was found by an instant; before the first pass, where a clock was set back, what the first found."""
        return next((found for since, found in reversed(self.known) if since <= moment), self.known[0][1])


def live(history: History) -> Lived:
    """Live a history to its end."""
    from households import at

    start = f"{history.begins} 08:00"
    begin = at(start, history.home.zone)

    def when(hours: float) -> str:
        return f"{begin + hours * HOUR:%Y-%m-%d %H:%M}"

    events: dict[str, list[object]] = defaultdict(list)
    for hour, change, _ in history.edits:
        events[when(hour)].append(change)
    jumps: dict[str, timedelta] = {when(hour): by for hour, by in history.jumps}
    off = [(when(begins), when(ends)) for begins, ends in history.off]
    server = Server(history, begin)
    story = Story(dict(events), (), off, jumps)  # type: ignore[arg-type]
    living = Hard(history.home, start, story, server, ())
    life = run_without_threads(living.through(DAYS, 6 * HOUR))
    return Lived(life, server, history, begin, living.clock.now, living.known)
