"""Links that record a fact."""

from __future__ import annotations

import asyncio
import fcntl
import re
from datetime import timedelta

from households import at
from renewd.config import text_file
from renewd.config.fact_log import PersonRecorded
from shell import Shell
from sites import FILE, NOW, running


async def test_a_tap_shows_first_and_records_what_mark_would(tmp_path, shell: Shell):
    """GET changes nothing, as often as it comes; POST writes the same as the command, and says so."""
    async with running(tmp_path) as site:
        before = site.paths.config.read_text()
        for method in ("GET", "HEAD", "GET"):
            got = await site.get(site.tap(), method)
            assert got.status == 200
            assert site.paths.config.read_text() == before
        assert "Renews Sat, Dec 5, 2026 → Mon, Jan 4, 2027 Taken as" in " ".join(got.words.split())
        assert b"<b>&" not in got.body
        assert got.headers["content-security-policy"].startswith("default-src 'none'")
        assert got.headers["cache-control"] == "no-store"
        assert re.search(rb'rel="icon" href="../p/\w+/icon.svg"', got.body)
        done = await site.get(site.tap(), "POST", b"whatever=1")
        assert done.status == 303
        after = await site.get(f"/done/{done.headers['location']}".removesuffix("#result"))
        assert (after.status, "Written down" in after.words) == (200, True)
        tapped = site.paths.config.read_text()
        assert "renews = 2027-01-04" in tapped
        assert (await asyncio.to_thread(shell, "undo")).code == 0
        assert site.paths.config.read_text() == before
        assert (await asyncio.to_thread(shell, "mark", "tello", "renewed")).code == 0
        assert site.paths.config.read_text() == tapped


async def test_what_was_recorded_and_what_was_taken_back_say_what_comes_next(tmp_path):
    """Recorded: old and new date, and the next mail. Taken back: what is open again, by when, and where to act."""
    async with running(tmp_path, FILE.replace("price = 5\n", 'price = 5\nsite = "https://tello.example"\n')) as site:
        done = await site.get(site.tap(), "POST")
        page = await site.get(f"/done/{done.headers['location']}".removesuffix("#result"))
        words = " ".join(page.words.split())
        assert re.search(r"The next mail comes on \w+, \w+ \d+ \.", words), words
        assert "Renews Sat, Dec 5, 2026 → Mon, Jan 4, 2027" in words
        write = re.findall(r'name="write" value="([0-9a-f]+)"', page.body.decode())[0]
        undone = await site.get(
            site.tap(), "POST", f"write={write}".encode(), Content_Type="application/x-www-form-urlencoded"
        )
        back = await site.get(f"/done/{undone.headers['location']}".removesuffix("#result"))
        words = " ".join(back.words.split())
        assert "stops on Sat, Dec 5" in words
        assert "by Fri, Dec 4" in words
        assert b'<a class="btn" href="https://tello.example">' in back.body
        told = [event for event in site.heard if isinstance(event, PersonRecorded)]
        facts = (("tello", "renewed"),)
        assert told == [PersonRecorded("me", "mail", facts), PersonRecorded("me", "mail", facts, undone=True)]


