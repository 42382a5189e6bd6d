"""Everybody's page: what it shows, what its forms record, and what it refuses."""

from __future__ import annotations

import asyncio
import re
import threading
from datetime import timedelta
from functools import partial
from urllib.parse import quote, urlencode

import pytest

from home_with_page import FORM, HOME, LEAVING, fact, page_of, post
from renewd.cli.screen import with_options
from renewd.config.handover import FOLDER
from renewd.i18n import commands_completed
from renewd.service.handed_over import record_handed_over
from shell import Shell
from sites import FILE, NOW, Site, running


async def test_the_page_answers_first_and_shows_nothing_of_others(tmp_path):
    """What cannot be undone comes first; each sees the plans that they are told of, in their language."""
    async with running(tmp_path, HOME) as site:
        mine, hers = await site.get(page_of(site)), await site.get(page_of(site, "mom"))
        assert (mine.status, hers.status) == (200, 200)
        words = " ".join(mine.words.split())
        assert "2 things to do" in words
        assert words.index("Ultra purple : renew $3.00") < words.index("Tello (bank) : renew $5.00")
        assert "by Fri, Dec 11" in words
        assert "China Merchants Bank" in words
        assert "renewd is well" in words
        assert "Mom alone" not in words
        assert "mom@example.com" not in words
        assert "Mom alone" in hers.words
        for foreign in ("Ultra", "Visible", "me@example.com", "page --rotate"):
            assert foreign not in hers.words
        assert "renewd page --rotate" in mine.words
        with commands_completed(partial(with_options, "--config /srv/p.toml ")):
            site.now += timedelta(minutes=2)
            assert "renewd --config /srv/p.toml page --rotate" in (await site.get(page_of(site))).words
        assert b'lang="zh-CN"' in hers.body
        assert "+12065550142" not in mine.words


async def test_every_answer_is_private_and_loads_nothing(tmp_path):
    async with running(tmp_path, HOME) as site:
        home = page_of(site)
        for path in (home, f"{home}plan/tello", f"{home}plan/tello/report", f"{home}plan/secret", "/p/0/"):
            got = await site.get(path)
            assert got.headers["cache-control"] == "no-store", path
            assert got.headers["referrer-policy"] == "no-referrer"
            assert "frame-ancestors 'none'" in got.headers["content-security-policy"]
            assert "set-cookie" not in got.headers
            assert b"<script" not in got.body
            assert not re.findall(rb'(?:src|action)="https?:', got.body)
        assert (await site.get(home.rstrip("/"))).headers["location"].endswith("/")
        manifest = await site.get(f"{home}manifest.webmanifest")
        assert (manifest.status, manifest.headers["content-type"]) == (200, "application/manifest+json")
        assert (await site.get(f"{home}icon.svg")).headers["content-type"] == "image/svg+xml"


async def test_a_wrong_link_is_told_in_the_browsers_language_and_guessing_slows_the_guesser_alone(tmp_path):
    async with running(tmp_path, HOME) as site:
        got = await site.get("/p/0123456789abcdef/", Accept_Language="zh-CN,zh;q=0.9")
        assert (got.status, "这个链接不完整" in got.words, "incomplete" in got.words) == (404, True, True)
        assert (await site.get("/p/0123456789abcdef/")).body.count(b'<html lang="en') == 1
        other = {"X_Forwarded_For": "198.51.100.7"}
        wrong = [(await site.get(f"/p/{n:040x}/", **other)).status for n in range(102)]
        assert wrong == [404] * 100 + [429] * 2
        assert (await site.get("/p/0/", X_Forwarded_For="198.51.100.8")).status == 404
        assert (await site.get(page_of(site), **other)).status == 200


