"""Mistakes placed on the lines of their files. Positions are looked up only if there is a mistake."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from renewd.config.clean import clean
from renewd.config.keys import FILE
from renewd.config.locate import KeyPath, Map, SourcePlace
from renewd.config.merge import PlacedMistake
from renewd.config.plan_schema import ById, Each, Sub, Table
from renewd.config.sources import SourceFile
from renewd.config.syntax_errors import Slip
from renewd.config.table_reader import Mistake, is_secret_name
from renewd.domain.errors import Problem


def problems(said: Iterable[PlacedMistake], sources: Iterable[SourceFile]) -> tuple[Problem, ...]:
    """Return the mistakes as problems, sorted by file and line. A line that is not valid TOML is named once."""
    order = {source.name: n for n, source in enumerate(sources)}
    files = {name: _File(source) for name, source in zip(order, sources, strict=True)}
    found: list[Problem] = []
    for file in files.values():
        found.extend(file.slip(slip) for slip in file.source.slips)
    slipped = {(problem.file, problem.line) for problem in found}
    main = next(iter(files.values()))
    for one in said:
        problem = (files[one.source.name] if one.source else main).finding(one)
        if (problem.file, problem.line) not in slipped:
            found.append(problem)
    return tuple(sorted(found, key=lambda problem: (order[problem.file], problem.line, problem.column)))


class _File:
    def __init__(self, source: SourceFile) -> None:
        self.source = source
        self._map: Map | None = None
        self._lines: list[str] | None = None

    def slip(self, slip: Slip) -> Problem:
        place = SourcePlace(slip.line, slip.column, slip.width)
        return self._problem(slip.path, slip.code, slip.args, place)

    def finding(self, said: PlacedMistake) -> Problem:
        finding = said.finding
        place = SourcePlace(0, 0, 0)
        if finding.path and self.source.raw is not None:
            self._map = self._map or Map(self.source.mended)
            place = self._map.place(finding.path, finding.mark)
        return self._problem(finding.path, finding.code, finding.args, place, finding)

    def _problem(
        self, path: KeyPath, code: str, args: Mapping[str, object], place: SourcePlace, finding: Mistake | None = None
    ) -> Problem:
        return Problem(
            code=code,
            file=self.source.name,
            line=place.line,
            path=clean(".".join(part for part in path if isinstance(part, str)), 200),
            args=args,
            severity=finding.severity if finding else "error",
            plan=clean(str(path[1]), 40) if len(path) > 1 and path[0] == "plan" else None,
            source="" if code == "check.password" or is_secret(path) else self._line(place.line),
            column=place.column,
            width=place.width,
        )

    def _line(self, number: int) -> str:
        if self._lines is None:
            self._lines = self.source.text.split("\n")
        return self._lines[number - 1].rstrip("\r") if 0 < number <= len(self._lines) else ""


def is_secret(path: KeyPath) -> bool:
    """Whether the value at a path is never shown."""
    table: Table | None = FILE
    names = iter(path)
    for name in names:
        key = table.keys.get(str(name)) if table else None
        if key is None:
            return "password" in str(name) or is_secret_name(str(name))
        if key.secret:
            return True
        if isinstance(key.type, ById | Each):
            next(names, None)
        table = key.type.table if isinstance(key.type, Sub | Each | ById) else None
    return False
