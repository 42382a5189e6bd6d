"""Answers by mail: what came is read, what carries a good signature is recorded, and that is said in one mail.

A From line and a Message-ID can be guessed, and prove nothing. A fact counts only with the signature that renewd itself
sent to the person, and what is said about it goes to their address in plans.toml alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from renewd.config.config_files import OpenedConfig
from renewd.config.fact_log import PersonRecorded
from renewd.config.record_fact import Recorded
from renewd.disk import Paths, read_json, replace
from renewd.domain.dates import day_in
from renewd.domain.errors import ConfigError
from renewd.domain.outcome import Envelope
from renewd.domain.plans import Person, Plan
from renewd.formats import message as rfc5322
from renewd.formats.answer import Answer, read_answer
from renewd.i18n import language
from renewd.render.markup import plain
from renewd.service.mailbox import MailboxCursor
from renewd.web.asked_fact import BadInputError, ask
from renewd.web.links import BadLinkError, Links, Tap, state_of
from renewd.web.recording import Recorder, Recording, Refused, Waiting
from renewd.web.wording import Wording

FILENAME = "answers.json"
_MOST_ANSWERED = 500  # mails that are remembered
_MOST_A_DAY = 30  # answers to a person: a loop ends here, whatever it is made of


class AnswerResult(NamedTuple):
    """What became of an answer: a sentence of `templates/*/answers.toml`, and what was recorded of which plan."""

    key: str
    plan: Plan | None = None
    recorded: Recorded | None = None
    refused: Refused | None = None


@dataclass(slots=True)
class AnswerMemory:
    """What is remembered of a mailbox in the state folder: where to go on, and what was answered already."""

    folder: Path
    mailbox: str
    cursor: MailboxCursor | None = None
    answered: list[str] = field(default_factory=list)
    sent: dict[str, int] = field(default_factory=dict)  # by person and day

    @classmethod
    def load(cls, folder: Path, mailbox: str) -> AnswerMemory:
        """Return what is remembered of a mailbox; nothing of another one, and nothing where the file is damaged."""
        memory = cls(folder, mailbox)
        with suppress(OSError, ValueError, TypeError, KeyError):
            read = read_json(folder / FILENAME)
            memory.answered = [str(one) for one in read["answered"]]
            memory.sent = {str(key): int(n) for key, n in read["sent"].items()}
            if read["mailbox"] == mailbox and read["cursor"] is not None:
                memory.cursor = MailboxCursor(*map(int, read["cursor"]))
        return memory

    def save(self) -> None:
        """Write it down. Raises OSError."""
        kept = {"mailbox": self.mailbox, "cursor": self.cursor, "answered": self.answered, "sent": self.sent}
        replace(self.folder / FILENAME, json.dumps(kept))

    def is_new(self, data: bytes, answer: Answer) -> bool:
        """Whether a mail was not answered yet; from now on it was."""
        digest = sha256(answer.message_id.encode(errors="replace") or data).hexdigest()[:32]
        if digest in self.answered:
            return False
        self.answered = [*self.answered, digest][-_MOST_ANSWERED:]
        return True

    def may_send(self, person: str, now: datetime) -> bool:
        """Whether one more answer may go to a person today; it then counts."""
        key = f"{person}/{now:%Y-%m-%d}"
        count = self.sent.get(key, 0)
        self.sent = {one: n for one, n in self.sent.items() if one.endswith(f"/{now:%Y-%m-%d}")} | {key: count + 1}
        return count < _MOST_A_DAY


class AnswerDesk:
    """Records the answers of one household. `links` returns the current keys, and `clock` aware UTC instants."""

    def __init__(
        self,
        paths: Paths,
        links: Callable[[], Links],
        clock: Callable[[], datetime],
        tell: Callable[[PersonRecorded], None] = lambda _: None,
    ) -> None:
        self._recorder = Recorder(paths.config, paths.state, clock, tell)
        self._links = links
        self._clock = clock

    def handle(self, data: bytes, memory: AnswerMemory) -> Envelope | None:
        """Record what a mail says, and return the mail that answers it; None for what is no answer to renewd.

        Raises OSError where the keys cannot be read.
        """
        answer = read_answer(data)
        if answer.automatic or not (answer.asked or answer.quoted or answer.sealed):
            return None
        try:
            opened = self._recorder.open()
        except ConfigError:
            return None
        if not (answer.asked or answer.quoted or _is_reply_to_ours(answer, opened)):
            return None
        taps = self._good_taps([answer.asked] if answer.asked else answer.quoted)
        person = self._person(opened, answer, taps)
        if person is None or not memory.is_new(data, answer):
            return None
        result = self._result(opened, answer, taps)
        if not memory.may_send(person.id, self._clock()):
            return None
        return self._reply(opened, person, result, answer)

    def _good_taps(self, signed: list[str] | tuple[str, ...]) -> list[Tap]:
        links, found = self._links(), []
        for one in signed:
            with suppress(BadLinkError, ValueError):
                found.append(links.read(one))
        return list(dict.fromkeys(found))

    def _person(self, opened: OpenedConfig, answer: Answer, taps: list[Tap]) -> Person | None:
        """Return who is answered: whom renewd sent the signature to, else a person whose address the mail names."""
        people = opened.loaded.household.people
        if taps:
            return people.get(taps[0].person)
        return next((person for person in people.values() if person.email.lower() in answer.senders), None)

    def _result(self, opened: OpenedConfig, answer: Answer, taps: list[Tap]) -> AnswerResult:
        if not taps:
            return AnswerResult("altered" if answer.asked or answer.quoted else "sealed")
        tap = taps[0]
        plan = opened.loaded.household.plans.get(tap.plan)
        if plan is None or tap.person not in plan.told:
            return AnswerResult("gone")
        if len(taps) > 1:
            return AnswerResult("several", plan)
        typed = answer.typed(tap.what, plan.currency) if answer.asked is None else {}
        if typed is None:
            return AnswerResult("not-understood", plan)
        if day_in(self._clock(), plan.zone) > tap.until:
            return AnswerResult("expired", plan)
        if state_of(plan, tap.what, tap.item) != tap.state:
            return AnswerResult("used", plan)
        done = self._recorder.record([Recording(ask(plan, tap.what, tap.item), typed)], tap.person, "answer")
        if isinstance(done, Recorded):
            return AnswerResult("recorded", plan, done)
        if isinstance(done, Waiting):
            return AnswerResult("waiting", plan)
        known = done.reason in ("used", "gone", "broken", "unwritable")
        return AnswerResult(done.reason if known else "refused", plan, refused=done)

    def _reply(self, opened: OpenedConfig, person: Person, result: AnswerResult, answer: Answer) -> Envelope:
        words, mail = language(person.languages[0]), opened.loaded.settings.mail
        household = opened.loaded.household
        name = household.label(result.plan) if result.plan is not None else ""
        lines = [words.say(f"answers.{result.key}", name=name), *self._why(opened, person, result)]
        lines += ["", words.say("answers.footer")]
        now = self._clock()
        message_id = rfc5322.message_id(
            person.id, [answer.message_id, f"{now:%Y-%m-%dT%H}"], rfc5322.domain_of(mail.sender)
        )
        data = rfc5322.compose(
            rfc5322.MessageParts(
                from_name=mail.from_.name,
                from_address=mail.from_.email,
                to_address=person.email,
                subject=words.say(f"answers.subject.{result.key}", name=name),
                text="\n".join(lines) + "\n",
                message_id=message_id,
                date=now,
                languages=person.languages[:1],
            )
        )
        return Envelope(sender=mail.sender, recipient=person.email, data=data, name=message_id)

    def _why(self, opened: OpenedConfig, person: Person, result: AnswerResult) -> Iterator[str]:
        """Iterate what was recorded, or why it was not, in the sentences of the pages."""
        words = Wording(opened.loaded.household, person.languages[0], person.zone, self._clock())
        for record in result.recorded.records if result.recorded else ():
            yield plain(words.notes(result.plan, record.plan, record.says))
        error = result.refused.error if result.refused and result.key == "refused" else None
        if error is None:
            return
        if isinstance(error, BadInputError):
            name = words.name(result.plan) if result.plan else ""
            yield plain(words.say(error.key, name=name))
        else:
            yield plain(words.refusal(error, result.plan, person))
        if (links := self._links()).url:
            yield language(words.code).say("answers.on-page", page=links.page(person.id))


def _is_reply_to_ours(answer: Answer, opened: OpenedConfig) -> bool:
    """Whether a mail says that it answers one of renewd's: enough to be told that it cannot be read."""
    return rfc5322.is_message_id(answer.replies_to, rfc5322.domain_of(opened.loaded.settings.mail.from_.email))
