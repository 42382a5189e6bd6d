"""A channel added to a copy of the project by the words of CONTRIBUTING: chosen by its key, it greets and delivers."""

from __future__ import annotations

import json

import pytest

from house.scratch import Scratch

pytestmark = pytest.mark.checkout

CHANNEL = '''
"""Mails to a program that takes them on standard input, as sendmail does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from renewd.channels import Description
from renewd.config.secrets import Secret
from renewd.config.settings import MailSettings
from renewd.domain.diagnosis import Diagnosis
from renewd.domain.outcome import Envelope, Outcome, clean_reply


@dataclass(frozen=True, kw_only=True)
class Sendmail:
    """A program that delivers a mail."""

    program: Path

    @property
    def account(self) -> str:
        """The program."""
        return f"sendmail:{self.program}"

    @property
    def stamp(self) -> str:
        """The program: nothing else can change."""
        return self.account

    def describe(self) -> Description:
        """Return `sendmail` and its program."""
        return Description("sendmail", {"program": self.program})

    async def diagnose(self, _secret: Secret, _now: datetime) -> AsyncIterator[Diagnosis]:
        """Iterate whether the program is there."""
        found = self.program.exists()
        yield Diagnosis("sendmail", "ok" if found else "missing", "ok" if found else "bad", {"path": self.program})

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Sendmail]:
        """Return itself: there is nothing to open."""
        yield self

    async def send(self, envelope: Envelope) -> Outcome:
        """Run the program once."""
        words = (str(self.program), "-i", "-f", envelope.sender, "--", envelope.recipient)
        pipe = asyncio.subprocess.PIPE
        child = await asyncio.create_subprocess_exec(*words, stdin=pipe, stderr=pipe)
        _, said = await child.communicate(envelope.data)
        reply = clean_reply(f"{self.program.name}: {said.decode(errors='replace')}")
        if child.returncode:
            return Outcome(result="failed", scope="account", reason="server-not-now", reply=reply)
        return Outcome(result="sent", reply=reply)


def open_channel(mail: MailSettings, _secret: Secret, _state: Path) -> Sendmail:
    """Return the program of `[mail]`."""
    assert mail.sendmail is not None
    return Sendmail(program=mail.sendmail)
'''

WORDS = {
    "en": '\n[sendmail]\ngreeting = "handed to {program}"\ndelivered = "handed over"\ntested = "Handed to {program}."\n'
    'where = "Ask {program} where it is."\n',
    "zh-CN": '\n[sendmail]\ngreeting = "交给 {program}"\ndelivered = "已交出"\ntested = "已交给 {program}。"\n'
    'where = "去问 {program}。"\n',
}
FINDINGS = {
    "en": '\n[sendmail]\nok = "{path} takes the mails."\nmissing = "There is no {path}."\n',
    "zh-CN": '\n[sendmail]\nok = "信交给 {path}。"\nmissing = "没有 {path}。"\n',
}
LABELS = {"en": "Program for mails", "zh-CN": "寄信程序"}


@pytest.fixture
def sendmail(scratch: Scratch) -> Scratch:
    """Return a copy with the channel, and a program to deliver to."""
    scratch.write("daemon/renewd/channels/sendmail.py", CHANNEL)
    scratch.replace(
        "daemon/renewd/channels/__init__.py", '    "maildir": None', '    "sendmail": "sendmail",\n    "maildir": None'
    )
    key = '        "sendmail": Key(File(), "A program that delivers.", "寄信的程序。", \'"/usr/sbin/sendmail"\'),\n'
    scratch.replace("daemon/renewd/config/keys.py", '        "ca_file": Key(', f'{key}        "ca_file": Key(')
    scratch.replace(
        "daemon/renewd/config/settings.py",
        "    ca_file: Path | None",
        "    sendmail: Path | None = None\n    ca_file: Path | None",
    )
    for code, words in WORDS.items():
        scratch.append(f"templates/{code}/channels.toml", words)
        scratch.append(f"templates/{code}/doctor.toml", FINDINGS[code])
        scratch.replace(f"templates/{code}/doctor.toml", "[label]\n", f'[label]\nsendmail = "{LABELS[code]}"\n')
    program = scratch.write("mailer", '#!/bin/sh\necho taken >&2\necho "$@" > args\ncat > mail.eml\n')
    program.chmod(0o755)
    return scratch


def household(scratch: Scratch, language: str) -> None:
    """Write a household whose mails go to the program, and which has something to say at once."""
    scratch.write(
        "plans.toml",
        f"""language = "{language}"
[mail]
to = "me@example.com"
sendmail = "mailer"
[plan.main]
renews = 2100-01-01
[[plan.main.bill]]
what = "October overage"
amount = 12.50
due = 2026-01-15
""",
    )


def shown(scratch: Scratch, *args: str, language: str = "en", code: int | None = 0) -> str:
    """Return what a command printed, on one line."""
    return " ".join(scratch.renewd(*args, language=language, code=code).stdout.split())


def test_it_is_chosen_by_its_key_greets_by_its_name_and_delivers(sendmail: Scratch) -> None:
    household(sendmail, "en")
    sendmail.renewd("check")
    said = shown(sendmail, "run", "--once")
    assert "handed to mailer" in said
    assert "handed over" in said
    assert b"\r\nSubject: " in sendmail.path("mail.eml").read_bytes()
    assert sendmail.path("args").read_text() == "-i -f me@example.com -- me@example.com\n"
    newest = json.loads(sendmail.renewd("history", "--json").stdout)[0]
    assert (newest["state"], newest["last"]["reply"]) == ("sent", "mailer: taken")
    assert "mailer takes the mails." in shown(sendmail, "doctor", code=None)
    assert "Handed to ~/mailer. Ask ~/mailer where it is." in shown(sendmail, "test-mail")


def test_its_failures_are_named_and_its_words_stand_in_every_language(sendmail: Scratch) -> None:
    household(sendmail, "zh-CN")
    sendmail.write("mailer", "#!/bin/sh\ncat > /dev/null\necho no queue >&2\nexit 75\n").chmod(0o755)
    said = shown(sendmail, "run", "--once", language="zh-CN", code=75)
    assert "交给 mailer" in said
    assert "mailer: no queue" in said
    failing = json.loads(sendmail.renewd("status", "--json", code=1).stdout)["failing"]
    assert [one["person"] for one in failing] == ["me"]
    assert "mailer: no queue" in failing[0]["error"]
    sendmail.path("mailer").unlink()
    said = shown(sendmail, "doctor", language="zh-CN", code=1)
    assert LABELS["zh-CN"] in said
    assert "没有 " in said


def test_a_slip_in_its_key_is_explained(sendmail: Scratch) -> None:
    household(sendmail, "en")
    sendmail.replace("plans.toml", "sendmail =", "sendmial =")
    assert "did you mean 'sendmail'" in shown(sendmail, "check", code=78)
