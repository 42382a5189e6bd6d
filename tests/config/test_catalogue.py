"""The shipped catalogue as it is, and what a user's own file makes of it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from itertools import chain
from pathlib import Path
from textwrap import dedent

import pytest
import tomli

import renewd.config.catalogue
from renewd.config.catalogue import SHIPPED, Catalogue, LazyCatalogue, load_catalogue
from renewd.config.catalogue_keys import FIELDS, LISTS, TOPICS
from renewd.domain.carriers import Carrier, CarrierFact
from renewd.domain.dates import Duration
from renewd.domain.errors import Problem
from renewd.i18n import LANGUAGES, language

Load = Callable[[str], tuple[Catalogue, tuple[Problem, ...]]]
PAGE = Path(__file__).parents[2] / "docs" / "carriers.md"


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    found, problems = load_catalogue(SHIPPED)
    assert problems == ()
    return found


def facts_of(brand: Carrier) -> Iterator[CarrierFact]:
    contacts = chain(brand.hotlines, brand.codes)
    return chain(brand.facts.values(), brand.resellers, brand.traps, (contact.fact for contact in contacts))


def every_fact(catalogue: Catalogue) -> list[CarrierFact]:
    return [*chain.from_iterable(map(facts_of, catalogue.values())), *catalogue.general.values()]


def days(n: int) -> Duration:
    return Duration(n, "days")


def tables_with(key: str, table: object) -> Iterator[dict[str, object]]:
    """Iterate the tables within a table that hold a key."""
    if isinstance(table, dict):
        if key in table:
            yield table
        for one in table.values():
            yield from tables_with(key, one)
    elif isinstance(table, list):
        for one in table:
            yield from tables_with(key, one)


# the shipped file


def test_every_shipped_fact_has_words_in_each_language_a_source_a_day_and_a_confidence(catalogue: Catalogue) -> None:
    assert len(catalogue) >= 37
    shipped = tomli.loads(SHIPPED.read_text("utf-8"))
    facts = [*tables_with("sources", shipped["carrier"]), *tables_with("sources", shipped["general"])]
    assert len(facts) == len(list(every_fact(catalogue)))
    assert all({"zh-CN", "en"} <= fact.keys() for fact in facts)
    for fact in every_fact(catalogue):
        assert set(fact.text) == set(LANGUAGES)
        assert all(words == " ".join(words.split()) != "" for words in fact.text.values()), fact.text
        assert fact.sources
        assert all(source.id and source.url and source.kind != "own" for source in fact.sources)
        assert fact.confidence in ("high", "medium", "low")
        assert fact.checked in (date(2026, 11, 20), date(2026, 11, 29))


def with_line(text: str, header: str, key: str, new: str) -> str:
    """Change the first line `key = …` below a header."""
    at = text.index(header)
    changed, n = re.subn(rf"(?m)^{key} = .*$", new, text[at:], count=1)
    assert n == 1
    return text[:at] + changed


SPOILT = [
    ("[carrier.mint.grace]", "sources", "", "check.missing"),
    ("[carrier.mint.grace]", "sources", "sources = []", "carriers.no-source"),
    ("[carrier.mint.grace]", "sources", 'sources = ["chatody-mnt"]', "carriers.no-such-source-meant"),
    ("[carrier.mint.grace]", "confidence", "", "check.missing"),
    ("[carrier.mint.grace]", "confidence", 'confidence = "fair"', "check.not-a-choice"),
    ("[carrier.mint.grace]", "en", "", "check.missing"),
    ("[carrier.mint.grace]", "lasts", "lasts = 30", "check.not-a-length-write"),
    ("[carrier.mint.grace]", "lasts", 'last = "30 days"', "check.unknown-key-meant"),
    ("[[carrier.mint.hotline]]", "tel", 'tel = "213-555-0142"', "check.not-a-phone-write"),
    ("[[carrier.mint.hotline]]", "tel", 'tel = "611"', "check.not-a-phone"),
    ("[[carrier.mint.hotline]]", "tel", "", "check.missing"),
    ("[carrier.mint]", "kind", 'kind = "pre-paid"', "check.not-a-choice-meant"),
    ("[carrier.mint]", "name", "", "check.missing"),
]


@pytest.mark.parametrize(("header", "key", "new", "code"), SPOILT)
def test_a_shipped_brand_with_a_mistake_is_refused_and_costs_itself_alone(
    tmp_path: Path, catalogue: Catalogue, header: str, key: str, new: str, code: str
) -> None:
    spoilt = tmp_path / "carriers.toml"
    text = with_line(SHIPPED.read_text("utf-8"), header, key, new)
    spoilt.write_text(text, "utf-8")
    found, problems = load_catalogue(spoilt)
    assert code in [problem.code for problem in problems]
    assert found.keys() == catalogue.keys() - {"mint"}
    assert abs(problems[0].line - text[: text.index(header)].count("\n")) < 10


def test_no_source_is_there_for_nothing(catalogue: Catalogue) -> None:
    used = {source.id for fact in every_fact(catalogue) for source in fact.sources}
    assert used == tomli.loads(SHIPPED.read_text("utf-8"))["source"].keys()


def test_hotlines_are_written_in_e164_and_pages_with_https(catalogue: Catalogue) -> None:
    raw = tomli.loads(SHIPPED.read_text("utf-8"))["carrier"]
    written = [line["tel"] for brand in raw.values() for line in brand.get("hotline", ())]
    assert len(written) == 24
    assert all(re.fullmatch(r"\+1[2-9]\d{9}", tel) for tel in written)
    pages = [page for brand in catalogue.values() for page in (brand.site, brand.renew_url, brand.cancel_url) if page]
    assert all(page.startswith("https://") for page in pages)


def test_what_a_number_is_begins_with_no_name_as_a_mail_says_it_inside_a_sentence(catalogue: Catalogue) -> None:
    names = {brand.name["en"].split()[0] for brand in catalogue.values()}
    contacts = chain.from_iterable((*brand.hotlines, *brand.codes) for brand in catalogue.values())
    for fact in (contact.fact for contact in contacts):
        assert fact.text["en"].split()[0] not in names
        assert not re.match("[A-Z][a-z]", fact.text["zh-CN"])


def test_every_brand_says_where_to_act(catalogue: Catalogue) -> None:
    assert [id_ for id_, brand in catalogue.items() if brand.site is None] == []


def test_the_words_keep_to_the_glossary(catalogue: Catalogue) -> None:
    wrong = []
    for fact in every_fact(catalogue):
        zh, en = fact.text["zh-CN"], fact.text["en"]
        wrong += [zh for word in ("注销", "携", "销户", "缴", "转网", "您", "务必", "！", "～", "紧急") if word in zh]
        dateless = re.sub(r"\d{4}年(\d{1,2}月(\d{1,2}日)?)?|\d{1,2}月\d{1,2}日", "", zh)
        if re.search(r"[\u4e00-\u9fff][A-Za-z0-9$#*%]|[A-Za-z0-9%][\u4e00-\u9fff]", dateless):
            wrong.append(zh)
        if re.search(r"[\u4e00-\u9fff][,;:?()]|[,;:?()][\u4e00-\u9fff]|[“”‘’]", zh):
            wrong.append(zh)
        if re.search(r"[!\"']|guide \d|guides? 00|[\u4e00-\u9fff]", en):
            wrong.append(en)
    assert wrong == []


def test_a_name_that_people_also_use_leads_to_one_brand_and_is_no_id(catalogue: Catalogue) -> None:
    raw = tomli.loads(SHIPPED.read_text("utf-8"))["carrier"]
    aliases = [alias for brand in raw.values() for alias in brand.get("aliases", ())]
    assert len(aliases) == len(set(aliases)) == len(catalogue.suggestions)
    assert not set(aliases) & catalogue.keys()
    wanted = {
        "redpocket": "red-pocket",
        "ultra": "ultra-paygo",
        "usmobile": "us-mobile",
        "fi": "google-fi",
        "紫卡": "ultra-paygo",
    }
    assert wanted.items() <= catalogue.suggestions.items()


def test_what_the_date_engine_counts_with_is_what_was_found(catalogue: Catalogue) -> None:
    assert catalogue["tello"].cycle == days(30)
    assert (catalogue["tello"].renews_at, catalogue["tello"].renews_zone) == ("05:00-11:00", "America/New_York")
    assert catalogue["tello"].cut_off == Duration(24, "hours")
    assert catalogue["tello"].grace is None  # Tello itself says that the number may go when the plan ends
    assert catalogue["tello-payg"].grace == days(0)
    assert catalogue["tello-payg"].stacks is False
    assert all(brand.stacks for id_, brand in catalogue.items() if id_ != "tello-payg")
    early = {
        id_: str(brand.charge_before)
        for id_, brand in catalogue.items()
        if brand.charge_before and brand.charge_before.n
    }
    assert early == {
        "tmobile": "3 days",
        "att-prepaid": "1 day",
        "visible": "26 hours",
        "red-pocket": "2 days",
        "cricket": "1 day",
        "speedtalk": "6 days",
    }
    assert catalogue["att"].charge_before_card == days(13)
    assert catalogue["visible"].cut_off == days(4)
    assert catalogue["red-pocket"].terms == (360,)
    assert catalogue["mint"].terms == (90, 180, 360)
    assert catalogue["speedtalk"].cut_off == days(6)
    assert catalogue["att-prepaid"].steps == ((Decimal(10), 30), (Decimal(25), 90), (Decimal(100), 365))
    assert catalogue["verizon-prepaid"].steps == ()  # only accounts from before 2018 buy days by the amount
    late = {id_: brand.late for id_, brand in catalogue.items() if brand.late}
    assert late == {
        "visible": "reset",
        "us-mobile": "reset",
        "cricket": "reset",
        "metro": "fixed",
        "boost": "reset-minus-1",
    }
    origins = {id_: brand.grace_origin for id_, brand in catalogue.items() if brand.grace_origin != "renewal"}
    suspended = dict.fromkeys(("tmobile-prepaid", "google-fi", "ultra-paygo", "h2o-payg"), "suspension")
    used = dict.fromkeys(("cricket", "lycamobile-us", "giffgaff", "google-voice", "clubsim"), "last-payment")
    assert origins == suspended | used
    assert (catalogue["google-fi"].suspended_after, catalogue["google-fi"].grace) == (3, days(60))
    assert (catalogue["helium"].suspended_after, catalogue["helium"].grace) == (3, None)
    low = {id_ for id_, brand in catalogue.items() if brand.grace_confidence == "low"}
    american = {"tmobile-prepaid", "mint", "total-wireless", "straight-talk", "tracfone", "lycamobile-us"}
    assert low == american | {"google-voice", "clubsim"}
    pins = {id_: brand.pin_days for id_, brand in catalogue.items() if brand.pin_days}
    sevens = dict.fromkeys(("tmobile", "tmobile-prepaid", "verizon", "metro", "total-wireless", "visible", "tello"), 7)
    assert pins == sevens | {"att": 4, "google-fi": 14, "xfinity-mobile": 1}
    back = {id_: brand.reactivate_days for id_, brand in catalogue.items() if brand.reactivate_days}
    assert back == {"tmobile": 45, "cricket": 30, "helium": 59}


def test_every_figure_that_the_program_counts_with_has_its_field() -> None:
    known = set(Carrier._fields)
    assert set(FIELDS.values()) <= known
    assert all(key in TOPICS[topic] for topic, key in FIELDS)


def test_every_key_is_explained_to_people() -> None:
    page = PAGE.read_text("utf-8")
    keys = {*TOPICS, *LISTS, *chain.from_iterable([*TOPICS.values(), *LISTS.values()])}
    assert [key for key in keys if f"`{key}`" not in page] == []


def test_the_examples_that_people_copy_are_right(tmp_path: Path) -> None:
    page = PAGE.read_text("utf-8")
    examples = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    assert len(examples) >= 3
    for example in examples:
        (tmp_path / "carriers.toml").write_text(example, "utf-8")
        assert load_catalogue(SHIPPED, tmp_path / "carriers.toml")[1] == ()


def test_every_problem_has_a_sentence_in_each_language() -> None:
    code = Path(renewd.config.catalogue.__file__).parent.glob("catalogue*.py")
    codes = {
        code for file in code for code in re.findall(r'"((?:carriers|check)\.[a-z0-9-]+)"', file.read_text("utf-8"))
    }
    codes.discard("carriers.toml")
    assert "carriers.not-steps" in codes
    for name in LANGUAGES:
        assert codes <= language(name).keys()


# the user's own file


@pytest.fixture
def own(tmp_path: Path) -> Load:
    """Return what a user's own file makes of the catalogue, and the problems."""

    def load(text: str) -> tuple[Catalogue, tuple[Problem, ...]]:
        file = tmp_path / "carriers.toml"
        file.write_text(dedent(text), "utf-8")
        return load_catalogue(SHIPPED, file)

    return load


