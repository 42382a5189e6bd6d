"""By which way: each command with somebody reached by mail, somebody by push, and somebody by both."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import timedelta

import pytest

from renewd.domain.outcome import Outcome
from renewd.ledger import Draft, Reminded, Settlement, Start
from renewd.ledger.places import open_ledger
from shell import NOW, Shell

FILE = """language = "{language}"
timezone = "America/New_York"
[mail]
to = "me@example.com"
[push.phone]
service = "ntfy"
url = "{url}"
[push.bell]
service = "pushplus"
url = "{url}"
only = "urgent"
[person.me]
push = ["phone"]
[person.dad]
email = "dad@example.com"
[person.mom]
push = ["bell"]
[plan.tello]
for = ["me", "dad", "mom"]
renews = 2026-12-05
every = "30 days"
price = 5
"""
KEY = "tello/renewal/2026-12-05"


def written(shell: Shell, language: str = "en", url: str = "http://127.0.0.1:9") -> Shell:
    shell.language = language
    shell.environment = {"RENEWD_PUSH_PHONE": "topic-of-mine", "RENEWD_PUSH_BELL": "token-of-moms"}
    shell.write(FILE.format(language=language, url=url))
    return shell


@pytest.fixture
def sent(shell: Shell) -> Shell:
    """A shell on a ledger with a mail and two pushes of three leads."""
    written(shell).state.mkdir(mode=0o700)
    with closing(open_ledger(None, shell.state, NOW).ledger) as ledger:
        for channel, person, account, lead, outcome in (
            ("mail", "dad", "maildir", 3, Outcome(result="sent")),
            ("push:phone", "me", "ntfy:phone", 3, Outcome(result="sent", reason="push-sent")),
            ("push:bell", "mom", "pushplus:bell", 1, Outcome(result="sent", reason="push-accepted")),
            ("push:phone", "me", "ntfy:phone", 1, Outcome(result="failed", scope="account", reason="push-unreachable")),
        ):
            ours = ledger.of_channel(channel)
            data = b'{"key":"k","person":"me","kind":"renewal","plan":"tello","date":"2026-12-05","lead":3,"title":"Tello stops","text":"Renew.","link":"https://renewd.example.com/p/GEHEIM/"}'
            draft = Draft(
                person=person, address=channel if person != "dad" else "dad@example.com", account=account,
                message_id=f"{person}{lead}", subject="Tello stops", data=data,
                reminders=(Reminded(KEY, lead, "tello", "renewal"),), composed_at=NOW,
            )  # fmt: skip
            (mail,) = ours.claim([draft])
            ours.exchange(starts=[Start(mail, NOW)])
            ours.settle([Settlement(mail=mail, outcome=outcome, at=NOW)])
    return shell


def test_history_names_the_way_and_what_the_service_said(sent: Shell) -> None:
    lines = [" ".join(line.split()) for line in sent("history").out.splitlines()[:5]]
    assert lines[0] == "ID When To By State Subject"
    assert lines[1].endswith("me phone not sent Tello stops")
    assert lines[2].endswith("mom bell accepted, sent later by the service Tello stops")
    assert lines[4].endswith("dad mail sent Tello stops")
    channels = [one["channel"] for one in json.loads(sent("history", "--json").out)]
    assert channels == ["push:phone", "push:bell", "push:phone", "mail"]


def test_a_push_is_shown_without_its_link_which_is_as_good_as_a_key(sent: Shell) -> None:
    said = sent("history", "show", "3").out
    assert said.startswith("pushplus:bell: accepted, sent later by the service, after 1 try\n")
    assert said.endswith("Tello stops\nRenew.\n")
    assert "GEHEIM" not in said


def test_status_counts_mails_and_each_push(sent: Shell) -> None:
    said = [" ".join(line.split()) for line in sent("status").out.splitlines()]
    assert "7 days 1 sent" in said
    assert "Pushes phone: 1 sent, 1 not sent" in said
    assert "bell: 1 sent" in said


@pytest.mark.parametrize(
    ("language", "ways"),
    [("en", "dad (mail), me (mail, phone), mom (bell)"), ("zh-CN", "dad（邮件）, 我（邮件，phone）, mom（bell）")],
)
def test_the_agenda_names_ways_and_leaves_out_what_has_none(shell: Shell, language: str, ways: str) -> None:
    written(shell, language).width = 120
    said = shell("agenda", "--from", "2026-12-02", "--days", "3").out
    rows = [line for line in said.splitlines() if KEY in line]
    assert [row.rsplit("/", 1)[1].strip() for row in rows] == ["3", "1"]
    assert "mom" not in rows[0]  # her push carries what is urgent alone
    assert all(way in rows[1] for way in ways.split(", "))
    read = json.loads(shell("agenda", "--from", "2026-12-02", "--days", "3", "--json").out)
    channels = {one["to"]: one["channels"] for one in read if one["lead"] == 1}
    assert channels == {"me": ["mail", "push:phone"], "dad": ["mail"], "mom": ["push:bell"]}


def test_the_agenda_of_now_leaves_out_what_every_way_has_brought(sent: Shell) -> None:
    sent.now = NOW + timedelta(days=1)
    now = sent.now.strftime("%Y-%m-%dT%H:%M:%SZ")
    read = json.loads(sent("agenda", "--json").out)
    assert [one["to"] for one in read if one["at"] == now and one["kind"] == "renewal"] == ["me"]  # no mail yet


def test_simulate_lists_pushes_beside_the_mails(shell: Shell) -> None:
    into = shell.folder / "mails"
    said = written(shell)("simulate", "--from", "2026-12-04", "--days", "1", "--into", str(into))
    assert (said.code, said.err) == (0, "")
    *rows, _, last = said.out.splitlines()
    ways = [tuple(row.split("  ")[1:3]) for row in rows]
    assert set(ways) == {("dad", "mail"), ("me", "mail"), ("me", "phone"), ("mom", "bell")}
    mails = sum(way == "mail" for _, way in ways)
    assert len(list((into / "new").iterdir())) == mails
    assert last == f"{mails} mails written into {into}. {len(rows) - mails} pushes, listed only."


def test_check_and_doctor_say_who_is_reached_how_and_what_nobody_has(shell: Shell) -> None:
    said = written(shell)("check")
    assert "By mail: me, dad. By phone: me. By bell: mom." in " ".join(said.out.split())
    said = shell("doctor").out
    assert "Ways" in said
    assert "mom: bell" in said
    assert "me: mail, phone" in said
    shell.write(shell.config.read_text().replace('language = "en"', 'language = "zh-CN"'))
    assert "我：邮件，phone" in shell("doctor").out
    shell.write(shell.config.read_text().replace('push = ["phone"]', "push = []"))
    assert "phone 没有人用" in shell("doctor").out


def test_check_names_a_push_without_a_key(shell: Shell) -> None:
    written(shell).environment = {"RENEWD_PUSH_PHONE": "topic-of-mine"}
    said = shell("check")
    assert said.code == 78
    assert "RENEWD_PUSH_BELL" in said.out
