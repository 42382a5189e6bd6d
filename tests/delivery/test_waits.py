"""Who and what a refusal holds back, for how long, and what ends the wait."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from delivery.desk import HOUR, MINUTE, NO_DIGEST, START, Desk, keys, lines
from households import household, person, plan
from renewd.channels import open_channel
from renewd.config.addresses import Sender
from renewd.config.secrets import Secret
from renewd.config.settings import MailSettings
from renewd.delivery.events import PersonHeld
from renewd.delivery.outbox import Outbox
from renewd.delivery.waits import stamp_of
from renewd.ledger.sqlite import in_memory
from smtp import peer

RELAY = "554 5.7.1 <x@example.com>: Relay access denied"
SPAM = "550 5.7.1 Message content rejected"


async def test_what_is_said_of_the_sender_at_rcpt_holds_the_account_once_and_for_minutes() -> None:
    """One connection, one recipient asked; 5 minutes later everybody gets theirs."""
    async with peer() as server:
        server.says["RCPT"] = RELAY
        desk = Desk(lines("me", "mom"), server)
        assert not await desk.deliver()
        assert server.count("RCPT") == 1
        assert [*desk.ledger.backoffs()] == [desk.outbox.account_key]
        del server.says["RCPT"]
        assert await desk.deliver(after=5 * MINUTE)
        assert [len(server.to(f"{one}@example.com")) for one in ("me", "mom")] == [1, 1]


async def test_a_mail_refused_for_its_content_holds_its_own_reminders_alone() -> None:
    """Another plan of the same person goes out at its moment; the refused one is tried a day later."""
    async with peer() as server:
        server.says["DOT"] = SPAM
        desk = Desk(lines("me"), server)
        assert not await desk.deliver()
        del server.says["DOT"]
        other = plan("other", renews="2026-12-03", every="30 days", price="3", told=("me",))
        home = lines("me")
        desk.change(household(*home.plans.values(), other, leads=NO_DIGEST, me=person("me")))
        assert not await desk.deliver(after=3 * HOUR)
        assert keys(server, "me@example.com") == ["other/renewal/2026-12-03/1"]
        assert server.connections == 2
        assert not await desk.deliver(after=HOUR)
        assert server.connections == 2
        assert desk.outbox.retry_at == desk.clock.now + timedelta(hours=20)
        await desk.deliver(after=20 * HOUR)
        assert any("line-me/renewal/2026-12-05" in key for key in keys(server, "me@example.com"))
        assert desk.ledger.backoffs() == {}


async def test_every_pass_names_who_waits_and_why() -> None:
    """An address that was refused, and a mail that was for its content; who got theirs is not named."""
    async with peer() as server:
        server.says["RCPT a@example.com"] = "550 5.1.1 No such user"
        server.says["DOT"] = [SPAM, "250 Ok"]
        desk = Desk(lines("a", "b", "c"), server)
        await desk.deliver()
        desk.heard.clear()
        assert not await desk.deliver(after=HOUR)
        day = START + timedelta(days=1)
        assert sorted(desk.heard) == [
            PersonHeld("a", day, "recipient-refused", "550 5.1.1 No such user"),
            PersonHeld("b", day, "message-refused", SPAM),
        ]


async def test_a_wait_for_a_reminder_that_is_settled_is_forgotten() -> None:
    async with peer() as server:
        server.says["DOT"] = [SPAM, "250 Ok"]
        desk = Desk(lines("me"), server)
        await desk.deliver()
        assert [*desk.ledger.backoffs()] == ["reminder:me/line-me/renewal/2026-12-05/3"]
        desk.change(household(plan("b", renews="2026-12-20", told=("me",)), leads=NO_DIGEST, me=person("me")))
        await desk.deliver(after=timedelta(days=11))
        assert desk.ledger.backoffs() == {}


async def test_a_refused_recipient_waits_until_that_address_or_the_settings_change() -> None:
    async with peer() as server:
        server.says["RCPT"] = "550 5.1.1 No such user"
        desk = Desk(lines("a", "b"), server)
        await desk.deliver()
        assert server.count("RCPT") == 2
        home = lines("a", "b")
        people = {**home.people, "b": home.people["b"]._replace(email="new@example.com")}
        desk.change(replace(home, people=people))
        await desk.deliver(after=HOUR)
        assert server.log[-5:].count("RCPT TO:<new@example.com>") == 1
        assert server.count("RCPT") == 3
        desk.channel = replace(desk.channel, settings="another")
        desk.change(replace(home, people=people))
        await desk.deliver(after=HOUR)
        assert server.count("RCPT") == 5


@pytest.mark.parametrize(
    "change",
    [
        {"from_": Sender("renewd", "other@example.com")},
        {"reply_to": "other@example.com"},
        {"to": "other@example.com"},
        {"tls": "implicit"},
        {"port": 465},
        {"username": "other"},
        {"host": "other.example.com"},
    ],
)
def test_a_change_of_any_key_of_mail_ends_a_wait(tmp_path, change) -> None:
    mail = MailSettings(to="me@example.com", from_=Sender("", "me@example.com"), reply_to=None, host="mail.example.com")
    home = lines("me")

    def stamps(settings: MailSettings, password: str) -> list[str]:
        channel = open_channel(settings, Secret(password=password), tmp_path)
        outbox = Outbox(in_memory(), channel, sender="", clock=lambda: START, tell=lambda _: None)
        return [stamp_of(scope, outbox, home) for scope in ("account:x", "person:me", "reminder:me/a/b/1")]

    before = stamps(mail, "secret")
    assert before == stamps(mail, "secret")
    for after in (stamps(mail._replace(**change), "secret"), stamps(mail, "new")):
        assert all(one != other for one, other in zip(before, after, strict=True))