def test_a_user_corrects_one_fact_and_the_others_stay(own: Load, catalogue: Catalogue) -> None:
    found, problems = own("""
        retrieved = 2026-12-01
        [carrier.tello.grace]
        lasts = "30 days"
        zh-CN = "客服说套餐结束后 30 天"
    """)
    assert problems == ()
    tello, shipped = found["tello"], catalogue["tello"]
    assert tello.grace == days(30)
    assert tello.grace_confidence == "high"
    assert tello.facts["grace"].text == dict.fromkeys(LANGUAGES, "客服说套餐结束后 30 天")
    assert tello.facts["grace"].checked == date(2026, 12, 1)
    assert [source.kind for source in tello.facts["grace"].sources] == ["own"]
    assert tello.checked == date(2026, 11, 20)  # what else is known of it is that old
    assert {**tello.facts, "grace": None} == {**shipped.facts, "grace": None}
    assert (tello.name, tello.cycle, tello.cut_off) == (shipped.name, shipped.cycle, shipped.cut_off)
    assert {id_: found[id_] for id_ in found if id_ != "tello"} == {
        id_: catalogue[id_] for id_ in catalogue if id_ != "tello"
    }


def test_a_user_can_say_that_a_figure_is_not_known_after_all(own: Load) -> None:
    found, problems = own("""
        [carrier.mint.grace]
        en = "Support would not say"
    """)
    assert problems == ()
    assert found["mint"].grace is None


