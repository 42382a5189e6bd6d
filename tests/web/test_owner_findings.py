"""What the owner should look at: who was not reached, mistakes of the file, and what `doctor` would find."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from home_with_page import HOME, page_of
from renewd.domain.findings import Seen
from renewd.ledger import Backoff, Failing
from sites import NOW, Site, running

MOM = Failing("mom", "mom@example.com", "a", NOW, "refused", "450 try later")


async def look(site: Site) -> str:
    """The owner's block, as words."""
    words = re.sub(r"\s+", " ", (await site.get(page_of(site))).words)
    return words[words.index("Only you can see this part") : words.index("Further down")]


async def test_the_owner_reads_what_somebody_was_not_told(tmp_path, monkeypatch):
    """What is open for whom no mail reaches, by which day, the server's words and the next try; nobody else sees it."""
    async with running(tmp_path, HOME) as site:
        backoff = Backoff(failures=3, since=NOW, next_try=NOW + timedelta(minutes=40), reason="recipient-not-now")
        monkeypatch.setattr(site.daemon, "unreached", lambda: (MOM,))
        monkeypatch.setattr(site.daemon.ledger, "backoffs", lambda: {"person:mom": backoff, "person:me": backoff})
        block = await look(site)
        assert re.search(r"It says Tello \(bank\) ?: renew \$5\.00 ?, by Fri, Dec 4", block), block
        assert "450 try later" in block
        assert "Next try Wed, Dec 2 , 10:40 AM , try 4" in block
        assert "Not reached" not in (await site.get(page_of(site, "mom"))).words


@pytest.mark.parametrize(
    ("written", "instead", "said"),
    [
        ("price = 5", "prise = 5", "Tello (bank) goes on as it was written on Wed, Dec 2 , 10 AM"),
        ("[plan.secret]", "[plan.new]\nprise = 5\n[plan.secret]", "This one counts once it is right"),
        ('timezone = "America/New_York"', 'timezone = "America/Nowhere"', "What was last good stays in force"),
    ],
)
async def test_a_mistake_says_where_it_is_and_what_holds_meanwhile(tmp_path, written, instead, said):
    async with running(tmp_path, HOME) as site:
        site.paths.config.write_text(site.paths.config.read_text("utf-8").replace(written, instead, 1), "utf-8")
        line = site.paths.config.read_text("utf-8").split(instead.partition("\n")[0])[0].count("\n") + 1
        block = await look(site)
        assert said in block
        assert f"plans.toml:{line}" in block.replace("new]", "")


async def test_what_doctor_would_find_is_shown_to_the_owner_alone(tmp_path, monkeypatch):
    """A state folder that others can look into, a file that others can read, a backup whose path cannot be looked at."""
    monkeypatch.setattr("renewd.service.file_scan.newest", lambda *_: Seen(why="denied"))  # root may look anywhere
    file = HOME.replace("[plan.visible]", '[[plan.tello.backup]]\nwhat = "photos"\npath = "/srv/x"\n[plan.visible]')
    async with running(tmp_path, file) as site:
        site.paths.config.chmod(0o644)
        site.paths.state.chmod(0o755)
        site.daemon.config.ask_reload()
        await site.daemon.run_pass()
        block = await look(site)
        assert block.count("What doctor found") == 3, block
        assert "there is no permission to look at its path" in block
        assert "chmod 700" in block
        assert "others may read this file" in block
        assert "3 to look at" in (await site.get(page_of(site))).words
        assert "doctor" not in (await site.get(page_of(site, "mom"))).words
