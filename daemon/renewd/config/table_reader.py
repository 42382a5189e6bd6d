"""Reading a table by its description: what is good in it, and a finding for everything that is not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Final, Literal, NamedTuple

from renewd.config.clean import tidy
from renewd.config.keys import FILE
from renewd.config.lengths import read_length
from renewd.config.locate import KeyPath
from renewd.config.plan_schema import ById, Each, Key, Sub, Table
from renewd.config.times import Zone, fixed_offset, is_zone
from renewd.config.value_types import Currency, Text, WrongError
from renewd.domain.money import CURRENCIES

Mark = Literal["key", "value", "table"]  # what the carets stand under
MISSING: Final = object()
_NESTED = (Sub, Each, ById)


class Mistake(NamedTuple):
    """Something found in a file, not yet placed on a line of it."""

    path: KeyPath
    code: str
    args: Mapping[str, object] = {}
    mark: Mark = "value"
    severity: Literal["error", "warning"] = "error"


class Mistakes:
    """What was found while reading one thing; `errors` counts those that make it unusable."""

    __slots__ = ("errors", "findings")

    def __init__(self) -> None:
        self.findings: list[Mistake] = []
        self.errors = 0

    def wrong(self, path: KeyPath, code: str, mark: Mark = "value", **args: object) -> None:
        """Add an error."""
        self.errors += 1
        self.findings.append(Mistake(path, code, args, mark))

    def warn(self, path: KeyPath, code: str, mark: Mark = "value", **args: object) -> None:
        """Add a warning."""
        self.findings.append(Mistake(path, code, args, mark, "warning"))

    def meant(self, path: KeyPath) -> set[object]:
        """Return the keys that unknown ones of a table were probably meant to be: none of these is missing besides."""
        unknown = (one for one in self.findings if one.code == "check.unknown-key-meant" and one.path[:-1] == path)
        return {one.args["meant"] for one in unknown}


def read_table(table: Table, raw: object, path: KeyPath, report: Mistakes) -> dict[str, object]:
    """Return the good keys of a table by their names. What is wrong goes into the report."""
    good: dict[str, object] = {}
    if not isinstance(raw, dict):
        names = table.required or [next(name for name, key in table.keys.items() if key.example)]
        inner = ", ".join(f"{name} = {table.keys[name].example}" for name in names)
        if "renewal" in table.keys and isinstance(raw, list) and all(type(one) is int for one in raw):
            inner = f"renewal = {raw}"  # leads, of the kind that they are most likely meant for
        one = f"{path[-1]} = {{ {inner} }}" if isinstance(path[-1], str) else f"{path[-2]} = [{{ {inner} }}]"
        report.wrong(path, "check.not-a-table", example=one)
        return good
    keys = table.keys
    for written, value in raw.items():
        key = keys.get(written)
        name = written
        if key is None:
            name = table.named(written)
            key = keys.get(name)
            if key is None:
                _unknown(table, written, value, (*path, written), report)
                continue
        if name in good:
            report.wrong((*path, written), "check.same-kind-twice", "key", name=name)
            continue
        read = read_value(key, value, path, written, report)
        if read is not MISSING:
            good[name] = read
    for name in table.required:
        if name not in raw and name not in report.meant(path):
            report.wrong(path, "check.missing", "table", key=name, example=f"{name} = {keys[name].example}")
    return good


def read_value(key: Key, value: object, path: KeyPath, name: str, report: Mistakes) -> object:
    """Return the value of a key in the program's form, or MISSING. What is wrong goes into the report."""
    kind = key.type
    if isinstance(kind, _NESTED):
        if isinstance(kind, Sub):
            return _made(kind.table, value, (*path, name), report)
        # tables by id are read one by one elsewhere: a mistake in one leaves the others in force
        return _each(kind.table, value, (*path, name), report) if isinstance(kind, Each) else MISSING
    try:
        read = kind.read(value)
    except WrongError as wrong:
        tell((*path, name), wrong, report)
        return MISSING
    if type(kind) is Text and read is not value and read != tidy(str(value)):
        report.warn((*path, name), "check.cleaned", read=read)
    if type(kind) is Zone and (offset := fixed_offset(str(read))):
        report.warn((*path, name), "check.fixed-zone", zone=read, offset=offset)
    if type(kind) is Currency and read not in CURRENCIES:
        report.warn((*path, name), "check.unknown-currency", currency=read)
    return read


