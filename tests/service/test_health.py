"""One truth in `status`, /healthz, the status line and the watchdog, whatever fails in a pass."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from faults.machine import Machine
from households import at, household, person, plan
from renewd.ledger import Backoff
from renewd.ledger.sqlite import in_memory
from renewd.service import daemon as module
from renewd.service import live_config, scheduler
from renewd.service.daemon_events import StepFailed, Trouble
from renewd.service.unreached import unreached

HOUR = timedelta(hours=1)
NOW = at("2026-12-02 10:00")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_whoever_waits_counts_once_their_mail_is_late() -> None:
    home = household(plan("tello"), me=person(), mom=person("mom"))
    ledger = in_memory()
    waiting = {"me": NOW - HOUR, "mom": NOW - timedelta(minutes=1), "gone": NOW - HOUR}
    [found] = unreached(home, ledger, waiting, NOW)
    assert (found.person, found.reason) == ("me", "not-tried")


def test_whoever_waits_behind_a_dead_server_counts_at_once_with_its_reason() -> None:
    home = household(plan("tello"), me=person(), mom=person("mom"))
    ledger = in_memory()
    backoff = Backoff(failures=1, since=NOW - HOUR, next_try=NOW + HOUR, reason="timeout")
    ledger.settle([], {"account:mail.example.com:587": backoff})
    found = unreached(home, ledger, {"me": NOW, "mom": NOW}, NOW)
    assert {(one.person, one.reason, one.account) for one in found} == {
        ("me", "timeout", "mail.example.com:587"),
        ("mom", "timeout", "mail.example.com:587"),
    }


def _fail(*_: object, **__: object) -> None:
    raise ValueError("nobody thought of it")


@pytest.mark.parametrize(
    ("step", "where", "name"),
    [
        ("config", live_config.LiveConfig, "reload_if_changed"),
        ("files", live_config.LiveConfig, "rescan_files"),
        ("calendars", module.Daemon, "_update_calendars"),
        ("cleanup", module.Daemon, "_prune"),
    ],
)
async def test_a_step_that_fails_is_named_and_keeps_no_mail_back(
    machine: Machine, monkeypatch, step, where, name
) -> None:
    async def fail(*_: object) -> None:
        _fail()

    monkeypatch.setattr(where, name, fail)
    await machine.start()
    await machine.daemon.run_pass()
    assert {one.step for one in machine.told if isinstance(one, StepFailed)} == {step}
    assert not machine.daemon.is_sound
    assert "trouble" in machine.daemon._web.health().wrong
    assert len(machine.mails()) == 1


async def test_a_web_server_that_cannot_be_made_is_named(machine: Machine, monkeypatch) -> None:
    monkeypatch.setattr(module.ServerHandle, "follow", _fail)
    await machine.start()
    await machine.daemon.listen()
    assert [one.step for one in machine.told if isinstance(one, StepFailed)] == ["web"]


async def test_a_state_folder_that_is_not_the_one_of_the_start_ends_the_daemon(machine: Machine) -> None:
    await machine.start()
    await machine.daemon.run_pass()
    shutil.rmtree(machine.paths.state)
    machine.paths.state.mkdir(mode=0o700)
    assert not await machine.daemon.run_pass()
    assert machine.daemon.must_restart
    assert any(isinstance(one, Trouble) and one.error.code == "service.state-gone" for one in machine.told)
    assert list(machine.paths.state.iterdir()) == []


async def test_a_look_that_fails_each_time_ends_the_watchdogs_food(monkeypatch) -> None:
    said: list[str] = []
    monkeypatch.setattr("renewd.service.systemd.notify", said.append)
    sound = [False]

    async def run_pass() -> bool:
        return sound[0]

    beat = scheduler.Scheduler(run_pass)

    async def pass_once() -> int:
        before = len(said)
        await beat._beat()
        assert beat._running is not None
        await beat._running
        return len(said) - before

    assert [await pass_once() for _ in range(5)] == [1, 1, 1, 0, 0]
    sound[0] = True
    assert [await pass_once() for _ in range(3)] == [0, 1, 1]


async def test_the_status_file_says_who_waits_before_anything_is_sent(machine: Machine, monkeypatch) -> None:
    """A mail server may take ten minutes over the first mail."""
    seen: list[dict[str, object]] = []
    plain = module.deliver

    async def deliver(outbox, *words, **more):
        told = outbox.channel.session

        def session():
            seen.append(json.loads((machine.paths.state / "status.json").read_text()))
            return told()

        monkeypatch.setattr(type(outbox.channel), "session", lambda _: session())
        return await plain(outbox, *words, **more)

    with monkeypatch.context() as patch:
        patch.setattr(module, "deliver", deliver)
        await machine.start()
        await machine.daemon.run_pass()
    assert list(seen[0]["waiting"]) == ["me"]
    now = json.loads((machine.paths.state / "status.json").read_text())
    assert now["waiting"] == {}
    assert now["looked"]
