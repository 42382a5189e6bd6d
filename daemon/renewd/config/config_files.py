"""Reading the user's files as they stand on this machine: its zone, its name, the catalogue beside them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from renewd.config import Good, Loaded, load
from renewd.config.catalogue import SHIPPED, LazyCatalogue
from renewd.config.times import is_zone
from renewd.domain.dates import day_in
from renewd.domain.errors import Problem

_CORRECTIONS = "carriers.toml"  # beside plans.toml: the user's own word on carriers


class OpenedConfig(NamedTuple):
    """What was read: the household with its settings, the catalogue, and every problem of both."""

    loaded: Loaded
    catalogue: LazyCatalogue
    problems: tuple[Problem, ...]


def open_config(
    path: Path, now: datetime, *, language: str, good: Good | None = None, needs_plans: bool = True
) -> OpenedConfig:
    """Read plans.toml and the catalogue at the instant `now`. Raises ConfigError where nothing good is left.

    A carriers.toml beside the file corrects the shipped one. `language` is used where the file names none, `good`
    in place of what is broken. Without `needs_plans`, a file without plans is good too.
    """
    catalogue = LazyCatalogue(SHIPPED, path.parent / _CORRECTIONS)
    zone = machine_zone(os.environ)
    loaded = load(
        path,
        catalogue=catalogue,
        today=day_in(now, zone),
        machine_zone=zone,
        hostname=os.uname().nodename,
        good=good,
        language=language,
        needs_plans=needs_plans,
    )
    return OpenedConfig(loaded, catalogue, (*loaded.problems, *catalogue.problems))


def stamp(loaded: Loaded, main: Path) -> tuple[object, ...]:
    """Return a value that changes when a file of the configuration is edited, replaced, added or removed."""
    paths = dict.fromkeys((main, *loaded.files, *loaded.folders, main.parent / _CORRECTIONS))
    return tuple(_stamp_of(path) for path in paths)


def _stamp_of(path: Path) -> tuple[object, ...]:
    try:
        status = path.stat()
    except OSError as error:
        return (str(path), error.errno)
    if path.is_dir():
        return (str(path), status.st_mtime_ns)
    return (str(path), status.st_mtime_ns, status.st_size, status.st_ino)


def machine_zone(environment: Mapping[str, str], etc: Path = Path("/etc")) -> str:
    """Return the machine's IANA zone: TZ, the target of /etc/localtime, /etc/timezone, else UTC."""
    named = environment.get("TZ", "").removeprefix(":")
    candidates = [named, named.partition("zoneinfo/")[2]]
    try:
        candidates.append(os.path.realpath(etc / "localtime").partition("zoneinfo/")[2])
        candidates.append((etc / "timezone").read_text("ascii").strip())
    except (OSError, ValueError):
        pass
    return next((zone for zone in candidates if zone and is_zone(zone)), "UTC")
