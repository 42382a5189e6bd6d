"""How mails are worded: both languages say the same, each by its own rules (docs/templates.md)."""

from __future__ import annotations

import html
import re
from collections import Counter
from dataclasses import replace
from datetime import date
from functools import cache, partial
from typing import Any

import pytest

from household_mails import CASES, MAGENTA, VISA, World, brand, home, letter
from households import LOS_ANGELES, NEW_YORK, SHANGHAI, at, length, plan, promo
from renewd.cli.commands import COMMANDS
from renewd.cli.screen import with_options
from renewd.domain.carriers import CarrierFact, Contact
from renewd.domain.plans import Cancel, KeepAlive
from renewd.i18n import LANGUAGES, TEMPLATES, commands_completed, language
from renewd.redact import last_four
from renewd.reminders import KINDS
from renewd.reminders.facts import Facts
from renewd.reminders.grouping import Block
from renewd.render import labels
from renewd.render.environments import sentences
from renewd.render.mail import RenderedMail, render
from renewd.render.table import cells_of
from word_rules import CHINESE, ENGLISH

_COMMANDS = "|".join(COMMANDS)
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


@cache
def spoken(case: str, code: str, read_in: str | None = None) -> RenderedMail:
    """A mail of a case as the household of one language gets it in another; names stay as they were written."""
    asked, house = CASES[case](code)
    if read_in is not None:
        asked = asked._replace(person=asked.person._replace(languages=(read_in,)))
    return render(asked, house)


def sentences_of(mail: RenderedMail) -> list[str]:
    """The lines that people read as sentences."""
    lines = [mail.subject, *mail.text.splitlines()]
    skip = re.compile(r"https://|^    |编号|Ref\.|renewd mark|plans\.toml:|^-+$|/Shanghai|/New_York")
    return [line.strip() for line in lines if line.strip() and not skip.search(line)]


@pytest.mark.parametrize("rule", CHINESE)
@pytest.mark.parametrize("case", [case for case in CASES if case != "renewal-both-languages"])
def test_chinese_follows_its_rules(case: str, rule: str) -> None:
    for line in sentences_of(spoken(case, "zh-CN")):
        assert not re.search(CHINESE[rule], line), line


@pytest.mark.parametrize("rule", ENGLISH)
@pytest.mark.parametrize("case", [case for case in CASES if case != "renewal-both-languages"])
def test_english_follows_its_rules(case: str, rule: str) -> None:
    for line in sentences_of(spoken(case, "en")):
        assert not re.search(ENGLISH[rule], line), line


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_mail_advises_a_command_that_would_find_another_file(code: str) -> None:
    """Of a daemon that was started with files of its own, each command names them, and stays on its line."""
    said = Counter[str]()
    with commands_completed(partial(with_options, "--config '/srv/a & b.toml' --state /srv/state ")):
        for case in CASES:
            mail = spoken.__wrapped__(case, code)
            for text in (mail.text, html.unescape(mail.html)):
                said.update(
                    re.findall(
                        rf"(?<![\w/])renewd (?:--config '/srv/a & b.toml' --state /srv/state )?(?:{_COMMANDS})\b", text
                    )
                )
    assert said
    assert [command for command in said if "--config" not in command] == []


def test_what_is_not_written_is_no_reason_to_do_nothing() -> None:
    world = World("en")
    one = world.visible(cancel=None, promo=None)
    for card, change, said in (
        (VISA, {}, "Nothing to do, according to plans.toml: the card is valid through"),
        (
            VISA._replace(expires=None),
            {},
            "to plans.toml: the price has not changed. When the card expires is not written",
        ),
        (VISA, {"pay_with": None, "price": None}, "Nothing to do, according to plans.toml. The price is not written."),
    ):
        house = home(world, one._replace(**change), cards=(card,))
        assert said in " ".join(render(*letter(house, at("2026-12-16 09:00"), kinds=("charge",))).text.split())


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_monthly_mail_names_no_first_of_one_payment_and_no_price_of_what_is_left(code: str) -> None:
    world = World(code)
    left = Cancel(number="drop", requested_on=date(2026, 11, 20))
    offer = promo("2027-01-20", "60")
    house = home(world, world.tello(), world.main(cancel=left, promo=offer, bills=()))
    words = " ".join(render(*letter(house, at("2026-12-01 12:00"), kinds=("digest",))).text.split())
    assert not re.search({"zh-CN": "最早一笔", "en": "The first is"}[code], words)
    assert "60.00" not in words
    both = home(world, world.tello(), world.main(promo=offer, bills=()))
    words = " ".join(render(*letter(both, at("2026-12-01 12:00"), kinds=("digest",))).text.split())
    assert re.search({"zh-CN": "最早一笔", "en": "The first is"}[code], words)
    assert "$60.00" in words


