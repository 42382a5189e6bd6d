"""What an answer records: only a signature counts, and what is said of it goes to the person's own address."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from renewd.config.fact_log import PersonRecorded, read_log
from renewd.config.handover import FOLDER
from renewd.disk import Paths
from renewd.domain.outcome import Envelope
from renewd.formats.answer import read_answer, token
from renewd.formats.message import message_id
from renewd.service.answer_desk import AnswerDesk, AnswerMemory
from renewd.service.mailbox import MailboxCursor
from renewd.state import GOOD
from renewd.web.keyring import Keyring
from renewd.web.links import Tap, state_of
from renewd.web.recording import Recorder
from sites import NOW, PEOPLE

FILE = (
    PEOPLE
    + """[plan.tello]
name = "Tello"
renews = 2026-12-05
every = "30 days"
price = 5
for = ["mom"]
"""
)


class Home:
    """A household with its mailbox's memory, on a clock of the test's."""

    def __init__(self, folder: Path) -> None:
        self.paths = Paths(folder / "plans.toml", folder / "state")
        self.paths.config.write_text(FILE)
        self.paths.config.chmod(0o600)
        self.now = NOW
        self.keyring = Keyring(self.paths.state)
        self.told: list[PersonRecorded] = []
        self.desk = AnswerDesk(self.paths, lambda: self.keyring.links(""), lambda: self.now, self.told.append)
        self.memory = AnswerMemory.load(self.paths.state, "box")

    def signed(self, person: str = "mom", what: str = "renewed", days: int = 60, item: str = "") -> str:
        plan = Recorder(self.paths.config, self.paths.state, lambda: self.now).open().loaded.household.plans["tello"]
        state = state_of(plan, what, item)
        assert state is not None
        return self.keyring.links("").signed(
            Tap(person, "tello", what, item, state, (self.now + timedelta(days=days)).date())
        )

    def handle(self, text: str, n: int = 1, sender: str = "mom@example.com", subject: str = "Re: x") -> Envelope | None:
        message = EmailMessage()
        message["From"], message["Subject"], message["Message-ID"] = sender, subject, f"<{n}@example.com>"
        message.set_content(text)
        return self.desk.handle(message.as_bytes(), self.memory)

    @property
    def file(self) -> str:
        return self.paths.config.read_text()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def words(envelope: Envelope | None) -> str:
    assert envelope is not None
    assert envelope.recipient == "mom@example.com"
    mail = message_from_bytes(envelope.data, policy=policy.default)
    assert read_answer(envelope.data).automatic  # nobody answers it
    assert "renewd:" not in mail.as_string()
    return f"{mail['Subject']}\n{mail.get_content()}".replace("\r\n", "\n")


def test_an_answer_with_its_mark_is_recorded_and_said(home):
    said = words(home.handle(f"续了\n\n> {token(home.signed())}"))
    assert "renews = 2027-01-04" in home.file
    assert "记下了：Tello" in said
    [record] = read_log(home.paths.state, NOW)
    assert (record.person, record.way) == ("mom", "answer")
    assert home.told == [PersonRecorded("mom", "answer", (("tello", "renewed"),))]


def test_an_amount_that_was_written_is_recorded_with_it(home):
    assert "记下了" in words(home.handle(f"付了 4.50\n\n> {token(home.signed())}"))
    assert "amount = 4.50" in home.file


def test_a_tapped_address_needs_no_word(home):
    assert "记下了" in words(home.handle("", subject=f"办好了：Tello {token(home.signed())}"))
    assert "renews = 2027-01-04" in home.file


def test_a_forged_from_records_and_reaches_nobody_else(home):
    """Whoever has the mark has the mail; what was recorded is told to the person, not to the sender."""
    assert "记下了" in words(home.handle(f"done\n> {token(home.signed())}", sender="thief@example.net"))


def test_from_and_message_id_alone_prove_nothing(home):
    assert home.handle("续了") is None
    assert home.handle("续了", subject="Re: Tello renewal renewd:short") is None
    assert home.file == FILE


SEALED = """From: {sender}
Subject: Re: x
Message-ID: <1@example.com>
In-Reply-To: {replied}
Content-Type: {kind}

