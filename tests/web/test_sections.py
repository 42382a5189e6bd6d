"""The blocks below what is open: what the owner should look at."""

from __future__ import annotations

import re

from home_with_page import HOME, page_of
from renewd.ledger import Failing
from sites import NOW, running


async def test_the_owner_reads_what_somebody_was_not_told(tmp_path, monkeypatch):
    """What is open for whom no mail reaches, by which day, and the server's words; nobody else sees it."""
    async with running(tmp_path, HOME) as site:
        failing = Failing("mom", "mom@example.com", "a", NOW, "refused", "450 try later")
        monkeypatch.setattr(site.daemon, "unreached", lambda: (failing,))
        words = re.sub(r"\s+", " ", (await site.get(page_of(site))).words)
        block = words[words.index("Not reached") : words.index("Further down")]
        assert re.search(r"It says Tello \(bank\) ?: renew \$5\.00 ?, by Fri, Dec 4", block), block
        assert "450 try later" in block
        assert "Not reached" not in (await site.get(page_of(site, "mom"))).words
