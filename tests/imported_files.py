"""What the tests of the importers share: a household, and a file read into plans as `renewd import` does."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from pathlib import Path
from typing import Any, NamedTuple

import tomli

from config_files import CATALOGUE
from renewd.config import load
from renewd.config.household import Lookup
from renewd.config.importers import IMPORTERS, ImportSettings, recognize
from renewd.config.importers.imported_plans import ImportedPlans, as_tables, make_plans
from renewd.domain.plans import Card, Household, Person, Plan
from renewd.i18n import language

TODAY = date(2026, 12, 1)
SETTINGS = ImportSettings(TODAY, "USD", "America/New_York")
ME = Person(id="me", email="me@example.com", name="Li", zone="America/New_York", languages=("en",), send_at=time(9))
MOM = Person(
    id="mom", email="mom@example.com", name="妈妈", zone="Asia/Shanghai", languages=("zh-CN",), send_at=time(9)
)
HEAD = """timezone = "America/New_York"
[mail]
to = "me@example.com"
[person.me]
name = "Li"
[person.mom]
email = "mom@example.com"
name = "妈妈"
[card.visa]
name = "Visa …4242"
"""


class Imported(NamedTuple):
    """What was made of a file: the plans, the TOML, and the plans that this TOML was loaded as."""

    made: ImportedPlans
    toml: str
    tables: Mapping[str, Mapping[str, Any]]
    plans: Mapping[str, Plan]


def lookup() -> Lookup:
    people = {"me": ME, "mom": MOM}
    cards = {"visa": Card(id="visa", name="Visa …4242")}
    household = Household(
        zone="America/New_York", languages=("en",), currency="USD", people=people, plans={}, cards=cards
    )
    return Lookup(
        household=household,
        catalogue=CATALOGUE,
        today=TODAY,
        folder=Path(),
    )


def imported(data: bytes, folder: Path, source: str | None = None, code: str = "en", marks: Any = ()) -> Imported:
    """Return what a file becomes; its plans are loaded from the TOML, which must have no mistake."""
    source = source or recognize(data)
    words = language(code)
    entries = IMPORTERS[source].read(data, SETTINGS)
    made = make_plans(entries, source, lookup(), plans={}, taken=(), marks=marks, words=words)
    toml = as_tables(made, words)
    if not made.plans:
        return Imported(made, toml, {}, {})
    path = folder / "plans.toml"
    path.write_text(HEAD + toml, "utf-8")
    path.chmod(0o600)
    loaded = load(path, catalogue=CATALOGUE, today=TODAY, machine_zone="UTC", hostname="pi")
    assert [problem.code for problem in loaded.problems if problem.severity == "error"] == []
    return Imported(made, toml, tomli.loads(toml)["plan"], loaded.household.plans)
