"""A key of plans.toml added by the words of CONTRIBUTING is read, checked, suggested and explained."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from house.scratch import PROJECT, Scratch, scratch_copy
from renewd.config.schema import as_text

pytestmark = pytest.mark.checkout

PLANS = """\
[mail]
to = "me@example.com"
[person.mom]
email = "mom@example.com"
[plan.tello]
renews = 2030-12-05
every = "30 days"
data = { limit = "10 GB", used = "1 GB", on = 2030-11-20, KEY }
"""
LOADED = """\
import sys
from datetime import date
from pathlib import Path
from renewd.config import load
loaded = load(Path("plans.toml"), catalogue={}, today=date(2030, 11, 25), machine_zone="UTC", hostname="pi")
household, settings, plan = loaded.household, loaded.settings, loaded.household.plans["tello"]
"""


def recipe() -> tuple[str, str]:
    """Return the entry and the field that CONTRIBUTING shows."""
    section = (PROJECT / "CONTRIBUTING.md").read_text("utf-8").partition("### A key of plans.toml")[2]
    entry, field = re.findall(r"```python\n(.*?)```", re.split(r"\n##+ ", section)[0], re.DOTALL)
    return entry, field


def add_entry(scratch: Scratch, module: str, table: str, entry: str) -> None:
    name = f"daemon/renewd/config/{module}.py"
    before, start, after = scratch.path(name).read_text("utf-8").partition(f"\n{table} = Table(")
    scratch.write(name, before + start + after.replace("\n    {\n", f"\n    {{\n        {entry}", 1))


def add_field(scratch: Scratch, name: str, after: str, field: str) -> None:
    scratch.replace(f"daemon/renewd/{name}.py", after, f"{after}    {field}")


@pytest.fixture(scope="module")
def added(scratch: Scratch) -> Scratch:
    """Return a copy with the key of CONTRIBUTING in it."""
    entry, field = recipe()
    scratch.replace("daemon/renewd/config/plan_tables.py", "    Text,\n)", "    Text,\n    Whole,\n)")
    add_entry(scratch, "plan_tables", "DATA", entry)
    add_field(scratch, "domain/plans", "    used_text: str\n", field)
    return scratch


def test_it_is_read_and_has_its_default(added: Scratch) -> None:
    for key, value in {"warn_at = 90": "90", "": "80"}.items():
        added.write("plans.toml", PLANS.replace(", KEY", f", {key}".rstrip(", ")))
        added.renewd("check")
        assert added.python("-c", f"{LOADED}print(plan.data.warn_at)").stdout == f"{value}\n"


def test_a_wrong_value_or_name_is_told_with_its_line_and_in_both_languages(added: Scratch) -> None:
    added.write("plans.toml", PLANS.replace("KEY", "warn_at = 900"))
    said = {code: added.renewd("check", language=code, code=78).stdout for code in ("en", "zh-CN")}
    assert "plans.toml:8: plan.tello.data.warn_at: write a whole number from 1 to 100" in said["en"]
    assert "plans.toml:8: plan.tello.data.warn_at: 写 1 到 100 的整数，不加引号" in said["zh-CN"]
    added.write("plans.toml", PLANS.replace("KEY", "warnat = 90"))
    assert "did you mean 'warn_at'?" in added.renewd("check", code=78).stdout


def test_one_command_puts_it_into_schema_docs_and_man_pages_in_both_languages(added: Scratch) -> None:
    assert as_text() == added.path("config/plans.schema.json").read_text("utf-8")
    written = added.python("-m", "renewd.cli.generated").stdout
    assert {line.partition("scratch/")[2] for line in written.splitlines()} == {
        "config/plans.schema.json",
        "docs/configuration.md",
        "docs/zh-CN/configuration.md",
        "docs/man/plans.toml.5",
        "docs/man/zh_CN/plans.toml.5",
    }
    schema = json.loads(added.path("config/plans.schema.json").read_text("utf-8"))
    table = schema["properties"]["plan"]["additionalProperties"]["properties"]["data"]
    assert table["properties"]["warn_at"] == {
        "type": "integer",
        "minimum": 1,
        "maximum": 100,
        "description": "Percent used at which to warn.\n\n用到百分之几时提醒。",
        "default": 80,
        "examples": [90],
    }
    page = added.path("docs/configuration.md").read_text("utf-8")
    assert "| `warn_at` | Percent used at which to warn. | `80` | `90` |" in page
    page = added.path("docs/zh-CN/configuration.md").read_text("utf-8")
    assert "| `warn_at` | 用到百分之几时提醒。 | `80` | `90` |" in page
    manual = {code: added.path(f"docs/man/{code}plans.toml.5").read_text("utf-8") for code in ("", "zh_CN/")}
    assert "\\fBwarn_at\\fR\nPercent used at which to warn. Default: 80. Example: 90." in manual[""]
    assert "\\fBwarn_at\\fR\n用到百分之几时提醒。" in manual["zh_CN/"]


def test_every_table_takes_a_key_by_an_entry_and_a_field(tmp_path: Path) -> None:
    with scratch_copy(tmp_path) as scratch:
        entry = '"shelf": Key(Text(), "A shelf.", "架子。", \'"top"\'),\n'
        field = 'shelf: str = "none"\n'
        add_entry(scratch, "plan_tables", "CANCEL", entry)
        add_entry(scratch, "plan_keys", "PLAN", entry)
        for table in ("FILE", "PERSON", "CARD", "MAIL", "CALENDAR", "WEB"):
            add_entry(scratch, "keys", table, entry)
        for name in ("Cancel", "Plan", "Household", "Person", "Card"):
            add_to_class(scratch, "domain/plans", name, field)
        for name in ("MailSettings", "Calendar", "Web"):
            add_to_class(scratch, "config/settings", name, field)
        shelf = 'shelf = "{}"'.format
        scratch.write(
            "plans.toml",
            "\n".join([
                shelf("file"),
                *(f"[{name}]\n{shelf(name)}" for name in ("mail", "calendar", "web", "card.visa")),
                f'[person.me]\nemail = "me@example.com"\n{shelf("me")}',
                f'[plan.tello]\nrenews = 2030-12-05\nevery = "30 days"\n{shelf("tello")}\ncancel = {{ {shelf("cancel")} }}',
            ]) + "\n",
        )  # fmt: skip
        scratch.renewd("check")
        values = (
            "household, settings.mail, settings.calendar, settings.web, household.cards['visa'], household.people['me']"
        )
        shown = scratch.python("-c", f"{LOADED}print(*[one.shelf for one in ({values}, plan, plan.cancel)])").stdout
        assert shown == "file mail calendar web card.visa me tello cancel\n"


def add_to_class(scratch: Scratch, module: str, name: str, field: str) -> None:
    text = scratch.path(f"daemon/renewd/{module}.py").read_text("utf-8")
    found = re.search(rf'^class {name}\b(?s:.*?)"""\n\n(?:    \w.*\n)+', text, re.MULTILINE)
    assert found
    add_field(scratch, module, found[0], field)