def test_both_languages_have_the_same_files_blocks_and_words() -> None:
    files = {code: {file.name for file in (TEMPLATES / code).glob("*.j2")} for code in LANGUAGES}
    assert files["zh-CN"] == files["en"]
    own = {
        "charge.j2": {"takes"},
        "charged.j2": {"take"},
        "leaving.j2": {"sum_of", "takes"},
        "common.j2": {"verb_first", "verb_long", "sum_plain", "sum_for"},
        "lost.j2": {"maybe"},
        "bill.j2": {"pay_first"},
        "cancel-by.j2": {"also", "rest"},
        "overdue.j2": {"act_if"},
    }  # grammar of one language
    for name in files["en"]:
        blocks = {code: set(sentences(code).get_template(name).blocks) for code in LANGUAGES}
        assert blocks["zh-CN"] ^ blocks["en"] <= own.get(name, set()), name
    keys = {code: {key for key in language(code).keys() if key.startswith(("mail.", "render."))} for code in LANGUAGES}
    assert keys["zh-CN"] == keys["en"]


def test_every_kind_has_its_words() -> None:
    for code in LANGUAGES:
        assert {kind for kind in KINDS if not (TEMPLATES / code / f"{kind}.j2").is_file()} == set()


def test_a_mail_about_thousands_of_plans_stays_readable() -> None:
    asked, house = CASES["digest"]("en")
    assert asked.digest is not None
    many = asked.digest._replace(
        payments=asked.digest.payments * 500,
        open=asked.digest.open * 500,
        yearly=asked.digest.yearly * 500,
    )
    mail = render(asked._replace(digest=many), house)
    assert "3500 payments in the next" in mail.text
    assert "Only the first 60 payments are listed; all are in renewd agenda." in mail.text
    assert "940 things more not listed here." in mail.text
    assert "Only the 60 plans that cost most are listed; all are in renewd plan list." in " ".join(mail.text.split())
    assert len(mail.text.splitlines()) < 350
    card, house = CASES["card"]("zh-CN")
    facts = card.blocks[0].facts
    mail = render(card._replace(blocks=(Block(facts=facts._replace(plans=facts.plans * 50)),)), house)
    assert "100 个套餐用它自动扣款" in mail.text
    assert "还有          70 个套餐" in mail.text
    group, house = CASES["charged-group"]("en")
    block = group.blocks[0]
    mail = render(group._replace(blocks=(block._replace(group=block.group * 50, also=block.also * 50),)), house)
    assert mail.text.count("    renewd mark") == 30


def dates_in(mail: RenderedMail, code: str) -> set[tuple[int, int]]:
    text = re.sub(r"\s+", " ", mail.text)
    if code == "en":
        found = re.findall(rf"\b({'|'.join(MONTHS)}) (\d+)\b", text)
        return {(MONTHS.index(month) + 1, int(day)) for month, day in found}
    return {(int(month), int(day)) for month, day in re.findall(r"(\d+)月 ?(\d+)日", text)}