def _made(table: Table, raw: object, path: KeyPath, report: Mistakes) -> object:
    before = report.errors
    good = read_table(table, raw, path, report)
    return MISSING if report.errors > before else table.make(**table.by_field(good))


def _each(table: Table, raw: object, path: KeyPath, report: Mistakes) -> object:
    if not isinstance(raw, list):
        header = ".".join(part for part in path if isinstance(part, str))
        report.wrong(path, "check.not-tables", "table", table=f"[[{header}]]")
        return MISSING
    before = report.errors
    made = tuple(_made(table, one, (*path, n), report) for n, one in enumerate(raw))
    return MISSING if report.errors > before else made


def tell(path: KeyPath, wrong: WrongError, report: Mistakes) -> None:
    """Add an error. If the value had to be one of a known list, it names the one that was probably meant."""
    args: dict[str, Any] = dict(wrong.args_)
    if wrong.code == "check.not-a-choice":
        value = str(args.pop("value"))
        meant = nearest(value, args["choices"])
        if path[-1] == "tls" and value.lower() in ("ssl", "ssl/tls", "smtps"):  # what guides to a mailbox call it
            meant = "implicit"
        report.wrong(path, "check.not-a-choice-meant" if meant else wrong.code, meant=meant, **args)
    elif wrong.code == "check.no-such-zone":
        value = str(args["value"])
        meant = _nearest_zone(value)
        report.wrong(path, "check.no-such-zone-meant" if meant else wrong.code, meant=meant, value=value)
    elif wrong.code == "check.no-such-day" and path[-1] == "renews":
        report.wrong(path, "check.no-such-day-renews" if int(str(args["day"])) <= 31 else wrong.code, **args)
    else:
        report.wrong(path, wrong.code, **args)


def counts_days(plan: object) -> bool:
    """Whether the cycle of a plan is written in days: then there is no day of the month to come back to."""
    every = plan.get("every") if isinstance(plan, dict) else None
    return isinstance(every, str) and any(one.unit == "days" for one in read_length(every).meant)


def nearest(word: str, known: Iterable[str], cutoff: float = 0.7) -> str | None:
    """Return the most likely meant word of a known list; `cutoff` is how similar it must be, 1 being equal."""
    from difflib import get_close_matches  # noqa: PLC0415  # only after a mistake

    known = list(known)
    by_lower = {one.lower(): one for one in known}
    plain = word.strip().lower()
    for form in (plain, plain.replace("-", "_"), plain.replace("_", "-"), plain.replace(" ", "_")):
        if form in by_lower:
            return by_lower[form]
    close = get_close_matches(plain, by_lower, n=1, cutoff=cutoff)
    return by_lower[close[0]] if close else None


_ZONES = {"beijing": "Asia/Shanghai", "china": "Asia/Shanghai", "utc+8": "Asia/Shanghai", "gmt+8": "Asia/Shanghai",
          "北京": "Asia/Shanghai", "上海": "Asia/Shanghai", "edt": "America/New_York", "et": "America/New_York",
          "eastern": "America/New_York", "cdt": "America/Chicago", "central": "America/Chicago",
          "mdt": "America/Denver", "mountain": "America/Denver", "pst": "America/Los_Angeles",
          "pdt": "America/Los_Angeles", "pt": "America/Los_Angeles", "pacific": "America/Los_Angeles",
          "boston": "America/New_York", "washington": "America/New_York", "seattle": "America/Los_Angeles",
          "san_francisco": "America/Los_Angeles", "houston": "America/Chicago", "纽约": "America/New_York"}  # fmt: skip


def _nearest_zone(word: str) -> str | None:
    place = word.strip().lower().replace(" ", "_")
    if meant := _ZONES.get(place) or _ZONES.get(place.rpartition("/")[2]):
        return meant
    zones, cities = _known_zones()
    if place.rpartition("/")[2] in cities:
        return cities[place.rpartition("/")[2]]
    if meant := nearest(place.replace("_", ""), zones):
        return zones[meant]
    city = nearest(place, cities)
    return cities[city] if city else None