def test_a_user_adds_a_brand_with_hardly_a_word(own: Load) -> None:
    found, problems = own("""
        [carrier.corner]
        kind = "prepaid"
        aliases = ["Street-Corner"]
        cycle = { every = "30 days", sources = ["https://example.com/plans"] }
        grace = { lasts = "45 days", from = "suspension", confidence = "low", checked = 2026-12-02 }
        suspension = { days = 2 }
    """)
    assert problems == ()
    corner = found["corner"]
    assert corner.name == dict.fromkeys(LANGUAGES, "corner")
    assert (corner.cycle, corner.grace, corner.grace_origin, corner.suspended_after) == (
        days(30),
        days(45),
        "suspension",
        2,
    )
    assert corner.grace_confidence == "low"
    assert corner.facts["cycle"].sources[0].url == "https://example.com/plans"
    assert corner.facts["grace"].text["en"] == "lasts = 45 days, from = suspension"
    assert corner.facts["grace"].checked == date(2026, 12, 2)
    assert found.suggestions["street-corner"] == "corner"


def test_own_hotlines_and_traps_come_before_the_shipped_ones_and_replace_the_same_number(
    own: Load, catalogue: Catalogue
) -> None:
    found, problems = own("""
        [[carrier.tmobile.hotline]]
        tel = "+1 206 555 0142"
        en = "The store around the corner"
        [[carrier.tmobile.hotline]]
        tel = "+18774531304"
        en = "Nobody answers since December"
        [[carrier.tmobile.trap]]
        en = "Bring your passport"
    """)
    assert problems == ()
    hotlines = [(line.tel, line.fact.text["en"]) for line in found["tmobile"].hotlines]
    first = catalogue["tmobile"].hotlines[0]
    assert hotlines == [
        ("+12065550142", "The store around the corner"),
        ("+18774531304", "Nobody answers since December"),
        (first.tel, first.fact.text["en"]),
    ]
    assert found["tmobile"].traps[0].text["en"] == "Bring your passport"
    assert len(found["tmobile"].traps) == len(catalogue["tmobile"].traps) + 1