async def test_a_tap_on_the_page_records_what_mark_would_and_is_taken_back(tmp_path, shell: Shell):
    """303 to the same page, with the result on top and its undo; both ways lead to the same bytes as the commands."""
    async with running(tmp_path, HOME) as site:
        before, home = site.paths.config.read_bytes(), page_of(site)
        tap = fact(await site.get(home), "renewed")
        done = await post(site, f"{home}record", fact=tap)
        assert (done.status, done.headers["location"]) == (303, "./?done#result")
        tapped = site.paths.config.read_bytes()
        page = await site.get(f"{home}?done")
        assert "Written down: Ultra purple is renewed" in " ".join(page.words.split())
        assert "1 thing" in page.words
        write = re.findall(r'name="write" value="([0-9a-f]+)"', page.body.decode())[0]
        assert "you" in page.words[page.words.index("last 7 days") :]
        again = await post(site, f"{home}record", fact=tap)  # a double tap, the back button, a stale page
        assert (again.status, "You wrote it down on" in again.words) == (409, True)
        assert site.paths.config.read_bytes() == tapped
        assert (await post(site, f"{home}undo", write=write)).status == 303
        assert site.paths.config.read_bytes() == before
        assert (await post(site, f"{home}undo", write=write)).status == 409
        await asyncio.to_thread(shell, "mark", "ultra", "renewed")
        assert site.paths.config.read_bytes() == tapped
        assert "at the command line" in (await site.get(home)).words


async def test_two_people_at_once_record_one_fact(tmp_path):
    """The second learns who did it; and may take it back, as it is about a plan of theirs too."""
    async with running(tmp_path, HOME) as site:
        homes = [page_of(site, who) for who in ("me", "mom")]
        plans = [await site.get(f"{home}plan/tello") for home in homes]
        taps = [fact(got, "renewed") for got in plans]
        found = await asyncio.gather(*[post(site, f"{h}record", fact=t) for h, t in zip(homes, taps, strict=True)])
        assert sorted(got.status for got in found) == [303, 409]
        assert site.paths.config.read_text().count("[[plan.tello.receipt]]") == 1
        second = next(got for got in found if got.status == 409)
        assert "妈妈" in second.words or "Xiao Li" in second.words


async def test_a_fact_with_a_figure_is_shown_before_it_is_written(tmp_path):
    """GET shows old and new and changes nothing; what was typed stays where it cannot be read."""
    async with running(tmp_path, HOME) as site:
        home, before = page_of(site), site.paths.config.read_text()
        plan = await site.get(f"{home}plan/tello")
        renewed = fact(plan, "renewed")
        typed = {"on": "2026-12-01", "amount": "4,50", "reference": "A1", "early": "", "until": ""}
        asks = await site.get(f"{home}ask?{urlencode({'fact': renewed, **typed})}")
        assert (asks.status, "$4.50 paid on" in " ".join(asks.words.split())) == (200, True)
        assert site.paths.config.read_text() == before
        wrong = await site.get(f"{home}ask?{urlencode({'fact': renewed, 'amount': '4.5.0'})}")
        assert (wrong.status, "such as 5.00" in wrong.words) == (400, True)
        assert b'value="4.5.0"' in wrong.body
        assert b'aria-invalid="true"' in wrong.body
        hidden = dict(re.findall(r'name="(\w+)" value="([^"]*)"', asks.body.decode().split("</form>")[0]))
        assert (await post(site, f"{home}record", **hidden)).status == 303
        text = site.paths.config.read_text()
        assert "renews = 2027-01-04" in text
        assert 'on = 2026-12-01\namount = 4.50\nreference = "A1"' in text


async def test_a_day_is_asked_for_by_what_was_done_then_and_never_guessed(tmp_path):
    """Paid on, as of, used on: each form has its own word; an earlier day beside a chosen one is asked about."""
    async with running(tmp_path, LEAVING) as site:
        home, before = page_of(site), site.paths.config.read_text()
        plan, leaving = await site.get(f"{home}plan/tello"), await site.get(f"{home}plan/main")
        days = r'<label for="([a-z0-9-]+)-on">([^<]+)</label>'
        assert dict(re.findall(days, plan.body.decode())) == {
            "tello-renewed-": "Paid on", "tello-balance-": "As of", "tello-used-": "As of",
        }  # fmt: skip
        # forms with the same fields are told apart by who hears them
        assert {"Balance", "Data used"} < set(re.findall(r'<form class="f" aria-label="([^"]+)"', plan.body.decode()))
        asked = dict(re.findall(days, leaving.body.decode()))
        assert (asked["main-pin-"], asked["main-lock-off-"]) == ("Received on", "Off since")
        for what, typed in (("used", {"used": "1.5"}), ("renewed", {})):
            both = {"fact": fact(plan, what), "on": "2026-12-02", "early": "2026-11-20", **typed}
            got = await post(site, f"{home}record", **both)
            assert (got.status, "Choose “Earlier” above, or leave this empty." in got.words) == (400, True)
        assert site.paths.config.read_text() == before
        same = await post(site, f"{home}record", fact=fact(plan, "renewed"), on="2026-12-01", early="2026-12-01")
        assert same.status == 303


