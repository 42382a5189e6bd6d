"""`history show ID`: one mail, with every try of it; `--raw` gives its bytes as they went out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from types import SimpleNamespace

from renewd.cli.commands import Argument, Command, Option
from renewd.cli.history import keys, state
from renewd.cli.reading import open_file, open_ledger
from renewd.cli.screen import Screen
from renewd.delivery.ways import push_of
from renewd.disk import Paths
from renewd.domain.errors import UsageError
from renewd.formats.push_content import Push
from renewd.ledger import StoredMail

COMMAND = Command(
    arguments=(Argument("ID"),),
    options=(Option("raw"),),
    examples=("history show 41", "history show 41 --raw > mail.eml"),
)

_NUMBER = re.compile("[0-9]{1,18}")  # as many digits as every database takes
_HEADERS = ("From", "To", "Date", "Subject", "Message-ID")


def run(args: SimpleNamespace, paths: Paths, screen: Screen) -> int:
    """Print a mail. Raises UsageError where there is none of that number."""
    opened = open_file(paths, args.now, screen, needs_plans=False)
    kept = open_ledger(paths, opened).mail(int(args.id)) if _NUMBER.fullmatch(args.id) else None
    if kept is None:
        raise UsageError("terminal.history.no-mail", id=args.id)
    if args.raw:
        if kept.data is None:
            raise UsageError("terminal.history.too-old", id=args.id)
        screen.raw(kept.data)
        return 0
    zone = opened.loaded.household.clock
    screen.print(*_tries(kept, zone, screen), "")
    if not kept.line.person:
        return 0
    if kept.data is None:
        screen.paragraph(screen.say("history.too-old", id=args.id))
    elif push_of(kept.line.channel):
        screen.print(*_push(kept.data))
    else:
        screen.print(*_mail(kept.data, screen))
    return 0


def _tries(kept: StoredMail, zone: str, screen: Screen) -> Iterator[str]:
    line = kept.line
    address = line.account if push_of(line.channel) else line.address or line.account
    said = screen.say("history.tries", address=address, state=state(line, screen), n=line.tries)
    yield screen.style(said, "bold")
    for attempt in kept.attempts:
        outcome = attempt.outcome
        said = screen.words.say(f"delivery.reason.{outcome.reason}", reply=outcome.reply)
        yield f"  {screen.instant(attempt.at, zone)}  {said}"
    if line.next_try is not None and line.state not in ("sent", "unknown-final"):
        yield screen.say("history.next-try", at=screen.instant(line.next_try, zone))
    for key in keys(line):
        yield screen.style(f"  {key}", "dim")


def _push(data: bytes) -> Iterator[str]:
    """Yield the title and the text. Its links are as good as a key to the person's page."""
    yield from Push.from_bytes(data).lines(link=False).splitlines()


def _mail(data: bytes, screen: Screen) -> Iterator[str]:
    mail = message_from_bytes(data, policy=policy.default)
    assert isinstance(mail, EmailMessage)  # by the policy
    for name in _HEADERS:
        yield f"{screen.style(f'{name}:', 'dim')} {mail[name]}"
    yield ""
    body = mail.get_body(("plain",))
    yield from body.get_content().splitlines() if body else ()