@pytest.mark.parametrize("case", [case for case in CASES if case != "renewal-both-languages"])
def test_both_languages_give_the_same_commands_addresses_sums_and_dates(case: str) -> None:
    chinese, english = spoken(case, "en", "zh-CN"), spoken(case, "en")
    # the text of a command may be broken over lines, the page's is not
    for pattern in (r"<code[^>]*>renewd [^<]*", r'href="[^"]*"', r"\$[\d,.]*\d"):
        assert sorted(set(re.findall(pattern, chinese.html))) == sorted(set(re.findall(pattern, english.html)))
    assert dates_in(chinese, "zh-CN") == dates_in(english, "en")


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize(("code", "most"), [("zh-CN", 68), ("en", 80)])
@pytest.mark.parametrize("name", [None, "很长很长的套餐名字" * 10, "A line with a very long name " * 4])
def test_a_subject_fits_its_line_and_keeps_its_days_and_sums(case: str, code: str, most: int, name: str | None) -> None:
    asked, house = CASES[case](code)
    subject = before = spoken(case, code).subject
    if name is not None:
        asked = asked._replace(blocks=tuple(renamed(block, name) for block in asked.blocks))
        subject = render(asked, house).subject
    assert cells_of(subject) <= most + 24  # a long name keeps 24 columns of it, so that two plans are told apart
    figures = r"\$[\d.]+|\d+月\d+日周.|\w\w\w, \w\w\w \d+"
    assert re.findall(figures, subject) == re.findall(figures, before)


def renamed(block: Block, name: str) -> Block:
    def again(facts: Facts) -> Facts:
        plan = facts.plan._replace(name=name) if facts.plan else None
        if plan is not None and plan.keep_alive is not None:
            plan = plan._replace(keep_alive=plan.keep_alive._replace(action=name))
        card = facts.card._replace(name=name) if facts.card else None
        backup = facts.backup._replace(what=name) if facts.backup else None
        return facts._replace(plan=plan, card=card, backup=backup)

    return block._replace(facts=again(block.facts), also=tuple(map(again, block.also)))


def test_the_first_words_of_a_subject_stand_alone_in_an_inbox() -> None:
    assert spoken("renewal", "zh-CN").subject.startswith("Tello 银行号 3 天后停机")
    assert spoken("lost", "en").subject.startswith("Number lost in 3 days: Ultra purple")
    assert spoken("several", "en").subject.endswith("(+3 more)")
    assert spoken("renewal-late", "zh-CN").subject.endswith("（迟到的提醒）")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("code", LANGUAGES)
def test_every_kind_has_a_title_for_any_day(kind: str, code: str) -> None:
    said = {labels.title(kind, days, code) for days in (30, 2, 1, 0, -1, -30)}
    assert all(words and "{" not in words for words in said)
    assert len(said) == 1 or KINDS[kind].counted


@pytest.mark.parametrize(
    ("kind", "days", "chinese", "english"),
    [
        ("renewal", 3, "续费，3 天后停机", "renew, stops in 3 days"),
        ("renewal", 1, "续费，明天停机", "renew, stops tomorrow"),
        ("overdue", -21, "已停机 21 天", "off for 21 days"),
        ("overdue", -1, "已停机 1 天", "off for 1 day"),
        ("lost", 7, "7 天后失号", "number lost in 7 days"),
        ("lost", -30, "应该已失号", "number presumed lost"),
        ("bill", 7, "账单，7 天后到期", "bill, due in 7 days"),
        ("keep-alive", 14, "保号，14 天后到期", "keep alive, lapses in 14 days"),
        ("charged", -1, "自动扣款，扣成了吗", "autopay, did it go through?"),
        ("digest", 0, "月报", "monthly mail"),
        ("pin", 0, "转号 PIN，今天失效", "transfer PIN, ends today"),
    ],
)
def test_a_title_says_what_and_when(kind: str, days: int, chinese: str, english: str) -> None:
    assert (labels.title(kind, days, "zh-CN"), labels.title(kind, days, "en")) == (chinese, english)


@pytest.mark.parametrize(
    ("kind", "words", "chinese", "english"),
    [
        ("cancel-by", {"number": "port"}, "转出号码", "port out"),
        ("cancel-by", {"number": "drop"}, "取消", "cancel"),
        ("cancel-by", {"number": "move"}, "换套餐", "change the plan"),
        ("cancel-by", {}, "定号码去向", "decide about the number"),
        ("cancel-by", {"how": "lapse", "number": "drop"}, "关自动扣款", "turn autopay off"),
        ("unconfirmed", {"number": "port", "requested_on": date(2026, 12, 1)}, "转出号码", "port out"),
        (
            "charge",
            {"number": "port", "requested_on": date(2026, 12, 1)},
            "申请离开后的扣款",
            "charge after you asked to leave",
        ),
        ("charge", {"number": "port"}, "自动扣款", "autopay"),
        ("renewal", {"number": "drop"}, "离开", "leave"),
        ("renewal", {"number": "move"}, "续费", "renew"),
    ],
)
def test_a_title_says_what_is_to_be_done_with_a_line_that_is_left(
    kind: str, words: dict[str, Any], chinese: str, english: str
) -> None:
    left = plan(renews="2026-12-29", every="1 month", autopay=kind != "renewal", cancel=Cancel(**words))
    for code, word in (("zh-CN", chinese), ("en", english)):
        assert re.split("[，,]", labels.title(kind, 3, code, labels.manner(kind, left, 0)))[0] == word


