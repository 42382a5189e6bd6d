"""What `systemctl status` shows in one line: the next reminder, the last mail, what is wrong now."""

from __future__ import annotations

from datetime import datetime

from renewd.cli.event_text import EventText
from renewd.config import Loaded
from renewd.delivery.events import Delivered, Held
from renewd.i18n import Language
from renewd.redact import MASK
from renewd.service import systemd
from renewd.service.daemon_events import ConfigRead, DaemonEvent, PassEnded, Started, StepFailed, Trouble, WrongClock

_LONGEST = 700  # characters: it is one line on a terminal


class StatusLine:
    """Keeps the service manager's status line up to date; it is sent only when it has changed."""

    def __init__(self, words: Language) -> None:
        self._text = EventText(words)
        self._last: datetime | None = None
        self._mistakes = 0
        self._pass = PassEnded(None, done=True)
        self._trouble = ""
        self._is_news = False  # the trouble was met in the pass that is not over yet
        self._said = ""

    def tell(self, event: DaemonEvent) -> None:
        """Take note of an event; after a pass of the daemon, send the line if it has changed."""
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
                self._trouble = "" if sent else self._text.reason(event.outcome)
            case Held():
                self._trouble = self._text.why(event.reason, event.reply)
            case Trouble():
                self._trouble, self._is_news = self._text.words.say(event.error.code, **event.error.args_), True
                self._send()
            case StepFailed():
                self._trouble, self._is_news = self._text.step_failed(event)[0], True
                self._send()
            case WrongClock():
                self._trouble = self._text.say("clock", now=event.now.date())
                self._send()
            case PassEnded():
                self._pass = event
                self._trouble = "" if event.done and not self._is_news else self._trouble
                self._is_news = False
                self._send()

    def _take(self, loaded: Loaded) -> None:
        self._text.household = loaded.household
        self._mistakes = sum(problem.severity == "error" for problem in loaded.problems)

    def _send(self) -> None:
        text = self.text()
        if text != self._said:
            self._said = text
            systemd.notify(f"STATUS={text}")

    def text(self) -> str:
        """Return the line."""
        event_text, parts = self._text, []
        if self._trouble:
            parts.append(self._trouble)
        elif self._pass.unreached:
            parts.append(event_text.words.say("terminal.status.not-reached", n=self._pass.unreached))
        if self._mistakes:
            parts.append(event_text.words.say("terminal.status.mistakes", n=self._mistakes))
        parts.append(event_text.following(self._pass).removesuffix(event_text.say("stop")) + event_text.say("stop"))
        if self._last is not None:
            parts.append(event_text.say("last-mail", at=event_text.moment(self._last)))
        text = event_text.words.between.join(parts)
        return MASK(" ".join(text.split()))[:_LONGEST]