def test_a_mistake_costs_only_its_brand_and_is_told_with_its_line(own: Load, catalogue: Catalogue) -> None:
    found, problems = own("""\
        [carrier.tello.grace]
        lasts = "30 days"

        [carrier.mint]
        [[carrier.mint.hotline]]
        tel = "800-555-0142"

        [carrier.corner]
        kind = "prepiad"
        [carrier.corner.grace]
        lasts = "30 days"
        [carrier.corner.cycle]
        every = "30 days"
        sources = ["roory"]

        [carrier.nobody]
        grace = { lasts = "30 days" }

        [carrier.nothing]
        kind = "prepaid"

        [carier.tello]
    """)
    told = {(problem.line, problem.path, problem.code) for problem in problems}
    assert told == {
        (6, "carrier.mint.hotline.tel", "check.not-a-phone-write"),
        (9, "carrier.corner.kind", "check.not-a-choice-meant"),
        (14, "carrier.corner.cycle.sources", "carriers.no-such-source-meant"),
        (16, "carrier.nobody", "check.missing"),
        (19, "carrier.nothing", "carriers.no-facts"),
        (22, "carier", "check.unknown-key-meant"),
    }
    assert {problem.file for problem in problems} == {"carriers.toml"}
    phone = next(problem for problem in problems if problem.line == 6)
    assert phone.source[phone.column - 1 :][: phone.width] == '"800-555-0142"'
    assert found.keys() == catalogue.keys()
    assert found["tello"].grace == days(30)
    assert found["mint"] == catalogue["mint"]