@pytest.mark.parametrize(
    ("what", "typed", "line"),
    [
        ("balance", {"amount": "12.5"}, "balance = { amount = 12.5, on = 2026-12-02 }"),
        ("used", {"used": "1,5"}, 'used = "1.5 GB"'),
        ("snoozed", {"until": "2026-12-04"}, "snooze = 2026-12-04"),
    ],
)
async def test_each_form_of_a_plan_records_its_fact(tmp_path, what, typed, line):
    async with running(tmp_path, HOME) as site:
        home = page_of(site)
        value = fact(await site.get(f"{home}plan/tello"), what)
        done = await post(site, f"{home}record", fact=value, back="tello", **typed)
        assert (done.status, done.headers.get("location")) == (303, "./plan/tello?done#result")
        assert line in site.paths.config.read_text()
        history = (await site.get(f"{home}plan/tello?done")).words
        assert "Written down:" in history[history.index("What happened") :]


async def test_several_facts_are_one_write_with_one_undo(tmp_path):
    async with running(tmp_path, HOME) as site:
        home, before = page_of(site), site.paths.config.read_text()
        facts = [fact(await site.get(f"{home}plan/{plan}"), "renewed") for plan in ("ultra", "tello")]
        body = urlencode([("fact", one) for one in facts])
        asks = await site.get(f"{home}ask?{body}")
        assert "Write 2 facts down?" in asks.words
        assert (await site.get(f"{home}record", "POST", body.encode(), **FORM)).status == 303
        assert site.paths.config.read_text().count("receipt]]") == 2
        for page in ("", "plan/ultra"):  # the button of a plan's page takes the other plan's fact back too
            assert "Take these 2 back" in (await site.get(f"{home}{page}?done")).words
        write = re.findall(r'name="write" value="([0-9a-f]+)"', (await site.get(f"{home}?done")).body.decode())[0]
        await post(site, f"{home}undo", write=write)
        assert site.paths.config.read_text() == before


async def test_bad_input_gets_words_and_changes_nothing(tmp_path):
    """A megabyte, missing fields, odd encodings, facts about others' plans: 400, 404, 410, never 500."""
    async with running(tmp_path, HOME) as site:
        home, before = page_of(site), site.paths.config.read_text()
        hers = fact(await site.get(f"{page_of(site, 'mom')}plan/secret"), "renewed")
        tap = fact(await site.get(home), "renewed")
        used = fact(await site.get(f"{home}plan/tello"), "used")
        multipart = {"Content_Type": "multipart/form-data; boundary=x"}
        for body, headers, status in (
            (b"", FORM, 400), (b"fact=", FORM, 400), (b"fact=tello/renewed/x", FORM, 400), (b"\xff\xfe", FORM, 400),
            (f"fact={tap}".encode(), {"Content_Type": "text/plain"}, 400), (b"--x\r\nbroken", multipart, 400),
            (b"fact=" + b"x" * 1_000_000, FORM, 400), (b"a=1&" * 1000, FORM, 400),
            (f"fact={hers}".encode(), FORM, 410), (f"fact={tap}&on=soon".encode(), FORM, 400),
            (f"fact={tap}&amount=-5".encode(), FORM, 400), (f"fact={tap}&amount=%D9%A5".encode(), FORM, 400),
            (f"fact={used}".encode(), FORM, 400), (f"fact={used}&used=%00".encode(), FORM, 400),
            (f"fact={used}&used=%ff".encode(), FORM, 400), (f"fact={used}&used=lots".encode(), FORM, 400),
            (f"fact={tap}&reference={'x' * 200}".encode(), FORM, 400),
        ):  # fmt: skip
            got = await site.get(f"{home}record", "POST", body, **headers)
            assert (got.status, b"<h1>" in got.body) == (status, True), body[:40]
            assert site.paths.config.read_text() == before
        for hidden in ("\x1b[31m", "\x03", '\x10" onfocus=', "\u202e", "\x9b", "\x00"):
            for field in ("reference", "amount", "used", "until"):
                query = urlencode({"fact": used if field == "used" else tap, field: f"A{hidden}B"})
                for got in (
                    await site.get(f"{home}ask?{query}"),
                    await site.get(f"{home}?{urlencode({'q': f'A{hidden}B'})}"),
                    await site.get(f"{home}record", "POST", query.encode(), **FORM),
                ):
                    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", got.body.decode()), (
                        hidden,
                        field,
                    )
                    assert 'value="A<' not in got.body.decode()
                assert site.paths.config.read_text() == before
        for path in ("ask", "ask?fact=x", f"ask?fact={quote(hers)}", "plan/nothing", "plan/secret/report"):
            assert (await site.get(home + path)).status in (400, 410), path
        for method in ("PUT", "DELETE"):
            assert (await site.get(home, method)).status == 405
        assert (await site.get(f"{home}record")).status == 404