def test_a_card_that_has_expired_is_not_one_that_will() -> None:
    for code, ahead in (("en", "will have expired"), ("zh-CN", "到时已过期")):
        for expires in (date(2026, 12, 31), date(2026, 11, 30)):
            world = World(code)
            house = home(world, world.visible(renews="2027-01-03"), cards=(VISA._replace(expires=expires),))
            mail = render(*letter(house, at("2026-12-27 09:00", SHANGHAI), kinds=("charge",)))
            assert (ahead in mail.subject) == (expires.month == 12)
            assert ("has expired" in mail.subject or "已过期" in mail.subject.replace("到时已过期", "")) == (
                expires.month == 11
            )


def test_the_card_of_one_plan_is_not_changed_at_each_of_them() -> None:
    for code, each in (("en", "each of them"), ("zh-CN", "一家一家")):
        world = World(code)
        one = world.visible()
        for plans, more in (((one,), False), ((one, one._replace(id="second", name="Second")), True)):
            house = home(world, *plans, cards=(VISA,))
            message = letter(house, at("2027-02-20 09:00", SHANGHAI), kinds=("card",))
            assert (each in " ".join(render(*message).text.split())) == more


def test_who_does_not_run_renewd_is_asked_to_reply() -> None:
    for code in LANGUAGES:
        mail = spoken("renewal-by-reply", code)
        assert "renewd mark" not in mail.text
        assert "<code" not in mail.html.partition("</style>")[2]
    assert "回这封信告诉小李" in spoken("renewal-by-reply", "zh-CN").text
    assert "Reply to this mail and tell Li" in spoken("renewal-by-reply", "en").text


def test_who_does_not_run_renewd_tells_each_of_several_renewals() -> None:
    assert "2026年12月16日以来哪几天续过" in "".join(spoken("renewal-unmarked-by-reply", "zh-CN").text.split())
    asked = " ".join(spoken("renewal-unmarked-by-reply", "en").text.split())
    assert "tell Li each day since Dec 16, 2026 on which you renewed" in asked


def test_the_whole_number_is_shown_only_where_the_file_allows_it() -> None:
    asked, house = CASES["renewal"]("en")
    assert "0142" in render(asked, house).text
    assert "206" not in render(asked, house).text
    assert "+1 206-555-0142" in render(asked, replace(house, show_numbers=True)).text


def test_days_left_are_counted_on_the_readers_calendar() -> None:
    """At 09:00 on Dec 2 in Beijing it is still Dec 1 in New York, and service stops on Dec 5 there."""
    mail = spoken("renewal", "en")
    assert "stops in 3 days" in mail.subject
    assert "Written        Wed, Dec 2" in mail.text


def test_a_last_day_that_ends_before_the_readers_own_says_where() -> None:
    world = World("en")
    far = world.me()._replace(zone=LOS_ANGELES)
    house = replace(home(world, world.tello(zone=SHANGHAI)), people={"me": far})
    mail = render(*letter(house, at("2026-12-02 09:00", LOS_ANGELES), kinds=("renewal",)))
    assert "by Fri, Dec 4 (Beijing)" in mail.subject
    near = replace(house, people={"me": far._replace(zone=SHANGHAI)})
    assert (
        "by Fri, Dec 4\n" in render(*letter(near, at("2026-12-02 09:00", SHANGHAI), kinds=("renewal",))).subject + "\n"
    )


