"""How mails are worded: both languages say the same, each by its own rules (docs/templates.md)."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from household_mails import CASES, World, home, letter
from households import LOS_ANGELES, NEW_YORK, SHANGHAI, at
from renewd import titles
from renewd.letters import Block
from renewd.reminders import KINDS
from renewd.reminders.facts import Facts
from renewd.render import Mail, render
from renewd.render.environments import sentences
from renewd.render.marks import columns
from renewd.wording import LANGUAGES, TEMPLATES, language

HAN = "\u4e00-\u9fff"
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
CHINESE = {
    "a space before Latin words": f"(?![年月])[{HAN}][A-Za-z0-9$#+]",
    "a space after Latin words": f"[A-Za-z)][{HAN}]|[0-9](?![年月日])[{HAN}]",
    "no space between Chinese words": f"[{HAN}] (?!周)[{HAN}]",
    "full-width punctuation": f"[{HAN}][,.;:!?()]",
    "no space beside full-width punctuation": "(?<! ) [，。；：？！（）「」、]|[，。；：？！（）「」、] (?! )",
    "no space before %": " %",
    "dates in words": r"\b\d+/\d+\b|本周|下周",
    "plain words": "！|～|您|切记|务必|紧急|注销|尊敬|感谢|即将",
}
ENGLISH = {
    "calm": r"!(?!\[)|(?i:\bplease\b|\burgent\b|\bsimply\b|\baction required\b|\bthank)",
    "curly apostrophes": r"\w'\w",
    "a comma after the weekday": r"\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z]",
    "no bare dates": r"\b\d+/\d+\b",
    "one of a thing": r"\b1 (days|months|years|things|payments|plans|hours|mails|places)\b",
}


def spoken(case: str, code: str, read_in: str | None = None) -> Mail:
    """A mail of a case as the household of one language gets it in another; names stay as they were written."""
    asked, house = CASES[case](code)
    if read_in is not None:
        asked = replace(asked, person=replace(asked.person, languages=(read_in,)))
    return render(asked, house)


def sentences_of(mail: Mail) -> list[str]:
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


def test_both_languages_have_the_same_files_blocks_and_words() -> None:
    files = {code: {file.name for file in (TEMPLATES / code).glob("*.j2")} for code in LANGUAGES}
    assert files["zh-CN"] == files["en"]
    own = {
        "charge.j2": {"takes"},
        "lost.j2": {"verb_first", "maybe"},
        "bill.j2": {"pay_first"},
    }  # grammar of one language
    own |= {"renewal.j2": {"sum_short", "sum_for", "pay"}, "overdue.j2": {"pay_for"}}
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
    many = replace(
        asked.digest,
        payments=asked.digest.payments * 500,
        open=asked.digest.open * 500,
        yearly=asked.digest.yearly * 500,
    )
    mail = render(replace(asked, digest=many), house)
    assert "3500 payments in the next" in mail.text
    assert "Only the first 60 payments are listed; all are in renewd agenda." in mail.text
    assert "940 things more not listed here." in mail.text
    assert "Only the 60 plans that cost most are listed; all are in renewd plan list." in " ".join(mail.text.split())
    assert len(mail.text.splitlines()) < 350
    card, house = CASES["card"]("zh-CN")
    facts = card.blocks[0].facts
    mail = render(replace(card, blocks=(Block(facts=replace(facts, plans=facts.plans * 50)),)), house)
    assert "100 个套餐用它自动扣款" in mail.text
    assert "还有          70 个套餐" in mail.text
    group, house = CASES["charged-group"]("en")
    block = group.blocks[0]
    mail = render(replace(group, blocks=(replace(block, group=block.group * 50, also=block.also * 50),)), house)
    assert mail.text.count("    renewd mark") == 30


def dates_in(mail: Mail, code: str) -> set[tuple[int, int]]:
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
    before = render(asked, house).subject
    if name is not None:
        asked = replace(asked, blocks=tuple(renamed(block, name) for block in asked.blocks))
    subject = render(asked, house).subject
    assert columns(subject) <= most
    figures = r"\$[\d.]+|\d+月\d+日周.|\w\w\w, \w\w\w \d+"
    assert re.findall(figures, subject) == re.findall(figures, before)


def renamed(block: Block, name: str) -> Block:
    def again(facts: Facts) -> Facts:
        plan = replace(facts.plan, name=name) if facts.plan else None
        if plan is not None and plan.keep_alive is not None:
            plan = replace(plan, keep_alive=plan.keep_alive._replace(action=name))
        card = replace(facts.card, name=name) if facts.card else None
        backup = replace(facts.backup, what=name) if facts.backup else None
        return replace(facts, plan=plan, card=card, backup=backup)

    return replace(block, facts=again(block.facts), also=tuple(map(again, block.also)))


def test_the_first_words_of_a_subject_stand_alone_in_an_inbox() -> None:
    assert spoken("renewal", "zh-CN").subject.startswith("Tello 银行号 3 天后停机")
    assert spoken("lost", "en").subject.startswith("Number lost in 3 days: Ultra purple")
    assert spoken("several", "en").subject.endswith("(+3 more)")
    assert spoken("renewal-late", "zh-CN").subject.endswith("（迟到的提醒）")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("code", LANGUAGES)
def test_every_kind_has_a_title_for_any_day(kind: str, code: str) -> None:
    said = {titles.title(kind, days, code) for days in (30, 2, 1, 0, -1, -30)}
    assert all(words and "{" not in words for words in said)
    assert len(said) == 1 or kind not in titles.NOT_COUNTED


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
    ],
)
def test_a_title_says_what_and_when(kind: str, days: int, chinese: str, english: str) -> None:
    assert (titles.title(kind, days, "zh-CN"), titles.title(kind, days, "en")) == (chinese, english)


def test_who_does_not_run_renewd_is_asked_to_reply() -> None:
    for code in LANGUAGES:
        mail = spoken("renewal-by-reply", code)
        assert "renewd mark" not in mail.text
        assert "<code" not in mail.html.partition("</style>")[2]
    assert "回这封信告诉小李" in spoken("renewal-by-reply", "zh-CN").text
    assert "Reply to this mail and tell Li" in spoken("renewal-by-reply", "en").text


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
    far = replace(world.me(), zone=LOS_ANGELES)
    house = replace(home(world, world.tello(zone=SHANGHAI)), people={"me": far})
    mail = render(*letter(house, at("2026-12-02 09:00", LOS_ANGELES), kinds=("renewal",)))
    assert "by Fri, Dec 4 (Beijing)" in mail.subject
    near = replace(house, people={"me": replace(far, zone=SHANGHAI)})
    assert (
        "by Fri, Dec 4\n" in render(*letter(near, at("2026-12-02 09:00", SHANGHAI), kinds=("renewal",))).subject + "\n"
    )


def test_the_hour_at_which_service_stops_is_given_on_both_clocks() -> None:
    assert "2026年12月5日 周六 05:00（纽约），北京时间 18:00" in spoken("renewal", "zh-CN").text
    world = World("en")
    house = replace(home(world, world.tello()), people={"me": replace(world.me(), zone=NEW_YORK)})
    mail = render(*letter(house, at("2026-12-02 09:00"), kinds=("renewal",)))
    assert "Sat, Dec 5, 2026, 5 AM New York\n" in mail.text


def test_what_is_said_already_is_not_said_twice() -> None:
    """That a plan is off and when its number is lost are one thing to do."""
    mail = spoken("several", "en")
    assert mail.text.count("renewd mark ultra renewed") == 1


def test_items_past_five_give_their_title_and_link_only() -> None:
    mail = spoken("renewal-forty", "en")
    assert mail.text.count("Renewed: renewd mark") == 5
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
