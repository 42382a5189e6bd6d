"""The list of every table and key of plans.toml in docs/, as Markdown, in each language that has such a page."""

from __future__ import annotations

from renewd.config.keys import FILE
from renewd.config.plan_schema import ById, Each, Key, Sub, Table
from renewd.i18n import Language, language

PAGES = {"en": "docs/configuration.md", "zh-CN": "docs/zh-CN/configuration.md"}
"""The page of each language, whose part below the heading of `reference.every` is made."""


def heading(code: str) -> str:
    """Return the heading that begins the generated part of a page."""
    return f"## {language(code).say('reference.every')}\n\n"


def reference(code: str) -> str:
    """Return every table with its keys."""
    words = language(code)
    return "\n".join(_section(table, words) for table in FILE.tables().values())


def _section(table: Table, words: Language) -> str:
    title = words.say("reference.top") if table is FILE else f"`{table.name}`"
    columns = " | ".join(words.say(f"reference.{column}") for column in ("key", "holds", "default", "example"))
    lines = [f"### {title}", "", table.about(words.code), "", f"| {columns} |", "| --- | --- | --- | --- |"]
    for name, key in table.keys.items():
        if not (table is FILE and isinstance(key.type, Sub | ById)):
            lines.append(_row(name, key, words))
    return "\n".join((*lines, ""))


def _row(name: str, key: Key, words: Language) -> str:
    example = f"`{key.example}`"
    if isinstance(key.type, Sub | Each | ById):
        see = words.say("reference.see", table=key.type.table.name)
        example = words.say("reference.see-and", see=see, value=example) if key.example else see
    default = words.say("reference.required") if key.required else f"`{key.default}`" if key.default else ""
    return f"| `{name}` | {about_key(key, words)} | {default} | {example} |".replace("``", "")


def about_key(key: Key, words: Language) -> str:
    """Return what a key is for, and the words that it takes if they are a few."""
    if not key.choices:
        return key.about(words.code)
    choices = ", ".join(f'`"{choice}"`' for choice in key.choices)
    return words.between.join((key.about(words.code), words.say("reference.choices", choices=choices)))
