"""`renewd status` and `history`: how things stand, and what became of every mail."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import jsonschema
import pytest

from renewd.disk import replace
from renewd.domain.outcome import Outcome
from renewd.formats.message import MessageParts, compose
from renewd.ledger import Backoff, Draft, Ledger, Reminded, Settlement
from renewd.ledger.sqlite import FILENAME, open_ledger
from renewd.state import STATUS, hold
from shell import NOW, Shell, golden

STANDS = {
    "type": "object",
    "properties": {
        "alive": {"type": "boolean"},
        "since": {"type": ["string", "null"]},
        "next": {
            "type": ["object", "null"],
            "properties": {"at": {"type": "string"}, "key": {"type": "string"}, "to": {"type": "string"}},
            "required": ["at", "key", "to"],
            "additionalProperties": False,
        },
        "failing": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"person": {"type": "string"}, "since": {"type": "string"}, "error": {"type": "string"}},
                "required": ["person", "since", "error"],
                "additionalProperties": False,
            },
        },
        "problems": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["alive", "since", "next", "failing", "problems"],
    "additionalProperties": False,
}
SINCE = datetime(2026, 11, 30, 23, 2, tzinfo=UTC)
NEXT = {"at": "2026-12-10T14:00:00Z", "key": "mom-rp/renewal/2026-12-16/7", "to": "mom"}


@contextmanager
def running(shell: Shell, **more: object) -> Iterator[None]:
    """Hold the state folder as the daemon does, and say what it says about itself."""
    with hold(shell.state):
        status = {"pid": 4127, "since": "2026-11-30T23:02:00Z", "read": "2026-11-30T23:02:00Z", "next": NEXT, **more}
        replace(shell.state / STATUS, json.dumps(status))
        yield


@contextmanager
def ledger_of(shell: Shell) -> Iterator[Ledger]:
    ledger = open_ledger(shell.state / FILENAME, SINCE).ledger
    yield ledger
    ledger.close()


def send(
    ledger: Ledger,
    subject: str,
    outcome: Outcome,
    at: datetime,
    person: str = "mom",
    plan: str = "ultra",
    *more: Reminded,
) -> int:
    data = compose(
        MessageParts(
            from_name="renewd", from_address="renewd@example.com", to_name="妈妈", to_address="mom@example.com",
            reply_to=None, subject=subject, text="正文\n第二行", html="<p>正文</p>",
            message_id=f"<{plan}.{at:%H%M}@example.com>", references=(), date=at, keys=("k",), languages=("en",),
        )
    )  # fmt: skip
    draft = Draft(
        person=person, address=f"{person}@example.com", account="smtp:example", message_id=f"<{plan}.{at:%H%M}@example.com>",
        subject=subject, data=data, reminders=(Reminded(f"{plan}/lost/2026-12-12", 3, plan, "lost"), *more), composed_at=at,
    )  # fmt: skip
    backoff = Backoff(
        failures=4, since=at, next_try=at + timedelta(minutes=30), reason=outcome.reason, reply=outcome.reply
    )
    (mail,) = ledger.claim([draft])
    assert mail is not None
    ledger.settle(
        [Settlement(mail=mail, outcome=outcome, at=at)],
        {"account:smtp:example": None if outcome.result == "sent" else backoff},
    )
    return mail


GREYLISTED = Outcome(result="failed", scope="account", reason="server-not-now", code=450, reply="450 try again later")


def test_a_renewd_that_runs_and_reaches_everybody_is_healthy(shell: Shell) -> None:
    shell.seven()
    with running(shell):
        said = shell("status")
        read = json.loads(shell("status", "--json").out)
    assert (said.code, said.err) == (0, "")
    golden("status-well.en.80.txt", said.out)
    jsonschema.validate(read, STANDS)
    assert read == {"alive": True, "since": "2026-11-30T23:02:00Z", "next": NEXT, "failing": [], "problems": []}


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_a_mail_that_could_not_be_sent_is_shown_with_the_next_try(shell: Shell, language: str) -> None:
    shell.language = language
    shell.seven()
    with running(shell), ledger_of(shell) as ledger:
        send(ledger, "Tello", Outcome(result="sent"), NOW - timedelta(days=2), "me", "tello")
        send(ledger, "Number lost in 3 days: Ultra purple", GREYLISTED, NOW - timedelta(minutes=10))
        said = shell("status")
        read = json.loads(shell("status", "--json").out)
    assert (said.code, said.err) == (1, "")
    golden(f"status.{language}.80.txt", said.out)
    jsonschema.validate(read, STANDS)
    assert [(one["person"], one["since"]) for one in read["failing"]] == [("mom", "2026-12-01T23:04:00Z")]
    assert "450 try again later" in read["failing"][0]["error"]


@pytest.mark.parametrize(
    ("renews", "said"), [("2026-12-09", "1 plan\n"), ("2026-11-28", "1 plan, 1 overdue (see renewd plan list)")]
)
def test_overdue_plans_are_counted(shell: Shell, renews: str, said: str) -> None:
    shell.write(f'language = "en"\nmail.to = "me@example.com"\nplan.a = {{ renews = {renews}, every = "30 days" }}\n')
    assert said in shell("status").out


def test_a_line_that_is_meant_to_run_out_is_not_overdue(shell: Shell) -> None:
    lapses = 'cancel = { how = "lapse", number = "drop" }'
    shell.write(
        f'language = "en"\nmail.to = "me@example.com"\n[plan.a]\nrenews = 2026-11-28\ngrace = "30 days"\n{lapses}\n'
    )
    assert "1 plan\n" in shell("status").out


def test_one_that_does_not_run_is_not_healthy_whatever_it_wrote(shell: Shell) -> None:
    shell.seven()
    with running(shell):
        pass
    read = shell("status", "--json")
    assert read.code == 1
    assert json.loads(read.out) == {"alive": False, "since": None, "next": None, "failing": [], "problems": []}
    said = shell("status")
    assert said.code == 1
    assert said.out.startswith("renewd is not running.\n")
    assert said.out.endswith("Start it: renewd run\nexit 1: something is wrong\n")


def test_mistakes_in_the_file_are_not_healthy_either(shell: Shell) -> None:
    shell.seven().write_text(shell.config.read_text() + 'evry = "1"\n')
    with running(shell):
        read = shell("status", "--json")
    assert read.code == 1
    assert json.loads(read.out)["problems"][0].startswith("plans.toml:")


def test_no_file_at_all_is_a_problem_and_no_traceback(shell: Shell) -> None:
    read = shell("status", "--json")
    assert read.code == 1
    assert len(json.loads(read.out)["problems"]) == 1


def test_looking_does_not_keep_a_renewd_from_starting(shell: Shell) -> None:
    shell.seven()
    with running(shell):
        shell("status")
    with hold(shell.state):
        pass


# --- history --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_history_is_a_line_a_mail_newest_first(shell: Shell, language: str) -> None:
    shell.language = language
    shell.seven()
    with ledger_of(shell) as ledger:
        send(
            ledger,
            "Tello (bank) stops in 3 days: renew $5.00 by Fri, Dec 4 (+3 more) (late reminder)",
            Outcome(result="sent"),
            SINCE,
            "me",
            "tello",
        )
        send(ledger, "Ultra 紫卡 3 天后失号：最晚 12月11日周五充 $3.00，这一行很长很长很长很长", GREYLISTED, NOW)
    said = shell("history")
    assert (said.code, said.err) == (0, "")
    golden(f"history.{language}.80.txt", said.out)


def test_history_of_one_plan_and_for_programs(shell: Shell) -> None:
    shell.seven()
    with ledger_of(shell) as ledger:
        send(ledger, "Tello", Outcome(result="sent"), SINCE, "me", "tello")
        send(ledger, "Ultra", GREYLISTED, NOW)
    read = json.loads(shell("history", "--plan", "ultra", "--json").out)
    assert read == [
        {
            "id": 2,
            "at": "2026-12-01T23:14:00Z",
            "to": "mom",
            "address": "mom@example.com",
            "subject": "Ultra",
            "state": "failed",
            "tries": 1,
            "next_try": None,
            "message_id": "<ultra.2314@example.com>",
            "keys": ["ultra/lost/2026-12-12/3"],
            "last": {
                "at": "2026-12-01T23:14:00Z",
                "result": "failed",
                "reason": "server-not-now",
                "code": 450,
                "reply": "450 try again later",
            },
        }
    ]
    assert shell("history", "--plan", "main").out == "Nothing has been sent about main yet.\n"


def test_a_mail_is_shown_decoded_with_every_try_or_as_its_bytes(shell: Shell) -> None:
    shell.seven()
    with ledger_of(shell) as ledger:
        mail = send(ledger, "Ultra 紫卡 3 天后失号", GREYLISTED, NOW)
        kept = ledger.mail(mail)
    assert kept is not None
    said = shell("history", "show", str(mail))
    assert (said.code, said.err) == (0, "")
    golden("history-show.en.80.txt", said.out)
    assert shell("history", "show", str(mail), "--raw").raw == kept.data
    for wrong in ("99", "x", "-1", "٣"):
        assert shell("history", "show", "--", wrong).code == 2


def test_instants_are_on_the_clock_of_who_runs_renewd(shell: Shell) -> None:
    shell.seven()
    text = shell.config.read_text("utf-8")
    shell.write(f'{text}\n[person.me]\ntimezone = "Asia/Shanghai"\n')
    with ledger_of(shell) as ledger:
        mail = send(ledger, "Ultra", GREYLISTED, NOW)  # 18:14 in New York
    assert "Wed, Dec 2, 7:14 AM" in shell("history").out
    assert "Wed, Dec 2, 7:14 AM" in shell("history", "show", str(mail)).out
    with running(shell):
        assert "Tue, Dec 1, 7:02 AM" in shell("status").out


def test_renewds_own_note_of_a_first_mail_is_not_shown(shell: Shell) -> None:
    shell.seven()
    own = Reminded("@me/welcome/2000-01-01", 0, None, "welcome")
    with ledger_of(shell) as ledger:
        mail = send(ledger, "Tello", Outcome(result="sent"), NOW, "me", "tello", own)
    (read,) = json.loads(shell("history", "--json").out)
    assert read["keys"] == ["tello/lost/2026-12-12/3"]
    assert "welcome" not in shell("history", "show", str(mail)).out


def test_a_connection_that_failed_before_any_mail_is_in_the_history(shell: Shell) -> None:
    """A refused login is no mail, and the answer to why nothing came."""
    shell.seven()
    refused = Outcome(result="refused", scope="account", reason="auth-refused", code=535, reply="535 5.7.8 No")
    with ledger_of(shell) as ledger:
        ledger.note_connection("me@mail.example.com:587", refused, NOW)
    said = shell("history")
    [line] = json.loads(shell("history", "--json").out)
    shown = shell("history", "show", str(line["id"]))
    assert "The server refused the user name" in said.out
    assert "535 5.7.8 No" in shown.out
    assert (line["to"], line["state"], line["last"]["reply"]) == (None, "failed", "535 5.7.8 No")
    assert "me@mail.example.com:587" in shown.out
    assert "13 months" not in shown.out


def test_history_of_a_plan_that_is_not_there_suggests_the_one_that_was_meant(shell: Shell) -> None:
    shell.seven()
    said = shell("history", "--plan", "ultr")
    assert said.code == 2
    assert "ultra" in said.err


@pytest.mark.parametrize(("looked", "code"), [(NOW - timedelta(hours=23), 0), (NOW - timedelta(hours=26), 1)])
def test_under_cron_it_is_healthy_if_it_looked_within_the_last_day(shell: Shell, looked: datetime, code: int) -> None:
    shell.seven()
    status = {"pid": 1, "since": f"{looked:%FT%TZ}", "once": True, "looked": f"{looked:%FT%TZ}", "next": NEXT}
    shell.state.mkdir(mode=0o700, exist_ok=True)
    replace(shell.state / STATUS, json.dumps(status))
    said = shell("status")
    assert (said.code, "not running" in said.out) == (code, bool(code))
    read = json.loads(shell("status", "--json").out)
    assert (read["alive"], read["next"]) == (False, None if code else NEXT)


def test_a_daemon_that_has_done_nothing_for_minutes_is_not_healthy(shell: Shell) -> None:
    shell.seven()
    with running(shell):
        status = json.loads((shell.state / STATUS).read_text())
        late = NOW - timedelta(minutes=20)
        replace(shell.state / STATUS, json.dumps({**status, "looked": f"{late:%FT%TZ}"}))
        said = shell("status")
    assert said.code == 1
    assert "does nothing" in said.out


def test_whoever_waits_is_named_while_a_delivery_hangs(shell: Shell) -> None:
    shell.seven()
    with running(shell):
        status = json.loads((shell.state / STATUS).read_text())
        late = NOW - timedelta(minutes=20)
        replace(shell.state / STATUS, json.dumps({**status, "waiting": {"mom": f"{late:%FT%TZ}"}}))
        read = json.loads(shell("status", "--json").out)
    assert [one["person"] for one in read["failing"]] == ["mom"]


def test_what_the_running_renewd_cannot_see_comes_first(shell: Shell) -> None:
    """The file may be root's alone, or a folder hidden from the service: who asks sees more than it does."""
    shell.seven()
    said = {"en": "plans.toml: may not be read", "zh-CN": "plans.toml: 读不了"}
    with running(shell, problems=[{"code": "check.no-permission", "text": said}], plans=2):
        shown = shell("status")
        problems = json.loads(shell("status", "--json").out)["problems"]
    assert shown.code == 1
    assert "There are 2 mistakes to fix." in shown.out
    assert problems[0] == "The running renewd says: plans.toml: may not be read"
    assert problems[1].startswith("The running renewd has 2 plans, the files have 7")


