"""The contents of all files together, each table beside its last good form."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from renewd.config.keys import GROUPS
from renewd.config.last_good import Good
from renewd.config.sources import ReadFiles, SourceFile
from renewd.config.table_reader import MISSING, Mistake

MOST_PLANS = 20_000
_RENEWS = r"(?m)^\s*(?:renews|keep_alive)\s*[=:：＝]"  # a plan was written, and what is wrong with its table is said


class MergedItem(NamedTuple):
    """A table or key: as it is written now, and as it last was good; MISSING where there is none.

    `spoilt`: a line in it is not valid TOML, so what was read may not be what was meant.
    """

    source: SourceFile | None
    raw: object
    last: object = MISSING
    file: str = ""  # where the last good form stood
    spoilt: bool = False


class PlacedMistake(NamedTuple):
    """A mistake and its file."""

    source: SourceFile | None
    finding: Mistake


@dataclass(slots=True)
class Written:
    """Everything that is written in the files; `lost` if it cannot be used as a whole."""

    top: dict[str, MergedItem] = field(default_factory=dict)
    groups: dict[str, dict[str, MergedItem]] = field(default_factory=lambda: {group: {} for group in GROUPS})
    said: list[PlacedMistake] = field(default_factory=list)
    lost: bool = False

    @property
    def has_errors(self) -> bool:
        """Whether something is wrong, and not only odd."""
        return any(one.finding.severity == "error" for one in self.said)

    def say(self, source: SourceFile | None, finding: Mistake) -> None:
        """Add a finding."""
        self.said.append(PlacedMistake(source, finding))


def last_only(last: Good) -> Written:
    """Return the last good form of everything, for when the files cannot be used."""
    written = Written()
    written.top = {name: MergedItem(None, MISSING, raw) for name, raw in last.top.items()}
    for group in GROUPS:
        kept = last.group(group)
        written.groups[group] = {id_: MergedItem(None, MISSING, one.raw, one.file) for id_, one in kept.items()}
    return written


def collect(read: ReadFiles, last: Good) -> Written:
    """Return the contents of the files with the last good form of each table, also of files that cannot be read now."""
    written = Written()
    main, *included = read.sources
    for source in read.sources:
        for finding in source.findings:
            written.say(source, _judged(finding, last))
        for group in GROUPS:
            _take(written, group, source, last)
    for name, raw in (main.raw or {}).items():
        if name not in GROUPS:
            spoilt = any(slip.path[:1] == (name,) for slip in main.slips)
            written.top[name] = MergedItem(main, raw, last.top.get(name, MISSING), spoilt=spoilt)
    for source in included:
        for name in source.raw or {}:
            if name not in GROUPS:
                written.say(source, Mistake((name,), "check.not-in-included", {"key": name}, "key"))
    lost_files = {source.name: source for source in included if source.raw is None or source.blank}
    others_lost = None if read.include_good else main.name
    _keep_lost(written, last, lost_files, others_lost, read.lost)
    _judge(written, main)
    return written


def _judged(finding: Mistake, last: Good) -> Mistake:
    """Return a finding as an error if it is about a folder that is gone and held something."""
    if finding.code != "check.no-folder":
        return finding
    held = (Path(one.file) for group in GROUPS for one in last.group(group).values())
    gone = str(finding.args["path"])
    return finding._replace(severity="error") if any(gone.endswith(str(file.parent)) for file in held) else finding


def _take(written: Written, group: str, source: SourceFile, last: Good) -> None:
    tables = (source.raw or {}).get(group, {})
    if not isinstance(tables, dict):
        written.say(source, Mistake((group,), "check.no-ids", {"group": group}, "key"))
        return
    spoilt = {slip.path[1] for slip in source.slips if len(slip.path) > 1 and slip.path[0] == group}
    kept, known = last.group(group), written.groups[group]
    for id_, raw in tables.items():
        before = kept.get(id_)
        if id_ in known:
            first = known[id_].source
            args = {"group": group, "id": id_, "first": first.name if first else "", "second": source.name}
            written.say(source, Mistake((group, id_), "check.id-in-two-files", args, "table"))
            known[id_] = known[id_]._replace(spoilt=True)
        elif before is None:
            known[id_] = MergedItem(source, raw, spoilt=id_ in spoilt)
        else:
            known[id_] = MergedItem(source, raw, before.raw, before.file, spoilt=id_ in spoilt)


def _keep_lost(
    written: Written, last: Good, lost: dict[str, SourceFile], others_lost: str | None, folders: tuple[str, ...]
) -> None:
    """Keep what stood in an included file or folder that cannot be read, or in any of them if their list cannot."""
    for group in GROUPS:
        known = written.groups[group]
        for id_, kept in last.group(group).items():
            folder = next((folder for folder in folders if kept.file.startswith(f"{folder}/")), None)
            hidden = kept.file in lost or folder is not None
            if id_ not in known and (hidden or others_lost not in (None, kept.file)):
                known[id_] = MergedItem(lost.get(kept.file), MISSING, kept.raw, kept.file)
    held = {kept.file for group in GROUPS for kept in last.group(group).values()}
    for name, source in lost.items():
        if source.blank and name in held:
            written.say(source, Mistake((), "check.emptied"))


def _judge(written: Written, main: SourceFile) -> None:
    plans = written.groups["plan"]
    if main.raw is None or (main.blank and not plans) or len(plans) > MOST_PLANS:
        written.lost = True
    if main.raw is not None and not plans and not re.search(_RENEWS, main.text):
        written.say(main, Mistake((), "check.empty-file" if main.blank else "check.no-plans"))
    elif len(plans) > MOST_PLANS:
        written.say(main, Mistake((), "check.too-many-plans", {"most": MOST_PLANS}))
