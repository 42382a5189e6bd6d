"""Any CSV: separators, encodings, headers in two languages, dates either way round."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from imported_files import imported
from renewd.domain.errors import UsageError

CHINESE = "名称;价格;币种;周期;到期日（必填）;自动续费;支付方式;备注\r\n爱奇艺;19,90;人民币;每月;2026年12月20日;是;支付宝;会员; \r\n护照;;;十年;2030/05/06;;;\r\n"
ENGLISH = "Service,Cost,Billing cycle,Next billing date,Auto-renew,Website\nSpotify,$9.99,monthly,12/05/2026,yes,spotify.example\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
def test_chinese_as_excel_saves_it(encoding: str, tmp_path: Path) -> None:
    read = imported(CHINESE.encode(encoding), tmp_path, "csv")
    assert read.tables == {
        "other": {"name": "爱奇艺", "kind": "other", "renews": date(2026, 12, 20), "every": "1 month", "price": 19.9,
                 "currency": "CNY", "autopay": True, "pay_with": "card", "note": "会员"},
        "other-2": {"name": "护照", "kind": "other", "renews": date(2030, 5, 6), "every": "10 years"},
    }  # fmt: skip


def test_a_date_that_can_be_two_is_marked_and_others_of_the_file_decide(tmp_path: Path) -> None:
    alone = imported(ENGLISH.encode(), tmp_path)
    assert alone.tables["spotify"]["renews"] == date(2026, 12, 5)
    assert "renews = 2026-12-05  # '12/05/2026': month and day may be the other way round" in alone.toml
    told = imported(f"{ENGLISH}b,$1,monthly,25/12/2026,no,\n".encode(), tmp_path)
    assert told.tables["spotify"]["renews"] == date(2026, 5, 12)


@pytest.mark.parametrize(
    ("written", "day", "said"),
    [
        ("05.01.2027", date(2027, 1, 5), "month and day may be the other way round; the file does not say how often"),
        ("46392", date(2027, 1, 5), "'46392' was read as the number by which spreadsheets keep a day"),
        ("46392.0", date(2027, 1, 5), "spreadsheets"),
        ("5-Jan-27", date(2027, 1, 5), ""),
        ("05-Jan-2027", date(2027, 1, 5), ""),
        ("13/1/27", date(2027, 1, 13), ""),
        ("13.1.27", date(2027, 1, 13), ""),
    ],
)
def test_dates_as_spreadsheets_keep_and_show_them(written: str, day: date, said: str, tmp_path: Path) -> None:
    read = imported(f"name;price;next date\nGym;5,00;{written}\n".encode(), tmp_path)
    assert read.tables["gym"]["renews"] == day
    assert said in read.toml


def test_a_number_that_is_no_day_is_not_read_as_one(tmp_path: Path) -> None:
    assert imported(b"name,price,next date\nGym,5,12345\n", tmp_path).tables == {}


@pytest.mark.parametrize(
    "header",
    [
        "Subscription,Cost,Frequency,Next Bill",
        "Vendor name,Amount,Billing cadence,Charge date",
        "订阅,金额,频率,下次扣费",
        "Service,Fee,Period,Next renewal",
        "名字,价钱,付款周期,到期时间",
        "Service,Price,Cycle,Renewal",
        "name,amount,duration,renews on",
    ],
)
def test_the_headers_of_lists_that_people_keep(header: str, tmp_path: Path) -> None:
    table = imported(f"{header}\nGym,12.50,every 28 days,2026-12-05\n".encode(), tmp_path).tables["gym"]
    assert (table["price"], table["every"], table["renews"]) == (12.5, "28 days", date(2026, 12, 5))


def test_excel_s_own_first_line_and_tabs(tmp_path: Path) -> None:
    assert "a" in imported(b"sep=;\r\nname;renews;every\r\na;2026-12-05;P1M\r\n", tmp_path).tables
    assert "a" in imported(b"name\trenews\tevery\na\t2026-12-05\t30\xe5\xa4\xa9\n", tmp_path).tables


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"", "import.no-header"),
        (b"Netflix,2026-12-05\n", "import.no-header"),
        (b"name,price\na,5\n", "import.no-header"),
        (b"name,renews\na,2026-12-05,lost\n", "import.too-many-columns"),
        (b'name,renews\n"a\x00,2026-12-05\n', "import.open-quote"),
        (b"name,renews\na\x00,2026-12-05\n", None),
    ],
)
def test_what_is_no_list_is_named(text: bytes, code: str | None, tmp_path: Path) -> None:
    if code is None:
        imported(text, tmp_path, "csv")
        return
    with pytest.raises(UsageError) as wrong:
        imported(text, tmp_path, "csv")
    assert wrong.value.code == code


def test_a_notice_that_is_no_exact_length_is_a_comment(tmp_path: Path) -> None:
    rows = b"name,renews,every,notice period\na,2027-05-01,1 year,3 months\nb,2027-05-01,1 year,some weeks\n"
    read = imported(rows, tmp_path)
    assert [one.get("notice") for one in read.tables.values()] == ["3 months", None]
    assert "# notice could not be read as a length of time: 'some weeks'" in read.toml


@pytest.mark.parametrize(
    ("header", "row", "price", "said"),
    [
        ("Name,Price,Renews,Price", "Tea,5,2027-01-05,7", 5, "'Price (2)' has '7' for the same"),
        ("Name,Price,Renews,Cost", "Tea,5,2027-01-05,7", 5, "'Cost' has '7' for the same"),
        ("Name,Price,Renews,Price", "Tea,,2027-01-05,7", 7, ""),
        ("Name,Price,Renews,Price", "Tea,7,2027-01-05,", 7, ""),
        ("Name,Price,Renews,Price", "Tea,7,2027-01-05,7", 7, ""),
    ],
)
def test_of_two_columns_for_one_thing_the_other_one_is_named(
    tmp_path: Path, header: str, row: str, price: int, said: str
) -> None:
    read = imported(f"{header}\n{row}\n".encode(), tmp_path)
    assert read.tables["tea"]["price"] == price
    assert said in read.toml
    assert ("for the same" in read.toml) == bool(said)


def test_two_dates_of_one_entry_are_both_named(tmp_path: Path) -> None:
    read = imported("名称,到期日,Renewal,周期\n茶,2027-01-05,2027-02-05,每月\n".encode(), tmp_path, code="zh-CN")
    assert "renews = 2027-01-05  # 'Renewal' 一列说的是同一样，写的是 '2027-02-05'，没有用它" in read.toml