def test_a_mistake_that_who_asks_sees_too_is_shown_once(shell: Shell) -> None:
    shell.write("[mail]\nto = 'me@example.com'\n[plan.a]\nrenews = 2027-01-05\nfoo = 1\n")
    with running(shell, plans=1):
        [found] = json.loads(shell("status", "--json").out)["problems"]
    with running(shell, plans=1, problems=[{"text": {"en": found}}]):
        assert json.loads(shell("status", "--json").out)["problems"] == [found]


def test_an_edit_that_the_running_renewd_has_not_read_yet_is_no_trouble(shell: Shell) -> None:
    shell.seven()
    moment = (NOW - timedelta(seconds=30)).timestamp()
    os.utime(shell.config, (moment, moment))
    with running(shell, plans=2, problems=[{"text": {"en": "plans.toml: may not be read"}}]):
        assert json.loads(shell("status", "--json").out)["problems"] == []


@pytest.mark.parametrize(
    ("channel", "row"),
    [
        ({"name": "maildir", "folder": "/srv/state/Maildir"}, "no mail.host: mails go to /srv/state/Maildir"),
        ({"name": "smtp", "host": "mail.example.com:587"}, "mail.example.com:587, as renewd@example.com"),
        ({"name": "of-a-later-version"}, None),
        (None, None),
    ],
)
def test_status_says_where_mails_go(shell: Shell, channel: dict[str, str] | None, row: str | None) -> None:
    with running(shell, channel=channel, sender="renewd@example.com"):
        shown = {line.split("  ")[0]: line.split("  ", 1)[-1].strip() for line in shell("status").out.splitlines()}
    assert shown.get("Mails") == row


@pytest.mark.parametrize(
    ("answers", "row"),
    [
        ({"mailbox": "me, imap.example.com", "looked": "2026-12-01T13:58:00Z", "trouble": None}, "me, imap.example.com, read Tue, Dec 1"),
        ({"mailbox": "me, imap.example.com", "looked": None, "trouble": None}, "me, imap.example.com, not read yet"),
        ({"mailbox": "me", "looked": None, "trouble": {"en": "The mailbox refused the login"}}, "The mailbox refused the login"),
        (None, None),
    ],
)  # fmt: skip
def test_the_row_of_answers_says_when_the_mailbox_was_read_or_what_is_in_the_way(shell: Shell, answers, row) -> None:
    """It keeps no mail from leaving, so that renewd is well all the same."""
    shell.seven()
    with running(shell, plans=7, answers=answers):
        said = shell("status")
        rows = [line for line in said.out.splitlines() if line.startswith("Answers")]
        assert (said.code, len(rows)) == (0, 1 if row else 0)
        assert row is None or row in rows[0]
