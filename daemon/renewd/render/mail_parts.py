"""What a mail is made of, before it is laid out; all words are marked text (`renewd.render.markup`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Link(NamedTuple):
    """A button or a link on a line of its own."""

    url: str
    words: str


class Cell(NamedTuple):
    """A date of the timeline: the color of the state from that day on, a label, the day, and what to add below."""

    tone: str
    label: str
    value: str
    sub: str = ""


class MailRow(NamedTuple):
    """A label and its value, or a day, a name and a sum."""

    label: str
    value: str
    sub: str = ""
    amount: str = ""


class MailSection(NamedTuple):
    """A heading with paragraphs, then points, then what to type, then paragraphs."""

    title: str
    before: Sequence[str] = ()
    points: Sequence[str] = ()
    commands: Sequence[str] = ()
    after: Sequence[str] = ()
    links: Sequence[Link] = ()


class MailItem(NamedTuple):
    """A reminder that is not the first of its mail."""

    tone: str
    kicker: str
    title: str
    sentences: Sequence[str] = ()
    link: Link | None = None
    done: str = ""
    taps: Sequence[Link] = ()


class MailTable(NamedTuple):
    """Rows of what is paid, with a total; `days` where each row begins with one."""

    title: str
    rows: Sequence[MailRow]
    total: MailRow
    days: bool = False
    after: Sequence[str] = ()


@dataclass(slots=True)
class MailPage:
    """A whole mail in one language."""

    code: str
    subject: str = ""
    tone: str = "grey"
    kicker: str = ""
    headline: str = ""
    sentence: str = ""
    notes: Sequence[str] = ()
    strip: Sequence[Cell] = ()
    buttons: Sequence[Link] = ()
    hangs: Sequence[str] = ()
    rows: Sequence[MailRow] = ()
    sections: Sequence[MailSection] = ()
    items_title: str = ""
    items: Sequence[MailItem] = ()
    more: str = ""
    month: Sequence[MailTable | MailSection] = ()
    month_title: str = ""
    last: Sequence[MailSection] = ()
    footer: Sequence[str] = ()
    links: Sequence[Link] = ()  # to the page and the calendar
    broken: Sequence[str] = ()  # templates of the user's that could not be used
