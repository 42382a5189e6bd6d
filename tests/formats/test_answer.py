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
        ("", False), ("> done", False), ("On Monday X wrote:", False), ("failed", False), ("done with this company", False),
    ],
)  # fmt: skip
def test_the_first_line_says_that_it_is_done(line, says):
    assert answer(line).confirms("renewed") is says


def test_only_a_failure_confirms_a_failure():
    assert answer("没成功").confirms("failed")
    assert answer("failed").confirms("failed")
    assert not answer("done").confirms("failed")


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