async def test_a_broken_file_answers_in_words(tmp_path):
    """The page goes on as things last were; a tap says why not now: to the owner with the line, to others without."""
    async with running(tmp_path, HOME) as site:
        homes = {who: page_of(site, who) for who in ("me", "mom")}
        taps = {who: fact(await site.get(f"{home}plan/tello"), "renewed") for who, home in homes.items()}
        good = site.paths.config.read_text()
        for broken in (
            good.replace('every = "30 days"\nprice = 5', 'evry = "30 days"\nprice = 5'),
            good + "\n= 3\n",
            "",
        ):
            site.paths.config.write_text(broken)
            assert (await site.get(homes["me"])).status == 200
            for who, words in (("me", "mistake"), ("mom", "plans.toml 有一处写错")):
                got = await post(site, f"{homes[who]}record", fact=taps[who])
                assert (got.status, words in got.words) == (409, True), got.words
                assert ("plans.toml:" in got.words) is (who == "me")
            assert site.paths.config.read_text() == broken
        assert "to look at in renewd" in (await site.get(homes["me"])).words
        assert "the file has 1 mistake" in (await site.get(homes["me"])).words
        assert "only you" not in (await site.get(homes["mom"])).words


async def test_where_plans_may_not_be_written_facts_wait_for_the_helper(tmp_path, monkeypatch):
    """The checked fact lies in marks/, 0600, until the helper has written it; without a helper it is refused."""
    monkeypatch.setattr("renewd.web.recording.is_writable", lambda _files: False)
    async with running(tmp_path, HOME) as site:
        assert "/done/" not in site.mail()
        home = page_of(site)
        marks = site.paths.state / FOLDER
        marks.mkdir()
        tap = fact(await site.get(home), "renewed")
        marks.rmdir()
        for path in (home, f"{home}plan/tello"):
            page = await site.get(path)
            assert (page.status, "can only be read" in page.words) == (200, True)
            assert not re.findall(b'name="fact"|<button|ask[?]fact', page.body)
        refused = await post(site, f"{home}record", fact=tap)
        assert (refused.status, "may not change plans.toml" in refused.words) == (409, True)
        marks.mkdir()
        assert "can only be read" not in (await site.get(home)).words
        before = site.paths.config.read_text()
        monkeypatch.setattr("renewd.web.recording._PATIENCE", timedelta(0))
        waits = await post(site, f"{home}record", fact=tap)
        assert (waits.status, "being written into plans.toml" in waits.words) == (202, True)
        [file] = marks.iterdir()
        assert file.stat().st_mode & 0o777 == 0o600
        assert '"what": "renewed"' in file.read_text()
        assert site.paths.config.read_text() == before
        file.unlink()
        monkeypatch.setattr("renewd.web.recording._PATIENCE", timedelta(seconds=30))
        helper = threading.Thread(target=_write_down, args=(site,))
        helper.start()
        done = await post(site, f"{home}record", fact=tap)
        helper.join()
        assert done.status == 303
        assert "renews = 2026-12-12" in site.paths.config.read_text()
        [write] = re.findall(r'name="write" value="([0-9a-f]+)"', (await site.get(f"{home}?recorded")).body.decode())
        helper = threading.Thread(target=_write_down, args=(site,))
        helper.start()
        undone = await post(site, f"{home}undo", write=write)
        helper.join()
        assert undone.status == 303
        assert site.paths.config.read_text() == before
        monkeypatch.setattr("renewd.web.recording._PATIENCE", timedelta(0))


def _write_down(site: Site) -> None:
    """The helper, as systemd starts it when the folder is no longer empty."""
    while not list(record_handed_over(site.paths, site.now, "en")):
        pass