@cache
def _known_zones() -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Return all zones by their names without _, and by their cities."""
    from zoneinfo import available_timezones  # noqa: PLC0415  # 20 ms, only after a mistake

    zones = sorted(filter(is_zone, available_timezones()))
    return {z.replace("_", ""): z for z in zones}, {z.lower().rpartition("/")[2]: z for z in zones if "/" in z}


_OTHER_WORDS = {
    **{("[plan.ID]", word): "renews" for word in ("expires", "expiry", "due", "renew_on", "renewal", "next", "until", "valid_until")},
    **{("[plan.ID]", word): "every" for word in ("cycle", "period", "interval", "frequency")},
    **{("[plan.ID]", word): "price" for word in ("cost", "fee", "amount")},
    **{("[plan.ID]", word): "autopay" for word in ("auto_renew", "auto", "recurring")},
    **{("[plan.ID]", word): "number" for word in ("phone", "tel", "msisdn", "line")},
    **{("[plan.ID]", word): "for" for word in ("people", "person", "who", "notify")},
    **{("[mail]", word): "host" for word in ("server", "smtp", "smtp_host")},
    **{("[mail]", word): "username" for word in ("user", "login")},
    **{("[mail]", word): "to" for word in ("email", "address")},
    **{("plans.toml", word): "mail" for word in ("smtp", "email", "mailer")},
    **{("plans.toml", word): "person" for word in ("people", "persons", "user", "users", "contact", "contacts", "family")},
    **{("plans.toml", word): "plan" for word in ("line", "lines", "subscription", "subscriptions")},
    ("plans.toml", "tz"): "timezone", ("plans.toml", "lang"): "language",
    ("[person.ID]", "tz"): "timezone", ("[person.ID]", "lang"): "language",
}  # fmt: skip


_PLAN: Final = FILE.tables()["[plan.ID]"]
_SIGNS_OF_A_PLAN: Final = frozenset({"renews", "every", "keep_alive", "carrier"})
_SECRETS = {  # the credential and the key of the tables that have a secret
    "[mail]": ("smtp-password", "password_file"),
    "[answers]": ("imap-password", "password_file"),
    "[push.ID]": ("push-{id}", "secret_file"),
}
_SECRET_NAME = r"(?:\w*_)?(?:password|passwd|pass|pwd|secret|token|key|sendkey|pin)|密码|密钥"  # noqa: S105


def is_secret_name(name: str) -> bool:
    """Whether a key of this name, which no table has, was probably written for a password or key."""
    return re.fullmatch(_SECRET_NAME, name.replace("-", "_"), re.IGNORECASE) is not None


def _unknown(table: Table, name: str, value: object, path: KeyPath, report: Mistakes) -> None:
    if table.name in _SECRETS and is_secret_name(name):
        credential, file = _SECRETS[table.name]
        credential = credential.format(id=path[1])
        variable = f"RENEWD_{credential.upper().replace('-', '_')}"
        report.wrong(path, "check.password", "key", credential=credential, key=file, variable=variable)
    elif above := _where_it_belongs(path):
        report.wrong(path, "check.belongs-at-the-top" if above == FILE.name else "check.belongs-to", "key", table=above)
    elif table in (FILE, _PLAN) and isinstance(value, dict) and value.keys() & _SIGNS_OF_A_PLAN:
        report.wrong(path, "check.plan-without-plan", "key", id=name if table is FILE else f"{path[1]}-{name}")
    elif meant := _OTHER_WORDS.get((table.name, name.lower().replace("-", "_"))) or nearest(name, table.keys):
        report.wrong(path, "check.unknown-key-meant", "key", meant=meant)
    elif path[0] != "plan" and name in _PLAN.keys:
        report.wrong(path, "check.belongs-to-a-plan", "key")
    elif "note" not in table.keys:
        report.wrong(path, "check.unknown-key-known", "key", table=table.name, known=tuple(table.keys))
    else:
        report.wrong(path, "check.unknown-key", "key")


def _where_it_belongs(path: KeyPath) -> str | None:
    """Return the name of a table further up that has this key: it was written below a later [header]."""
    above: list[tuple[str, Table]] = []
    table, n = FILE, 0
    while n < len(path) - 1:
        key = table.keys.get(str(path[n]))
        if key is None or not isinstance(key.type, Sub | Each | ById):
            break
        above.append((_header(path[:n]), table))
        table = key.type.table
        n += 1 if isinstance(key.type, Sub) else 2
    for header, known in reversed(above):
        key = known.keys.get(str(path[-1]))
        if key is not None and not (known is FILE and isinstance(key.type, Sub | Each | ById)):
            return header
    return None


def _header(path: KeyPath) -> str:
    return f"[{'.'.join(str(part) for part in path if isinstance(part, str))}]" if path else FILE.name
