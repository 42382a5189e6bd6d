"""New addresses, and what `renewd feed` says."""

from __future__ import annotations

import asyncio

from shell import Shell
from sites import running


async def test_rotated_addresses_end_at_once_and_links_in_mails_go_on(tmp_path, shell: Shell):
    """`renewd feed --rotate` beside the running daemon."""
    async with running(tmp_path) as site:
        old, tap = site.links.feed("me"), site.tap()
        said = await asyncio.to_thread(shell, "feed", "--rotate")
        new = site.links.feed("me")
        assert f"http://calendar.example.com/renewd{new}" in said.out
        assert f"webcal://calendar.example.com/renewd{new}" in said.out
        assert [(await site.get(path)).status for path in (old, new, tap)] == [404, 200, 200]
        assert (site.paths.state / "web.json").stat().st_mode & 0o777 == 0o600


def test_feed_says_what_to_write_where_nothing_is_served(shell):
    """Exit 2, with the lines."""
    shell.write('language = "en"\n[mail]\nto = "me@example.com"\n[plan.x]\nrenews = 2026-12-05\n')
    said = shell("feed")
    assert (said.code, said.out) == (2, "")
    assert '[web]  url = "https://renewd.example.com"' in said.err
