"""Addresses and hosts: what is written stays what is meant, also in letters beyond ASCII."""

import pytest

from renewd.config.addresses import Email, Host, one_address
from renewd.config.value_types import WrongError


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("max@maßanfertigung.de", "max@xn--maanfertigung-cdb.de"),
        ("max@βόλος.com", "max@xn--nxasmm1c.com"),
        ("li@münchen.example", "li@xn--mnchen-3ya.example"),
        ("li@MÜNCHEN.example", "li@xn--mnchen-3ya.example"),
        ("li@例え.jp", "li@xn--r8jz45g.jp"),
        ("li@例子。com", "li@xn--fsqu00a.com"),
        ("li@xn--fsqu00a.com", "li@xn--fsqu00a.com"),
        ("li@نامه‌ای.com", "li@xn--mgba3gch31f060k.com"),
    ],
)
def test_a_domain_stays_that_domain(written: str, read: str) -> None:
    assert one_address(written) == read
    assert Host().read(written.partition("@")[2]) == read.partition("@")[2]


@pytest.mark.parametrize("written", ["li@☃.com", "li@a‌b.com", "li@-münchen.de", "li@mün chen.de", "li@.münchen.de"])
def test_what_is_no_domain_is_refused(written: str) -> None:
    with pytest.raises(WrongError):
        one_address(written)


@pytest.mark.parametrize("written", ["me＠example.com", "ｍｅ@example.com", "me＠example．com"])
def test_full_width_letters_are_answered_with_the_right_address(written: str) -> None:
    with pytest.raises(WrongError) as caught:
        Email().read(written)
    assert (caught.value.code, caught.value.args_) == ("check.address-full-width", {"fix": "me@example.com"})
