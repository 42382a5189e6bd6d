"""What the daemon writes into systemd's journal: one entry a decision, with its reason and the fields to find it by."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence

from renewd import __version__
from renewd.cli.event_text import EventText
from renewd.cli.storm_guard import StormGuard
from renewd.config import say_problem
from renewd.config.fact_log import PersonRecorded
from renewd.delivery.events import Delivered, Failure, Held
from renewd.domain.errors import Problem
from renewd.i18n import Language
from renewd.service.daemon_events import (
    Calendars,
    ConfigRead,
    DaemonEvent,
    PassEnded,
    Started,
    StepFailed,
    Stopped,
    Trouble,
    WrongClock,
)
from renewd.service.journal import ERROR, INFO, WARNING, Journal

_AGAIN = 3600.0  # seconds before a trouble that goes on is said again
_MOST_KEPT = 1000  # messages that differ each time must not fill the memory
_MOST = 50  # problems of one reading that are said; `renewd check` shows all


class JournalLog:
    """Writes what happens: the same trouble once an hour, and troubles of one cause once a minute."""

    def __init__(self, words: Language, journal: Journal, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._text = EventText(words)
        self._journal = journal
        self._clock = clock
        self._said: dict[str, tuple[float, int]] = {}
        self._guard = StormGuard(clock)
        self._next = ""
        self._split: tuple[str, ...] = ()

    def tell(self, event: DaemonEvent) -> None:
        """Write what happened, if it is news."""
        event_text = self._text
        match event:
            case Started():
                self._started(event)
            case ConfigRead():
                self._read(event)
            case Delivered():
                self._delivered(event)
            case Held():
                why = f"{event_text.say('held', until=event_text.moment(event.until))} {event_text.why(event.reason, event.reply)}"
                self._once(why, ERROR, "held", cause=event.reason)
            case Failure():
                text = "\n".join(event_text.broken(event)).rstrip()
                self._once(text, ERROR, "broken", (event.key,), type(event.error))
            case Trouble():
                text = event_text.words.say(event.error.code, **event.error.args_)
                self._once(text, ERROR, "trouble", cause=event.error.code)
            case StepFailed():
                text = "\n".join(event_text.step_failed(event)).rstrip()
                self._once(text, ERROR, "step-failed", cause=event.step)
            case PersonRecorded():
                plans = tuple(dict.fromkeys(plan for plan, _ in event.facts))
                self.write(event_text.recorded(event), INFO, "recorded", RENEWD_PLAN=plans)
            case Calendars():
                self._calendars(event)
            case WrongClock():
                self._once(event_text.say("clock", now=event.now.date()), ERROR, "clock")
            case PassEnded():
                self._pass_ended(event)
            case Stopped():
                self.write(event_text.say("stopped"), INFO, "stopped")

    def write(
        self, text: str, priority: int, event: str, keys: Iterable[str] = (), **more: str | Sequence[str]
    ) -> None:
        """Write one entry about reminders by their keys."""
        keys = tuple(keys)
        plans = tuple(dict.fromkeys(plan for key in keys if not (plan := key.partition("/")[0]).startswith("@")))
        fields: dict[str, str | Sequence[str]] = {"RENEWD_EVENT": event, **more}
        if keys:
            fields["RENEWD_KEY"] = keys
        if plans:
            fields["RENEWD_PLAN"] = plans
        self._journal.send(text, priority, **fields)

    def problems(self, problems: Sequence[Problem]) -> None:
        """Write what is wrong in the files, without quoting their lines."""
        for problem in problems[:_MOST]:
            priority = ERROR if problem.severity == "error" else WARNING
            more = {"RENEWD_PLAN": problem.plan} if problem.plan else {}
            text = say_problem(problem, self._text.words.code)
            if not self._guard.holds(text):
                self.write(text, priority, "problem", **more)

    def _started(self, event: Started) -> None:
        household = event.loaded.household
        self._text.begin(event)
        told = {person for plan in household.plans.values() for person in plan.told}
        counted = self._text.say("plans", n=len(household.plans)) + self._text.say("people", n=len(told))
        colon = self._text.say("colon")
        text = f"renewd {__version__}{colon}{counted}; {event.config}; {event.state}; {self._text.greeting(event)}"
        self.write(text, INFO, "started")
        self.problems(event.loaded.problems)

    def _read(self, event: ConfigRead) -> None:
        self.problems(event.problems)
        if event.loaded is not None:
            self._text.household = event.loaded.household
            self.write(self._text.say("read", n=len(event.loaded.household.plans)), INFO, "read")
        if any(problem.severity == "error" for problem in event.problems) and not self._guard.holds("kept"):
            self.write(self._text.say("kept"), WARNING, "kept")

    def _delivered(self, event: Delivered) -> None:
        outcome, event_text = event.outcome, self._text
        if outcome.result == "sent":
            self._said.clear()
            how = event_text.delivered(event.address)
            text = f"{how}{event_text.say('colon')}{event.subject}{event_text.say('to', name=event_text.name(event.person))}"
            self.write(text, INFO, "sent", event.keys, RENEWD_MAIL=str(event.mail))
            return
        to = event_text.say("to", name=event_text.name(event.person)) if event.person else ""
        how = event_text.say("not-sent") + event_text.say("colon")
        text = (
            f"{how}{event.subject}{to}. {event_text.reason(outcome)}"
            if event.subject
            else how + event_text.reason(outcome)
        )
        more = {"RENEWD_MAIL": str(event.mail)} if event.mail else {}
        self._once(text, ERROR, outcome.result, event.keys, (outcome.result, outcome.reason), **more)

    def _calendars(self, event: Calendars) -> None:
        if event.split and event.split != self._split:
            names = self._text.words.several([self._text.name(person) for person in event.split])
            self.write(self._text.say("calendar-split", names=names, command="renewd feed"), INFO, "calendar-split")
        self._split = event.split

    def _pass_ended(self, event: PassEnded) -> None:
        text = self._text.following(event)
        if text != self._next:
            self._next = text
            self.write(text, INFO, "next", [event.coming.key] if event.coming else [])

    def _once(
        self, text: str, priority: int, event: str, keys: Iterable[str] = (), cause: object = None, **more: str
    ) -> None:
        """Write a trouble the first time, and then once an hour with how often it was met in between.

        If its cause was written about within the last minute, it waits until it is met again.
        """
        now = self._clock()
        since, count = self._said.get(text, (None, 0))
        if since is not None and now - since < _AGAIN:
            self._said[text] = (since, count + 1)
            return
        if self._guard.holds((event, cause)):
            return
        if len(self._said) > _MOST_KEPT:
            self._said.clear()
        self._said[text] = (now, 0)
        again = f" {self._text.say('times', n=count)}" if count else ""
        self.write(text + again, priority, event, keys, **more)
