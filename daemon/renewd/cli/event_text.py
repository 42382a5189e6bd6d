"""What happens to a daemon, in words: moments on its owner's clock, people, reminders, reasons."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from renewd.channels import Description
from renewd.config.fact_log import PersonRecorded
from renewd.delivery.events import Failure
from renewd.disk import shortage_of
from renewd.domain.outcome import Outcome, Reason
from renewd.domain.plans import Household
from renewd.i18n import Language
from renewd.reminders import Reminder
from renewd.render.labels import manner, name_of, rests_on_payment, title
from renewd.render.markup import joined, own, plain
from renewd.service.daemon_events import PassEnded, Started, StepFailed


class EventText:
    """The words of one household for events; `household` changes as its file does."""

    def __init__(self, words: Language) -> None:
        self.words = words
        self.household: Household | None = None
        self._channel: Description | None = None

    def say(self, key: str, /, **args: object) -> str:
        """Return a sentence of service.toml; in Chinese a Latin `name` is set apart."""
        if "name" in args:
            args["name"] = own(str(args["name"]))
        return plain(joined(self.words.say(f"service.{key}", **args), self.words.code))

    def begin(self, event: Started) -> None:
        """Take over the household and the channel of a daemon that has started."""
        self.household = event.loaded.household
        self._channel = event.channel.describe()

    def greeting(self, event: Started, path: Callable[[Path], str] = str) -> str:
        """Return where mails go, in the channel's words; `path` writes its paths."""
        name, facts = event.channel.describe()
        shown = {key: path(value) if isinstance(value, Path) else value for key, value in facts.items()}
        return self.words.say(f"channels.{name}.greeting", sender=event.loaded.settings.mail.from_.email, **shown)

    def delivered(self, address: str) -> str:
        """Return the word for a mail or a push that was delivered, the channel's own where it is known."""
        if address.startswith("push:"):
            return self.words.say("channels.push.delivered")
        return self.words.say(f"channels.{self._channel.name}.delivered") if self._channel else self.say("sent")

    def recorded(self, event: PersonRecorded) -> str:
        """Return who recorded or took back what, and by which way; ids only, as plans.toml has them."""
        facts = self.words.several([own(f"{plan} {what}") for plan, what in event.facts])
        way = self.say(f"recorded.way.{event.way}")
        return self.say(
            f"recorded.{'undone' if event.undone else 'written'}", person=event.person, way=way, facts=facts
        )

    def broken(self, event: Failure) -> tuple[str, str]:
        """Return the sentence of a reminder that could not be composed, and the traceback of a bug."""
        if (short := shortage_of(event.error)) is not None:
            return self.say("short", what=event.key, why=self.say(f"shortage.{short}")), ""
        return self.say("broken", what=event.key), _trace(event.error)

    def step_failed(self, event: StepFailed) -> tuple[str, str]:
        """Return the sentence of a step of a pass that failed, and the traceback of an error of renewd's own."""
        step = self.say(f"step.{event.step}")
        if (short := shortage_of(event.error)) is not None:
            return self.say("step-short", step=step, why=self.say(f"shortage.{short}")), ""
        why = str(event.error) or self.say("no-reason")
        return self.say("step-failed", step=step, why=why), _trace(event.error)

    def moment(self, at: datetime) -> str:
        """Return `12月4日周五 09:00（纽约）`, `Fri, Dec 4, 9 AM (New York)`: an instant in the time zone of `me`."""
        zone = self.household.clock if self.household else "UTC"
        wall = at.astimezone(ZoneInfo(zone))
        clock = self.words.say("terminal.clock", clock=self.words.clock(wall.time()), city=self.words.city(zone))
        return self.words.say("terminal.instant", day=self.words.day(wall.date()), clock=clock)

    def name(self, person: str) -> str:
        """Return the name of a person; the reader is `me`."""
        known = self.household.people.get(person) if self.household else None
        if known is None:
            return person
        return self.words.say("terminal.me") if known.id == "me" else known.name

    def what(self, reminder: Reminder) -> str:
        """Return `Tello: renew, stops in 3 days`."""
        subject = reminder.subject
        about = name_of(subject, self.household) if self.household else ""
        ends = manner(subject.kind, subject.plan, subject.about)
        lead = 0 if reminder.subject.at_once else reminder.lead
        if_paid = rests_on_payment(subject, reminder.moment)
        said = title(subject.kind, lead, self.words.code, ends, if_paid=if_paid)
        return (f"{about}{self.say('colon')}" if about else "") + said

    def following(self, event: PassEnded) -> str:
        """Return what comes next after a pass: another try of what did not go out, or the next reminder."""
        coming, retry_at = event.coming, event.retry_at
        if retry_at is not None and (coming is None or retry_at < coming.moment):
            return self.say("next-try", at=self.moment(retry_at))
        if coming is None:
            return self.say("nothing-comes")
        return self.say("next", at=self.moment(coming.moment), name=self.name(coming.person), title=self.what(coming))

    def reason(self, outcome: Outcome) -> str:
        """Return why a mail was not sent, or may not have been."""
        return self.why(outcome.reason, outcome.reply)

    def why(self, reason: Reason, reply: str) -> str:
        """Return the sentence of a reason."""
        return self.words.say(f"delivery.reason.{reason}", reply=reply)


def _trace(error: Exception) -> str:
    return "".join(traceback.format_exception(error))
