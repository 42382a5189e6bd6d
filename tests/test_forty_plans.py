"""A household of forty plans through a year: no word of phones stands in what it is told, in either language."""

from __future__ import annotations

import asyncio
import json
import re
from datetime import UTC, date, datetime, timedelta
from email import policy
from email.parser import BytesHeaderParser
from pathlib import Path

import pytest

from forty_plans import forty_plans
from loop_without_threads import run_without_threads
from mail_text import text_of
from renewd.config.load import load
from renewd.i18n import TEMPLATES
from renewd.i18n import language as language_of
from renewd.reminders import NOTHING_FOUND, agenda, due
from renewd.reminders.facts import facts
from renewd.render.push_words import push_words
from shell import Shell
from sites import running

START, DAYS = "2026-11-25", "400"
OF_PHONES = {
    "en": re.compile(
        r"\b((?<!reference )numbers?|lines?|e?sims?|carriers?|port(ed|ing)?( out)?|phones?|text messages?|service|(?<!still be )stop(s|ped)"
        r"|been off|transfer pin)\b",
        re.IGNORECASE,
    ),
    "zh-CN": re.compile("停机|号码|失号|保号|运营商|线路|这条线|SIM|短信|手机|转出|转号|流量|尾号"),
}
NO_SENTENCE = re.compile(r"<style.*?</style>|<[^>]*>|so the reminders stop|the reminders stop", re.DOTALL)


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    return Shell(tmp_path, monkeypatch)


def of_phones(text: str, language: str) -> list[str]:
    words = NO_SENTENCE.sub(" ", text)
    return [words[max(0, at.start() - 60) : at.end() + 40] for at in OF_PHONES[language].finditer(words)]


@pytest.mark.long
@pytest.mark.parametrize("language", OF_PHONES)
def test_no_mail_of_a_year_speaks_of_phones(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setattr(asyncio, "run", run_without_threads)
    monkeypatch.setattr("renewd.calendar.builder.calendar_of", lambda *_: b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")
    shell.write(forty_plans(language))
    said = shell("simulate", "--from", START, "--days", DAYS, "--into", str(tmp_path / "out"))
    assert (said.code, said.err) == (0, "")
    mails = [file.read_bytes() for file in (tmp_path / "out/new").iterdir()]
    assert len(mails) > 250
    found: set[str] = set()
    for mail in mails:
        subject = BytesHeaderParser(policy=policy.default).parsebytes(mail.partition(b"\r\n\r\n")[0])["Subject"]
        texts = text_of(mail), text_of(mail, "html")
        assert all(texts)
        for text in (subject, *texts):
            found.update(of_phones(text, language))
    assert sorted(found) == []


@pytest.mark.parametrize("language", OF_PHONES)
@pytest.mark.parametrize(
    "command",
    [
        ("agenda", "--from", START, "--days", DAYS),
        ("agenda", "--from", START, "--days", DAYS, "--json"),
        ("calendar", "--on", START),
        ("report", "--on", START),
        ("report", "netflix", "domain", "passport", "--on", START),
    ],
    ids=" ".join,
)
def test_no_command_speaks_of_phones(shell: Shell, language: str, command: tuple[str, ...]) -> None:
    shell.language = language
    shell.write(forty_plans(language))
    said = shell(*command)
    assert said.code in (0, 3)
    assert len(said.out) > 200
    assert sorted(set(of_phones(said.out.replace("\r\n ", ""), language))) == []


def test_a_sentence_of_the_report_for_programs_has_one_colon(shell: Shell) -> None:
    shell.write(forty_plans("zh-CN"))
    plans = json.loads(shell("report", "--json", "--on", START).out)["plans"]
    texts = {item["text"] for one in plans for section in one["sections"] for item in section["items"]}
    assert [text for text in texts if any(part.count("：") > 1 for part in text.split("。"))] == []
    assert {one["next_step"] for one in plans if one["plan"] in ("passport", "license")} == {"不再续"}


@pytest.mark.parametrize("language", OF_PHONES)
def test_no_push_speaks_of_phones(tmp_path: Path, language: str) -> None:
    file = tmp_path / "plans.toml"
    file.write_text(forty_plans(language), "utf-8")
    household = load(file, catalogue={}, today=date(2026, 11, 25), machine_zone="UTC", hostname="pi").household
    start = datetime(2026, 11, 25, tzinfo=UTC)
    told = [
        one
        for one in agenda(household, NOTHING_FOUND, start, start + timedelta(days=400))
        if one.subject.kind != "digest"
    ]
    told += due(household, NOTHING_FOUND, datetime(2027, 3, 1, tzinfo=UTC))  # what nobody has marked
    words = [
        push_words(facts(one, household, NOTHING_FOUND, one.moment), language_of(language))
        for one in told
        if one.subject.kind != "digest"
    ]
    assert len(words) > 200
    assert sorted({found for said in words for part in said for found in of_phones(part, language)}) == []


@pytest.mark.parametrize("language", OF_PHONES)
async def test_no_page_and_no_form_speaks_of_phones(tmp_path: Path, language: str) -> None:
    listen = '[web]\nlisten = "127.0.0.1:{port}"\nurl = "http://home.example.com/renewd/"\n'
    text = forty_plans(language).replace("{", "{{").replace("}", "}}") + listen
    async with running(tmp_path, text) as site:
        for page in ("", "plan/netflix", "plan/leave", "plan/asked", "plan/gone", "plan/passport"):
            got = await site.get(f"/p/{site.links.page_token('me')}/{page}")
            words = got.words.replace("手机或电脑", "")  # what one reads the calendar on
            assert (got.status, of_phones(words, language)) == (200, [])


@pytest.mark.parametrize(("day", "last"), [("2026-12-25", "2027-02-01"), ("2027-12-25", "2028-02-01")])
def test_a_contract_is_named_before_each_extension(shell: Shell, day: str, last: str) -> None:
    shell.write(forty_plans("en"))
    said = shell("agenda", "--from", day, "--days", "60", "--json")
    assert f"contract/cancel-by/{last}/30" in {row["key"] for row in json.loads(said.out)}


def test_both_languages_say_the_same_blocks_otherwise() -> None:
    blocks = {
        code: {
            file.name: re.findall(r"{% block (\w+) %}", file.read_text("utf-8"))
            for file in (TEMPLATES / code / "other").glob("*.j2")
        }
        for code in OF_PHONES
    }
    differ = {
        name: set(blocks["en"].get(name, ())) ^ set(blocks["zh-CN"].get(name, ()))
        for name in {*blocks["en"], *blocks["zh-CN"]}
    }
    assert not any(differ.values()), differ