MIAGCSqGSIb3DQEHA6CAMIACAQAxggFXMIIBUwIBADA7
"""


@pytest.mark.parametrize(
    "kind", ["application/pkcs7-mime; smime-type=enveloped-data", 'multipart/encrypted; boundary="b"']
)
def test_an_answer_that_cannot_be_read_is_told_so_to_known_addresses_only(home, kind):
    ours = message_id("mom", ["tello/renewal/2026-12-05/1"], "example.com")
    others = "<CAF8c0f1e@mail.example.net>"

    def handle(sender: str, replied: str) -> Envelope | None:
        return home.desk.handle(SEALED.format(sender=sender, replied=replied, kind=kind).encode(), home.memory)

    assert handle("mom@example.com", others) is None
    assert handle("thief@example.net", ours) is None
    assert "读不了" in words(handle("mom@example.com", ours))
    assert handle("mom@example.com", ours) is None  # once
    assert home.file == FILE


def test_an_altered_mark_is_told_to_known_addresses_only(home):
    signed = home.signed()
    altered = token(signed[:-6] + ("AAAAAA" if not signed.endswith("AAAAAA") else "BBBBBB"))
    assert home.handle(f"done\n> {altered}", sender="thief@example.net") is None
    assert "记号不对" in words(home.handle(f"done\n> {altered}"))
    assert home.file == FILE


def test_marks_of_before_new_keys_are_altered_ones(home):
    signed = home.signed()
    home.keyring.rotate()
    assert "记号不对" in words(home.handle(f"done\n> {token(signed)}"))
    assert home.file == FILE


def test_the_same_mail_again_is_not_answered_again(home):
    text = f"done\n> {token(home.signed())}"
    assert home.handle(text) is not None
    after = home.file
    assert home.handle(text) is None
    assert "之前已经记过" in words(home.handle(text, n=2))
    assert home.file == after


def test_a_line_that_is_not_understood_changes_nothing(home):
    assert "没看懂" in words(home.handle(f"when do I pay?\n> {token(home.signed())}"))
    assert home.file == FILE


def test_an_old_mark_and_several_marks_are_refused(home):
    signed = home.signed(days=1)
    home.now += timedelta(days=3)
    assert "太旧了" in words(home.handle(f"done\n> {token(signed)}"))
    both = f"done\n> {token(home.signed())}\n> {token(home.signed(days=30))}"
    assert "哪一封" in words(home.handle(both, n=2))
    assert home.file == FILE


def test_a_plan_that_is_no_longer_theirs_is_not_changed(home):
    signed = home.signed()
    home.paths.config.write_text(FILE.replace('for = ["mom"]', 'for = ["me"]'))
    assert "这一项不在了" in words(home.handle(f"done\n> {token(signed)}"))


def test_what_one_word_cannot_say_is_told_why_and_where_it_can_be(home):
    """A charge that the file says is paid by now cannot have failed; the reader has a page and no prompt."""
    home.desk = AnswerDesk(home.paths, lambda: home.keyring.links("https://renewd.example.com"), lambda: home.now)
    home.paths.config.write_text(FILE.replace("price = 5", "price = 5\nautopay = true"))
    signed = home.signed(what="failed", item="2026-12-01")
    said = words(home.handle(f"没成功\n> {token(signed)}"))
    assert "Tello：没有记。\n照现在写的日子，Tello 在 12月1日周二没有会失败的扣款" in said
    assert "来记：https://renewd.example.com/p/" in said
    assert "renews" not in said


def test_a_mistake_in_the_file_is_no_fault_of_the_answer(home):
    """It can be given again once the file is right."""
    signed = home.signed()
    opened = Recorder(home.paths.config, home.paths.state, lambda: home.now).open()
    (home.paths.state / GOOD).write_text(opened.loaded.good.to_json())
    home.paths.config.write_text(FILE.replace("price = 5", "prise = 5"))
    assert "plans.toml 正在改，或者有一处写错" in words(home.handle(f"续了\n> {token(signed)}"))


def test_programs_are_never_answered(home):
    message = EmailMessage()
    message["From"], message["Auto-Submitted"] = "mom@example.com", "auto-replied"
    message.set_content(f"done\n> {token(home.signed())}")
    assert home.desk.handle(message.as_bytes(), home.memory) is None
    assert home.file == FILE


def test_a_loop_ends(home):
    signed = home.signed()
    answered = [home.handle(f"what?\n> {token(signed)}", n=n) for n in range(40)]
    assert len([one for one in answered if one is not None]) == 30
    home.now += timedelta(days=1)
    assert home.handle(f"what?\n> {token(signed)}", n=99) is not None


def test_a_broken_file_costs_no_error(home):
    signed = home.signed()
    home.paths.config.write_text("renews = [")
    assert home.handle(f"done\n> {token(signed)}") is None


def test_where_plans_may_not_be_written_the_fact_is_handed_over(home, monkeypatch):
    monkeypatch.setattr("renewd.web.recording.is_writable", lambda _files: False)
    monkeypatch.setattr("renewd.web.recording._PATIENCE", timedelta(0))
    (home.paths.state / FOLDER).mkdir(parents=True)
    said = words(home.handle(f"done\n> {token(home.signed())}"))
    assert ("收下了：Tello" in said, "马上写进 plans.toml" in said, "记下了" in said) == (True, True, False)
    [file] = (home.paths.state / FOLDER).iterdir()
    assert '"way": "answer"' in file.read_text()
    assert home.file == FILE


def test_the_memory_is_kept_and_a_damaged_one_is_none(home):
    home.handle(f"done\n> {token(home.signed())}")
    home.memory.cursor = MailboxCursor(7, 9)
    home.memory.save()
    assert AnswerMemory.load(home.paths.state, "box") == home.memory
    assert AnswerMemory.load(home.paths.state, "another").cursor is None
    (home.paths.state / "answers.json").write_text('{"cursor": [1')
    assert AnswerMemory.load(home.paths.state, "box").cursor is None
