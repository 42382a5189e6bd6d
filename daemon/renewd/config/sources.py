"""The files behind a configuration: read, decoded and parsed, each with what is wrong with it as a whole."""

from __future__ import annotations

import glob
import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from renewd.config.addresses import FilePatterns
from renewd.config.include import folder_of, matching
from renewd.config.syntax_errors import Slip, parse
from renewd.config.table_reader import Mistake, Mistakes, tell
from renewd.config.value_types import WrongError
from renewd.disk import read_regular

_PRIVATE = re.compile(r"(?m)^[^#\n]*\b(number|account|sim|imei)\b")
MOST_BYTES = 64 * 1024 * 1024  # over all files


@dataclass(frozen=True, slots=True, eq=False)
class SourceFile:
    """One file: `raw` is None where nothing in it can be used; `mended` is the text that was parsed in the end."""

    name: str
    path: Path
    text: str = ""
    mended: str = ""
    raw: Mapping[str, object] | None = None
    slips: tuple[Slip, ...] = ()
    findings: tuple[Mistake, ...] = ()

    @property
    def blank(self) -> bool:
        """Whether it is readable and holds nothing at all."""
        return self.raw is not None and not self.raw and not self.slips


class ReadFiles(NamedTuple):
    """All files, the main one first, and whether the list of the others could be read.

    A new file in one of the `folders` may belong to them too. Those in `lost` could not be read.
    """

    sources: tuple[SourceFile, ...]
    folders: tuple[Path, ...]
    include_good: bool
    lost: tuple[str, ...] = ()


def read_files(main: Path, last_include: object) -> ReadFiles:
    """Read a main file and what it includes; if `include` itself is wrong, its last good value is used."""
    source, room = _read(main, main.name, MOST_BYTES)
    sources, folders, report = [source], [], Mistakes()
    include = (source.raw or {}).get("include", [])
    try:
        patterns = FilePatterns().read(include)
    except WrongError as wrong:
        tell(("include",), wrong, report)
        patterns = FilePatterns().read(last_include) if last_include else ()
    seen, lost = {os.path.realpath(main)}, []
    for pattern in patterns:
        whole = main.parent / pattern
        if glob.has_magic(pattern):
            folders.append(folder_of(whole))
            paths, mistakes, unseen = matching(whole)
            lost += [_shown(folder, main.parent) for folder in unseen]
            source = replace(source, findings=(*source.findings, *mistakes))
        else:
            paths = [whole]
        for path in paths:
            if os.path.realpath(path) not in seen:
                seen.add(os.path.realpath(path))
                one, room = _read(path, _shown(path, main.parent), room)
                sources.append(one)
    sources[0] = source
    return ReadFiles(tuple(sources), tuple(dict.fromkeys(folders)), not report.errors, tuple(lost))


def _shown(path: Path, folder: Path) -> str:
    return str(path.relative_to(folder)) if path.is_relative_to(folder) else str(path)


def _read(path: Path, name: str, room: int) -> tuple[SourceFile, int]:
    """Read one file of at most `room` bytes, and return it with the room that is left."""
    warnings: list[Mistake] = []
    try:
        facts = path.stat()
        if not stat.S_ISREG(facts.st_mode):
            return _unusable(name, path, "check.not-a-file"), room
        if fault := safety(path, facts):
            if fault.severity == "error":
                return SourceFile(name, path, findings=(fault,)), room
            warnings.append(fault)
        data = read_regular(path, room + 1)
    except FileNotFoundError:
        return _unusable(name, path, "check.no-file"), room
    except PermissionError:
        return _unusable(name, path, "check.no-permission"), room
    except OSError as error:
        return _unusable(name, path, "check.cannot-read", reason=error.strerror), room
    if len(data) > room:
        return _unusable(name, path, "check.too-big", most=MOST_BYTES // 1024 // 1024), room
    source = _decoded(path, name, data, tuple(warnings))
    return source, room - len(data)


def _unusable(name: str, path: Path, code: str, **args: object) -> SourceFile:
    return SourceFile(name, path, findings=(Mistake((), code, {"path": path, **args}),))


def safety(path: Path, facts: os.stat_result) -> Mistake | None:
    """Return a mistake if others may write or read a file. A group with the owner's own name counts as the owner."""
    mode, own_group = stat.S_IMODE(facts.st_mode), facts.st_gid == facts.st_uid
    if mode & 0o002 or (mode & 0o020 and not own_group):
        return Mistake((), "check.writable-by-others", {"path": path, "mode": f"{mode & 0o750:o}"})
    if mode & 0o004 or (mode & 0o040 and not own_group and facts.st_uid != 0):  # root's group is root's choice
        keep = 0o770 if own_group or facts.st_uid == 0 else 0o700
        return Mistake((), "check.readable-by-others", {"path": path, "mode": f"{mode & keep:o}"}, severity="warning")
    return None


def _decoded(path: Path, name: str, data: bytes, warnings: tuple[Mistake, ...]) -> SourceFile:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        text, encoding = _other_encoding(data)
        code = "check.other-encoding" if encoding else "check.not-utf-8"
        slip = Slip(line, 0, 0, code, {"encoding": encoding})
        return SourceFile(name, path, text, text, None, (slip,), warnings)
    parsed = parse(text)
    warnings = warnings if _PRIVATE.search(text) else ()
    return SourceFile(name, path, text, parsed.text, parsed.raw, parsed.slips, warnings)


def _other_encoding(data: bytes) -> tuple[str, str]:
    """Return a text that is not UTF-8 and the encoding it was probably saved in, empty where that is unknown."""
    encoding = "UTF-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "GB18030"
    try:
        return data.decode(encoding), "UTF-16" if encoding == "UTF-16" else "GBK"
    except UnicodeDecodeError:
        return data.decode("utf-8", "replace"), ""
