"""`test-push`: sends one push now to each service of mine, and says what the service answered."""

from __future__ import annotations

import asyncio
import os
from datetime import datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING

from renewd.channels import send_one
from renewd.cli.commands import QUIET, Argument, Command
from renewd.cli.reading import open_file
from renewd.cli.screen import Screen
from renewd.config.secrets import push_secret
from renewd.config.settings import PushSettings
from renewd.disk import Paths
from renewd.domain.errors import UsageError
from renewd.domain.outcome import DeliveryError, Envelope, Outcome
from renewd.formats.push_content import Push, subject_id
from renewd.i18n import language
from renewd.state import note_tested

if TYPE_CHECKING:
    from renewd.channels.push.channel import PushChannel

COMMAND = Command(
    arguments=(Argument("ID", optional=True, takes="push"),),
    options=(QUIET,),
    examples=("test-push", "test-push phone"),
)


def run(args: SimpleNamespace, paths: Paths, screen: Screen) -> int:
    """Send them; 0 where each was taken, else 75. Nothing of it is in the ledger."""
    now: datetime = args.now
    loaded = open_file(paths, now, screen, needs_plans=False).loaded
    pushes, owner = loaded.settings.pushes, loaded.household.owner
    if args.id is not None and args.id not in pushes:
        raise UsageError("terminal.test-push.no-such", id=args.id, known=", ".join(pushes))
    chosen = [args.id] if args.id is not None else [id_ for id_ in owner.push or pushes if id_ in pushes]
    if not chosen:
        raise UsageError("terminal.test-push.none")
    data = _push(owner.id, owner.languages[0], now).to_bytes()
    name = subject_id(owner.id, f"test/{now.isoformat()}")
    envelope = Envelope(sender="", recipient="", data=data, name=name)
    channels = [_channel(pushes[id_], now) for id_ in chosen]
    outcomes = [asyncio.run(send_one(channel, envelope)) for channel in channels]
    for channel, outcome in zip(channels, outcomes, strict=True):
        _tell(channel.settings, outcome, screen)
        if channel.needs_chat:
            _tell_chats(channel, screen)
        screen.print(*(f"  {name}: {value}" for name, value in channel.moved))
    if any(outcome.result != "sent" for outcome in outcomes):
        return screen.exit(DeliveryError.exit_code)
    note_tested(paths.state)
    screen.paragraph(screen.words.say("channels.push.where"))
    return 0


def _push(person: str, code: str, now: datetime) -> Push:
    from renewd.render.push_words import tried_words

    words, day = tried_words(language(code)), now.date().isoformat()
    subject = subject_id(person, "test")
    return Push(
        key=f"@{person}/test/{day}/0",
        person=person,
        kind="test",
        plan=None,
        date=day,
        lead=0,
        title=words.title,
        text=words.text,
        subject=subject,
    )


def _channel(push: PushSettings, now: datetime) -> PushChannel:
    from renewd.channels.push.channel import PushChannel

    return PushChannel(settings=push, secret=push_secret(push, os.environ), clock=lambda: now)


def _tell_chats(channel: PushChannel, screen: Screen) -> None:
    """Say which chats the bot was written to: one of them is what the secret lacks."""
    try:
        chats = asyncio.run(channel.chats())
    except DeliveryError as error:
        screen.paragraph(screen.words.say(f"delivery.reason.{error.outcome.reason}", reply=error.outcome.reply))
        return
    screen.paragraph(screen.say("test-push.which-chat" if chats else "test-push.not-started", id=channel.settings.id))
    screen.print(*(f"  {chat}" for chat in chats))


def _tell(push: PushSettings, outcome: Outcome, screen: Screen) -> None:
    say = screen.words.say
    facts = {"id": push.id, "service": push.service}
    if outcome.result == "sent":
        screen.print(screen.style(say("channels.push.tested", **facts), "bold green"))
        if outcome.reason != "push-sent":
            screen.paragraph(say(f"delivery.reason.{outcome.reason}", reply=outcome.reply))
        return
    how = "unknown" if outcome.result == "unknown" else "not-sent"
    screen.print(screen.style(screen.say(f"test-push.{how}", **facts), "bold red"))
    screen.paragraph(say(f"delivery.reason.{outcome.reason}", reply=outcome.reply or f"HTTP {outcome.code or '?'}"))
