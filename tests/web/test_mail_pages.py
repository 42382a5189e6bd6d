"""The mails of a reader on their pages: the list, and the text of one."""

from __future__ import annotations

import re
from datetime import timedelta

from home_with_page import HOME, page_of
from sites import running


async def test_a_mail_can_be_opened_by_its_reader_alone(tmp_path):
    """The subject leads to the text as it was sent; a mail of somebody else, or none, is not there."""
    async with running(tmp_path, HOME) as site:
        mine, hers = page_of(site), page_of(site, "mom")
        [path] = re.findall(r'href="(mail/\d+)"', (await site.get(mine)).body.decode())
        mail = await site.get(mine + path)
        assert (mail.status, mail.headers["cache-control"]) == (200, "no-store")
        line = next(line for line in site.mail().splitlines() if "Ultra purple" in line)
        assert line.strip() in mail.words
        assert "taken" in mail.words
        assert b"<script" not in mail.body
        for other in (hers + path, f"{mine}mail/999999", f"{mine}mail/{'9' * 16}", f"{mine}mail/x"):
            assert (await site.get(other)).status == 404, other


async def test_earlier_mails_are_on_a_page_of_their_own(tmp_path):
    """Five are on the reader's page; with more there is a link to all."""
    async with running(tmp_path, HOME) as site:
        home = page_of(site)
        assert b'href="mails"' not in (await site.get(home)).body
        for _ in range(30):
            site.now += timedelta(days=1)
            await site.daemon.run_pass()
        page = (await site.get(home)).body.decode()
        assert len(re.findall(r'href="mail/\d+"', page)) == 5
        assert 'href="mails"' in page
        listed = await site.get(f"{home}mails")
        rows = re.findall(r'href="(mail/\d+)"', listed.body.decode())
        assert len(rows) > 5
        assert (await site.get(home + rows[-1])).status == 200
