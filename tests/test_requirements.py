"""docs/requirements.md: each of the 81 steps of the guides has somewhere ended, and every name in it exists."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from renewd.cli.commands import COMMANDS
from renewd.config.catalogue_keys import TOPICS
from renewd.config.keys import FILE
from renewd.config.plan_keys import PLAN
from renewd.config.plan_schema import ById, Each, Sub, Table
from renewd.domain.carriers import Carrier
from renewd.domain.checklist_items import SECTIONS
from renewd.i18n import LANGUAGES
from renewd.reminders import KINDS
from renewd.render.environments import sentences

DOC = Path(__file__).parents[1] / "docs" / "requirements.md"
ROWS = re.findall(r"^\| (\d+) \| (.+?) \| (.+?) \|$", DOC.read_text("utf-8"), re.MULTILINE)


def is_key(name: str, table: Table) -> bool:
    first, _, rest = name.partition(".")
    key = table.keys.get(first)
    if key is None or not rest:
        return key is not None
    return isinstance(key.type, Sub | Each | ById) and is_key(rest, key.type.table)


def is_text(name: str) -> bool:
    """Whether a template has a block of that name in every language."""
    file, _, block = name.partition(".")
    return all(block in sentences(code).get_template(f"{file}.j2").blocks for code in LANGUAGES)


EXISTS = {
    "key": lambda name: is_key(name, PLAN) or is_key(name, FILE),
    "kind": lambda name: name in KINDS,
    "section": lambda name: name in SECTIONS,
    "text": is_text,
    "catalogue": lambda name: name in TOPICS or name in {field.name for field in fields(Carrier)},
    "command": lambda name: name in COMMANDS,
}


def test_each_of_the_81_steps_is_there_once_and_in_its_order() -> None:
    assert [int(number) for number, _, _ in ROWS] == list(range(1, 82))


@pytest.mark.parametrize(("number", "says", "where"), ROWS, ids=[number for number, _, _ in ROWS])
def test_a_step_ended_as_something_that_exists(number: str, says: str, where: str) -> None:
    names = re.findall(r"`([a-z]+):([^`]+)`", where)
    assert names or where.startswith("out of scope: "), (number, says)
    for sort, name in names:
        assert EXISTS[sort](name), f"{number}: there is no {sort} {name}"


def test_every_kind_and_section_answers_some_step() -> None:
    named = {name for _, _, where in ROWS for name in re.findall(r"`(?:kind|section):([^`]+)`", where)}
    answered = set(SECTIONS) | set(KINDS)
    ours = {"device", "port-out", "keep-alive", "pause", "pin"}  # what the guides do not know of
    assert answered - named == ours
