"""The feed: calendars behind a secret."""

from __future__ import annotations

import logging
import re

from starlette.datastructures import Headers

import rfc5545
from limits import no_more_files
from renewd.service.daemon_events import Trouble
from renewd.web.calendar_files import CalendarFolder
from sites import running


async def test_a_calendar_is_served_as_clients_want_it(tmp_path):
    """200 with the file's bytes, a strong tag and a date; 304 to who has it; HEAD; also below the address's own path."""
    async with running(tmp_path) as site:
        path = site.links.feed("me")
        got = await site.get(path)
        assert (got.status, got.body) == (200, (site.paths.state / "calendar" / "me.ics").read_bytes())
        assert rfc5545.read(got.body).events
        assert got.headers["content-type"] == "text/calendar; charset=utf-8"
        assert re.fullmatch('"[0-9a-f]{32}"', got.headers["etag"])
        assert got.headers["cache-control"] == "private, no-cache"
        assert got.headers["x-robots-tag"] == "noindex"
        assert got.headers["referrer-policy"] == "no-referrer"
        assert "content-disposition" not in got.headers
        assert (await site.get(f"/renewd{path}")).status == 200
        head = await site.get(path, "HEAD")
        assert (head.status, head.body, head.headers["content-length"]) == (200, b"", str(len(got.body)))
        for name, value, status in (
            ("If_None_Match", got.headers["etag"], 304), ("If_None_Match", f'"x", W/{got.headers["etag"]}', 304),
            ("If_None_Match", "*", 304), ("If_None_Match", '"x"', 200),
            ("If_Modified_Since", got.headers["last-modified"], 304),
            ("If_Modified_Since", "Thu, 01 Jan 2015 00:00:00 GMT", 200), ("If_Modified_Since", "yesterday", 200),
        ):  # fmt: skip
            again = await site.get(path, **{name: value})
            assert (again.status, again.headers["etag"]) == (status, got.headers["etag"]), value
            assert not again.body or status == 200


async def test_whoever_does_not_know_the_secret_learns_nothing(tmp_path):
    """A wrong token, a person who is none, a path that leads out: the one 404, byte for byte; nothing but reading."""
    async with running(tmp_path) as site:
        own = site.links.token("me")
        any404 = await site.get("/")
        for path in (
            f"/calendar/{'0' * 40}/me.ics", f"/calendar/{own}/mom.ics", f"/calendar/{own}/nobody.ics",
            f"/calendar/{own[:-1]}/me.ics", f"/calendar/{own}/..%2fledger.sqlite3", f"/calendar/{own}/me.rp.ics",
            f"/calendar/{own}/../web.json", f"/calendar/{own.upper()}/me.ics", "/calendar//me.ics", "/web.json",
        ):  # fmt: skip
            got = await site.get(path)
            assert (got.status, got.body) == (any404.status, any404.body) == (404, b"not found\n")
            assert {**got.headers, "date": ""} == {**any404.headers, "date": ""}
        for method in ("POST", "PUT", "DELETE"):
            assert (await site.get(site.links.feed("me"), method)).status == 405


async def test_who_guesses_is_slowed_down_and_others_are_not(tmp_path):
    """After a hundred wrong secrets in a minute the answer is 429; the right one is still served."""
    async with running(tmp_path) as site:
        wrong = [(await site.get(f"/calendar/{n:040x}/me.ics")).status for n in range(102)]
        assert wrong == [404] * 100 + [429] * 2
        assert (await site.get(site.links.feed("me"))).status == 200


async def test_a_file_that_is_not_whole_is_not_served(tmp_path):
    """404, on which clients keep what they have; the good one is served again at once when it is back."""
    async with running(tmp_path) as site:
        file = site.paths.state / "calendar" / "me.ics"
        good = file.read_bytes()
        for broken in (b"", good[:500], None):
            file.write_bytes(broken) if broken is not None else file.unlink()
            assert (await site.get(site.links.feed("me"))).status == 404
        file.write_bytes(good)
        assert (await site.get(site.links.feed("me"))).body == good


def test_a_calendar_that_cannot_be_opened_now_is_served_as_it_was(tmp_path):
    """As where a flood takes all handles."""
    (tmp_path / "me.ics").write_bytes(b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")
    folder = CalendarFolder(tmp_path)
    body = folder.answer("me.ics", Headers()).body
    (tmp_path / "me.ics").write_bytes(b"BEGIN:VCALENDAR\r\nNAME:x\r\nEND:VCALENDAR\r\n")
    with no_more_files():
        assert folder.answer("me.ics", Headers()).body == body
    assert folder.answer("me.ics", Headers()).body != body


async def test_no_request_and_no_secret_is_ever_logged(tmp_path, caplog):
    """Neither a good one nor a wrong one, nor what is no request at all."""
    caplog.set_level(logging.DEBUG)
    async with running(tmp_path) as site:
        for path in (site.links.feed("me"), "/calendar/0123456789abcdef/me.ics", site.tap()):
            await site.get(path)
        await site.get(f"{site.links.feed('me')} x\x00y")
        text = caplog.text + repr([one for one in site.heard if isinstance(one, Trouble)])
        assert site.links.token("me") not in text
        assert "0123456789abcdef" not in text
        assert site.links.token("me") not in repr(site.links)
        assert site.links.feed_key.hex() not in repr(site.links)
