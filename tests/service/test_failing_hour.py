"""An hour in which every delivery fails, in simulated time: little is written, nothing grows, and nothing is lost."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from renewd.cli.journal_log import JournalLog
from renewd.cli.status_line import StatusLine
from renewd.disk import Paths
from renewd.i18n import language
from renewd.ledger.sqlite import FILENAME, open_ledger
from renewd.service.daemon import Daemon
from renewd.service.journal import Journal
from renewd.service.live_config import read_config
from service.journal_socket import Listener
from service.process import write
from smtp import closed_port

HEAD = """timezone = "America/New_York"
language = "en"
[mail]
to = "me@example.com"
from = "renewd <renewd@example.com>"
host = "127.0.0.1"
port = {port}
tls = "none"
"""
PERSON = '[person.p{i}]\nemail = "p{i}@example.com"\n'
PLAN = '[plan.line-{i}]\nrenews = 2026-12-05\nevery = "30 days"\nprice = 3\nfor = ["p{i}"]\n'
BEGIN = datetime(2026, 12, 4, 14, 0, tzinfo=UTC)
PASSES = 120  # an hour


@pytest.fixture
def port() -> Iterator[int]:
    with closed_port() as port:
        yield port


async def test_an_hour_of_failures_writes_few_lines_and_keeps_no_memory(tmp_path, port):
    listener = Listener(tmp_path)
    text = HEAD.format(port=port) + "".join((PERSON + PLAN).format(i=i) for i in range(10))
    write(tmp_path, text)
    now = [BEGIN]
    opened = open_ledger(tmp_path / "state" / FILENAME, BEGIN)

    def passed() -> float:
        return (now[0] - BEGIN).total_seconds()

    book = JournalLog(language("en"), Journal(listener.path), clock=passed)
    standing = StatusLine(language("en"))

    def tell(event: object) -> None:
        book.tell(event)
        standing.tell(event)

    paths = Paths(tmp_path / "plans.toml", tmp_path / "state")
    daemon = Daemon(
        paths, read_config(paths, BEGIN, None), ledger=opened.ledger, fresh=True, clock=lambda: now[0], tell=tell
    )
    entries, sizes = [], []
    await daemon.begin()
    tracemalloc.start()
    try:
        for number in range(PASSES):
            now[0] = BEGIN + timedelta(seconds=30 * number)
            assert await daemon.run_pass() is False
            entries += listener.entries()
            if number in (PASSES // 4, PASSES - 1):
                gc.collect()
                sizes.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
        opened.ledger.close()
        listener.close()
    assert [entry for entry in entries if "Nothing answers" in entry["MESSAGE"][0]]
    print(f"storm: {len(entries)} lines, {(sizes[1] - sizes[0]) / 1024:+.0f} kB of memory")  # for `make bench`
    assert len(entries) <= 20  # 200 are allowed
    assert sizes[1] - sizes[0] < 100_000
    assert len({entry["MESSAGE"][0] for entry in entries}) == len(entries)
