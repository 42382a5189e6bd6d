"""A disk that fills up while mails go out: nothing is sent that is not written down, and nothing twice."""

from __future__ import annotations

import asyncio
import resource
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from delivery.desk import START, Desk, lines
from faults.machine import Machine
from renewd import disk
from renewd.ledger import Draft, LedgerError, Reminded
from renewd.ledger.sqlite import FILENAME, open_ledger
from renewd.service import daemon, lifecycle, live_config
from service.process import GOOD, command, environment, write
from smtp import AfterSend, Elsewhere, peer

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
                    await ours.deliver(after=MINUTE)
                assert caught.value.code in ("delivery.ledger-full", "delivery.ledger-error")
        assert server.mails == []
        assert await ours.deliver(after=MINUTE)
        assert len(server.mails) == 1


SMALL = """set -e
mount -t tmpfs -o size=600k,mode=700 tmpfs {state}
{run} || exit 1
dd if=/dev/zero of={state}/filler bs=1k count=9999 2>/dev/null || true
cp {folder}/second.toml {folder}/plans.toml
{run} && exit 2
test $? = 75 || exit 3
{run} && exit 4
rm {state}/filler
{run} || exit 5
"""


def test_on_a_disk_that_is_really_full_a_whole_renewd_sends_nothing_and_goes_on_once_there_is_room(
    tmp_path: Path,
) -> None:
    """A file system of its own, as large as a ledger: the new plan's mail waits for room, and comes once."""
    alone = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]
    try:
        able = subprocess.run([*alone, "mount -t tmpfs tmpfs /mnt"], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        able = False
    if not able:
        pytest.skip("no file systems may be mounted here")
    (tmp_path / "state").mkdir(mode=0o700)
    with Elsewhere() as server:
        text = GOOD.replace("[plan.", f'host = "127.0.0.1"\nport = {server.port}\ntls = "none"\n[plan.')
        write(tmp_path, text)
        second = text + '[plan.ultra]\nrenews = 2026-10-01\nevery = "30 days"\nprice = 3\n'
        (tmp_path / "second.toml").write_text(second)
        run = " ".join(command(tmp_path, "run", "--once"))
        script = SMALL.format(run=run, state=tmp_path / "state", folder=tmp_path)
        done = subprocess.run([*alone, script], env=environment(), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stdout.count("The disk is full") == 2, done.stdout + done.stderr
        first, later = (mail.data.decode() for mail in server.mails)
        assert "ultra/" not in first
        assert "ultra/" in later


@pytest.mark.parametrize("people", [1, 60])
async def test_a_disk_that_fills_up_after_the_250_makes_no_second_mail(tmp_path: Path, people: int) -> None:
    """That it was sent stays in memory, and is written first when there is room: also of mails on other connections."""
    names = [f"p{n}" for n in range(people)]
    async with peer() as server:
        ours = desk(server, tmp_path, *names)
        filling = full_disk()
        full = []

        def fill() -> None:
            if not full and len(server.mails) >= min(people, 10):
                full.append(filling.__enter__())

        ours.outbox.channel = AfterSend(ours.channel, fill)
        try:
            for _ in range(30):
                with pytest.raises(LedgerError):
                    await ours.deliver(after=MINUTE)
        finally:
            filling.__exit__(None, None, None)
        assert len(server.mails) < 20
        for _ in range(3):
            await ours.deliver(after=MINUTE)
        assert Counter(mail.recipient for mail in server.mails) == Counter(f"{one}@example.com" for one in names)
        counts = ours.ledger.counts(START)
        assert counts.pop("sent") == people
        assert set(counts) <= {"failed"}  # what was certainly not handed over when the disk was full


async def test_a_ledger_that_is_damaged_while_it_runs_ends_the_daemon_and_the_next_start_goes_on(
    tmp_path: Path, monkeypatch
) -> None:
    """With 1, at which systemd starts it again: the file is put aside, and what is due is said. Nobody has to be there."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)}
    monkeypatch.setattr(live_config, "_SETTLED", 0.01)
    machine = Machine(tmp_path)
    await machine.start()
    await machine.run_pass()
    machine.ledger.claim([large(lead) for lead in range(100)])
    ledger = machine.paths.state / FILENAME
    connection = machine.ledger.database._connection
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.execute("PRAGMA shrink_memory")  # nor does the kernel know by heart what is on a bad disk
    with ledger.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (ledger.stat().st_size - 4096))

    async def begun():
        return machine.daemon

    try:
        assert await asyncio.wait_for(lifecycle._serve(begun, machine.told.append), 20) == 1
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    assert [one.error.code for one in machine.told if isinstance(one, daemon.Trouble)] == ["delivery.ledger-damaged"]
    machine.ledger.close()
    opened = open_ledger(ledger, machine.now)
    opened.ledger.close()
    assert opened.new
    assert opened.damaged.exists()
    await machine.start()
    assert await machine.run_pass(timedelta(days=2))
    assert "tello/renewal/2026-12-05/1" in machine.keys()
    machine.ledger.close()


def large(lead: int) -> Draft:
    return Draft(
        person="mom", address="mom@example.com", account="x", message_id=f"<{lead}@example.com>", subject="x",
        data=b"x" * 20_000, reminders=(Reminded("x/bill/2026-12-05", lead, "x", "bill"),), composed_at=START,
    )  # fmt: skip


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
    assert [order[0].match("*/.renewd-*.new"), *order[1:]] == [True, "rename", tmp_path]
