"""Facts that the daemon hands over to the service that may write plans.toml: a JSON file each, in a folder for it.

The reader trusts the writer with nothing but facts: whatever is not exactly of this form is removed unread.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, get_args

from renewd.config.fact_log import Way
from renewd.config.plan_ids import is_id
from renewd.config.times import Day
from renewd.config.value_types import Amount, Bytes, WrongError
from renewd.disk import open_regular, replace
from renewd.domain.fact_changes import FACTS, Fact

FOLDER = "marks"
_NAME = re.compile(r"[0-9a-f]{32}\.json")
_VALUES = ("item", "on", "until", "amount", "reference", "by", "how", "number")  # of a fact
_MOST_BYTES = 65536
_MOST_FACTS = 300
_MOST_CHARACTERS = 200
_MOST_FILES = 200  # of one reading


class Handover(NamedTuple):
    """The facts that a person records, each with the id of its plan, or the write that they take back."""

    person: str
    way: Way
    facts: tuple[tuple[str, Fact], ...] = ()
    undo: str | None = None


def is_set_up(state: Path) -> bool:
    """Whether the helper that takes what is handed over is installed: the folder comes with it."""
    return (state / FOLDER).is_dir()


def hand_over(state: Path, handover: Handover) -> Path:
    """Return the file that holds what is handed over, until it has been dealt with. Raises OSError."""
    file = state / FOLDER / f"{secrets.token_hex(16)}.json"
    facts = [_as_json(*one) for one in handover.facts]
    replace(file, json.dumps({**handover._asdict(), "facts": facts}, ensure_ascii=False))
    return file


def take(state: Path, today: date) -> Iterator[Handover | None]:
    """Iterate what was handed over, the oldest first; None stands for what renewd did not write. Raises OSError.

    A file is removed once the caller has dealt with it; anything else in the folder is removed at once. `today` is
    the day of facts that name none.
    """
    with suppress(FileNotFoundError):
        folder = os.open(state / FOLDER, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            for name in _oldest_first(folder):
                try:
                    yield _read(folder, name, today)
                finally:
                    _remove(folder, name)
        finally:
            os.close(folder)


def _oldest_first(folder: int) -> list[str]:
    names = [name for name in os.listdir(folder) if not name.startswith(".")]  # one with a dot is being written
    return sorted(names, key=partial(_age, folder))[:_MOST_FILES]


def _age(folder: int, name: str) -> int:
    try:
        return os.stat(name, dir_fd=folder, follow_symlinks=False).st_mtime_ns  # in a folder that is open
    except OSError:
        return 0


def _remove(folder: int, name: str) -> None:
    try:
        os.unlink(name, dir_fd=folder)  # in a folder that is open
    except FileNotFoundError:
        pass
    except OSError:
        shutil.rmtree(name, ignore_errors=True, dir_fd=folder)


def _read(folder: int, name: str, today: date) -> Handover | None:
    if not _NAME.fullmatch(name):
        return None
    try:
        with os.fdopen(open_regular(Path(name), os.O_NOFOLLOW, dir_fd=folder), "rb") as file:
            facts = os.fstat(file.fileno())
            if not _is_right(facts, os.fstat(folder)):
                return None
            return _from_json(json.loads(file.read(_MOST_BYTES)), today)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, WrongError, RecursionError, ArithmeticError):
        return None


def _is_right(file: os.stat_result, folder: os.stat_result) -> bool:
    """Whether a file has a single name, and was written by the folder's owner for themselves alone."""
    return (
        file.st_nlink == 1 and file.st_uid == folder.st_uid and not file.st_mode & 0o077 and file.st_size <= _MOST_BYTES
    )


def _as_json(plan: str, fact: Fact) -> dict[str, str | None]:
    values = {name: getattr(fact, name) for name in _VALUES}
    return {
        "plan": plan,
        "what": fact.what,
        **{name: None if one is None else str(one) for name, one in values.items()},
    }


def _from_json(read: Mapping[str, Any], today: date) -> Handover:
    """Return what a file holds. Raises ValueError, TypeError, KeyError or WrongError where it is anything else."""
    if set(read) != set(Handover._fields) or read["way"] not in get_args(Way) or not is_id(read["person"]):
        raise ValueError
    facts: Sequence[Mapping[str, Any]] = read["facts"]
    undo = read["undo"]
    if len(facts) > _MOST_FACTS or bool(facts) == (undo is not None):
        raise ValueError
    if undo is not None and not re.fullmatch("[0-9a-f]{64}", undo):
        raise ValueError
    return Handover(read["person"], read["way"], tuple(_fact(one, today) for one in facts), undo)


def _fact(read: Mapping[str, Any], today: date) -> tuple[str, Fact]:
    plan, what, item, on, until, amount, reference, by, how, number = (
        read[name] for name in ("plan", "what", *_VALUES)
    )
    if len(read) != 2 + len(_VALUES) or not is_id(plan) or what not in FACTS:
        raise ValueError
    if what == "used":
        Bytes().read(item)
    fact = Fact(
        what=what, today=today, item=_text(item), on=_day(on), until=_day(until), amount=_amount(amount),
        reference=_text(reference), by=_day(by), how=_one_of(how, "cancel", "lapse"),
        number=_one_of(number, "port", "drop", "move"),
    )  # fmt: skip
    return plan, fact


def _text(read: Any) -> str | None:
    if read is not None and (not read.isprintable() or not 0 < len(read) <= _MOST_CHARACTERS):
        raise ValueError
    return None if read is None else str(read)


def _one_of(read: Any, *values: str) -> str | None:
    if read is not None and read not in values:
        raise ValueError
    return None if read is None else str(read)


def _day(read: Any) -> date | None:
    return None if read is None else Day().read(date.fromisoformat(read))


def _amount(read: Any) -> Decimal | None:
    return None if read is None else Amount().read(Decimal(read))
