"""What an answer says: its mark, however it was quoted, and its first line."""

from __future__ import annotations

from email.message import EmailMessage
from urllib.parse import parse_qs, urlsplit

import pytest

from renewd.formats.answer import Answer, mailto, read_answer, token

SIGNED = "Ab_-" * 25


def mail(text: str = "", subject: str = "Re: Tello", html: str | None = None, **headers: str) -> bytes:
    message = EmailMessage()
    message["From"], message["Subject"], message["Message-ID"] = "Mom <Mom@example.com>", subject, "<1@example.com>"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(html if html is not None else text, subtype="html" if html is not None else "plain")
    return message.as_bytes()


def answer(line: str) -> Answer:
    return read_answer(mail(f"{line}\n\n> {token(SIGNED)}\n"))


def test_a_link_to_answer_brings_the_mark_along():
    link = mailto("me+x@example.com", "办好了：Tello & Co", SIGNED)
    parts = urlsplit(link)
    assert (parts.scheme, parts.path) == ("mailto", "me%2Bx@example.com")
    [subject] = parse_qs(parts.query)["subject"]
    assert subject == f"办好了：Tello & Co {token(SIGNED)}"
    assert read_answer(mail(subject=subject)).asked == SIGNED


@pytest.mark.parametrize("quoting", ["", "> ", "> > "])
def test_the_mark_is_found_as_mail_programs_quote_it(quoting):
    whole = read_answer(mail(f"done\n\n{quoting}or answer. {token(SIGNED)}\n{quoting}Ref. tello"))
    assert SIGNED in whole.quoted
    half = token(SIGNED)
    broken = read_answer(mail(f"done\n\n{quoting}{half[:60]}\n{quoting}{half[60:]} x\n"))
    assert SIGNED in broken.quoted


def test_a_page_is_read_as_text():
    html = f"<div>续了</div><blockquote><p>Ref. <b>{token(SIGNED)}</b></p></blockquote>"
    found = read_answer(mail(html=html))
    assert (found.first_line, found.quoted[0]) == ("续了", SIGNED)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("done", True), ("Done!", True), ("Paid, thanks", True), ("PAID.", True), ("  renewed  ", True),
        ("续了", True), ("已付。谢谢", True), ("充了", True), ("续了！", True),
        ("done?", False), ("已付？", False), ("not paid", False), ("not done", False), ("没续", False), ("明天续了", False),
        ("\ufeffdone", True), ("已付👌", True), ("I’ve paid it", True), ("already paid", True), ("续过了", True), ("我已经付了", True),
        ("还没付", False), ("付了吗", False), ("paid twice", False), ("快付了", False), ("用完", False),
        ("", False), ("> done", False), ("On Monday X wrote:", False), ("failed", False), ("done with this company", False),
    ],
)  # fmt: skip
def test_the_first_line_says_that_it_is_done(line, says):
    assert (answer(line).typed("renewed", "USD") is not None) is says


def test_only_a_failure_confirms_a_failure():
    assert answer("没成功").typed("failed", "USD") == {}
    assert answer("failed").typed("failed", "USD") == {}
    assert answer("done").typed("failed", "USD") is None


@pytest.mark.parametrize(
    ("line", "currency", "amount"),
    [
        ("paid 59", "USD", "59"), ("Paid $59.50, thanks", "USD", "59.50"), ("续过 $5.00 了", "USD", "5.00"), ("付了59元。", "CNY", "59"),
        ("已付 ¥12,5", "CNY", "12,5"), ("付了59元", "USD", None), ("paid ¥59", "USD", None), ("paid 5 of 10", "USD", None),
        ("paid 1,234.50", "USD", None), ("paid on 2026-11-28", "USD", None), ("paid -5", "USD", None),
    ],
)  # fmt: skip
def test_an_amount_may_stand_beside_it_in_the_currency_of_the_plan(line, currency, amount):
    """Of a fact that takes none, it is not understood; a number that is none is never taken for one."""
    assert answer(line).typed("paid", currency) == (None if amount is None else {"amount": amount})
    assert answer(line).typed("kept-alive", currency) is None


QUOTED = f"> Tello stops on Sat, Dec 5.\n> paid\n>\n> Or answer. {token(SIGNED)}"