def test_the_hour_at_which_service_stops_is_given_on_both_clocks() -> None:
    assert "2026年12月5日 周六 05:00（纽约），北京时间 18:00" in spoken("renewal", "zh-CN").text
    world = World("en")
    house = replace(home(world, world.tello()), people={"me": world.me()._replace(zone=NEW_YORK)})
    mail = render(*letter(house, at("2026-12-02 09:00"), kinds=("renewal",)))
    assert "Sat, Dec 5, 2026, 5 AM New York\n" in mail.text


def test_what_is_said_already_is_not_said_twice() -> None:
    """That a plan is off and when its number is lost are one thing to do."""
    mail = spoken("several", "en")
    assert mail.text.count("renewd mark ultra renewed") == 1


def test_every_item_says_what_to_do_and_how_to_mark_it() -> None:
    mail = spoken("renewal-forty", "en")
    assert mail.text.count("Renewed: renewd mark") == 29
    assert mail.text.count("[Renew · stops in 3 days]") == 30
    assert "10 more not listed here: renewd agenda" in mail.text
    assert "(+39 more)" in mail.subject


def test_both_languages_in_one_mail_stand_whole_one_after_the_other() -> None:
    mail = spoken("renewal-both-languages", "zh-CN")
    chinese, _, english = mail.text.partition("-" * 72)
    assert "最晚 12月4日周五续费 $5.00" in chinese
    assert "Renew for $5.00 by Fri, Dec 4" in english
    assert mail.text.count("\n-- \n") == 1  # programs fold away what comes after it
    assert mail.subject == spoken("renewal", "zh-CN").subject


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("case", [case for case in CASES if case not in ("problem", "test")])
def test_who_does_not_run_renewd_reads_of_no_file_key_or_command(case: str, code: str) -> None:
    asked, house = CASES[case](code)
    mail = render(asked._replace(runs_it=False, owner="Li"), house)
    assert not re.search(r"plans\.toml|renewd (mark|agenda|plan|status|history|check)|(?<!受理)编号|Ref\.", mail.text)
    assert "<code" not in mail.html
    for key in asked.keys:
        assert key not in mail.text


@pytest.mark.parametrize(
    ("seen", "day", "chinese", "english"),
    [
        ("2026-12-02", "2026-12-05", "12月5日周六", "Sat, Dec 5"),
        ("2026-12-20", "2027-01-04", "1月4日周一", "Mon, Jan 4"),  # soon, and no other is meant
        ("2027-01-04", "2026-12-20", "2026年12月20日", "Dec 20, 2026"),
        ("2026-12-02", "2027-02-28", "2027年2月28日 周日", "Sun, Feb 28, 2027"),
        ("2026-01-02", "2026-10-29", "10月29日周四", "Thu, Oct 29"),
        ("2026-01-02", "2026-10-30", "2026年10月30日 周五", "Fri, Oct 30, 2026"),
    ],
)
def test_a_day_that_might_be_taken_for_another_is_said_with_its_year(
    seen: str, day: str, chinese: str, english: str
) -> None:
    days = (date.fromisoformat(day), date.fromisoformat(seen))
    assert (language("zh-CN").day_seen(*days), language("en").day_seen(*days)) == (chinese, english)


def test_on_the_last_day_itself_it_says_today() -> None:
    world = World("en")
    house = home(world, world.main())
    bills = [render(*letter(house, at(f"2026-12-{day} 09:00", SHANGHAI), kinds=("bill",))) for day in (11, 12)]
    assert "Pay $12.50 by Sat, Dec 12." in bills[0].text
    assert bills[1].subject == "Magenta main bill due today: pay $12.50 now"
    assert "Pay $12.50 today." in bills[1].text
    spare = render(*letter(home(world, world.att()), at("2026-12-22 09:00", SHANGHAI), kinds=("keep-alive",)))
    assert spare.subject == "AT&T spare will have been unused for 90 days tomorrow: send one text today"
    assert "今天续 $5.00" in spoken("renewal-last-good-day", "zh-CN").subject
    assert "想停用，今天取消" in spoken("charge", "zh-CN").text.replace("\n", "")


