"""The registry of channels: which one `[mail]` chooses, and that each has what every channel needs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from renewd.channels import CHANNELS, Channel, chosen, open_channel
from renewd.channels.maildir import Maildir
from renewd.channels.smtp import Smtp
from renewd.config.addresses import Sender
from renewd.config.keys import MAIL
from renewd.config.secrets import Secret
from renewd.config.settings import MailSettings
from renewd.i18n import LANGUAGES, language

SENDER = Sender("renewd", "renewd@example.com")
FACTS = {"sender": "renewd@example.com", "bounces": "me@example.com", "address": "me@example.com"}


def mail(**more: str) -> MailSettings:
    return MailSettings(to="me@example.com", from_=SENDER, reply_to=None, **more)  # type: ignore[arg-type]


def test_without_a_host_mails_go_into_a_maildir_in_the_state_folder(tmp_path: Path) -> None:
    assert open_channel(mail(), Secret(), tmp_path) == Maildir(path=tmp_path / "Maildir")


def test_a_host_chooses_the_server_which_is_greeted_with_the_domain_of_the_sender(tmp_path: Path) -> None:
    channel = open_channel(mail(host="mail.example.com"), Secret(password="secret"), tmp_path)
    assert channel == Smtp(host="mail.example.com", port=587, password="secret", hello="example.com")
    assert channel.account == "mail.example.com:587"


def test_the_first_channel_whose_key_is_there_is_chosen() -> None:
    assert chosen(mail()) == "maildir"
    assert chosen(mail(host="mail.example.com")) == "smtp"
    assert chosen(mail(held="mail.hots")) == "held"
    *keys, last = CHANNELS.values()
    assert last is None
    assert all(key in MAIL.keys for key in keys if key != "held")


@pytest.mark.parametrize("name", CHANNELS)
def test_each_channel_describes_itself_in_every_language(name: str, tmp_path: Path) -> None:
    key = CHANNELS[name]
    channel: Channel = open_channel(mail(**({key: "mail.example.com"} if key else {})), Secret(), tmp_path)
    described = channel.describe()
    assert described.name == name
    for code in LANGUAGES:
        for sentence in ("greeting", "delivered", "tested", "where"):
            assert language(code).say(f"channels.{name}.{sentence}", **FACTS, **described.facts)


def test_only_the_chosen_channel_is_imported(tmp_path: Path) -> None:
    code = """if True:
        import sys
        from pathlib import Path
        from renewd.channels import open_channel
        from renewd.config.addresses import Sender
        from renewd.config.secrets import Secret
        from renewd.config.settings import MailSettings
        mail = MailSettings(to=None, from_=Sender("", "renewd@example.com"), reply_to=None)
        open_channel(mail, Secret(), Path())
        print("aiosmtplib" in sys.modules)
    """
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
