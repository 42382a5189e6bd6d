"""A kind of reminder added to a copy of the project by the words of CONTRIBUTING: it is mailed, listed and shown."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from house.scratch import Scratch

pytestmark = pytest.mark.checkout

NOW = datetime(2026, 12, 1, 15, 0, tzinfo=UTC)
PLANS = """
timezone = "America/New_York"
[mail]
to = "me@example.com"
[plan.main]
renews = 2100-01-01
device = { unlock_on = 2026-12-08 }
"""


@pytest.fixture(scope="module")
def unlock(scratch: Scratch) -> Scratch:
    """Return a copy with the kind that CONTRIBUTING adds."""
    assert len(scratch.follow("A kind of reminder")) == 7
    scratch.replace("daemon/renewd/reminders/kinds.py", '    "digest",\n', '    "unlock",\n    "digest",\n')
    return scratch


def mails(folder: Path) -> list[str]:
    """Return the texts of the mails in a Maildir below a folder, each with its subject first."""
    read = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in folder.rglob("new/*")]
    bodies = [(mail["Subject"], mail.get_body(("plain",))) for mail in read]
    return [f"{subject}\n{body.get_content()}" for subject, body in bodies if body is not None]


def test_its_mail_is_sent_in_both_languages(unlock: Scratch) -> None:
    plans = PLANS.replace("2026-12-08", "2026-01-15")  # over in any year
    unlock.write("plans.toml", f'language = ["zh-CN", "en"]\n{plans}')
    unlock.renewd("run", "--once")
    (mail,) = (text for text in mails(unlock.state) if "main/unlock/2026-01-15/-7" in text)
    assert mail.startswith("main：手机可以解锁，已经可以 ")
    assert "It may be unlocked from " in mail
    assert "起可以解锁。" in mail


def test_the_agenda_has_its_rows(unlock: Scratch) -> None:
    unlock.write("plans.toml", f'language = "en"\n{PLANS}')
    rows = json.loads(unlock.renewd("agenda", "--json", now=NOW).stdout)
    assert [(row["key"], row["title"]) for row in rows if row["kind"] == "unlock"] == [
        ("main/unlock/2026-12-08/0", "main: unlock, possible today"),
        ("main/unlock/2026-12-08/-7", "main: unlock, possible for 7 days"),
    ]
    unlock.write("plans.toml", f'language = "zh-CN"\n{PLANS}')
    assert "解锁，今天可以" in unlock.renewd("agenda", now=NOW).stdout


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("en", ("main: unlock the phone", "The phone may be unlocked from Tue\\, Dec 8 on.", "CATEGORIES:Unlocking")),
        ("zh-CN", ("main：去解锁手机", "起手机可以解锁。", "CATEGORIES:解锁")),
    ],
)
def test_the_calendar_has_its_entry(unlock: Scratch, code: str, words: tuple[str, ...]) -> None:
    unlock.write("plans.toml", f'language = "{code}"\n{PLANS}')
    calendar = unlock.renewd("calendar", now=NOW).stdout.replace("\n ", "")
    assert "DTSTART;VALUE=DATE:20261208" in calendar
    assert [word for word in words if word not in calendar] == []


def test_its_key_is_read_checked_and_explained(unlock: Scratch) -> None:
    unlock.write("plans.toml", f"{PLANS}\n[remind]\nunlock = [3]\n")
    rows = json.loads(unlock.renewd("agenda", "--json", now=NOW).stdout)
    assert [row["lead"] for row in rows if row["kind"] == "unlock"] == [3]
    for code, said in (("en", "did you mean 'unlock'?"), ("zh-CN", "是不是 'unlock'？")):
        unlock.write("plans.toml", f'language = "{code}"\n{PLANS}\n[remind]\nunlcok = [3]\n')
        assert said in unlock.renewd("check", code=78).stdout
    unlock.python("-m", "renewd.cli.generated")
    schema = json.loads(unlock.path("config/plans.schema.json").read_text("utf-8"))
    said = "The day a phone may be unlocked.\n\n手机可以解锁那天。"
    assert said in json.dumps(schema, ensure_ascii=False).replace("\\n", "\n")
    assert "| `unlock` | The day a phone may be unlocked. | `[0, -7]` |" in unlock.path(
        "docs/configuration.md"
    ).read_text("utf-8")
    assert "手机可以解锁那天" in unlock.path("docs/man/zh_CN/plans.toml.5").read_text("utf-8")
