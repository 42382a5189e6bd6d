"""The JSON Schema that editors complete and check plans.toml with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal

import tomli

from renewd.config.addresses import LOOPBACK
from renewd.config.keys import ANSWERS, CARD, FILE, MAIL, PERSON
from renewd.config.plan_ids import ID
from renewd.config.plan_keys import PLAN
from renewd.config.plan_schema import ById, Each, Key, Sub, Table
from renewd.config.value_types import Schema


def _where(values: Mapping[str, str], then: Schema, *others: str) -> Schema:
    """Return a rule for tables in which keys have these values, and other keys are there."""
    if_ = {"properties": {name: {"const": value} for name, value in values.items()}, "required": [*values, *others]}
    return {"if": if_, "then": then}


_REACHED: Schema = {  # everybody but `me`, whose address is mail.to
    "anyOf": [{"required": ["email"]}, {"required": ["push"], "properties": {"push": {"not": {"const": []}}}}]
}
_HERE: Schema = {"properties": {"host": {"pattern": LOOPBACK}}}
_TOGETHER: Mapping[Table, tuple[Schema, ...]] = {  # what keys of one table say together
    PLAN: (
        {"anyOf": [{"required": ["renews"]}, {"required": ["keep_alive"]}]},
        _where({"pay_with": "balance"}, {"required": ["balance"]}),
        _where({"kind": "other"}, {"properties": {"cancel": {"properties": {"number": {"not": {"const": "port"}}}}}}),
    ),
    MAIL: (_where({"tls": "none"}, _HERE, "username"),),
    ANSWERS: (_where({"tls": "none"}, _HERE),),
}


def schema() -> Schema:
    """Return the JSON Schema (draft 2020-12) of plans.toml, dates as text."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "renewd: plans.toml", **_table(FILE)}


def as_text() -> str:
    """Return the schema as config/plans.schema.json holds it."""
    return json.dumps(schema(), ensure_ascii=False, indent=2) + "\n"


def plain(value: object) -> object:
    """Return a TOML value as JSON has it: dates and clocks as text, amounts as numbers."""
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, date | time) else value


def _table(table: Table) -> Schema:
    keys = {}
    for name, key in table.keys.items():
        keys[name] = _key(key)
        if table.dashes and "-" in name:
            keys[name.replace("-", "_")] = keys[name]
    made: Schema = {"type": "object", "description": f"{table.en}\n\n{table.zh}", "properties": keys}
    if table.required:
        made["required"] = list(table.required)
    twice: list[Schema] = [
        {"not": {"required": [name, name.replace("-", "_")]}} for name in table.keys if table.dashes and "-" in name
    ]
    if rules := [*_TOGETHER.get(table, ()), *twice]:
        made["allOf"] = rules
    return {**made, "additionalProperties": False}


def _key(key: Key) -> Schema:
    if isinstance(key.type, Sub):
        return _table(key.type.table)
    if isinstance(key.type, Each):
        return {"type": "array", "items": _table(key.type.table)}
    if isinstance(key.type, ById):
        table = key.type.table
        return {
            "type": "object",
            "description": f"{table.en}\n\n{table.zh}",
            "propertyNames": {"pattern": f"^{ID}$", **({"not": {"const": "balance"}} if table is CARD else {})},
            "additionalProperties": _table(table),
            **({"allOf": [{"patternProperties": {"^(?!me$)": _REACHED}}]} if table is PERSON else {}),
        }
    made = {**key.type.schema(), "description": f"{key.en}\n\n{key.zh}"}
    if key.default:
        made["default"] = read_toml(key.default)
    if key.example:
        made["examples"] = [read_toml(key.example)]
    return made


def read_toml(text: str) -> object:
    """Return a value written in TOML as JSON has it."""
    return plain(tomli.loads(f"x = {text}", parse_float=Decimal)["x"])
