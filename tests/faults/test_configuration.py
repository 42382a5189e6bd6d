"""plans.toml half-written, emptied, deleted, replaced, broken, while the daemon runs on it."""

from __future__ import annotations

import asyncio
import os
import zoneinfo
from contextlib import closing
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path

import pytest

from faults.machine import GOOD, NOW, Machine
from renewd.domain.dates import forget_zones
from renewd.ledger import LedgerError
from renewd.reminders import NOTHING_FOUND, agenda
from renewd.service import live_config
from renewd.state import read_status
from smtp import peer


@pytest.fixture
def machine(tmp_path: Path, monkeypatch) -> Machine:
    monkeypatch.setattr(live_config, "_SETTLED", 0.01)
    monkeypatch.setenv("TZ", "America/New_York")
    return Machine(tmp_path)


def empty(machine: Machine) -> None:
    machine.write("")


def delete(machine: Machine) -> None:
    machine.paths.config.unlink()


def a_folder(machine: Machine) -> None:
    machine.paths.config.unlink()
    machine.paths.config.mkdir()


def no_toml(machine: Machine) -> None:
    machine.write(GOOD + "renews = [")


def a_bomb(machine: Machine) -> None:
    machine.write("x = " + "[" * 5000)


def unreadable(machine: Machine) -> None:
    machine.write("\udcff".encode("utf-8", "surrogateescape").decode("latin-1"))


@pytest.mark.parametrize("wreck", [empty, delete, a_folder, no_toml, a_bomb, unreadable])
async def test_a_file_that_is_lost_or_broken_costs_nothing_and_is_said_in_one_mail(machine: Machine, wreck) -> None:
    """What was in force stays in force, over a restart too, its reminders go out; put right, it counts at once."""
    await machine.start()
    await machine.run_pass()
    assert machine.keys() == ["tello/renewal/2026-12-05/3", "ultra/renewal/2026-12-09/7"]
    wreck(machine)
    for _ in range(4):
        await machine.run_pass(timedelta(hours=1))
    assert machine.plans == {"tello", "ultra"}
    status = read_status(machine.paths.state)
    assert (status["plans"], bool(status["problems"])) == (2, True)
    await machine.run_pass(timedelta(days=2))
    assert "tello/renewal/2026-12-05/1" in machine.keys()
    said = machine.problems()
    assert said == 1
    machine.ledger.close()
    with closing((await machine.start()).ledger):
        await machine.run_pass(timedelta(days=1))
        assert "tello/renewal/2026-12-05/0" in machine.keys()
        assert machine.problems() == said
        if machine.paths.config.is_dir():
            machine.paths.config.rmdir()
        machine.write(GOOD.replace("2026-12-05", "2027-01-04"))
        await machine.run_pass()
        await machine.run_pass(timedelta(days=1))
        assert not read_status(machine.paths.state)["problems"]
        assert not [key for key in machine.keys() if key.startswith("tello/overdue")]
        assert len(machine.keys()) == len(set(machine.keys()))


async def test_a_clock_that_falls_to_1970_and_comes_back_costs_nothing(machine: Machine) -> None:
    await machine.start()
    await machine.run_pass()
    before = machine.keys()
    right, machine.now = machine.now, datetime(1970, 1, 1, tzinfo=UTC)
    for _ in range(5):
        assert not await machine.run_pass()
    machine.now = right
    await machine.run_pass()
    assert machine.keys() == before
    await machine.run_pass(timedelta(days=2))
    assert "tello/renewal/2026-12-05/1" in machine.keys()
    machine.ledger.close()


@pytest.mark.parametrize("jump", [timedelta(days=7), timedelta(hours=1), timedelta(days=365)])
async def test_a_clock_that_jumps_ahead_sends_what_is_due_by_then_in_one_mail(
    machine: Machine, jump: timedelta
) -> None:
    await machine.start()
    await machine.run_pass()
    count = len(machine.mails())
    await machine.run_pass(jump)
    later = machine.mails()[count:]
    assert len(later) == (jump > timedelta(days=1))
    for keys, text in later:
        stems = [key.rpartition("/")[0] for key in keys]
        assert len(stems) == len(set(stems))  # of what has passed in between, the most urgent alone
        assert "renewd was not running" in " ".join(text.split())
    if jump == timedelta(days=7):
        assert later[0][0] == ["tello/overdue/2026-12-05/-3", "ultra/renewal/2026-12-09/0"]
    machine.ledger.close()


