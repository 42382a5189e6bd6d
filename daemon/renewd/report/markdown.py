"""Reports as Markdown: headings, a list to tick off, the days as a table, the call as numbered sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from renewd.domain.readiness import Readiness
from renewd.render.markup import BOLD, BOLDED, CODE, CODED, plain
from renewd.report.report_parts import CallScript, ReportLine, ReportPage
from renewd.report.writer import ReportWriter

_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~&$])")
_AT_BEGIN = re.compile(r"^(\\?[-+#>=]|\d+\\?[.)])")
_PIECES = re.compile(f"({CODE}[^{CODED}]*{CODED}|{BOLD}|{BOLDED})")
_BOLD_END = re.compile(
    rf"([。，；：！？）」]){BOLDED}(?=[^\s{BOLD}])"
)  # bold that ends with punctuation needs a space to end
_SAFE = re.compile(r"\\([.\-()!])")  # what means nothing inside a line


def laid_out(writer: ReportWriter, reports: Sequence[Readiness]) -> str:
    """Return the reports one after the other."""
    return "\n".join(line for report in reports for line in _report(writer, writer.page(report))).strip() + "\n"


def _report(writer: ReportWriter, page: ReportPage) -> Iterator[str]:
    yield from (f"# {md(page.name)}", "", md(page.who), "", f"**{md(page.verdict)}**", "")
    for each in (*page.sentences, *page.notes):
        yield from (md(each), "")
    if page.next is not None:
        yield from (f"## {md(page.next.label)}", "", f"**{md(page.next.title)}**", "")
        if page.next.why:
            yield from (md(page.next.why), "")
        yield from (f"{n}. {md(move)}" for n, move in enumerate(page.next.moves, 1))
        yield ""
        if page.next.done:
            yield from (md(page.next.done), "")
        if page.next.command:
            yield from (code(page.next.command), "")
    if len(page.days) > 1:
        yield from ("| | | |", "| --- | --- | --- |")
        yield from (f"| {md(day.value)} | {md(day.label)} | {md(day.away)} |" for day in page.days)
        if page.life is not None and not page.life.firm:
            yield f"| {md(page.life.value)} | {md(page.life.label)} | |"
        yield from ("", md(page.caption), "")
    yield from (f"## {md(page.list_title)}", "")
    for part in page.parts:
        yield from ("### " + md(writer.say("verdict", ready=part.title, left=part.status)), "")
        yield from (_item(writer, line) for line in part.lines)
        yield ""
    if page.call is not None:
        yield from _call(writer, page.call)
    if page.sources:
        yield from (f"## {md(page.sources_title)}", "")
        yield from (f"- {md(each)}" for each in page.sources)
        yield ""
    yield from (md(each) for each in page.footer)
    yield ""


def _item(writer: ReportWriter, line: ReportLine) -> str:
    words = f"**{md(line.words)}**" if line.bad else md(line.words)
    aside = md(writer.say("aside", words=line.sign_words)) if line.sign not in ("done", "open") else ""
    detail = f" _{md(line.detail)}_" if line.detail else ""
    return f"- {'[x]' if line.sign == 'done' else '[ ]'} {words}{aside}{detail}"


def _call(writer: ReportWriter, call: CallScript) -> Iterator[str]:
    yield from (f"## {md(call.title)}", "", md(call.intro), "")
    if call.button is not None:
        yield from (f"[{md(call.button.words)}]({call.button.url})", "")
    for each in call.about:
        yield from (md(each), "")
    yield from (f"> {md(call.warning)}", "")
    for n, line in enumerate(call.lines, 1):
        blanks = " ".join(md(writer.say("blank", what=blank)) for blank in line.blanks)
        lines = [each for each in (md(line.english), md(line.gloss), blanks) if each]
        yield f"{n}. " + f"\\\n{' ' * len(f'{n}. ')}".join(lines)
    yield ""


@lru_cache(maxsize=8192)  # most words of a report are those of the next
def md(text: str) -> str:
    """Return marked text as Markdown in one line: nothing of the user's is markup."""
    said = []
    for piece in _PIECES.split(text):
        if piece.startswith(CODE):
            said.append(code(plain(piece)))
        elif piece in (BOLD, BOLDED):
            said.append(piece)
        else:
            words = _SPECIAL.sub(r"\\\1", " ".join(plain(piece).split("\n")))
            said.append(_SAFE.sub(r"\1", words).replace("://", "\\://"))
    whole = _BOLD_END.sub(r"\1** ", "".join(said)).replace(BOLD, "**").replace(BOLDED, "**")
    begins = _AT_BEGIN.match(whole)
    if begins is None:
        return whole
    mark = begins[0]
    return whole if mark.startswith("\\") else f"{mark[:-1]}\\{mark[-1]}{whole[len(mark) :]}"


def code(text: str) -> str:
    """Return text as code: the fence is longer than any row of backticks in it."""
    longest = max((len(row) for row in re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}"
