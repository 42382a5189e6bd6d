"""A message in words: subject, plain text and HTML, in the languages of its reader.

`markup` is what a sentence is made of, `blocks` the templates, `views` what they can name, `pages` the mail.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from renewd.domain.errors import Problem
from renewd.domain.plans import Household
from renewd.reminders.facts import DigestFacts, Facts
from renewd.reminders.grouping import Message
from renewd.render.blocks import drawn
from renewd.render.mail_parts import MailSection
from renewd.render.overrides import Overrides
from renewd.render.pages import BlockFailures, RenderContext, every_block, page


class RenderedMail(NamedTuple):
    """A mail in words. `broken` are the user's templates that could not be used; the shipped ones stood in."""

    subject: str
    text: str
    html: str
    broken: tuple[Problem, ...] = ()


def render(
    message: Message,
    household: Household,
    *,
    overrides: Overrides | None = None,
    last: Mapping[str, Sequence[MailSection]] = MappingProxyType({}),
) -> RenderedMail:
    """Return a message in words: in each of the reader's languages, one after the other, with the subject in the first.

    `last` are sections to add at its end, by language. A message with nothing in it is the mail of `renewd test-mail`.
    """
    broken: BlockFailures = {}
    context = RenderContext(message, household, overrides, broken, last)
    codes = message.person.languages
    text, html, subject = _drawn(context, codes)
    if broken:  # now the mail can say so
        text, html, subject = _drawn(context, codes)
    return RenderedMail(subject=subject, text=text, html=html, broken=tuple(broken.values()))


def _drawn(context: RenderContext, codes: tuple[str, ...]) -> tuple[str, str, str]:
    pages = [page(context, code) for code in codes]
    subject = pages[0].subject
    text = drawn("mail.txt", context.overrides, context.broken, pages=pages, subject=subject)
    html = drawn("mail.html", context.overrides, context.broken, pages=pages, subject=subject)
    return text, html, subject


def probe(
    facts: Facts | DigestFacts, household: Household, language: str, *, overrides: Overrides | None = None
) -> tuple[Problem, ...]:
    """Render every block of one reminder or digest in one language, and return what is broken in the user's templates.

    Much cheaper than a mail: nothing is laid out. Raises what a shipped template raises, which is a bug.
    """
    broken: BlockFailures = {}
    every_block(facts, household, language, overrides, broken)
    return tuple(broken.values())
