"""Reports as a terminal shows them: the verdict first, then the next step, then what is left, one thing a line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from renewd.domain.readiness import Readiness
from renewd.render.markup import BOLD, BOLDED, plain, wrap
from renewd.render.table import cells_of, style
from renewd.render.views import command
from renewd.report.report_parts import ReportLine, ReportPage
from renewd.report.writer import ReportWriter

_ORDER = ("open", "find", "may", "unknown", "later")
_STYLES = {"open": "bold red", "find": "bold red", "may": "yellow", "unknown": "dim", "later": "dim", "done": "green"}
_GAP = "  "


def laid_out(writer: ReportWriter, reports: Sequence[Readiness], width: int, *, color: bool) -> str:
    """Return the reports one after the other, the count of those that are ready before several."""
    sheet = _Sheet(writer, width, color=color)
    lines: list[str] = []
    if len(reports) > 1:
        lines += [sheet.styled(writer.several(reports), "bold"), ""]
    for report in reports:
        lines += [*sheet.report(writer.page(report, whole=False)), ""]
    return "\n".join([*lines, *sheet.whole_list(reports)]) + "\n"


class _Sheet:
    def __init__(self, writer: ReportWriter, width: int, *, color: bool) -> None:
        self._writer = writer
        self._width = width
        self._color = color

    def styled(self, text: str, name: str) -> str:
        return style(text, name, on=self._color)

    def report(self, page: ReportPage) -> Iterator[str]:
        name, verdict = page.headline, plain(page.inline)
        said = self.styled(verdict, "bold green" if page.ready else "bold red")
        if cells_of(name + verdict) <= self._width:
            yield self.styled(name, "bold") + said
        else:
            yield self.styled(name.rstrip(), "bold")
            yield said
        yield from self._wrapped(page.brief)
        for note in page.notes:
            yield from self._wrapped(note)
        if page.next is not None:
            yield ""
            yield from self._next(page)
        rows = list(self._rows(page))
        if rows:
            yield ""
            yield from rows
        yield ""
        yield from self._done(page)

    def whole_list(self, reports: Sequence[Readiness]) -> Iterator[str]:
        names = [report.plan.id for report in reports] if len(reports) == 1 else []
        file = f"{names[0] if names else 'report'}.html"
        typed = self.styled(command("report", *names, "--format", "html", "--output", file), "cyan")
        yield self._writer.say("whole-list", command=typed)

    def _wrapped(self, text: str) -> list[str]:
        """Wrap a sentence; what is bold in it keeps its style where it stands on one line."""
        lines = wrap(text, "", "", self._width).split("\n")
        if not self._color:
            return lines
        for part in text.split(BOLD)[1:]:
            words = plain(part.partition(BOLDED)[0])
            lines = [line.replace(words, self.styled(words, "bold"), 1) for line in lines]
        return lines

    def _next(self, page: ReportPage) -> Iterator[str]:
        assert page.next is not None
        label = page.next.label
        hang = " " * (cells_of(label) + len(_GAP))
        first, *rest = wrap(page.next.title, hang, hang, self._width).split("\n")
        yield self.styled(label, "bold") + first[len(hang) - len(_GAP) :]
        yield from rest
        if page.next.command:
            done = f"{hang}{plain(page.next.done)}"
            gap = "" if done.endswith("：") else " "
            if cells_of(done + gap + page.next.command) <= self._width:
                yield done + gap + self.styled(page.next.command, "cyan")
            else:
                yield done
                yield hang + self.styled(page.next.command, "cyan")
        elif page.next.done:
            yield from wrap(page.next.done, hang, hang, self._width).split("\n")

    def _rows(self, page: ReportPage) -> Iterator[str]:
        found = [
            (line, part.short) for sign in _ORDER for part in page.parts for line in part.lines if line.sign == sign
        ]
        if not found:
            return
        labels = {line.sign: self._writer.say(f"sign.{line.sign}") for line, _ in found}
        label = max(map(cells_of, labels.values()))
        section = max(cells_of(short) for _, short in found)
        begins = label + section + 2 * len(_GAP)
        words = self._widest([line for line, _ in found], self._width - begins)
        for line, short in found:
            head = self.styled(labels[line.sign], _STYLES[line.sign]) + " " * (label - cells_of(labels[line.sign]))
            head += _GAP + short + " " * (section - cells_of(short)) + _GAP
            first, *rest = self._row(line, " " * begins, words)
            yield (head + first).rstrip()
            yield from rest

    @staticmethod
    def _widest(lines: Sequence[ReportLine], room: int) -> int:
        """Return the columns for items that let most of what is added stand beside them."""
        sizes = [(cells_of(plain(line.words)), cells_of(plain(line.detail)), line.bad) for line in lines if line.detail]

        def beside(column: int) -> tuple[int, int, int]:
            fits = [bad for words, detail, bad in sizes if words <= column and column + len(_GAP) + detail <= room]
            return sum(fits), len(fits), -column

        return max((words for words, _, _ in sizes), key=beside, default=0)

    def _row(self, line: ReportLine, hang: str, words: int) -> list[str]:
        """Return an item and what is added: side by side, or below each other where that is too wide."""
        said, detail = plain(line.words), plain(line.detail)
        room = self._width - len(hang)
        if detail and cells_of(said) <= words and words + len(_GAP) + cells_of(detail) <= room:
            return [said + " " * (words - cells_of(said)) + _GAP + detail]
        first = wrap(line.words, hang, hang, self._width).split("\n")
        added = line.detail if line.sign != "later" else ""  # what waits can be read on the page
        below = wrap(added, hang + _GAP, hang + _GAP, self._width).split("\n") if added else []
        return [first[0][len(hang) :], *first[1:], *below]

    def _done(self, page: ReportPage) -> Iterator[str]:
        whole = [part.short for part in page.parts if all(line.sign == "done" for line in part.lines)]
        n = sum(line.sign == "done" for part in page.parts for line in part.lines)
        if n:
            label = self._writer.say("sign.done")
            sections = self._writer.words.say("formats.list-comma").join(whole)
            text = self._writer.say("done-count" if whole else "done-only", n=n, sections=sections)
            first, *rest = wrap(text, f"{label}{_GAP}", " " * (cells_of(label) + len(_GAP)), self._width).split("\n")
            yield self.styled(label, _STYLES["done"]) + first[len(label) :]
            yield from rest