def test_a_last_day_that_ends_earlier_elsewhere_is_today_there() -> None:
    world = World("en")
    house = replace(home(world, world.tello(zone=SHANGHAI)), people={"me": world.me()._replace(zone=LOS_ANGELES)})
    mail = render(*letter(house, at("2026-12-03 06:00", LOS_ANGELES), kinds=("renewal",)))
    assert "by Fri, Dec 4 (Beijing)" in mail.subject  # there it is Dec 3 too, and the last day is tomorrow
    mail = render(*letter(house, at("2026-12-04 05:00", LOS_ANGELES), kinds=("renewal",)))
    assert "today (Beijing)" in mail.subject


def test_a_plan_has_one_verb_in_all_its_mails() -> None:
    world = World("en")
    for change, verb, others in [
        ({}, "renew", ("top up", "pay $")),
        ({"pay_with": "balance"}, "top up", ("renew $", "renew for", "pay $")),
        ({"carrier": brand("h2o-payg", "H2O")}, "top up", ("renew $", "renew for", "pay $")),
        ({"carrier": MAGENTA, "autopay": True, "failed_on": "2026-12-05"}, "pay", ("renew $", "renew for", "top up")),
    ]:
        house = home(world, world.tello(**change))
        for day, kind in [("2026-12-02", "renewal"), ("2026-12-08", "overdue"), ("2027-01-02", "lost")]:
            mail = render(*letter(house, at(f"{day} 09:00", SHANGHAI), kinds=(kind,)))
            said = f"{mail.subject}\n{mail.text.partition('Before you pay')[0]}".lower()
            assert verb in said
            assert [other for other in others if other in said] == [], (kind, said)


def test_a_balance_that_does_not_cover_the_price_is_said_with_both_sums_and_both_commands() -> None:
    for code in LANGUAGES:
        mail = spoken("renewal-from-balance", code)
        assert [one in mail.text for one in ("$3.20", "$5.00", "$1.80")] == [True] * 3
        assert "\n    renewd mark tello balance --amount 12.34\n    renewd mark tello renewed\n" in mail.text
    assert "top up at least $1.80" in spoken("renewal-from-balance", "en").subject
    assert "top up at least $1.80" in spoken("overdue-from-balance", "en").subject


def test_that_it_may_have_been_paid_comes_first_where_service_has_stopped() -> None:
    assert "\n\nIf you have paid, write it down; if not, renew for $5.00" in spoken("overdue", "en").text
    assert "\n\n付过了就记一笔；还没付的话，最晚" in spoken("overdue", "zh-CN").text
    assert "If you have paid, reply and say so" in spoken("overdue-by-reply", "en").text


def test_a_well_founded_grace_counts_and_none_makes_a_loss_a_fact() -> None:
    own, known = spoken("overdue-lost", "en"), spoken("overdue-lost-by-the-catalogue", "en")
    for mail in (own, known):
        assert "counts as lost" in mail.subject
        assert "counts as lost" in mail.text.replace("\n", " ")
    for mail in (own, known, spoken("overdue-possibly-lost", "en"), spoken("renewal-unmarked-and-lost", "en")):
        assert "was lost" not in mail.text
    assert "counts as lost as of Mon, Jan 4" in spoken("renewal-unmarked-and-lost", "en").text.replace("\n", " ")
    assert "号码 1月4日周一起应该已经失去" in spoken("renewal-unmarked-and-lost", "zh-CN").text.replace("\n", "")


def test_a_day_that_may_be_over_stands_before_the_day_of_the_mail() -> None:
    text = spoken("overdue-possibly-lost", "en").text
    assert re.search(r"Stopped +Sat, Dec 5 .*\n +May be lost +Sun, Dec 6 .*\n +Written +Tue, Dec 8", text)


def test_a_pause_names_the_next_charge_where_it_is_later() -> None:
    assert "The next charge is on Mon, May 17" in spoken("pause", "en").text
    world = World("en")
    house = home(world, world.visible(renews="2027-05-02", pause_until="2027-04-30", charge_before=length("2 days")))
    mail = render(*letter(house, at("2027-04-24 09:00", SHANGHAI), kinds=("pause",)))
    assert "Charges resume on Fri, Apr 30" in mail.text


