"""Pushes of several machines on one database: each once, and what a dead machine had in flight once more at most."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

from delivery.desk import MINUTE, NO_DIGEST, START
from delivery.doorbell import WELL, Doorbell
from fake_push_service import running
from households import household, person, plan
from postgres import server
from renewd.ledger.places import open_ledger

PEOPLE = [f"p{n}" for n in range(30)]


def home():
    plans = [plan(f"line-{one}", renews="2026-12-05", every="30 days", price="5", told=(one,)) for one in PEOPLE]
    return household(*plans, leads=NO_DIGEST, **{one: person(one, push=("phone",), email="") for one in PEOPLE})


def machine(fake, url: str, folder: Path) -> Doorbell:
    return Doorbell(fake, home(), ledger=open_ledger(url, folder, START).ledger)


async def test_four_machines_that_look_at_once_push_each_once(tmp_path: Path) -> None:
    url = server().url()
    async with running() as fake:
        fake.says(200, WELL)
        machines = [machine(fake, url, tmp_path) for _ in range(4)]
        await asyncio.gather(*(one.ring() for one in machines))
        assert all(await asyncio.gather(*(one.ring(after=MINUTE) for one in machines)))
        rung = Counter(one.json["id"] for one in fake.received)
        assert len(rung) == len(PEOPLE)
        assert set(rung.values()) == {1}
        for one in machines:
            one.ledger.close()


async def test_what_a_dead_machine_had_in_flight_another_pushes_once_more(tmp_path: Path) -> None:
    url = server().url()
    async with running(fault="hang") as fake:
        gone, left = machine(fake, url, tmp_path), machine(fake, url, tmp_path)
        ringing = asyncio.create_task(gone.ring())
        await fake.asked.wait()
        ringing.cancel()  # killed: it writes nothing more
        await asyncio.wait([ringing])
        server().sql("UPDATE mail SET state = 'sending' WHERE state = 'unknown'", url)
        gone.ledger.close()
        server().sql("UPDATE node SET lease = '-infinity'", url)
        fake.fault = ""
        fake.says(200, WELL)
        in_flight = len(fake.received)
        for _ in range(4):
            await left.ring(after=8 * MINUTE)
        rung = Counter(one.json["id"] for one in fake.received)
        assert len(rung) == len(PEOPLE)
        assert sum(count > 1 for count in rung.values()) == in_flight
        assert max(rung.values()) == 2
        left.ledger.close()