@pytest.mark.parametrize(
    ("charset", "text"),
    [
        ("utf-8", f"paid\n\nOn Mon, Nov 30, 2026 at 9:00 AM renewd <r@example.com>\nwrote:\n\n{QUOTED}"),  # Gmail
        ("utf-8", f"已付\n\nrenewd <r@example.com> 于2026年11月30日周一 21:00写道：\n\n{QUOTED}"),
        ("utf-8", f"续了\n\n发自我的 iPhone\n\n> 在 2026年11月30日，21:00，renewd <r@example.com> 写道：\n{QUOTED}"),  # Apple
        ("us-ascii", f"Paid\r\n\r\n-----Original Message-----\r\nFrom: renewd\r\n\r\nStops.\r\n{token(SIGNED)}"),  # Outlook
        ("gb18030", f'已付\n\n\n------------------ 原始邮件 ------------------\n发件人: "renewd";\n\n{token(SIGNED)}'),  # QQ
        ("gbk", f'付了\n\n\n在 2026-11-30 21:00:00，"renewd" <r@example.com> 写道：\n\n{QUOTED}'),  # 163
        ("gbk", f"付了\n\n| |\nmom\n|\n---- 回复的原邮件 ----\n| 发件人 | renewd |\n\n{QUOTED}"),
        ("utf-8", f"On 11/30/26 9:00 AM, renewd wrote:\n{QUOTED}\n\ndone\n\n-- \nMom"),  # Thunderbird: below
        ("utf-8", f"在 2026/11/30 21:00, renewd 写道:\n{QUOTED}\n\n已付\n"),
    ],
)  # fmt: skip
def test_an_answer_is_read_as_each_mail_program_writes_it(charset, text):
    """As base64 in the charset of its provider, alone and in a signed mail."""
    part = EmailMessage()
    part.set_content(text, charset=charset, cte="base64")
    whole = (
        b"Content-Type: multipart/signed; boundary=b\r\nSubject: Re\r\n\r\n--b\r\n" + part.as_bytes() + b"\r\n--b--\r\n"
    )
    for data in (part.as_bytes(), whole):
        found = read_answer(data)
        assert (found.typed("paid", "USD"), found.quoted[0]) == ({}, SIGNED)


@pytest.mark.parametrize(
    ("page", "first"),
    [
        (f"<html><head><title>x</title><style>P {{margin:0}}</style></head><body><div>付了</div><hr>{token(SIGNED)}</body>", "付了"),
        (f"<div>On Mon renewd wrote:</div><blockquote><p>x</p><p>paid</p>{token(SIGNED)}</blockquote><p>done</p>", "done"),
        (f"<div>On Mon renewd wrote:</div><blockquote><p>x</p><p>paid</p>{token(SIGNED)}</blockquote>", ""),
    ],
)  # fmt: skip
def test_a_page_alone_is_read_without_its_styles_and_what_it_quotes(page, first):
    found = read_answer(mail(html=page))
    assert (found.first_line, found.quoted[0]) == (first, SIGNED)


@pytest.mark.parametrize(
    "text",
    [
        f"On Mon renewd wrote:\n{QUOTED}\n", f"On Mon renewd wrote:\n{QUOTED} and more\npaid\n",
        f"发件人: renewd\n> x\n\npaid\n{token(SIGNED)}", f"From: renewd\n\npaid\n\n{token(SIGNED)}",
    ],
)  # fmt: skip
def test_no_word_of_the_quoted_mail_is_the_senders(text):
    assert read_answer(mail(text)).typed("paid", "USD") is None


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"}, {"Auto_Submitted": "auto-generated; x=1"}, {"Precedence": "bulk"},
        {"Precedence": "auto_reply"}, {"List_Id": "<x.example.com>"}, {"X_Autoreply": "yes"}, {"Return_Path": "<>"},
        {"X_Renewd_Key": "tello/renewal/2026-12-05/3"},
    ],
)  # fmt: skip
def test_what_a_program_sent_is_known(headers):
    assert read_answer(mail("done", **headers)).automatic
    assert not read_answer(mail("done", Auto_Submitted="no")).automatic


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\x00\xff" * 100, b"Subject: =?x?q?y?=\r\n\r\n", b"Content-Type: text/plain; charset=nonsense\r\n\r\nx",
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n", b"From: <<>>,@\r\nMessage-ID: <\r\n\r\n", b"\r\n" * 9,
        b"Subject: " + b"a" * 70000, b"Content-Type: text/html\r\n\r\n" + b"<div>" * 10000,
        b"Content-Transfer-Encoding: base64\r\n\r\n!!!", "Subject: 续了".encode("gbk"),
    ],
)  # fmt: skip
def test_no_bytes_are_too_odd(data):
    assert read_answer(data).asked is None