async def test_who_has_no_plan_is_told_what_comes_first(tmp_path):
    """The owner is shown how to write one; another person, who will."""
    for file, who, said in (
        (re.sub(r'for = \["me", "mom"\]\n', "", HOME.replace("[plan.secret]", "[plan.other]").replace('for = ["mom"]', "")),
         "mom", "Xiao Li"),
        (re.sub(r"\[plan\.ultra\].*(?=\[plan\.secret\])", "", HOME, flags=re.DOTALL), "me", "renewd plan add"),
    ):  # fmt: skip
        folder = tmp_path / who
        folder.mkdir()
        async with running(folder, file) as site:
            got = await site.get(page_of(site, who))
            assert (got.status, said in got.words) == (200, True)
            assert b'id="comes"' not in got.body
            assert ("renewd import" in got.words) is (who == "me")


async def test_nothing_to_do_says_until_when(tmp_path):
    file = FILE.replace("renews = 2026-12-05", "renews = 2026-12-20")
    async with running(tmp_path, file) as site:
        words = (await site.get(page_of(site))).words
        assert "Nothing to do through" in words
        assert "The next mail comes on" in words


async def test_a_hundred_plans_are_searched_grouped_and_ticked(tmp_path):
    """Five open things in full, the others as rows to tick; a search by name, last four digits or carrier."""
    plans = "".join(
        f'[plan.p{n}]\nname = "Line {n:03}"\nnumber = "+12065550{n:03}"\nrenews = 2026-12-{n % 20 + 1:02}\nevery = "30 days"\nprice = 5\n'
        for n in range(100, 200)
    )
    async with running(tmp_path, re.sub(r"\[plan\..*(?=\[web\])", plans, HOME, flags=re.DOTALL)) as site:
        page = await site.get(page_of(site))
        assert page.body.count(b'<article class="item') == 5
        assert page.body.count(b'type="checkbox"') > 20
        whole = await site.get(f"{page_of(site)}?all")
        assert "List them all" in page.words
        assert (page.body.count(b'class="am"') + 50 < whole.body.count(b'class="am"'), "List them" in whole.words) == (
            True,
            False,
        )
        found = await site.get(f"{page_of(site)}?q=0142")
        assert "1 plan for “ 0142 ”" in " ".join(found.words.split())
        none = await site.get(f"{page_of(site)}?q={quote('<b>')}")
        assert (none.status, b"<b>&" in none.body, b"&lt;b&gt;" in none.body) == (200, False, True)


async def test_mails_lead_to_the_readers_page(tmp_path):
    async with running(tmp_path, HOME) as site:
        assert f"http://home.example.com/renewd{page_of(site)}" in site.mail()
        assert (await site.get(f"/renewd{page_of(site)}")).status == 200
        site.now = NOW + timedelta(minutes=1)
        assert site.links.page_token("mom") not in site.mail()


async def test_a_postpaid_line_is_due_and_a_doubtful_loss_may_be(tmp_path):
    """A line that is billed afterwards does not stop on its day, and what nobody publishes is no certain loss."""
    line = "renews = 2026-11-28\nevery = '1 month'\nprice = 5\n"
    lines = f"[plan.vz]\ncarrier = 'verizon'\n{line}[plan.doubt]\ncarrier = 'tello'\n{line}"
    file = re.sub(r"\[plan\.ultra\].*(?=\[web\])", lines, HOME, flags=re.DOTALL)
    async with running(tmp_path, file) as site:
        words = " ".join((await site.get(page_of(site))).words.split())
        listed = words[words.index("2 plans ") :]
        assert "past due since Sat, Nov 28" in listed
        assert "may be lost Sun, Nov 29" in listed
        assert "past due, yours to pay" in words
        page = await site.get(f"{page_of(site)}plan/vz")
        vz = " ".join(page.words.split())
        for said in ("the next cycle is due then", "I paid $5.00", "Paid: another day or amount"):
            assert said in vz, said
        asks = " ".join((await site.get(f"{page_of(site)}ask?fact={fact(page, 'renewed')}")).words.split())
        assert "Is it paid: vz" in asks
        assert "renewed: write it down" not in f"{vz} {asks}"


