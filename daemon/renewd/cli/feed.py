"""`feed`: the secret addresses of everybody's calendars, to subscribe to; `--rotate` makes new ones."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace

from renewd.calendar.files import FOLDER
from renewd.cli.commands import Command, Option
from renewd.cli.reading import open_file
from renewd.cli.screen import Screen
from renewd.disk import Paths
from renewd.domain.errors import UsageError
from renewd.web.keys import Keyring
from renewd.web.links import Links

COMMAND = Command(
    options=(Option("rotate"),),
    examples=("feed", "feed --rotate"),
)


def run(args: SimpleNamespace, paths: Paths, screen: Screen) -> int:
    """Print the links. Raises UsageError where nothing is served, or the keys cannot be read or written."""
    now: datetime = args.now
    loaded = open_file(paths, now, screen).loaded
    web = loaded.settings.web
    if web is None:
        raise UsageError("terminal.feed.no-web", file=paths.short(paths.config))
    keyring = Keyring(paths.state)
    try:
        if args.rotate:
            keyring.rotate()
        links = keyring.links(web.url or f"http://{web.listen}")
    except OSError as error:
        raise UsageError("terminal.feed.no-keys", folder=paths.short(paths.state), why=error.strerror or "") from error
    if args.rotate:
        screen.paragraph(screen.say("feed.rotated"))
        screen.print()
    for person in loaded.household.people.values():
        screen.print(screen.style(screen.person(person), "bold"))
        for plan in _files(paths, person.id):
            _print(links, person.id, plan, screen)
        screen.print()
    screen.paragraph(screen.say("feed.secret"))
    if web.url is None:
        screen.paragraph(screen.say("feed.no-url", listen=web.listen))
    return 0


def _print(links: Links, person: str, plan: str | None, screen: Screen) -> None:
    screen.print(*(f"  {link}" for link in (links.feed(person, plan), links.webcal(person, plan))))


def _files(paths: Paths, person: str) -> list[str | None]:
    """Yield None for a person's calendar, then each plan that the daemon wrote a calendar of its own for."""
    try:
        found = sorted((paths.state / FOLDER).glob(f"{person}.*.ics"))
    except OSError:
        found = []
    return [None, *(path.name.split(".")[1] for path in found)]
