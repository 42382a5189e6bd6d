"""`test-mail`: sends one mail now, the same way as all others, and says what happened."""

from __future__ import annotations

import asyncio
import os
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

from renewd.channels import open_channel, send_one
from renewd.cli.commands import QUIET, Command, Option
from renewd.cli.reading import open_file
from renewd.cli.screen import Screen
from renewd.config.addresses import Email
from renewd.config.secrets import smtp_password
from renewd.config.value_types import WrongError
from renewd.delivery.composer import Composer
from renewd.delivery.task import PassContext, Task
from renewd.disk import Paths
from renewd.domain.dates import utc_text
from renewd.domain.errors import UsageError
from renewd.domain.outcome import DeliveryError, Envelope
from renewd.domain.plans import Household, Person
from renewd.reminders import NOTHING_FOUND
from renewd.render.overrides import Overrides
from renewd.state import note_tested

COMMAND = Command(
    options=(Option("to", "A"), QUIET),
    examples=("test-mail",),
)


def run(args: SimpleNamespace, paths: Paths, screen: Screen) -> int:
    """Send it; 0 where it was taken, else 75. Nothing of it is in the ledger."""
    now: datetime = args.now
    loaded = open_file(paths, now, screen, needs_plans=False).loaded
    mail = loaded.settings.mail
    person = _reader(args.to, loaded.household)
    overrides = Overrides.load(paths.config.parent / "templates")
    composer = Composer(
        household=loaded.household, findings=NOTHING_FOUND, settings=loaded.settings, overrides=overrides
    )
    key = f"@{person.id}/test/{utc_text(now)}"  # another mail each time, for filters that drop a second one
    composed = composer.compose(Task(person=person, problem_key=key), PassContext(), now)
    channel = open_channel(mail, smtp_password(mail, os.environ), paths.state)
    envelope = Envelope(sender=mail.sender, recipient=person.email, data=composed.data, name=composed.message_id)
    outcome = asyncio.run(send_one(channel, envelope))
    if outcome.result == "sent":
        note_tested(paths.state)
        name, facts = channel.describe()
        shown = {key: paths.short(value) if isinstance(value, Path) else value for key, value in facts.items()}
        shown |= {"address": person.email, "bounces": mail.sender}
        screen.print(screen.style(screen.words.say(f"channels.{name}.tested", **shown), "bold green"))
        screen.paragraph(screen.words.say(f"channels.{name}.where", **shown))
        return 0
    screen.print(screen.style(screen.say("test.not-sent", address=person.email), "bold red"))
    screen.paragraph(screen.words.say(f"delivery.reason.{outcome.reason}", reply=outcome.reply))
    return screen.exit(DeliveryError.exit_code)


def _reader(address: str | None, household: Household) -> Person:
    if address is None:
        return household.owner
    try:
        return household.owner._replace(email=Email().read(address))
    except WrongError:
        raise UsageError("terminal.init.not-an-address", email=address) from None
