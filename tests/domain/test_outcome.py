"""Outcomes and their sentences: every reason has its words in every language, and no reply breaks a line."""

import re
import string
from pathlib import Path
from typing import get_args

import pytest

from renewd.cli.history import STATES_BY_REASON
from renewd.domain.outcome import DeliveryError, Outcome, Reason, clean_reply
from renewd.i18n import LANGUAGES, language
from renewd.ledger import MailState

CODE = Path(__file__).parents[2] / "daemon" / "renewd"


def under(code, prefix):
    sentences = language(code).keys()
    return {key for key in sentences if key.startswith(prefix)}


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_reason_and_state_has_its_sentence(code):
    words = language(code)
    assert {f"delivery.reason.{reason}" for reason in get_args(Reason)} == under(code, "delivery.reason.")
    states = (*get_args(MailState), *STATES_BY_REASON)
    assert {f"delivery.state.{state}" for state in states} == under(code, "delivery.state.")
    for reason in get_args(Reason):
        error = DeliveryError(Outcome(result="failed", reason=reason, reply="550 {x} no"))
        said = words.say(error.code, **error.args_)
        assert said.endswith(("。", ".", "no"))
        assert "{reply}" not in said


@pytest.mark.checkout
def test_every_sentence_that_the_code_names_exists_and_none_is_left_over():
    named = {
        key
        for file in [
            CODE / "formats" / "message.py",
            CODE / "config" / "secrets.py",
            CODE / "state.py",
            *(CODE / "ledger").glob("*.py"),
        ]
        for key in re.findall(r'"(delivery\.[a-z-]+)"', file.read_text("utf-8"))
    }
    ours = {key for key in under("en", "delivery.") if re.fullmatch(r"delivery\.[a-z-]+", key)}
    assert named == ours


def test_both_languages_fill_in_the_same_words():
    def fields(words, key):
        return {name for _, name, _, _ in string.Formatter().parse(words.words(key)) if name}

    zh, en = (language(code) for code in LANGUAGES)
    for key in sorted(under("en", "delivery.")):
        assert fields(zh, key) == fields(en, key), key


def test_a_reply_is_made_safe_to_show():
    assert clean_reply("550 \x1b[31mno\r\n\u202egnp.exe x") == "550 [31mno gnp.exe x"
    assert clean_reply("x" * 9999) == "x" * 500
    assert clean_reply("535 secret AHNlY3JldA==", ("secret", "AHNlY3JldA==")) == "535 *** ***"


def test_a_reply_in_gbk_is_readable_and_other_bytes_are_escaped():
    gbk = "535 Error: 请使用授权码登录。".encode("gb18030").decode("utf-8", "surrogateescape")
    assert clean_reply(gbk) == "535 Error: 请使用授权码登录。"
    assert clean_reply("550 \udcff\udcff") == "550 \\xff\\xff"
    assert clean_reply("550 né 不") == "550 né 不"
