"""Mails hold nothing but words, whatever the file and the catalogue hold; and any facts can be put into words."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from household_mails import CASES, HOSTILE, MAGENTA, TELLO, ULTRA, US_MOBILE, VISA, brand
from renewd.config.catalogue import SHIPPED, load_catalogue
from renewd.domain.carriers import Carrier, CarrierFact, Contact
from renewd.domain.cycles import Loss
from renewd.domain.dates import DAY, Duration
from renewd.domain.money import Money
from renewd.domain.plans import Balance, Binding, Card, Plan
from renewd.i18n import LANGUAGES
from renewd.reminders.facts import Facts
from renewd.reminders.grouping import Block, Unreached
from renewd.render.mail import probe, render
from renewd.render.markup import TEXT_COLUMNS
from renewd.render.table import cells_of

ALLOWED = {
    "html", "head", "meta", "title", "style", "body", "div", "p", "h1", "h2", "h3", "table", "tr", "td", "th", "ul", "li",
    "a", "b", "br", "hr", "span", "code", "bdi",
}  # fmt: skip


def hostile(block: Block) -> Block:
    """The same block with something nasty in every word that people or the catalogue write."""

    def fact(one: CarrierFact) -> CarrierFact:
        return one._replace(text={"zh-CN": HOSTILE, "en": HOSTILE})

    def carrier(one: Carrier | None) -> Carrier | None:
        if one is None:
            return None
        contacts = tuple(
            c._replace(fact=fact(c.fact), dial=HOSTILE if c.dial else None) for c in (*one.hotlines, *one.codes)
        )
        return one._replace(name={"zh-CN": HOSTILE, "en": HOSTILE}, app=HOSTILE, hotlines=contacts, codes=contacts,
            facts={topic: CarrierFact(text={"en": HOSTILE}, sources=(), confidence="low") for topic in ("grace", "reactivate")},
        )  # fmt: skip

    def plan(one: Plan | None) -> Plan | None:
        if one is None:
            return None
        alive = one.keep_alive._replace(action=HOSTILE) if one.keep_alive else None
        data = one.data._replace(limit_text=HOSTILE, used_text=HOSTILE) if one.data else None
        account = one.account._replace(id=HOSTILE)
        return one._replace(
            name=HOSTILE, carrier=carrier(one.carrier), note=HOSTILE, keep_alive=alive, data=data, account=account
        )

    def facts(one: Any) -> Any:
        bill = one.bill._replace(what=HOSTILE) if hasattr(one.bill, "what") else one.bill
        return one._replace(
            plan=plan(one.plan), carrier=carrier(one.carrier), bindings=(Binding(service=HOSTILE),), bill=bill,
            card=one.card._replace(name=HOSTILE) if one.card else None,
            backup=one.backup._replace(what=HOSTILE, path=HOSTILE) if one.backup else None,
            plans=tuple(found for each in one.plans if (found := plan(each))),
        )  # fmt: skip

    return block._replace(facts=facts(block.facts), also=tuple(map(facts, block.also)))


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("code", LANGUAGES)
def test_nothing_that_anybody_wrote_becomes_markup(case: str, code: str) -> None:
    asked, house = CASES[case](code)
    gone = Unreached(person=asked.person._replace(name=HOSTILE), since=asked.written, reply=HOSTILE, count=1)
    asked = asked._replace(blocks=tuple(map(hostile, asked.blocks)), unreached=(gone,), owner=HOSTILE, keys=(HOSTILE,), runs_it=False
    )  # fmt: skip
    mail = render(asked, house)
    page = mail.html.replace("<!--[if mso]>", "").replace("<![endif]-->", "")
    assert {tag.lower() for tag in re.findall(r"<\s*/?\s*([a-zA-Z0-9!]+)", page)} - {"!doctype"} <= ALLOWED
    assert not re.search(r"<[^>]*\son\w+\s*=", page)
    assert "alert(1)" in mail.text
    assert "\n" not in mail.subject


@pytest.mark.parametrize("case", CASES)
def test_nothing_is_fetched_and_nothing_runs(case: str) -> None:
    for code in LANGUAGES:
        page = render(*CASES[case](code)).html
        assert not re.search(r"\ssrc=|url\(|@import|<(script|img|link|form|iframe|object|svg|base)\b", page)
        for address in re.findall(r'href="([^"]*)"', page):
            assert re.fullmatch(r"https://[a-z]+\.example/account|tel:\+\d+", address)


@pytest.mark.parametrize(
    "site", ["javascript:alert(1)", "http://tello.example", "file:///etc/passwd", "https://a@b.example"]
)
def test_an_address_that_is_not_https_is_no_button(site: str) -> None:
    asked, house = CASES["renewal"]("en")
    carrier = TELLO._replace(
        site=site,
        hotlines=(Contact(tel="+1;ext=javascript", fact=CarrierFact(text={}, sources=(), confidence="low")),),
    )
    facts = asked.blocks[0].facts
    assert facts.plan is not None
    facts = facts._replace(carrier=carrier, plan=facts.plan._replace(carrier=carrier))
    mail = render(asked._replace(blocks=(Block(facts=facts),)), house)
    assert "href" not in mail.html
    assert "Renew for $5.00 by" in mail.text


def test_a_note_with_an_address_stays_plain_text() -> None:
    asked, house = CASES["renewal"]("en")
    facts = asked.blocks[0].facts
    assert facts.plan is not None
    facts = facts._replace(plan=facts.plan._replace(note="see https://evil.example/x"))
    assert "evil.example" not in re.findall(
        r'href="([^"]*)"', render(asked._replace(blocks=(Block(facts=facts),)), house).html
    )


@pytest.mark.parametrize("code", LANGUAGES)
def test_any_missing_fact_can_be_said(code: str) -> None:
    """Every optional field of every reminder's facts is left out in turn, and all together."""
    droppable = ("amount", "carrier", "loss", "card", "balance", "balance_on", "balance_left", "previous", "next", "stops_at",
                 "unmarked", "charge", "fails")  # fmt: skip
    for case in CASES:
        asked, house = CASES[case](code)
        for block in asked.blocks[:1]:
            known: dict[str, Any] = {name: None for name in droppable if getattr(block.facts, name) is not None}
            known.pop("card", None) if block.facts.kind == "card" or block.facts.fails == "card" else None
            for fields in [known, *({name: None} for name in known)]:
                facts = block.facts._replace(**fields)
                if facts.kind == "balance" and facts.balance is None:
                    continue
                assert probe(facts, house, code) == ()
                assert "None" not in render(asked._replace(blocks=(Block(facts=facts),)), house).text


