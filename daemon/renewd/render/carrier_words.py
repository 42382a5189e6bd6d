"""What the catalogue lets a mail say of a plan's carrier, always with how old that is."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property, lru_cache

from renewd.domain.cancellation import WayOut, falls_due, way_out
from renewd.domain.carriers import Carrier, CarrierFact, Confidence, Contact
from renewd.domain.plans import Plan
from renewd.i18n import FALLBACK, Language
from renewd.reminders.facts import Facts
from renewd.reminders.kinds import KINDS
from renewd.render.markup import KEEP, KEPT, LINK, LINKED, WORDS, host, own, safe_url
from renewd.render.views import Named, Reader, phone

_MOST_CODES = 2
_BEST_FIRST: tuple[Confidence, ...] = ("high", "medium", "low")
_HOW_TO_PAY = ("renew", "pay", "stores")  # topics that a mail that asks for money tells


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
        """`2026年11月20日核对过，可信度低`: how old the catalogue's grace is, and how far to trust it."""
        carrier, loss = self.facts.carrier, self.facts.loss
        return "" if carrier is None else self._checked(carrier, (loss.confidence or "high",) if loss else ())

    def _checked(self, carrier: Carrier, confidences: Iterable[Confidence]) -> str:
        day = KEEP + self.language.day_plain(carrier.checked) + KEPT
        worst = max(confidences, key=_BEST_FIRST.index, default="high")
        return said(self.language, f"mail.checked.{worst}", day=day)

    @property
    def site(self) -> str | None:
        """The page to act on, if a mail may link to it: the plan's, else the carrier's for paying, else its site."""
        facts = self.facts
        if facts.plan is None:
            return None
        pays = KINDS[facts.kind].pays and not facts.leaves
        return (_paid_at(facts.plan) if pays else None) or site_of(facts.plan)

    @property
    def site_link(self) -> str:
        """The page to act on as a link."""
        return link(self.site)

    @property
    def cancel_link(self) -> str:
        """The carrier's page for canceling as a link; a plan's own site takes its place."""
        plan = self.facts.plan
        page = plan.carrier.cancel_url if plan and plan.carrier and not plan.site else None
        return link(safe_url(page) if page else None)

    @property
    def way(self) -> WayOut | None:
        """How the plan is to be left: "port", "drop", "move", "lapse", or "undecided"."""
        return way_out(self.facts.plan) if self.facts.plan else None

    @property
    def postpaid(self) -> bool:
        """Whether the plan is due on its day, and does not end on it."""
        return self.facts.plan is not None and falls_due(self.facts.plan)

    @property
    def third_party(self) -> bool:
        """Whether the plan's own site is neither its carrier's nor an official reseller's."""
        plan, carrier = self.facts.plan, self.facts.carrier
        if plan is None or not plan.site or carrier is None or not carrier.site:
            return False
        resellers = (str(fact.values["name"]).lower() for fact in carrier.resellers)
        return _domain(plan.site) != _domain(carrier.site) and not any(name in plan.site for name in resellers)

    @property
    def account_email(self) -> str | None:
        """The address that the account is known by."""
        plan = self.facts.plan
        return own(plan.account.email) if plan is not None and plan.account.email else None

    @property
    def host(self) -> str | None:
        """The name of the carrier's site."""
        return host(self.site) if self.site else None

    @cached_property
    def hotline(self) -> Contact | None:
        """The carrier's telephone number that is known best."""
        carrier = self.facts.carrier
        if carrier is None:
            return None
        lines = (line for line in carrier.hotlines if line.tel and safe_url(f"tel:{line.tel}"))
        return min(lines, key=lambda line: _BEST_FIRST.index(line.fact.confidence), default=None)

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
        return tuple(
            (KEEP + own(code.dial or "") + KEPT, own(inside(_of_fact(code.fact, self.language.code))))
            for code in self._dialed
        )

    @cached_property
    def _dialed(self) -> list[Contact]:
        """The codes that serve the act: one for a transfer comes first, and only where the number may be ported."""
        plan, carrier = self.facts.plan, self.facts.carrier
        ports = plan is not None and plan.cancel is not None and plan.cancel.number in (None, "port")
        codes = carrier.codes if carrier else ()
        known = [code for code in codes if code.dial and not code.text and (ports or not code.ports)]
        return sorted(known, key=lambda code: not code.ports)[:_MOST_CODES]

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
        contacts = [contact for contact in (self.hotline, *self._dialed) if contact is not None]
        return self._checked(carrier, [contact.fact.confidence for contact in contacts])

    @property
    def how_checked(self) -> str:
        """How old the catalogue's words on paying are, and how far to trust them."""
        carrier = self.facts.carrier
        if carrier is None:
            return ""
        return self._checked(
            carrier, [carrier.facts[topic].confidence for topic in _HOW_TO_PAY if topic in carrier.facts]
        )

    def known(self, topic: str) -> str:
        """Return what the catalogue says of a topic, such as "grace", how old that is, and how far to trust it."""
        carrier, words = self.facts.carrier, self.known_words(topic)
        if carrier is None or not words:
            return ""
        checked = self._checked(carrier, [carrier.facts[topic].confidence])
        return said(self.language, "mail.known", words=words, checked=checked)

    def known_words(self, topic: str) -> str:
        """Return what the catalogue says of a topic, and no more."""
        carrier = self.facts.carrier
        fact = carrier.facts.get(topic) if carrier is not None else None
        return "" if fact is None else own(_of_fact(fact, self.language.code).rstrip(".。"))

    @property
    def own_stores(self) -> bool:
        """Whether the carrier has stores of its own."""
        stores = self.facts.carrier.facts.get("stores") if self.facts.carrier else None
        return stores is not None and stores.values.get("own") is True

    @property
    def resellers(self) -> list[tuple[str, str]]:
        """Who else officially sells the plan, and what to know of it."""
        carrier = self.facts.carrier
        known = carrier.resellers if carrier is not None else ()
        return [(own(str(fact.values["name"])), own(_of_fact(fact, self.language.code))) for fact in known]

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


def site_of(plan: Plan) -> str | None:
    """Return the page to act on, if a mail may link to it."""
    return safe_url(plan.url) if plan.url else None


def _paid_at(plan: Plan) -> str | None:
    """Return the carrier's page for paying, where it is well known and the user wrote no site."""
    carrier = plan.carrier
    if plan.site or carrier is None or carrier.renew_url is None or carrier.facts["renew"].confidence == "low":
        return None
    return safe_url(carrier.renew_url)


def _domain(url: str) -> str:
    """Return the last two labels of a site's name: `boostmobile.com` of `https://my.boostmobile.com`."""
    return ".".join(host(url).rsplit(".", 2)[-2:])


def link(url: str | None) -> str:
    return f"{LINK}{url}{WORDS}{host(url)}{LINKED}" if url else ""