async def test_of_a_plan_that_is_left_the_page_gives_the_orders_of_its_mails(tmp_path):
    """What is not to be renewed, or not to be used, is not listed as something to do; a closed line is not leaving."""
    lines = """[plan.asked]
renews = 2026-12-05
every = '30 days'
price = 5
cancel.number = 'port'
cancel.requested_on = 2026-11-20
[plan.lapsing]
keep_alive.every = '90 days'
keep_alive.last = 2026-09-07
cancel.how = 'lapse'
cancel.number = 'drop'
[plan.gone]
renews = 2026-12-01
every = '1 month'
price = 30
cancel.number = 'drop'
cancel.confirmed_on = 2026-10-25
"""
    file = re.sub(r"\[plan\.ultra\].*(?=\[web\])", lines, HOME, flags=re.DOTALL)
    async with running(tmp_path, file) as site:
        words = " ".join((await site.get(page_of(site))).words.split())
        assert "asked : ask whether the number has been ported" in words
        assert "asked : renew" not in words
        assert "lapsing lapses, as planned" in words
        assert "lapsing lapses Sun, Dec 6" in words
        assert "use it by" not in words
        assert re.search(r"gone left Sun, Oct 25 \$30.00 a month, closed", words)
        gone = " ".join((await site.get(f"{page_of(site)}plan/gone")).words.split())
        assert ("Latest: left Sun, Oct 25 ." in gone, "Next: left" in gone) == (True, False)


async def test_the_last_day_to_use_a_line_is_one_day_all_over_the_page(tmp_path):
    """It is the day before the rule is broken, in the list, in the plan's row and among its facts, as in the mails."""
    line = "[plan.spare]\nkeep_alive.every = '90 days'\nkeep_alive.last = 2026-09-07\n"  # unused for 90 days on Dec 6
    file = re.sub(r"\[plan\.ultra\].*(?=\[web\])", line, HOME, flags=re.DOTALL)
    async with running(tmp_path, file) as site:
        home = " ".join((await site.get(page_of(site))).words.split())
        facts = " ".join((await site.get(f"{page_of(site)}plan/spare")).words.split())
        assert "Sun, Dec 6 use it by Sat, Dec 5" in home
        assert re.search(r"spare use by Sat, Dec 5 Sent to you", home)  # nothing is renewed, so neither price nor payer
        assert "Use it by Sat, Dec 5, 2026" in facts


async def test_a_single_plan_needs_no_map(tmp_path):
    """The answer as the heading, one list without its name, the year in a sentence; neither links down nor a chart."""
    file = re.sub(r"\[plan\.ultra\].*(?=\[plan\.tello\])|\[plan\.visible\].*(?=\[web\])", "", HOME, flags=re.DOTALL)
    async with running(tmp_path, file) as site:
        page = await site.get(page_of(site))
        words = " ".join(page.words.split())
        assert re.findall(r"<h1[^>]*>(.*?)</h1>", page.body.decode()) == ["1 thing to do"]
        assert "In a year: 13 payments, $65.00 ." in words
        assert [part in page.body for part in (b'<nav class="ans"', b'id="money"', b"<svg class")] == [False] * 3
        comes = words[words.index("Through Mon, Mar 1") : words.index("1 plan ")]
        assert ("Sat, Dec 5 stops; renew by Fri, Dec 4 $5.00" in comes, "Tello" in comes) == (True, False)


async def test_an_address_below_a_page_that_is_none_leads_back(tmp_path):
    """In the reader's language, as a page; a loss that is not known refers to no text below that is not there."""
    async with running(tmp_path, HOME) as site:
        home = page_of(site, "mom")
        for path, back in (("nothing", "./"), ("mail/999", "../"), ("mail/1", "../"), ("plan/tello/x", "../../")):
            got = await site.get(f"{home}{path}")
            assert (got.status, "没有这一页" in got.words) == (404, True), path
            assert f'class="tap" href="{back}"' in got.body.decode()
        gone = await site.get(f"{home}plan/nothing/report")
        assert (gone.status, 'href="../../"' in gone.body.decode()) == (410, True)
        assert "见下" not in (await site.get(home)).words


async def test_even_where_nothing_can_be_shown_there_are_words(tmp_path, monkeypatch):
    async with running(tmp_path, HOME) as site:
        monkeypatch.setattr("renewd.web.guesses._MOST_WRONG", 0)
        slowed = await site.get(f"/p/{'0' * 40}/", Accept_Language="zh-CN")
        assert (slowed.status, slowed.headers["retry-after"], "等一分钟" in slowed.words) == (429, "60", True)

        def locked(*_: object) -> None:
            raise OSError

        monkeypatch.setattr("renewd.web.person_pages.PersonPages.answer", locked)
        got = await site.get(page_of(site))
        assert (got.status, "renewd cannot answer right now" in got.words) == (503, True)
