"""What the catalogue lets a mail say of a plan's carrier, always with how old that is."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property, lru_cache

from renewd.domain.carriers import Carrier, CarrierFact, Confidence, Contact
from renewd.i18n import FALLBACK, Language
from renewd.reminders.facts import Facts
from renewd.render.markup import KEEP, KEPT, LINK, LINKED, WORDS, host, own, safe_url
from renewd.render.views import Named, Reader, phone

_MOST_CODES = 2


class OfCarrier(Named):
    """The names of a reminder's template that the catalogue fills."""

    facts: Facts
    reader: Reader

    @property
    def carrier_name(self) -> str:
        """The carrier's name in the reader's language."""
        carrier = self.facts.carrier
        return "" if carrier is None else own(text_of(carrier.name, self.language.code))

    @property
    def checked(self) -> str:
        """`2026年11月20日核对过，可信度低`: how old what the catalogue says of the grace is, and how far to trust it."""
        carrier, loss = self.facts.carrier, self.facts.loss
        return "" if carrier is None else self._checked(carrier, (loss.confidence or "high",) if loss else ())

    def _checked(self, carrier: Carrier, confidences: Iterable[Confidence]) -> str:
        day = KEEP + self.language.day_plain(carrier.checked) + KEPT
        worst = max(confidences, key=("high", "medium", "low").index, default="high")
        return said(self.language, f"mail.checked.{worst}", day=day)

    @property
    def site(self) -> str | None:
        """The plan's or carrier's address, if a mail may link to it."""
        plan = self.facts.plan
        return site_of(plan.site if plan is not None else None, self.facts.carrier)

    @property
    def host(self) -> str | None:
        """The name of the carrier's site."""
        return host(self.site) if self.site else None

    @cached_property
    def hotline(self) -> Contact | None:
        """The first telephone number that is known of the carrier."""
        carrier = self.facts.carrier
        if carrier is None:
            return None
        return next((line for line in carrier.hotlines if line.tel and safe_url(f"tel:{line.tel}")), None)

    @property
    def call(self) -> str | None:
        """The hotline as a link that dials it."""
        tel = self.hotline.tel if self.hotline else None
        return f"{LINK}tel:{tel}{WORDS}{KEEP}{phone(tel)}{KEPT}{LINKED}" if tel else None

    @property
    def app(self) -> str | None:
        """The carrier's app."""
        return own(self.facts.carrier.app) if self.facts.carrier and self.facts.carrier.app else None

    @cached_property
    def codes(self) -> tuple[tuple[str, str], ...]:
        """Short codes to dial and what they tell; at most two."""
        carrier = self.facts.carrier
        known = [code for code in carrier.codes if code.dial and not code.text] if carrier else []
        return tuple(
            (KEEP + own(code.dial or "") + KEPT, own(inside(_of_fact(code.fact, self.language.code))))
            for code in known[:_MOST_CODES]
        )

    @property
    def hotline_is(self) -> str:
        """What the hotline is, in the catalogue's words."""
        return own(inside(_of_fact(self.hotline.fact, self.language.code))) if self.hotline else ""

    @property
    def ways_checked(self) -> str:
        """How old the catalogue's app, hotline and codes are, and how far to trust them."""
        carrier = self.facts.carrier
        if carrier is None:
            return ""
        contacts = [contact for contact in (self.hotline, *carrier.codes[:_MOST_CODES]) if contact is not None]
        return self._checked(carrier, [contact.fact.confidence for contact in contacts])

    def known(self, topic: str) -> str:
        """Return what the catalogue says of a topic ("grace", "reactivate" …), how old that is, and how far to trust it."""
        carrier = self.facts.carrier
        fact = carrier.facts.get(topic) if carrier is not None else None
        if carrier is None or fact is None:
            return ""
        words = own(_of_fact(fact, self.language.code).rstrip(".。"))
        return said(self.language, "mail.known", words=words, checked=self._checked(carrier, [fact.confidence]))

    @property
    def abroad(self) -> bool:
        """Whether the reader is outside the Americas, where toll-free numbers of the US may not connect."""
        return not self.reader.person.zone.startswith(("America/", "US/", "Pacific/Honolulu"))


@lru_cache(maxsize=8192)
def said(language: Language, key: str, **args: object) -> str:
    return language.say(key, **args)


def text_of(texts: object, code: str) -> str:
    assert hasattr(texts, "get")
    words = texts.get(code) or texts.get(FALLBACK) or ""
    return str(words)


def _of_fact(fact: CarrierFact, code: str) -> str:
    return text_of(fact.text, code)


def inside(words: str) -> str:
    """Return words that stand alone as they stand inside a sentence: `shows the number`; `PIN` stays."""
    return words[:1].lower() + words[1:] if words[1:2].islower() else words


def site_of(own: str | None, carrier: Carrier | None) -> str | None:
    site = own or (carrier.site if carrier is not None else None)
    return safe_url(site) if site else None


def link(url: str | None) -> str:
    return f"{LINK}{url}{WORDS}{host(url)}{LINKED}" if url else ""