async def test_a_link_that_is_used_old_altered_or_of_nobody_says_so_and_changes_nothing(tmp_path):
    """Also one that an edit by hand has overtaken, and POST is no different from GET there."""
    async with running(tmp_path) as site:
        tap = site.tap()
        good = site.paths.config.read_text()
        signed = tap.removeprefix("/done/")
        flipped = signed[:-3] + ("A" if signed[-3] != "A" else "B") + signed[-2:]
        edited = good.replace("2026-12-05", "2026-12-06")
        gone = good.replace("[plan.tello]", "[plan.another]")
        theirs = good.replace("price = 5\n", 'price = 5\nfor = ["mom"]\n')
        for text, path, days, status, says in (
            (good, f"/done/{flipped}", 0, 404, "incomplete"), (good, f"/done/{signed[:-4]}", 0, 404, "incomplete"),
            (good, "/done/AAAA", 0, 404, "incomplete"), (good, tap, 61, 410, "too old"),
            (edited, tap, 0, 409, "recorded already"), (gone, tap, 0, 410, "no longer there"),
            (theirs, tap, 0, 410, "no longer there"),
        ):  # fmt: skip
            site.paths.config.write_text(text)
            site.now = NOW + timedelta(days=days)
            for method in ("GET", "POST"):
                got = await site.get(path, method)
                assert (got.status, says in got.words) == (status, True), says
                assert site.paths.config.read_text() == text
        site.paths.config.write_text(good)
        site.now = NOW
        assert (await site.get(tap, "POST")).status == 303
        assert (await site.get(tap, "POST")).status == 409
        assert site.paths.config.read_text().count("[[plan.tello.receipt]]") == 1
        assert (await site.get(tap, "DELETE")).status == 405


async def test_a_link_that_a_mail_program_or_a_scanner_has_touched_still_leads_there(tmp_path):
    """A full stop or a slash behind it, a tracker's query, letters as percents, its path doubled by a prefix."""
    async with running(tmp_path) as site:
        tap, before = site.tap(), site.paths.config.read_bytes()
        percents = "/done/" + "".join(f"%{ord(one):02X}" for one in tap.removeprefix("/done/"))
        for path in (f"{tap}.", f"{tap}%E3%80%82", f"{tap}?utm_source=mail&fbclid=x", percents, f"/renewd{tap}"):
            got = await site.get(path)
            assert (got.status, "Is Tello <b>& renewed?" in got.words) == (200, True), path
        slash = await site.get(f"{tap}/")
        assert (slash.status, slash.headers["location"]) == (308, f"../{tap.removeprefix('/done/')}")
        assert site.paths.config.read_bytes() == before


async def test_two_taps_at_once_record_once(tmp_path):
    """The second finds that it is done."""
    async with running(tmp_path) as site:
        tap = site.tap()
        found = await asyncio.gather(*[site.get(tap, "POST") for _ in range(4)])
        assert sorted(got.status for got in found) == [303, 409, 409, 409]


async def test_a_failed_charge_is_said_to_go_on_being_reminded_of(tmp_path):
    file = FILE.replace("[plan.tello]\n", "[remind]\ndigest = []\ncharge = []\n[plan.tello]\nautopay = true\n")
    async with running(tmp_path, file) as site:
        site.now = at("2026-12-06 15:00")
        await site.daemon.run_pass()
        tap = site.tap()
        assert "no more reminders about it" not in (await site.get(tap)).words
        done = await site.get(tap, "POST")
        after = await site.get(f"/done/{done.headers['location']}".removesuffix("#result"))
        assert "reminders go on until the plan is marked renewed" in after.words
        assert "the reminders about it stop" not in after.words


async def test_taps_that_wait_for_a_lock_hold_up_neither_pages_nor_mails(tmp_path, monkeypatch):
    """More of them than there are threads: each is answered once its patience ends, and says why."""
    monkeypatch.setattr(text_file, "_PATIENCE", 1.0)
    async with running(tmp_path) as site:
        tap, sent = site.tap(), site.paths.state / "Maildir" / "new"
        before = len(list(sent.iterdir()))
        with (site.paths.state / text_file.LOCK).open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            taps = [asyncio.create_task(site.get(tap, "POST")) for _ in range(45)]
            await asyncio.sleep(0.3)
            assert (await asyncio.wait_for(site.get(tap), 5)).status == 200
            site.now += timedelta(days=3)
            assert await asyncio.wait_for(site.daemon.run_pass(), 20)
            assert len(list(sent.iterdir())) > before
            assert not any(task.done() and task.result().status == 303 for task in taps)
        await asyncio.gather(*taps)
