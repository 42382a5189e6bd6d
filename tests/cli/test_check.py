"""`renewd check`: all mistakes at once, where they stand, what they cost, and an exit code for systemd."""

from __future__ import annotations

import json
import os
import re

import pytest

from limits import no_longer_than
from renewd.disk import replace
from renewd.state import STATUS, hold
from shell import Shell, golden

BROKEN = {
    "en": """language = "en"
timezone = "America/New_York"

[mail]
to = "me@example.com"

[card.visa]
expires = "2028-03"

[plan.tello]
renews = 2026-12-05
evry = "30 days"
price = 5

[plan.main]
renews = 2026-12-05
every = "1 month"
price = 40
carrier = "tmoble"

[plan.other]
every = "1 month"
renews = 2027-02-30

[plan.visible]
renews = 2026-12-05
every = "1 month"
pay_with = "vsia"

[plan.good]
renews = 2026-12-05
every = "1 month"
""",
}
BROKEN["zh-CN"] = BROKEN["en"].replace('language = "en"', 'language = "zh-CN"')


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_four_mistakes_look_as_it_was_designed(shell: Shell, language: str) -> None:
    shell.language = language
    shell.write(BROKEN[language])
    with hold(shell.state):
        replace(shell.state / STATUS, json.dumps({"pid": 4127, "read": "2026-11-30T23:02:00Z"}))
        said = shell("check")
    assert (said.code, said.err) == (78, "")
    golden(f"check.{language}.80.txt", said.out)


def test_colors_point_and_change_no_letter(shell: Shell) -> None:
    shell.write(BROKEN["en"])
    plain = shell("check").out
    shell.tty = True
    colored = shell("check").out
    assert (
        "\x1b[1mplans.toml:12:\x1b[0m plan.tello.evry: \x1b[31munknown key; \x1b[0mdid you mean \x1b[36m'every'\x1b[0m?"
        in colored
    )
    assert "\x1b[31m^^^^\x1b[0m" in colored
    assert re.sub(r"\x1b\[[0-9;]*[mK]", "", colored).replace("\r", "") == plain


def test_a_key_or_an_id_that_would_act_on_the_terminal_does_not_in_colors_either(shell: Shell) -> None:
    shell.write(BROKEN["en"] + '"\\u001b]0;x\\u0007" = 1\n[plan."\\u001b[2J\\n"]\nrenews = 2026-12-05\n')
    shell.tty = True
    for command in ("check", "plan list"):
        assert not re.search(r"\x1b(?!\[[0-9;]*[mK])|\x07|\u202e", "".join(shell(command)[1:3]))


def test_a_file_without_mistakes_is_well_and_remarks_are_no_mistakes(shell: Shell) -> None:
    shell.seven()
    said = shell("check")
    assert (said.code, said.err) == (0, "")
    assert said.out.endswith("Nothing to fix. 7 plans, told to 2 people.\n")
    shell.config.chmod(0o644)
    said = shell("check")
    assert said.code == 0
    assert "note:" in said.out
    assert said.out.endswith("Nothing to fix. 7 plans, told to 2 people. The note above is not a mistake.\n")


def test_quiet_prints_only_what_is_wrong(shell: Shell) -> None:
    shell.seven()
    well = shell("check", "--quiet")
    assert (well.code, well.out, well.err) == (0, "", "")
    wrong = shell("status", "--quiet")  # nothing runs
    assert wrong.code == 1
    assert wrong.out == shell("status").out != ""


def test_nothing_that_can_be_used_is_said_to_be_so(shell: Shell) -> None:
    shell.write("[plan.tello\n")
    said = shell("check")
    assert said.code == 78
    assert "Until then renewd has nothing to run with." in said.out
    assert said.out.endswith("exit 78\n")


@pytest.mark.parametrize(
    "command", ["check", "check --json", "agenda", "run --once", "plan list", "mark tello renewed"]
)
def test_a_file_that_is_not_there_is_named_in_one_sentence_by_every_command(shell: Shell, command: str) -> None:
    said = shell(*command.split())
    assert (said.code, said.out) == (78, "")
    assert said.err == "There is no ~/plans.toml yet. Make one with: renewd init\n"


def test_for_programs_each_problem_is_an_object(shell: Shell) -> None:
    shell.write(BROKEN["en"])
    said = shell("check", "--json")
    assert said.code == 78
    read = json.loads(said.out)
    assert [problem["line"] for problem in read if problem["severity"] == "error"] == [12, 19, 23, 28]
    assert read[0] == {
        "file": "plans.toml",
        "line": 12,
        "path": "plan.tello.evry",
        "severity": "error",
        "code": "check.unknown-key-meant",
        "message": "plans.toml:12: plan.tello.evry: unknown key; did you mean 'every'?",
    }


def test_a_template_of_one_s_own_that_cannot_be_read_is_found(shell: Shell) -> None:
    shell.seven()
    templates = shell.folder / "templates" / "en"
    templates.mkdir(parents=True)
    (templates / "renewal.j2").write_text("{% block subject %}{{ name {% endblock %}")
    said = shell("check")
    assert said.code == 78
    assert "renewal.j2:1" in said.out


@pytest.mark.parametrize(
    "kind", ["renewal", "overdue", "lost", "charge", "charged", "keep-alive", "bill", "card", "digest"]
)
def test_a_template_that_reads_well_but_cannot_be_filled_is_found_before_it_is_due(shell: Shell, kind: str) -> None:
    shell.seven()
    templates = shell.folder / "templates" / "en"
    templates.mkdir(parents=True)
    (templates / f"{kind}.j2").write_text("{% block subject %}{{ nome.upper() }}{% endblock %}")
    said = shell("check")
    assert said.code == 78
    assert f"{kind}.j2" in said.out


def test_a_password_file_that_is_not_there_is_a_mistake(shell: Shell) -> None:
    mail = '[mail]\nto = "me@example.com"\nhost = "smtp.example.com"\nusername = "me"\npassword_file = "secret"\n'
    shell.write(mail + '[plan.tello]\nrenews = 2026-12-05\nevery = "30 days"\n')
    said = shell("check")
    assert said.code == 78
    assert "secret" in said.out


SERVER = '[mail]\nto = "me@example.com"\nhost = "smtp.example.com"\n{more}\n[plan.tello]\nrenews = 2026-12-05\n'


def test_a_user_name_without_a_password_is_a_mistake(shell: Shell) -> None:
    """Not where the service's own credentials are meant: it may be there that the password is."""
    shell.write(SERVER.format(more='username = "me@example.com"'))
    said = shell("check")
    assert said.code == 78
    assert "There is a user name but no password" in said.out
    shell.environment = {"RENEWD_SMTP_PASSWORD": "secret"}
    assert shell("check").code == 0
    shell.environment = {"CREDENTIALS_DIRECTORY": "/nowhere"}
    assert shell("check").code == 0


@pytest.mark.parametrize("text", [None, "", "no certificate", "pipe"])
def test_a_certificate_that_cannot_be_used_is_a_mistake(shell: Shell, text: str | None) -> None:
    authority = shell.config.with_name("ca.pem")
    if text == "pipe":
        os.mkfifo(authority)
    elif text is not None:
        authority.write_text(text)
    shell.write(SERVER.format(more=f'ca_file = "{authority}"'))
    with no_longer_than(60):
        said = shell("check")
    assert said.code == 78
    assert "`mail.ca_file` cannot be used: " in said.out
