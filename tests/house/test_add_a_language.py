"""A language added by the words of CONTRIBUTING is offered, and a mail is written in it."""

from __future__ import annotations

import email
import email.policy
import shutil
from datetime import UTC, datetime, timedelta

import pytest

from house.scratch import PROJECT, Scratch

pytestmark = pytest.mark.checkout

TODAY = datetime.now(UTC).date()
PLANS = f"""\
timezone = "UTC"
send_at = 00:00:00
language = "de"
[mail]
to = "me@example.com"
[plan.line]
carrier = "tello"
renews = {TODAY + timedelta(days=1)}
every = "30 days"
"""


@pytest.fixture(scope="module")
def german(scratch: Scratch) -> Scratch:
    """Return a copy that also speaks German, most of it in English words."""
    assert (
        "| one folder in `templates/` and its code in `i18n.LANGUAGES` |" in (PROJECT / "CONTRIBUTING.md").read_text()
    )
    shutil.copytree(scratch.path("templates/en"), scratch.path("templates/de"))
    scratch.replace("templates/de/letter.j2", "no images, no tracking", "keine Bilder")
    scratch.replace("daemon/renewd/i18n.py", 'LANGUAGES = ("zh-CN", "en")', 'LANGUAGES = ("zh-CN", "en", "de")')
    return scratch


def test_a_mail_is_written_in_it(german: Scratch) -> None:
    german.write("plans.toml", PLANS)
    german.renewd("run", "--once")
    [file] = german.path("state/Maildir/new").iterdir()
    mail = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    for form in ("plain", "html"):
        body = mail.get_body((form,))
        assert body is not None
        assert "keine Bilder" in body.get_content()
    assert 'lang="de"' in body.get_content()


def test_commands_speak_it_and_the_reference_knows_it(german: Scratch) -> None:
    german.write("plans.toml", PLANS.replace('"de"', '"fr"'))
    assert "zh-CN, en, de" in german.renewd("check", language="de_DE.UTF-8", code=78).stdout
    assert "Tello" in german.renewd("carriers", "tello", language="de_DE.UTF-8").stdout
    written = german.python("-m", "renewd.cli.generated").stdout
    assert "docs/man/de/plans.toml.5" in written
    assert "config/plans.schema.json" in written
