"""`page`: the secret address of somebody's page; `--rotate` replaces all secret addresses."""

from __future__ import annotations

from types import SimpleNamespace

from renewd.cli.commands import Command, Option
from renewd.cli.feed import open_links, say_where
from renewd.cli.reading import open_file, unknown
from renewd.cli.screen import Screen
from renewd.disk import Paths
from renewd.domain.plans import Household, Person

COMMAND = Command(
    options=(Option("person", "P"), Option("rotate")),
    examples=("page", "page --person mom", "page --rotate"),
)


def run(args: SimpleNamespace, paths: Paths, screen: Screen) -> int:
    """Print the links. Raises UsageError where nothing is served, or the person is unknown."""
    loaded = open_file(paths, args.now, screen, needs_plans=False).loaded
    people = _people(loaded.household, args.person)
    links = open_links(loaded.settings.web, paths, screen, rotate=args.rotate)
    for person in people:
        screen.print(screen.style(screen.person(person), "bold"), f"  {links.page(person.id)}", "")
    screen.paragraph(screen.say("page.secret"))
    say_where(loaded.settings.web, screen)
    return 0


def _people(household: Household, asked: str | None) -> list[Person]:
    if asked is None:
        return list(household.people.values())
    if asked not in household.people:
        raise unknown("person", asked, household.people)
    return [household.people[asked]]
