"""New addresses, and what `renewd feed` says."""

from __future__ import annotations

import asyncio
import os
import re
import threading

import pytest

from renewd.web.keyring import Keyring
from shell import Shell
from sites import FILE, running


@pytest.mark.parametrize("command", ["feed", "page"])
async def test_rotated_addresses_and_links_in_mails_end_at_once(tmp_path, shell: Shell, command):
    """`renewd feed --rotate` and `renewd page --rotate` beside the running daemon."""
    async with running(tmp_path) as site:
        old, tap = site.links.feed("me"), site.tap()
        await asyncio.to_thread(shell, command, "--rotate")
        said = await asyncio.to_thread(shell, "feed")
        new = site.links.feed("me")
        assert f"http://calendar.example.com/renewd{new}" in said.out
        assert f"webcal://calendar.example.com/renewd{new}" in said.out
        assert [(await site.get(path)).status for path in (old, new, tap)] == [404, 200, 404]
        assert (site.paths.state / "web.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("text", ["[" * 100_000, "{", '{"feed": 1}', "[]", "\xff"])
def test_damaged_keys_are_replaced(tmp_path, text):
    (tmp_path / "web.json").write_text(text)
    links = Keyring(tmp_path).links("https://renewd.example.com")
    assert links.page("me") == Keyring(tmp_path).links("https://renewd.example.com").page("me")


def test_threads_that_make_the_first_keys_at_once_end_with_the_same(tmp_path, monkeypatch):
    """The daemon's loop and its page's thread both ask first."""
    together = threading.Barrier(2)
    link = os.link
    monkeypatch.setattr(os, "link", lambda *paths: (together.wait(10), link(*paths)))
    pages, failed = set(), []

    def ask() -> None:
        try:
            pages.add(Keyring(tmp_path).links("https://renewd.example.com").page("me"))
        except OSError as error:
            failed.append(error)

    asked = [threading.Thread(target=ask) for _ in range(2)]
    for thread in asked:
        thread.start()
    for thread in asked:
        thread.join()
    assert (failed, len(pages)) == ([], 1)
    assert [path.name for path in tmp_path.iterdir()] == ["web.json"]


def test_feed_says_what_to_write_where_nothing_is_served(shell):
    """Exit 2, with the lines."""
    shell.write('language = "en"\n[mail]\nto = "me@example.com"\n[plan.x]\nrenews = 2026-12-05\n')
    said = shell("feed")
    assert (said.code, said.out) == (2, "")
    assert '[web]  url = "https://renewd.example.com"' in said.err


def test_page_prints_the_link_of_everybody_or_of_one(shell):
    """Each its own, long enough that nobody guesses it; exit 2 for a person who is not there."""
    shell.write(FILE.format(port=1))
    links = re.findall(r"http://calendar\.example\.com/renewd/p/([0-9a-f]{40})/", shell("page").out)
    assert len(set(links)) == 2
    assert re.findall(r"/p/([0-9a-f]{40})/", shell("page", "--person", "mom").out) == links[1:]
    wrong = shell("page", "--person", "mon")
    assert (wrong.code, "'mon'" in wrong.err) == (2, True)
