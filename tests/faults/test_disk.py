"""A disk that fills up while mails go out: nothing is sent that is not written down, and nothing twice."""

from __future__ import annotations

import resource
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from renewd import disk
from renewd.ledger import LedgerError
from renewd.ledger.sqlite import open_ledger
from smtp import peer
from test_outbox import START, Desk, lines

MINUTE = timedelta(minutes=1)


@contextmanager
def full_disk() -> Iterator[None]:
    """Let no file grow beyond what a ledger's log holds already, as far as this process goes."""
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2048, old[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
        signal.signal(signal.SIGXFSZ, handler)


def desk(server, folder: Path, *people: str) -> Desk:
    made = Desk(lines(*people), server)
    made.ledger = open_ledger(folder / "ledger", START).ledger
    made.change(lines(*people))
    return made


async def test_what_cannot_be_written_down_is_not_sent_and_goes_out_once_there_is_room(tmp_path: Path) -> None:
    async with peer() as server:
        ours = desk(server, tmp_path, "me")
        with full_disk():
            for _ in range(30):
                with pytest.raises(LedgerError) as caught:
                    await ours.round(after=MINUTE)
                assert caught.value.code in ("delivery.ledger-full", "delivery.ledger-error")
        assert server.mails == []
        assert await ours.round(after=MINUTE)
        assert len(server.mails) == 1


@pytest.mark.parametrize("people", [1, 60])
async def test_a_disk_that_fills_up_after_the_250_makes_no_second_mail(tmp_path: Path, people: int) -> None:
    """That it was sent stays in memory, and is written first when there is room: also of mails on other connections."""
    names = [f"p{n}" for n in range(people)]
    async with peer() as server:
        ours = desk(server, tmp_path, *names)
        filling = full_disk()
        full = []

        def fill(_: object) -> None:
            if not full and len(server.mails) >= min(people, 10):
                full.append(filling.__enter__())

        ours.outbox._tell = fill
        try:
            for _ in range(30):
                with pytest.raises(LedgerError):
                    await ours.round(after=MINUTE)
        finally:
            filling.__exit__(None, None, None)
        assert len(server.mails) < 20
        for _ in range(3):
            await ours.round(after=MINUTE)
        assert Counter(mail.recipient for mail in server.mails) == Counter(f"{one}@example.com" for one in names)
        assert ours.ledger.counts(START) == {"sent": people}


def test_what_is_replaced_is_on_the_disk_before_it_takes_the_others_place(tmp_path: Path, monkeypatch) -> None:
    """The order that survives a power cut: the new file's bytes, the rename, the folder."""
    import os

    order = []
    plain, rename = os.fsync, Path.replace
    monkeypatch.setattr(
        os, "fsync", lambda handle: (order.append(Path(f"/proc/self/fd/{handle}").readlink()), plain(handle))
    )
    monkeypatch.setattr(Path, "replace", lambda path, to: (order.append("rename"), rename(path, to))[1])
    disk.replace(tmp_path / "status.json", "{}")
    assert order == [tmp_path / ".status.json.new", "rename", tmp_path]