@pytest.mark.parametrize("wrong", ["550 5.1.1 No such user", "554 5.7.1 Spam"])
async def test_a_refused_address_is_tried_at_once_when_the_file_changes_it(machine: Machine, wrong: str) -> None:
    """Otherwise once a day; another plan's price is no reason to try the same address again."""
    async with peer() as server:
        server.says["RCPT me@example.com"] = wrong
        text = GOOD.replace("[mail]", f'[mail]\nhost = "127.0.0.1"\nport = {server.port}\ntls = "none"')
        machine.write(text)
        await machine.start()
        for _ in range(10):
            assert not await machine.run_pass(timedelta(minutes=30))
        assert server.count("RCPT") == 1
        machine.write(text.replace("price = 3", "price = 4"))
        assert not await machine.run_pass()
        assert not await machine.run_pass(timedelta(hours=1))
        assert server.count("RCPT") == 1
        machine.write(text.replace("me@", "li@"))
        await machine.run_pass()
        assert len(server.to("li@example.com")) == 1
        machine.ledger.close()


async def test_a_file_that_goes_on_changing_is_not_read_before_it_is_still(machine: Machine, monkeypatch) -> None:
    """Written piece by piece, as a slow editor or a copy over a network does: no piece is ever in force."""
    await machine.start()
    read = []
    plain = live_config.read_config
    monkeypatch.setattr(
        live_config,
        "read_config",
        lambda *words: (read.append(len(machine.paths.config.read_text())), plain(*words))[1],
    )
    text = GOOD.replace("price = 3", "price = 4")
    pieces = iter(range(60, len(text) + 60, 60))  # four: what never rests is read after five waits

    async def write_on(_: float) -> None:
        if (piece := next(pieces, None)) is not None:
            with machine.paths.config.open("w") as file:
                file.write(text[:piece])
            os.utime(machine.paths.config, ns=(piece, piece))

    monkeypatch.setattr(asyncio, "sleep", write_on)
    await machine.daemon.config.reload_if_changed()
    machine.write(text[:60])
    await machine.daemon.config.reload_if_changed()
    assert read == [len(text)]
    machine.ledger.close()


async def test_plans_that_are_gone_from_the_file_are_named(machine: Machine) -> None:
    """It may be a wish or half a file: the journal says which, so that it does not go unseen."""
    from io import StringIO

    from renewd.cli.console_log import ConsoleLog
    from renewd.cli.screen import Screen

    voice = ConsoleLog(Screen("en", StringIO()), once=False)
    await machine.start()
    await machine.run_pass()
    machine.write(GOOD[: GOOD.index("[plan.ultra]")])
    await machine.run_pass()
    assert machine.plans == {"tello"}
    for event in machine.told:
        voice.tell(event)
    assert "No longer in the file: ultra" in voice._screen.stream.getvalue()
    machine.ledger.close()


async def test_an_edit_does_not_forget_what_could_not_be_written_down(machine: Machine, monkeypatch) -> None:
    """A mail went out, the disk was full, the file is edited before there is room: it is known to be sent all the same."""
    await machine.start()
    write = machine.ledger.exchange

    def full(settlements, drafts, backoffs):
        if settlements:
            raise LedgerError("delivery.ledger-full", path="ledger.db")
        return write(settlements, drafts, backoffs)

    monkeypatch.setattr(machine.ledger, "exchange", full)
    await machine.run_pass()
    assert [line.state for line in machine.ledger.history()] == ["sending"]
    monkeypatch.setattr(machine.ledger, "exchange", write)
    machine.write(GOOD.replace("price = 3", "price = 4"))
    await machine.run_pass()
    assert [line.state for line in machine.ledger.history()] == ["sent"]
    machine.ledger.close()


async def test_the_machines_zone_and_the_rules_of_zones_are_read_again_with_the_file(
    machine: Machine, tmp_path, monkeypatch
):
    """A traveller sets another zone, an upgrade brings other rules: SIGHUP is enough, and so is any edit."""
    machine.write(GOOD.replace('timezone = "America/New_York"\n', ""))
    await machine.start()
    await machine.run_pass()
    assert moment(machine, "tello/renewal/2026-12-05/1") == datetime(2026, 12, 4, 14, tzinfo=UTC)  # 09:00 in New York
    monkeypatch.setenv("TZ", "America/Los_Angeles")
    machine.daemon.config.ask_reload()
    await machine.run_pass()
    assert moment(machine, "tello/renewal/2026-12-05/1") == datetime(2026, 12, 4, 17, tzinfo=UTC)
    rules = tmp_path / "zoneinfo" / "America"
    rules.mkdir(parents=True)
    (rules / "Los_Angeles").write_bytes((files("tzdata") / "zoneinfo" / "America" / "Denver").read_bytes())
    zoneinfo.reset_tzpath([rules.parent])
    try:
        machine.daemon.config.ask_reload()
        await machine.run_pass()
        assert moment(machine, "tello/renewal/2026-12-05/1") == datetime(2026, 12, 4, 16, tzinfo=UTC)
    finally:
        zoneinfo.reset_tzpath()
        forget_zones()
        machine.ledger.close()


def moment(machine: Machine, key: str) -> datetime:
    """Return when a key will be said, as things stand."""
    loaded = machine.daemon.config.in_force.loaded.household
    return next(one.moment for one in agenda(loaded, NOTHING_FOUND, NOW, NOW + timedelta(days=9)) if one.key == key)