_DAY = st.dates(date(2026, 10, 1), date(2027, 3, 1))
_MONEY = st.builds(Money, st.decimals(0, 9999, places=2), st.sampled_from(["USD", "CNY", "JPY"]))
_LENGTH = st.builds(Duration, st.integers(0, 90), st.sampled_from(["days", "hours", "months", "years"]))
_CARRIER = st.sampled_from([None, TELLO, ULTRA, US_MOBILE, MAGENTA, brand("x", "X", site=None, app="X App")])
_LOSS = st.none() | st.builds(
    Loss, day=_DAY, basis=st.sampled_from(["yours", "catalogue"]), grace=_LENGTH, confidence=st.sampled_from(["high", "low"]),
    origin=st.sampled_from(["renewal", "last-payment", "suspension"]), counted_from=st.none() | _DAY, capped=st.just(False),
)  # fmt: skip
_UNPUBLISHED = st.builds(lambda day: Loss(day=day, basis="unpublished", counted_from=day), _DAY)


def _last_good_day(facts: Facts, loss: Loss | None, today: date) -> date | None:
    """As `facts` gives it: none once nothing helps."""
    if facts.kind == "overdue":
        return today if loss is None else loss.day - DAY if loss.day > today else None
    if facts.day >= today:
        return max(facts.day - DAY, today)
    return None if facts.kind in ("lost", "keep-alive") else today


@given(
    data=st.data(),
    code=st.sampled_from(LANGUAGES),
    case=st.sampled_from([name for name in CASES if CASES[name]("en")[0].blocks]),
)
@settings(max_examples=150)
def test_any_facts_can_be_said(data: st.DataObject, code: str, case: str) -> None:
    asked, house = CASES[case](code)
    facts = asked.blocks[0].facts
    carrier = data.draw(_CARRIER)
    loss = data.draw(_LOSS if carrier is None else _LOSS | _UNPUBLISHED)
    days = data.draw(st.integers(-100, 400))
    plan = facts.plan
    if plan is not None:
        balance = data.draw(st.none() | st.just(Balance(Decimal(3), date(2026, 11, 1))))
        plan = plan._replace(carrier=carrier, number=data.draw(st.sampled_from([None, "+12065550142", "+8613800000000"])),
            every=data.draw(st.none() | _LENGTH), balance=balance,
            pay_with=data.draw(st.sampled_from([None, "visa", "balance"])) if facts.fails is None else plan.pay_with,
            note=data.draw(st.sampled_from([None, "a note", "很长的备注" * 50])), autopay=data.draw(st.booleans()),
        )  # fmt: skip
    facts = facts._replace(plan=plan, carrier=carrier, loss=loss, days=days, today=facts.day - timedelta(days=days),
        good=_last_good_day(facts, loss, facts.day - timedelta(days=days)),
        amount=data.draw(st.none() | _MONEY), failed=data.draw(st.booleans()),
        unmarked=data.draw(st.none() | _DAY) if facts.kind == "renewal" else None,
        tone=data.draw(st.sampled_from(["red", "amber", "green", "grey"])),
        card=facts.card if facts.kind == "card" or facts.fails else data.draw(st.sampled_from([None, VISA, Card(id="x", name="X", expires=None)])),
        bindings=data.draw(st.sampled_from([(), (Binding(service="Chase"),), tuple(Binding(service=f"S{n}") for n in range(9))])),
        balance=plan.money(plan.balance.amount) if plan and plan.balance else None,
        balance_on=plan.balance.on if plan and plan.balance else None,
    )  # fmt: skip
    written = asked.written + (facts.today - asked.blocks[0].facts.today)
    mail = render(
        asked._replace(blocks=(Block(facts=facts),), written=written, runs_it=data.draw(st.booleans())), house
    )
    assert probe(facts, house, code) == ()
    assert not re.search(
        r"None|Undefined|\{\{|[\x00-\x09\x0b-\x1f]", mail.subject + mail.text + mail.html.partition("<body")[2]
    )


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize(
    "case", ["renewal", "overdue", "lost", "lost-presumed", "charged", "keep-alive", "pause", "bill"]
)
def test_every_carrier_of_the_catalogue_can_be_spoken_of(case: str, code: str) -> None:
    catalogue, problems = load_catalogue(SHIPPED)
    assert problems == ()
    asked, house = CASES[case](code)
    for carrier in catalogue.values():
        facts = asked.blocks[0].facts
        assert facts.plan is not None
        facts = facts._replace(carrier=carrier, plan=facts.plan._replace(carrier=carrier))
        mail = render(asked._replace(blocks=(Block(facts=facts),)), house)
        assert not re.search(r"None|\{\{", mail.text)
        assert all(cells_of(line) <= TEXT_COLUMNS or "https://" in line for line in mail.text.splitlines())
        assert "&lt;" not in mail.html
