"""What a report is made of, before it is laid out; all words are marked text (`renewd.render.markup`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from renewd.render.mail_parts import Link
from renewd.report.timeline import Across, Life, TimelinePoint, Upright

Sign = Literal["open", "find", "may", "unknown", "done", "later"]


@dataclass(frozen=True, slots=True)
class ReportLine:
    """An item of the checklist: its words, what to add in a quieter voice, and whether it stands in the way."""

    id: str
    sign: Sign
    sign_words: str
    words: str
    detail: str
    bad: bool


@dataclass(frozen=True, slots=True)
class Part:
    """A section of the checklist: its title, short for the terminal, its state, and its items."""

    id: str
    title: str
    short: str
    status: str
    bad: bool
    lines: Sequence[ReportLine]


@dataclass(frozen=True, slots=True)
class Count:
    """How many items are in one state."""

    sign: Sign
    words: str


@dataclass(frozen=True, slots=True)
class NextStep:
    """The one thing to do: why it comes first, at most three moves, and the command that says it is done."""

    label: str
    title: str
    why: str
    moves: Sequence[str]
    done: str
    command: str


@dataclass(frozen=True, slots=True)
class SpokenLine:
    """A sentence to read out, what it means, and what to write down."""

    english: str
    gloss: str
    blanks: Sequence[str]


@dataclass(frozen=True, slots=True)
class CallScript:
    """What to say on the phone."""

    title: str
    intro: str
    button: Link | None
    about: Sequence[str]
    warning: str
    lines: Sequence[SpokenLine]


@dataclass(frozen=True, slots=True)
class ReportPage:
    """One plan's report in one language."""

    id: str
    name: str
    ready: bool
    who: str
    headline: str  # for the terminal, without marks: whose line, up to where the verdict goes
    verdict: str
    inline: str  # the verdict as the end of a sentence
    sentences: Sequence[str]
    brief: str  # the same for the terminal
    notes: Sequence[str]
    next: NextStep | None
    across: Across | None
    upright: Upright | None
    days: Sequence[TimelinePoint]
    life: Life | None
    drawn: str  # the timeline in words
    caption: str
    list_title: str
    counts: Sequence[Count]
    parts: Sequence[Part]
    call: CallScript | None
    sources_title: str
    sources: Sequence[str]
    footer: Sequence[str]
