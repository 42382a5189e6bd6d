"""What the daemon says while it works: a greeting, then a line for each thing that happens."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path

from renewd import __version__
from renewd.cli.event_text import EventText
from renewd.cli.progress import Progress
from renewd.cli.screen import Screen
from renewd.cli.storm_guard import StormGuard
from renewd.config import say_problem
from renewd.config.fact_log import PersonRecorded
from renewd.delivery.events import Delivered, Failure, Held, PersonHeld
from renewd.disk import Paths
from renewd.domain.errors import Problem
from renewd.redact import MASK
from renewd.service.daemon_events import (
    Calendars,
    ConfigRead,
    DaemonEvent,
    Drawing,
    PassEnded,
    Started,
    StepFailed,
    Stopped,
    Trouble,
    WrongClock,
)


class ConsoleLog:
    """Prints what happens, or with `quiet` only what is wrong.

    The same trouble is not printed twice in a row, and a daemon prints about one cause once a minute.
    """

    def __init__(
        self, screen: Screen, *, once: bool, quiet: bool = False, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._screen = screen
        self._words = screen.words
        self._text = EventText(screen.words)
        self._once = once
        self._quiet = quiet
        self._said_next: str | None = None
        self._said_mails = False
        self._said_repeat: datetime | None = None
        self._last_trouble = ""
        self._said_broken: set[str] = set()
        self._said_split: tuple[str, ...] = ()
        self._progress = Progress()
        self._guard = StormGuard(clock)

    def tell(self, event: DaemonEvent) -> None:
        """Print an event, if it is worth a line."""
        match event:
            case Started():
                self._started(event)
            case Delivered():
                self._delivered(event)
            case Failure():
                self._broken(event)
            case Held():
                self._held(event)
            case PersonHeld():
                if self._once:  # the daemon has said so when it happened
                    why = MASK(self._text.why(event.reason, event.reply))
                    said = self._say(
                        "held-person", name=self._text.name(event.person), until=self._text.moment(event.until)
                    )
                    self._screen.print(said, f"    {why}")
            case ConfigRead():
                self._read(event)
            case PassEnded():
                self._pass_ended(event)
            case Drawing():
                if self._once and not self._quiet:
                    self._progress.show(lambda: self._say("drawing", n=event.plans))
            case Calendars():
                self._calendars(event)
            case PersonRecorded():
                if not self._quiet:
                    self._screen.print(self._text.recorded(event))
            case StepFailed():
                self._step_failed(event)
            case Trouble():
                self._trouble(event.error.code, self._words.say(event.error.code, **event.error.args_))
            case WrongClock():
                self._trouble("clock", self._say("clock", now=event.now.date()))
            case Stopped():
                if not self._once:
                    self._line("stopped")
        self._screen.stream.flush()

    def _started(self, event: Started) -> None:
        household = event.loaded.household
        self._text.begin(event)
        if self._quiet:
            self._problems(tuple(one for one in event.loaded.problems if one.severity == "error"))
            return
        plans = self._say("plans", n=len(household.plans))
        people = self._say("people", n=len({person for plan in household.plans.values() for person in plan.told}))
        self._screen.print(self._screen.style(f"renewd {__version__}", "bold") + f"  {plans}{people}", "")
        short = partial(_short, Paths(event.config, event.state))
        state = short(event.state) + (self._say("new") if event.fresh else "")
        rows = [("config", short(event.config)), ("state", state), ("mail", self._text.greeting(event, short))]
        self._screen.table([(f"  {self._say(f'label-{name}')}", value) for name, value in rows], ("", ""), "ll")
        self._screen.print("")
        self._problems(event.loaded.problems)

    def _problems(self, problems: tuple[Problem, ...]) -> None:
        said = False
        for problem in problems:
            text = MASK(say_problem(problem, self._words.code))
            if not self._is_storm(text):
                label = f"{self._screen.style(self._say('error'), 'red')}  " if problem.severity == "error" else ""
                self._screen.print(label + text)
                said = True
        if said:
            self._screen.print("")

    def _read(self, event: ConfigRead) -> None:
        self._problems(event.problems)
        if event.loaded is not None:
            before = self._text.household.plans if self._text.household else {}
            plans = event.loaded.household.plans
            self._text.household = event.loaded.household
            self._line("read", n=len(event.loaded.household.plans))
            if gone := [plan.name for id_, plan in before.items() if id_ not in plans]:
                self._line("gone", plans=self._screen.list(gone))
        if any(problem.severity == "error" for problem in event.problems) and not self._is_storm("kept"):
            self._line("kept")

    def _delivered(self, event: Delivered) -> None:
        at, outcome = self._text.moment(event.at), event.outcome
        self._said_mails = True
        if outcome.result == "sent":
            self._last_trouble = ""
            how = self._screen.style(self._text.delivered(event.address), "green")
            if not self._quiet:
                to = self._say("to", name=self._text.name(event.person))
                self._screen.print(f"  {how}  {at}  {event.subject}{to}")
            return
        why = self._text.reason(outcome)
        how = self._screen.style(self._say("not-sent"), "red")
        self._trouble((outcome.result, outcome.reason), why, f"  {how}  {at}  {event.subject}".rstrip())

    def _held(self, event: Held) -> None:
        why = MASK(self._text.why(event.reason, event.reply))
        if self._once or (
            why != self._last_trouble and not self._is_storm(("held", event.reason))
        ):  # it was said when it happened
            self._last_trouble = why
            self._screen.print(self._say("held", until=self._text.moment(event.until)), f"    {why}")

    def _broken(self, event: Failure) -> None:
        if event.key not in self._said_broken and not self._is_storm(type(event.error)):
            self._said_broken.add(event.key)
            self._failed(*self._text.broken(event))

    def _step_failed(self, event: StepFailed) -> None:
        step = f"{event.step} {event.error!r}"
        if step not in self._said_broken and not self._is_storm(event.step):
            self._said_broken.add(step)
            self._failed(*self._text.step_failed(event))

    def _failed(self, text: str, trace: str) -> None:
        self._screen.print(MASK(text))
        print(MASK(trace), end="", file=sys.stderr)

    def _calendars(self, event: Calendars) -> None:
        self._progress.end()
        if event.split and event.split != self._said_split:
            names = self._words.several([self._text.name(person) for person in event.split])
            self._line("calendar-split", names=names, command="renewd feed")
        self._said_split = event.split

    def _trouble(self, cause: object, text: str, above: str | None = None) -> None:
        text = MASK(text)
        if text != self._last_trouble and not self._is_storm(cause):
            self._last_trouble = text
            self._screen.print(*([above, f"    {text}"] if above else [text]))

    def _is_storm(self, cause: object) -> bool:
        """Whether the daemon has just printed something about this cause. With `--once`, all of it is printed."""
        return not self._once and self._guard.holds(cause)

    def _pass_ended(self, event: PassEnded) -> None:
        if event.repeat_at is not None and event.repeat_at != self._said_repeat:
            self._said_repeat = event.repeat_at
            self._line("in-doubt", at=self._text.moment(event.repeat_at))
        if self._quiet:
            return
        text = self._text.following(event)
        if text == self._said_next:
            return
        first, self._said_next = self._said_next is None, text
        self._screen.print(*([""] if first and self._said_mails else []), text)
        if first and not self._once:
            self._screen.print("", self._say("watching"))

    def _say(self, key: str, **args: object) -> str:
        return self._text.say(key, **args)

    def _line(self, key: str, **args: object) -> None:
        self._screen.print(self._say(key, **args))


def _short(paths: Paths, path: Path) -> str:
    """Return a path relative to the working folder or to `~` where it is below one of them."""
    with suppress(OSError):  # there is no working folder
        path, here = path.absolute(), Path.cwd()
        if path.is_relative_to(here) and path != here != Path("/"):
            return str(path.relative_to(here))
    return paths.short(path)