def test_what_the_catalogue_says_stands_inside_a_sentence_in_small_letters() -> None:
    world = World("en")
    words = {"zh-CN": "查本机号码", "en": "Shows the phone’s own number"}
    pin = {"zh-CN": "转号 PIN", "en": "PIN for a transfer"}
    codes = tuple(
        Contact(dial=dial, fact=CarrierFact(text=text, sources=(), confidence="high"))
        for dial, text in (("#686#", words), ("#1#", pin))
    )
    mail = render(*letter(home(world, world.usmobile(carrier=brand("acme", "Acme", codes=codes))),
                          at("2026-12-02 09:00", SHANGHAI), kinds=("renewal",)))  # fmt: skip
    text = " ".join(mail.text.split())
    assert "dial #686#: shows the phone’s own number; dial #1#: PIN for a transfer" in text


@pytest.mark.parametrize(
    ("cancel", "dialed"),
    [
        (None, ["#225#", "#686#"]),
        (Cancel(number="port", by=date(2027, 3, 1)), ["#7678", "#225#"]),
        (Cancel(number="move", by=date(2027, 3, 1)), ["#225#", "#686#"]),
    ],
)
def test_a_code_for_a_transfer_stands_only_where_the_number_may_be_ported(
    cancel: Cancel | None, dialed: list[str]
) -> None:
    world = World("en")
    codes = tuple(
        Contact(dial=dial, ports=dial == "#7678", fact=CarrierFact(text={"en": dial}, sources=(), confidence="high"))
        for dial in ("#225#", "#7678", "#686#")
    )
    house = home(world, world.usmobile(carrier=brand("acme", "Acme", codes=codes), cancel=cancel))
    mail = render(*letter(house, at("2026-12-02 09:00", SHANGHAI), kinds=("renewal",)))
    assert re.findall("dial (#[0-9]+#?):", " ".join(mail.text.split())) == dialed


def test_the_last_four_of_an_account_are_letters_and_digits() -> None:
    assert "account ending in 2555" in spoken("bill", "en").text
    assert [last_four(text) for text in ("982-555", "+12065550142", "ab 1", "")] == ["2555", "0142", "ab1", ""]


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_doubtful_figure_of_the_catalogue_makes_no_loss_certain(code: str) -> None:
    doubtful = brand("mint", "Mint", grace=length("30 days"), grace_confidence="low")
    one = World(code).plan("tello", carrier=doubtful, renews="2026-12-05", every="30 days", price="15")
    for when in ("2026-12-21 12:00", "2027-01-03 12:00", "2027-01-04 12:00", "2027-01-06 12:00", "2027-02-06 12:00"):
        said = render(*letter(home(World(code), one), at(when), kinds=("lost",)))
        assert {"zh-CN": "可能", "en": "ay be lost"}[code] in said.subject
        for certain in {"zh-CN": ("发给别人", "应该", "删掉"), "en": ("cannot be brought", "presum", "Remove")}[code]:
            assert certain not in said.text
    assert labels.title("lost", 3, code, labels.manner("lost", one, 0)) == {
        "zh-CN": "3 天后可能失号", "en": "number may be lost in 3 days",
    }[code]  # fmt: skip


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_postpaid_line_is_due_in_every_title(code: str) -> None:
    words = labels.title("renewal", 3, code, labels.manner("renewal", World(code).main(), 0))
    assert words == {"zh-CN": "付款，3 天后应付", "en": "pay, due in 3 days"}[code]


@pytest.mark.parametrize("code", LANGUAGES)
def test_an_owner_without_a_name_is_never_called_by_the_id(code: str) -> None:
    world = World(code)
    house = home(world, world.tello(), world.mom(told=("mom",)))
    me = house.people["me"]._replace(name="me")
    asked, house = letter(replace(house, people={**house.people, "me": me}), at("2026-12-01 12:00"), kinds=("digest",))
    assert me.called is None
    assert {"zh-CN": "你 $", "en": "You $"}[code] in " ".join(render(asked, house).text.split())


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("called", ["Li", None])
def test_a_mail_comes_from_the_readers_own_renewd_only_where_the_reader_runs_it(code: str, called: str | None) -> None:
    world = World(code)
    house = home(world, world.mom(told=("me", "mom")))
    for person in house.people:
        asked = letter(house, at("2026-12-01 12:00"), to=person, kinds=("digest",), owner=called)
        own = {"zh-CN": "你自己的 renewd", "en": "your own renewd"}[code]
        assert (own in " ".join(render(*asked).text.split())) == (person == "me")


