"""`renewd carriers`: what people and programs are shown of the catalogue."""

from __future__ import annotations

import io
import json
import re
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest

from renewd.cli.carriers import as_json, one_brand, overview, run
from renewd.cli.screen import Screen
from renewd.config.catalogue import SHIPPED, Catalogue, load_catalogue
from renewd.disk import Paths
from renewd.domain.errors import UsageError
from renewd.i18n import LANGUAGES
from renewd.render.table import cells_of

TODAY = date(2026, 12, 2)


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue(SHIPPED)[0]


def screen(code: str, width: int = 80) -> Screen:
    made = Screen(code, io.StringIO())
    made.width = width
    return made


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_list_names_every_brand_in_eighty_columns(catalogue: Catalogue, code: str, tmp_path: Path) -> None:
    lines = overview(screen(code), TODAY, catalogue, tmp_path / "carriers.toml")
    for brand in catalogue.values():
        assert any(line.startswith(f"{brand.id} ") and brand.name[code] in line for line in lines)
    assert [line for line in lines if cells_of(line) > 80 and str(tmp_path) not in line] == []
    checked = {"en": "Nov 20, 2026 (12 days ago)", "zh-CN": "2026年11月20日核对过（12 天前）"}[code]
    assert checked in lines[0]
    wide = overview(screen(code, 120), TODAY, catalogue, tmp_path / "carriers.toml")
    assert any(line.startswith("tello ") and "2026" in line for line in wide)


def row(lines: list[str], id_: str) -> str:
    return next(line for line in lines if line.startswith(f"{id_} "))


def test_the_list_says_in_words_what_is_doubtful_or_not_known(catalogue: Catalogue) -> None:
    lines = overview(screen("en"), TODAY, catalogue, Path("carriers.toml"))
    assert row(lines, "tello").endswith("not known")
    assert row(lines, "tello-payg").endswith(" at once")
    assert row(lines, "tracfone").endswith("perhaps at once")
    assert row(lines, "tmobile-prepaid").endswith("about 90 days suspended")
    assert row(lines, "cricket").endswith("60 days after payment")
    assert row(lines, "tmobile").split()[-2:] == ["postpaid", "n/a"]
    assert row(lines, "airalo").split()[-3:] == ["data", "pack", "n/a"]


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_brand_is_shown_with_every_fact_its_sources_and_its_age(catalogue: Catalogue, code: str) -> None:
    for brand in catalogue.values():
        lines = one_brand(screen(code), TODAY, catalogue, brand.id)
        page = re.sub(r"\s", "", "".join(lines))
        facts = [
            *brand.facts.values(),
            *brand.resellers,
            *brand.traps,
            *(one.fact for one in (*brand.hotlines, *brand.codes)),
        ]
        assert all(re.sub(r"\s", "", fact.text[code]) in page for fact in facts)
        assert all(source.url.replace(" ", "") in page for fact in facts for source in fact.sources)
        ago = {"en": "checked(?:3|12)daysago", "zh-CN": "(?:3|12)天前核对"}[code]
        assert len(re.findall(ago, page)) == len(facts)
        assert [line for line in lines if cells_of(line) > 80 and "http" not in line] == []


def test_a_source_is_shown_with_the_date_that_it_gives_itself(catalogue: Catalogue) -> None:
    def after(url: str, code: str, brand: str) -> str:
        lines = one_brand(screen(code), TODAY, catalogue, brand)
        return lines[next(n for n, line in enumerate(lines) if url in line) - 1]

    assert after("att.com/legal/terms.prepaidAutoPayTerms.html", "en", "att-prepaid").endswith(
        "the carrier’s page, Dec 10, 2019 (day of its last update)"
    )
    assert "运营商的旧页面，约 2014年" in after("pay-by-the-day", "zh-CN", "tmobile-prepaid")
    assert "January 2026" in after("competitor-research", "en", "tello")
    assert "没有日期" in after("tello.com/help_center/how-can-i-cancel", "zh-CN", "tello")


def test_a_doubtful_grace_says_how_much_of_it_is_counted(catalogue: Catalogue) -> None:
    def page(id_: str) -> str:
        return "\n".join(one_brand(screen("en"), TODAY, catalogue, id_))

    assert "renewd counts 30 days at most" in page("tmobile-prepaid")
    assert "renewd counts" not in page("mint")  # 30 days, doubtful, and no more than is counted anyway
    assert "renewd counts" not in page("cricket")  # 60 days, of high confidence


def test_what_holds_for_every_carrier_has_a_page_of_its_own(catalogue: Catalogue) -> None:
    page = "\n".join(one_brand(screen("zh-CN"), TODAY, catalogue, "general"))
    assert "先转出，别先取消" in page


def test_a_name_that_is_no_id_is_answered_with_the_one_that_was_meant(catalogue: Catalogue) -> None:
    for typed, meant in (
        ("fi", "google-fi"),
        ("tmoble", "tmobile"),
        ("紫卡", "ultra-paygo"),
        ("RedPocket", "red-pocket"),
    ):
        with pytest.raises(UsageError) as error:
            one_brand(screen("en"), TODAY, catalogue, typed)
        assert error.value.code == "carriers.no-such-brand-meant"
        assert error.value.args_ == {"id": typed, "meant": meant}
    with pytest.raises(UsageError) as error:
        one_brand(screen("en"), TODAY, catalogue, "qqqqqqqq")
    assert error.value.code == "carriers.no-such-brand"


def test_programs_get_every_fact_with_dates_in_iso_and_money_as_text(catalogue: Catalogue) -> None:
    every = json.loads(as_json(catalogue, None, TODAY))
    assert [brand["id"] for brand in every] == list(catalogue)
    att = json.loads(as_json(catalogue, "att-prepaid", TODAY))
    assert att in every
    assert (att["checked"], att["age_days"], att["grace"], att["grace_from"]) == (
        "2026-11-20",
        12,
        "60 days",
        "renewal",
    )
    assert att["facts"]["cycle"]["values"]["steps"] == [["10", 30], ["25", 90], ["100", 365]]
    assert att["facts"]["grace"]["text"].keys() == set(LANGUAGES)
    assert att["facts"]["grace"]["sources"][0].keys() == {"id", "url", "kind", "dated", "note"}
    ultra = json.loads(as_json(catalogue, "ultra-paygo", TODAY))
    assert ultra["codes"][0]["values"] == {"dial": "6700", "text": "BAL"}
    assert json.loads(as_json(catalogue, "general", TODAY))["port-first"]["confidence"] == "high"


def test_the_command_reads_the_users_own_file_and_says_what_is_wrong_with_it(tmp_path: Path) -> None:
    (tmp_path / "carriers.toml").write_text(
        '[carrier.tello.grace]\nlasts = "33 days"\n[carrier.mint.grace]\nlasts = 3\n', "utf-8"
    )
    shown = screen("en")
    code = run(SimpleNamespace(id="tello", json=None), Paths(tmp_path / "plans.toml", tmp_path), shown)
    assert isinstance(shown.stream, io.StringIO)
    page = shown.stream.getvalue()
    assert code == 0
    assert "lasts = 33 days" in page
    assert "your own file" in page
    assert "1 mistake" in page
    assert "renewd check" in page
