"""The diagnosis of everything that can keep a mail from its reader: the machine, the ledger, the mail server.

A finding is a fact and no sentence yet: `doctor.<name>.<how>` in templates/*/doctor.toml says what it means and what
to do.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import zoneinfo
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from renewd import __version__
from renewd.config import Settings
from renewd.delivery.ways import push_of, ways_to
from renewd.domain.dates import RELEASED
from renewd.domain.diagnosis import Diagnosis
from renewd.domain.errors import Problem, RenewdError
from renewd.domain.findings import Findings
from renewd.domain.plans import Household
from renewd.ledger import Ledger
from renewd.ledger.places import check as check_ledger
from renewd.state import has_run_once, is_held, problems_of, read_status

_ROOM = 100 * 2**20  # bytes that the ledger may need until the next diagnosis
_OLD_ZONES = timedelta(days=730)
_AHEAD = timedelta(days=1)
_RIGHTS = ("check.readable-by-others", "check.writable-by-others")
_FLOOR = re.compile(r"([A-Za-z0-9._-]+)[^;]*>=\s*([0-9.]+)")


def of_program(required: Iterable[str] | None = None) -> Diagnosis:
    """Compare the versions of the dependencies with what is required: a distribution may have packaged others."""
    if required is None:
        try:
            required = requires("renewd") or ()
        except PackageNotFoundError:  # run from a checkout
            required = ()
    old = []
    for floor in (_FLOOR.match(one) for one in required if "extra ==" not in one):
        if floor is None:
            continue
        try:
            found = version(floor[1])
        except PackageNotFoundError:
            found = "0"
        if _parts(found) < _parts(floor[2]):
            old.append(f"{floor[1]} {found} < {floor[2]}")
    if old:
        return Diagnosis("program", "old", "bad", {"names": ", ".join(old)})
    return Diagnosis("program", "ok", "ok", {"version": __version__, "python": platform.python_version()})


def _parts(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:3])


def of_rights(problems: Iterable[Problem]) -> Iterator[Diagnosis]:
    """Name who else may read or change the file, as its problems say."""
    found = [problem for problem in problems if problem.code in _RIGHTS]
    for problem in found:
        yield Diagnosis("rights", "open", "bad" if problem.severity == "error" else "note", {"why": problem})
    if not found:
        yield Diagnosis("rights", "ok", "ok")


def of_paths(household: Household, findings: Findings) -> Iterator[Diagnosis]:
    """Name the backups and documents whose paths cannot be looked at, so that nothing is known of them."""
    for (plan, _, what), seen in findings.seen.items():
        if seen.why in ("denied", "slow") and plan in household.plans:
            name = household.label(household.plans[plan])
            yield Diagnosis("paths", seen.why, "note", {"what": what, "name": name})


def of_machine(state: Path, zone: str, now: datetime) -> Iterator[Diagnosis]:
    """Check the clock, the time zones, the state folder and its disk."""
    if now.date() < RELEASED:
        yield Diagnosis("clock", "behind", "bad", {"day": now.date()})
    else:
        yield Diagnosis("clock", "ok", "ok", {"now": now, "zone": zone})
    yield _zones(now)
    yield from _folder(state)
    if is_held(state):
        yield Diagnosis("running", "yes", "ok")
    else:
        by_cron = has_run_once(read_status(state), now)
        yield Diagnosis("running", "by-cron", "ok") if by_cron else Diagnosis("running", "no", "note")


def _zones(now: datetime) -> Diagnosis:
    """Check the age of the time zone data; the system's is used before the one that came with renewd."""
    found = _system_zones()
    if found is None:
        try:
            found = version("tzdata")
        except PackageNotFoundError:
            return Diagnosis("zones", "none", "bad")
    try:
        year = date(int(found[:4]), 1, 1)
    except ValueError:
        return Diagnosis("zones", "ok", "ok", {"version": found})
    old = now.date() - year > _OLD_ZONES
    return Diagnosis("zones", "old" if old else "ok", "note" if old else "ok", {"version": found})


def _system_zones() -> str | None:
    for folder in zoneinfo.TZPATH:
        try:
            first = (Path(folder) / "tzdata.zi").read_text("ascii", "replace").split("\n", 1)[0]
        except OSError:
            continue
        return first.removeprefix("# version ").strip() or None
    return None


def _folder(state: Path) -> Iterator[Diagnosis]:
    if not state.exists():
        yield Diagnosis("folder", "none", "note", {"path": state})
        return
    if not state.is_dir():
        yield Diagnosis("folder", "no-folder", "bad", {"path": state})
        return
    if not os.access(state, os.R_OK | os.W_OK | os.X_OK):
        yield Diagnosis("folder", "not-ours", "bad", {"path": state})
        return
    if problems_of(state):
        yield Diagnosis("folder", "open", "bad", {"path": state})
    else:
        yield Diagnosis("folder", "ok", "ok", {"path": state})
    free = shutil.disk_usage(state).free
    yield Diagnosis("disk", *(("ok", "ok") if free >= _ROOM else ("full", "bad")), {"mb": free // 2**20})


def of_ledger(url: str | None, state: Path, ledger: Ledger | RenewdError, now: datetime) -> Iterator[Diagnosis]:
    """Check that the ledger can be read, is whole, and was written by a clock like this one."""
    try:
        if isinstance(ledger, RenewdError):
            raise ledger
        check_ledger(url, state)
        last = ledger.last_pass()
        failing = len(ledger.failing())
    except RenewdError as error:
        yield Diagnosis("ledger", "broken", "bad", {"error": error})
        return
    if last is not None and last - now > _AHEAD:
        yield Diagnosis("ledger", "ahead", "bad", {"last": last})
    else:
        yield Diagnosis("ledger", "new" if last is None else "ok", "ok", {"last": last or now})
    if failing:
        yield Diagnosis("ledger", "failing", "bad", {"n": failing})


def of_ways(household: Household, settings: Settings) -> Iterator[Diagnosis]:
    """Name who is reached by which ways, and the pushes that nobody has."""
    people = household.people.values()
    for person in people:
        yield Diagnosis(
            "ways", "ok", "ok", {"person": person, "ways": [push_of(channel) for channel in ways_to(person)]}
        )
    for id_ in settings.pushes:
        if not any(id_ in person.push for person in people):
            yield Diagnosis("ways", "nobody", "note", {"id": id_})