def test_a_slip_of_the_pen_costs_only_the_brand_it_stands_in(own: Load, catalogue: Catalogue) -> None:
    found, problems = own("""\
        [carrier.mint.grace]
        lasts = “10 days”
        [carrier.tello.grace]
        lasts = "30 days"
    """)
    assert [(problem.line, problem.code) for problem in problems] == [(2, "check.curly-quotes")]
    assert found["mint"] == catalogue["mint"]
    assert found["tello"].grace == days(30)


def test_a_file_that_is_not_there_or_not_readable_leaves_the_shipped_catalogue(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    found, problems = load_catalogue(SHIPPED, tmp_path / "carriers.toml")
    assert (found, problems) == (catalogue, ())
    (tmp_path / "folder").mkdir()
    (tmp_path / "gbk").write_bytes('[carrier.mint.grace]\nen = "宽限"'.encode("gbk"))
    for name, code in (("folder", "check.not-a-file"), ("gbk", "check.not-utf-8")):
        found, problems = load_catalogue(SHIPPED, tmp_path / name)
        assert found == catalogue
        assert [problem.code for problem in problems] == [code]


def test_a_catalogue_that_was_lost_is_a_problem_and_no_crash(tmp_path: Path) -> None:
    found, problems = load_catalogue(tmp_path / "carriers.toml")
    assert found == {}
    assert [problem.code for problem in problems] == ["check.cannot-read"]


@pytest.mark.parametrize("mode", [0o602, 0o606, 0o666])
def test_a_catalogue_of_ones_own_that_others_may_write_is_refused(
    tmp_path: Path, catalogue: Catalogue, mode: int
) -> None:
    """A hotline or a grace period that somebody else wrote would be in a mail."""
    own = tmp_path / "carriers.toml"
    own.write_text('[carrier.tello]\nname = "Tello"\n[carrier.tello.grace]\nlasts = "400 days"\n')
    own.chmod(mode)
    found, problems = load_catalogue(SHIPPED, own)
    assert [(problem.code, problem.severity) for problem in problems] == [("check.writable-by-others", "error")]
    assert found == catalogue
    own.chmod(0o644)
    assert load_catalogue(SHIPPED, own)[0] != catalogue


def test_a_catalogue_of_ones_own_that_is_a_hole_of_a_terabyte_is_not_read(tmp_path: Path, catalogue: Catalogue) -> None:
    own = tmp_path / "carriers.toml"
    own.touch(0o600)
    os.truncate(own, 1 << 40)
    found, problems = load_catalogue(SHIPPED, own)
    assert [problem.code for problem in problems] == ["check.cannot-read"]
    assert found == catalogue


NONSENSE = ["carrier = 1", "[carrier]\nmint = 1", "[carrier.mint]\ngrace = 1", "[carrier.mint]\nhotline = 1", "source = 1",
            "retrieved = 1", "[carrier.mint.cycle]\nsteps = { a = 1 }", "[carrier.mint.cycle]\nsteps = []",
            "[carrier.mint.cycle]\nrenews_at = '5-11'", "[carrier.mint.cycle]\ntimezones = { a = 'x' }",
            "[carrier.mint.cycle]\nterms = [0]", "[carrier.mint]\nname = { fr = 'x' }", "[carrier.mint]\nname = 3",
            "[carrier.mint]\nname = {}", "[source.x]\nurl = 'https://example.com'\ndated = 'May'", "[source.x]",
            "[carrier.Mint]\nkind = 'prepaid'\ngrace = { lasts = '1 day' }", "[[carrier.mint.code]]\ndial = 'BAL'",
            "[carrier.mint.cancel]\nchannels = ['fax']", "[carrier.mint.site]\nurl = 'javascript:alert(1)'",
            "[carrier.mint.grace]\nen = 1", "[general.x]\nfoo = 1", "[general]\nx = 1", "x = 1", "[", "x = [[[[", "[carrier.mint.grace]\nsources = ['https://example.com/\x1b[2J']",
            '[carrier.mint.grace]\nsources = ["https://example.com/\\u001b[2J"]']  # fmt: skip


@pytest.mark.parametrize("text", NONSENSE)
def test_nonsense_is_told_and_changes_nothing(own: Load, catalogue: Catalogue, text: str) -> None:
    found, problems = own(text)
    assert problems
    assert found == catalogue
    assert found.general == catalogue.general
    sayable = [language(name).keys() for name in LANGUAGES]
    assert all(problem.code in keys for problem in problems for keys in sayable)


def test_a_brand_read_by_itself_is_as_it_is_among_all(tmp_path: Path, catalogue: Catalogue) -> None:
    """A household names few brands, and only those are read; a name that is none is looked for among all."""
    lazy = LazyCatalogue(SHIPPED, tmp_path / "carriers.toml")
    assert {id_: lazy[id_] for id_ in catalogue} == catalogue
    assert "_all" not in vars(lazy)
    assert lazy.get("telo") is None
    assert (list(lazy), lazy.suggestions) == (list(catalogue), catalogue.suggestions)


def test_what_a_user_corrected_is_read_with_the_rest(tmp_path: Path) -> None:
    """The corrections hold, and their mistakes are told, as are those of the shipped file."""
    own = tmp_path / "carriers.toml"
    own.write_text(
        "[carrier.tello.grace]\nextra = 1\n[carrier.other]\nkind = 'prepaid'\ncycle = { days = [7], en = 'A week' }\n"
    )
    own.chmod(0o600)
    lazy = LazyCatalogue(SHIPPED, own)
    assert (dict(lazy), lazy.problems) == load_catalogue(SHIPPED, own)
    assert lazy.problems
    assert LazyCatalogue(tmp_path / "gone.toml", tmp_path / "none.toml").problems[0].code == "check.cannot-read"
