"""The daemon with pushes: beside the mails, told in the next mail where they are refused, known to `status`."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from email import message_from_string, policy

from fake_push_service import running
from renewd.disk import Paths
from renewd.ledger.sqlite import in_memory
from renewd.service import live_config
from renewd.service.daemon import Daemon
from renewd.service.live_config import read_config

START = datetime(2026, 12, 2, 15, 0, tzinfo=UTC)
FILE = """
timezone = "America/New_York"
language = "en"
[remind]
digest = []
[mail]
to = "me@example.com"
[person.me]
push = ["phone"]
[person.mom]
push = ["phone"]
[push.phone]
service = "bark"
url = "{url}"
[plan.tello]
for = ["me", "mom"]
renews = 2026-12-05
every = "30 days"
price = 5
"""


class House:
    def __init__(self, folder, url, monkeypatch, *, once=True, text=FILE):
        monkeypatch.setenv("RENEWD_PUSH_PHONE", "Kanarienvogel")
        self.paths = Paths(folder / "plans.toml", folder / "state")
        self.paths.state.mkdir()
        self.paths.config.write_text(text.format(url=url))
        self.now = START
        self.heard = []
        self.daemon = Daemon(
            self.paths,
            read_config(self.paths, START, None),
            ledger=in_memory(),
            fresh=True,
            clock=lambda: self.now,
            tell=self.heard.append,
            once=once,
        )

    @property
    def mails(self):
        files = (self.paths.state / "Maildir" / "new").iterdir()
        mails = [message_from_string(one.read_text(), policy=policy.default) for one in files]
        return [mail.get_body(("plain",)).get_content() for mail in mails]


async def test_a_mail_and_a_push_each_to_whom_they_reach(tmp_path, monkeypatch):
    async with running() as fake:
        fake.says(200, {"code": 200})
        house = House(tmp_path, fake.url, monkeypatch)
        await house.daemon.begin()
        assert await house.daemon.run_pass()
        assert await house.daemon.run_pass()
        assert len(fake.received) == 2
        assert len(house.mails) == 1
        assert sorted((line.channel, line.person) for line in house.daemon.ledger.history()) == [
            ("mail", "me"), ("push:phone", "me"), ("push:phone", "mom"),
        ]  # fmt: skip
        assert house.daemon.unreached() == ()


async def test_a_refused_push_is_told_in_the_next_mail_and_status_knows_whom_nothing_reaches(tmp_path, monkeypatch):
    async with running() as fake:
        fake.says(400, {"code": 400, "message": "failed to get device token"})
        house = House(tmp_path, fake.url, monkeypatch)
        await house.daemon.begin()
        assert not await house.daemon.run_pass()
        assert [one.person for one in house.daemon.unreached()] == ["mom"]
        house.now += timedelta(days=2)
        assert not await house.daemon.run_pass()
        assert len(fake.received) == 1
        assert ["refuses the key" in mail for mail in house.mails].count(True) == 1


async def test_a_push_service_that_hangs_delays_no_mail_and_no_stop(tmp_path, monkeypatch):
    async with running(fault="hang") as fake:
        house = House(tmp_path, fake.url, monkeypatch, once=False)
        await house.daemon.begin()
        await house.daemon.run_pass()
        await fake.asked.wait()
        assert len(house.mails) == 1
        assert {line.state for line in house.daemon.ledger.history() if line.channel != "mail"} == {"sending"}
        house.daemon.stop()
        await house.daemon.finish()
        assert {line.state for line in house.daemon.ledger.history() if line.channel != "mail"} == {"unknown"}


async def test_one_service_of_three_that_hangs_holds_up_neither_the_others_nor_the_mails(tmp_path, monkeypatch):
    people = [f"p{n}" for n in range(10)]
    async with running(fault="hang") as hangs, running() as one, running() as two:
        services = {"phone": hangs, "one": one, "two": two}
        lines = ['timezone = "America/New_York"\nlanguage = "en"\n[remind]\ndigest = []\n[mail]\nto = "me@example.com"']
        for id_, fake in services.items():
            monkeypatch.setenv(f"RENEWD_PUSH_{id_.upper()}", "Kanarienvogel")
            fake.says(200, {"code": 200})
            lines.append(f'[push.{id_}]\nservice = "bark"\nurl = "{fake.url}"')
        for who in people:
            lines.append(f'[person.{who}]\nemail = "{who}@example.com"\npush = ["phone", "one", "two"]')
            lines.append(f'[plan.line-{who}]\nfor = ["{who}"]\nrenews = 2026-12-05\nevery = "30 days"\nprice = 5')
        house = House(tmp_path, "", monkeypatch, once=False, text="\n".join(lines))
        await house.daemon.begin()
        await house.daemon.run_pass()
        assert len(house.mails) == 10
        ways = {account: task for account, task in house.daemon._pushing._running.items() if account != "bark:phone"}
        assert await asyncio.gather(*ways.values()) == [True, True]
        assert [len(fake.received) for fake in (one, two)] == [10, 10]
        assert not house.daemon._pushing._running["bark:phone"].done()
        house.daemon.stop()
        await house.daemon.finish()


async def test_a_fact_that_is_recorded_takes_the_push_back_in_the_next_pass(tmp_path, monkeypatch):
    monkeypatch.setattr(live_config, "_SETTLED", 0)
    async with running() as fake:
        fake.says(200, {"code": 200})
        fake.says(200, {"version": "v2.3.4"}, at="/info")
        house = House(tmp_path, fake.url, monkeypatch)
        await house.daemon.begin()
        assert await house.daemon.run_pass()
        assert await house.daemon.run_pass()
        assert len(fake.received) == 2
        house.paths.config.write_text(FILE.format(url=fake.url).replace("2026-12-05", "2027-01-04"))
        assert await house.daemon.run_pass()
        assert await house.daemon.run_pass()
        assert [(one.path, one.method) for one in fake.received[2:]] == [("/info", "GET")] + 2 * [("/push", "POST")]
        assert all(one.json["delete"] == "1" for one in fake.received[3:])


def test_who_has_no_push_and_no_heartbeat_pays_for_neither(tmp_path):
    (tmp_path / "plans.toml").write_text(
        '[mail]\nto = "me@example.com"\n[plan.x]\nrenews = 2026-10-01\nevery = "30 days"\n'
    )
    code = """if True:
        import sys
        from renewd.cli import main
        main(["--config", "plans.toml", "--state", "state", "run", "--once"])
        print(*sorted({"httpx2", "renewd.service.pushing", "renewd.channels.http"} & set(sys.modules)), "none")
    """
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "none"


async def test_two_people_of_one_serverchan_key_have_their_turns_twelve_seconds_apart(tmp_path, monkeypatch):
    async with running() as fake:
        fake.says(200, {"code": 0, "data": {"errno": 0}})
        house = House(tmp_path, fake.url, monkeypatch, text=FILE.replace('"bark"', '"serverchan"'))
        await house.daemon.begin()
        assert not await house.daemon.run_pass()
        assert len(fake.received) == 1
        assert house.daemon.wake_at() == START + timedelta(seconds=12)
        house.now += timedelta(seconds=12)
        assert await house.daemon.run_pass()
        assert len(fake.received) == 2
