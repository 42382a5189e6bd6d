"""A channel added to a copy of the project by the words of CONTRIBUTING: chosen by its key, it greets and delivers."""

from __future__ import annotations

import json

import pytest

from house.scratch import Scratch

pytestmark = pytest.mark.checkout


@pytest.fixture(scope="module")
def sendmail(scratch: Scratch) -> Scratch:
    """Return a copy with the channel, and a program to deliver to."""
    assert len(scratch.follow("A channel")) == 5
    line, key, field = scratch.recipe_lines("A channel")
    for name, before, added in (
        ("channels/__init__.py", '    "maildir": None', f"    {line}\n"),
        ("config/keys.py", '        "ca_file": Key(', f"        {key}\n"),
        ("config/settings.py", "    ca_file: Path | None", f"    {field}\n"),
    ):
        scratch.replace(f"daemon/renewd/{name}", before, f"{added}{before}")
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
    assert "寄信程序" in said
    assert "没有 " in said
    assert "mailer is not there" in shown(sendmail, "test-mail", language="zh-CN", code=75)


def test_a_slip_in_its_key_is_explained(sendmail: Scratch) -> None:
    household(sendmail, "en")
    sendmail.replace("plans.toml", "sendmail =", "sendmial =")
    assert "did you mean 'sendmail'" in shown(sendmail, "check", code=78)
