"""`feed`: the secret addresses of everybody's calendars, to subscribe to; `--rotate` replaces all secret addresses."""

from __future__ import annotations

from types import SimpleNamespace

from renewd.calendar.files import FOLDER
from renewd.cli.commands import Command, Option
from renewd.cli.reading import open_file
from renewd.cli.screen import Screen
from renewd.config.settings import Web
from renewd.disk import Paths
from renewd.domain.errors import UsageError
from renewd.web.keyring import Keyring
from renewd.web.links import Links

COMMAND = Command(
    options=(Option("rotate"),),
    examples=("feed", "feed --rotate"),
)


def run(args: SimpleNamespace, paths: Paths, screen: Screen) -> int:
    """Print the links. Raises UsageError where nothing is served, or the keys cannot be read or written."""
    loaded = open_file(paths, args.now, screen).loaded
    links = open_links(loaded.settings.web, paths, screen, rotate=args.rotate)
    for person in loaded.household.people.values():
        screen.print(screen.style(screen.person(person), "bold"))
        for plan in _files(paths, person.id):
            _print(links, person.id, plan, screen)
        screen.print()
    screen.paragraph(screen.say("feed.secret"))
    say_where(loaded.settings.web, screen)
    return 0


def open_links(web: Web | None, paths: Paths, screen: Screen, *, rotate: bool) -> Links:
    """Return the secret addresses, with `rotate` new ones. Raises UsageError."""
    if web is None:
        raise UsageError("terminal.feed.no-web", file=paths.short(paths.config))
    keyring = Keyring(paths.state)
    try:
        if rotate:
            keyring.rotate()
        links = keyring.links(web.url or f"http://{web.listen}")
    except OSError as error:
        raise UsageError("terminal.feed.no-keys", folder=paths.short(paths.state), why=error.strerror or "") from error
    if rotate:
        screen.paragraph(screen.say("feed.rotated"))
        screen.print()
    return links


def say_where(web: Web | None, screen: Screen) -> None:
    """Say that only this machine can open the addresses, if that is so."""
    if web is not None and web.url is None:
        screen.paragraph(screen.say("feed.no-url", listen=web.listen))


def _print(links: Links, person: str, plan: str | None, screen: Screen) -> None:
    screen.print(*(f"  {link}" for link in (links.feed(person, plan), links.webcal(person, plan))))


def _files(paths: Paths, person: str) -> list[str | None]:
    """Yield None for a person's calendar, then each plan that has a calendar of its own."""
    try:
        found = sorted((paths.state / FOLDER).glob(f"{person}.*.ics"))
    except OSError:
        found = []
    return [None, *(path.name.split(".")[1] for path in found)]
