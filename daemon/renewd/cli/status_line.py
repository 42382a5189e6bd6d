"""What `systemctl status` shows in one line: the next reminder, the last mail, what is wrong now."""

from __future__ import annotations

from datetime import datetime

from renewd.cli.event_text import Telling
from renewd.config import Loaded
from renewd.delivery.events import Delivered, Held
from renewd.i18n import Language
from renewd.redact import MASK
from renewd.reminders import Reminder
from renewd.service import systemd
from renewd.service.events import ConfigRead, DaemonEvent, Looked, Started, Trouble, WrongClock

_LONGEST = 700  # characters: it is one line on a terminal


class Standing:
    """Keeps the service manager's status line true, and sends it only when it has changed."""

    def __init__(self, words: Language) -> None:
        self._telling = Telling(words)
        self._coming: Reminder | None = None
        self._last: datetime | None = None
        self._mistakes = 0
        self._trouble = ""
        self._is_news = False  # the trouble was met in the look that is not over yet
        self._said = ""

    def tell(self, event: DaemonEvent) -> None:
        """Take note of what happened; after a look, say how things stand."""
        match event:
            case Started():
                self._last = event.last_sent
                self._take(event.loaded)
            case ConfigRead(loaded=None):
                self._mistakes = max(len(event.problems), 1)
            case ConfigRead(loaded=Loaded() as loaded):
                self._take(loaded)
            case Delivered():
                sent = event.outcome.result == "sent"
                self._last = event.at if sent else self._last
                self._trouble = "" if sent else self._telling.reason(event.outcome)
            case Held():
                self._trouble = self._telling.why(event.reason, event.reply)
            case Trouble():
                self._trouble, self._is_news = self._telling.words.say(event.error.code, **event.error.args_), True
                self._send()
            case WrongClock():
                self._trouble = self._telling.say("clock", now=event.now.date())
                self._send()
            case Looked():
                self._coming = event.coming
                self._trouble = "" if event.done and not self._is_news else self._trouble
                self._is_news = False
                self._send()

    def _take(self, loaded: Loaded) -> None:
        self._telling.household = loaded.household
        self._mistakes = sum(problem.severity == "error" for problem in loaded.problems)

    def _send(self) -> None:
        text = self.text()
        if text != self._said:
            self._said = text
            systemd.notify(f"STATUS={text}")

    def text(self) -> str:
        """Return the line."""
        telling, parts = self._telling, []
        if self._trouble:
            parts.append(self._trouble)
        if self._mistakes:
            parts.append(telling.words.say("terminal.status.mistakes", n=self._mistakes))
        if self._coming is None:
            parts.append(telling.say("nothing-comes"))
        else:
            at, name = telling.moment(self._coming.moment), telling.name(self._coming.person)
            parts.append(telling.say("next", at=at, name=name, title=telling.what(self._coming)) + telling.say("stop"))
        if self._last is not None:
            parts.append(telling.say("last-mail", at=telling.moment(self._last)))
        text = telling.words.say("terminal.between-sentences").join(parts)
        return MASK(" ".join(text.split()))[:_LONGEST]