def test_a_long_name_of_a_card_keeps_its_digits_in_the_subject() -> None:
    """They are what tells two cards of one bank apart."""
    world = World("en")
    card = VISA._replace(name="Bank of China Great Wall International Visa (dad’s second card) …8888")
    mail = render(
        *letter(home(world, world.visible(), cards=(card,)), at("2027-03-24 09:00", SHANGHAI), kinds=("card",))
    )
    assert "…8888 " in mail.subject
    assert "Bank of China" in mail.subject


@pytest.mark.parametrize("code", LANGUAGES)
def test_on_the_day_itself_nothing_says_that_it_is_unpaid_unless_a_charge_failed(code: str) -> None:
    world = World(code)
    there = {"zh-CN": "付过了就记一笔", "en": "If you have paid, write it down"}[code]
    for one in (world.tello(), world.main(autopay=False, renews="2026-12-05", bills=())):
        words = render(*letter(home(world, one), at("2026-12-05 09:00"), kinds=("renewal",))).text
        assert there in " ".join(words.split())


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_bill_due_names_its_day_once(code: str) -> None:
    world = World(code)
    mail = render(*letter(home(world, world.main(autopay=False, bills=())), at("2026-12-22 09:00"), kinds=("renewal",)))
    assert mail.subject.count({"zh-CN": "12月29日", "en": "Dec 29"}[code]) == 1


@pytest.mark.parametrize("code", LANGUAGES)
def test_what_is_done_once_a_year_is_said_so(code: str) -> None:
    world = World(code)
    spare = world.att(keep_alive=KeepAlive(length("1 year"), date(2025, 12, 20), None))
    words = render(*letter(home(world, spare), at("2026-12-12 09:00"), kinds=("keep-alive",))).text
    assert {"zh-CN": "每年用一次", "en": "once a year"}[code] in words


def test_no_name_is_put_into_the_possessive() -> None:
    named = re.compile(r"\}’s?\b")  # whatever is put in: Chris, 妈妈, a brand
    assert not [path.name for path in (TEMPLATES / "en").rglob("*.*") if named.search(path.read_text())]


def test_a_number_is_topped_up_and_not_renewed_after_its_loss_too() -> None:
    assert "没充过：先充，再问运营商" in spoken("lost-presumed", "zh-CN").text


def test_many_sums_keep_their_spaces_in_the_headline() -> None:
    world = World("zh-CN")
    sums = [world.visible(), world.usmobile(currency="EUR"), world.tello(currency="JPY", price="990")]
    headline = render(*letter(home(world, *sums), at("2026-12-01 09:00"), kinds=("digest",))).text
    assert not re.search(r"\d和|和[A-Z€¥]", headline)


def test_a_card_of_unknown_end_asks_for_no_act_where_none_is_needed() -> None:
    world = World("zh-CN")
    house = home(world, world.visible(promo=None), cards=(VISA._replace(expires=None),))
    words = render(*letter(house, at("2026-12-16 12:00"), kinds=("charge",))).text.replace("\n", "")
    assert "不用做什么：卡哪天到期没写，可以看一眼；价钱没变" in words


def test_the_mail_about_a_plan_without_a_sign_of_a_line_says_how_to_write_that_it_is_none() -> None:
    for code in LANGUAGES:
        world = World(code)
        bare_plan = plan("passport", renews="2026-12-05", every="1 year")
        with_number = plan("passport", renews="2026-12-05", every="1 year", number="+12065550142")
        hint = [
            'kind = "other"' in render(*letter(home(world, one), at("2026-12-04 12:00"), kinds=("renewal",))).text
            for one in (bare_plan, with_number)
        ]
        assert hint == [True, False]


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_month_in_which_no_price_is_written_is_not_said_to_cost_nothing_more(code: str) -> None:
    world = World(code)
    unpriced = home(world, world.visible()._replace(price=None, promo=None))
    text = " ".join(render(*letter(unpriced, at("2026-12-01 12:00"), kinds=("digest",))).text.split())
    assert {"zh-CN": "要付 3 笔，金额没写。", "en": "3 payments, prices not written."}[code] in text
