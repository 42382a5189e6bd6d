"""Mails as bytes: what was written is what any mail program reads."""

import os
import random
from datetime import UTC, datetime, timedelta, timezone
from email import message_from_bytes, policy
from email.header import decode_header, make_header

import pytest

from renewd.formats import message as rfc5322
from renewd.formats.message import Attachment, MailError, MessageParts, compose, message_id

AT = datetime(2026, 12, 1, 14, 30, tzinfo=UTC)
KEY = "tello/renewal/2026-12-05/3"


def letter(**fields):
    ours = {
        "from_name": "renewd",
        "from_address": "renewd@example.com",
        "to_name": "小李",
        "to_address": "li@example.com",
        "subject": "Tello 银行号 3 天后停机：最晚 12月4日周五续 $5.00",
        "text": "最晚 12月4日周五续 $5.00。\n",
        "message_id": message_id("me", [KEY], "example.com"),
        "date": AT,
        "keys": (KEY,),
        "languages": ("zh-CN",),
    }
    return MessageParts(**(ours | fields))


def parsed(raw):
    message = message_from_bytes(raw, policy=policy.default)
    assert [*message.defects, *(d for part in message.walk() for d in part.defects)] == []
    assert [d for value in message.values() for d in value.defects] == []
    return message


def shape(raw):
    return [part.get_content_type() for part in message_from_bytes(raw).walk()]


def test_a_mail_says_who_what_when_and_why():
    message = parsed(compose(letter(reply_to="me@example.com", references=("<a@example.com>", "<b@example.com>"))))
    assert message["From"] == "renewd <renewd@example.com>"
    assert message["To"] == "小李 <li@example.com>"
    assert message["Reply-To"] == "me@example.com"
    assert message["Subject"] == "Tello 银行号 3 天后停机：最晚 12月4日周五续 $5.00"
    assert message["Date"] == "Tue, 01 Dec 2026 14:30:00 +0000"
    assert message["In-Reply-To"] == "<b@example.com>"
    assert message["References"] == "<a@example.com> <b@example.com>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Renewd-Key"] == KEY
    assert message["Content-Language"] == "zh-CN"
    assert message.get_content() == "最晚 12月4日周五续 $5.00。\r\n"


def test_the_same_letter_gives_the_same_bytes_wherever_its_clock_stands():
    elsewhere = AT.astimezone(timezone(timedelta(hours=8)))
    assert compose(letter(html="<p>x</p>")) == compose(letter(html="<p>x</p>", date=elsewhere))


def test_no_line_of_a_head_is_longer_than_78_bytes():
    for data in (compose(letter()), compose(letter(html="<p>x</p>"))):
        head = data.partition(b"\r\n\r\n")[0].split(b"\r\n")
        assert [line for line in head if len(line) > 78 and b" " in line.strip().partition(b": ")[2]] == []


def test_each_letter_has_the_parts_it_needs():
    ics = Attachment(
        filename="tello.ics",
        content_type="text/calendar",
        params={"charset": "utf-8", "method": "PUBLISH"},
        data="BEGIN:VCALENDAR\r\nX-N:小李\r\nEND:VCALENDAR\r\n".encode(),
    )
    assert shape(compose(letter())) == ["text/plain"]
    assert shape(compose(letter(html="<p>你好</p>"))) == ["multipart/alternative", "text/plain", "text/html"]
    both = compose(letter(html="<p>你好</p>", attachments=(ics,)))
    assert shape(both) == ["multipart/mixed", "multipart/alternative", "text/plain", "text/html", "text/calendar"]
    alone = compose(letter(attachments=(ics,)))
    assert shape(alone) == ["multipart/mixed", "multipart/alternative", "text/plain", "text/calendar"]
    card = next(iter(parsed(both).iter_attachments()))
    assert card.get_filename() == "tello.ics"
    assert card["Content-Type"].params["method"] == "PUBLISH"
    assert ics.data == card.get_payload(decode=True)


def test_an_attachment_cannot_name_a_folder_or_a_header():
    for name in ("x" * 1000, "../x.ics", 'x".ics', "x.ics\r\nBcc: y@example.com", "小李.ics"):
        with pytest.raises(MailError):
            compose(letter(attachments=(Attachment(filename=name, content_type="text/calendar", data=b""),)))


PIECES = [
    "Tello", "银行号", "T-Mobile 主号", "最晚", "12月4日周五", "续", "$5.00", "renew by Fri, Dec 4", "（另有 3 件）", " ", "  ", "：",
    "é", "ß", "Ω", "👨‍👩‍👧", "📱", "🇨🇳", "=?", "?=", "=?utf-8?q?x?=", "=?utf-8?b?5L2g?=", "_", "=", "?", ",", ";", "<", ">", "@",
    '"', "\\", "(", ")", ".", "…", "’", "\u3000", "\u00a0", "ﷺ", "नमस्ते", "\U00020bb7", "x" * 90, "停" * 40,
]  # fmt: skip


def texts(count):
    dice = random.Random(20261205)
    for _ in range(count):
        yield " ".join("".join(dice.choices(PIECES, k=dice.randint(1, 9))).split(" ")).strip(" ")


def squeezed(text):
    return " ".join(filter(None, text.split(" ")))


def test_mixed_chinese_and_english_subjects_and_names_arrive_unchanged():
    """RENEWD_FUZZ=100000 for the long run."""
    for text in texts(int(os.environ.get("RENEWD_FUZZ", "4000"))):
        raw = compose(letter(subject=text, to_name=text[:100], from_name=text[-60:]))
        plain = message_from_bytes(raw)
        unfolded = {name: value.replace("\r\n", "") for name, value in plain.items()}
        assert squeezed(text) == str(make_header(decode_header(unfolded["Subject"])))
        words, _, address = unfolded["To"].rpartition(" ") if " " in unfolded["To"] else ("", "", unfolded["To"])
        assert squeezed(text[:100]) == str(make_header(decode_header(words)))
        assert address.strip("<>") == "li@example.com"
        assert max(map(len, raw.split(b"\r\n"))) <= 78


def test_no_parser_finds_a_defect_in_any_subject_or_name():
    for text in texts(400):
        message = parsed(compose(letter(subject=text, to_name=text[:100], html="<p>x</p>")))
        assert squeezed(text) == str(message["Subject"])
        assert [address.addr_spec for address in message["To"].addresses] == ["li@example.com"]
        name = (
            message["To"].addresses[0].display_name
        )  # this parser adds and drops blanks between encoded words of a name
        assert "".join(text[:100].split()) == "".join(name.split())


@pytest.mark.parametrize(
    "name",
    [
        "=?utf-8?q?=0d=0aBcc:_x@example.com?=",
        "x\r\nBcc: x@example.com",
        "x\nBcc: x@example.com",
        "x\r\n\r\nhello",
        "x\rBcc: x@example.com",
        "x\x0bBcc: x@example.com",
        "x\u2028Bcc: x@example.com",
        "x\x85Bcc: x@example.com",
        "x\x00y",
        "x\udcffy",
    ],
)
def test_a_name_never_becomes_a_header(name):
    raw = compose(letter(subject=name, to_name=name, from_name=name))
    for message in (message_from_bytes(raw), message_from_bytes(raw, policy=policy.default)):
        assert "Bcc" not in message
        assert compose_names() == message.keys()
        again = message_from_bytes(message.as_bytes(policy=policy.compat32))
        assert "Bcc" not in again


def compose_names():
    return message_from_bytes(compose(letter())).keys()


@pytest.mark.parametrize(
    "address",
    [
        "",
        "x",
        "a@b>\r\nRCPT TO:<c@d",
        "a@b, c@d",
        "a b@example.com",
        "<a@b>",
        "a@b\n",
        "李@example.com",
        "a@-b",
        "a@b..c",
        "a..b@example.com",
        "a" * 250 + "@b.cd",
    ],
)
def test_an_address_that_is_none_stops_this_mail_alone(address):
    for field in ("to_address", "from_address"):
        with pytest.raises(MailError):
            compose(letter(**{field: address}))


def test_a_key_cannot_smuggle_a_header():
    for key in ("a\r\nBcc: x@example.com", "a b", "小"):
        with pytest.raises(MailError):
            compose(letter(keys=(key,)))


@pytest.mark.parametrize(
    "text", ["a\n.\nb", "a\r\n.\r\nb", "a\r.\rb", "\n.\r\n", "." * 80, "a\r\n.\nMAIL FROM:<x@example.com>"]
)
def test_a_body_cannot_end_the_mail_early(text):
    raw = compose(letter(text=text, html=text))
    assert b"\r\n.\r\n" not in raw
    assert b"\n." not in raw
    bare = raw.replace(b"\r\n", b"")
    assert b"\r" not in bare
    assert b"\n" not in bare
    wanted = text.replace("\r\n", "\n").replace("\r", "\n")
    got = message_from_bytes(raw).get_payload(0).get_payload(decode=True).decode()
    assert wanted == got.replace("\r\n", "\n")
    assert "\n" not in got.replace("\r\n", "")


def test_bytes_that_say_more_than_was_meant_are_never_given_out(monkeypatch):
    monkeypatch.setattr(rfc5322, "_text", lambda header, text: text)
    with pytest.raises(MailError):
        compose(letter(subject="x\r\nBcc: x@example.com"))
    with pytest.raises(MailError):
        compose(letter(subject="x\nBcc: x@example.com"))
    with pytest.raises(MailError):
        compose(letter(subject="停机"))
    with pytest.raises(MailError):
        compose(letter(subject="x" * (999 - len("Subject: "))))
    assert compose(letter(subject="x" * (998 - len("Subject: "))))  # as long as RFC 5322 lets a line be


def test_thousands_of_keys_stay_within_a_lines_limit():
    keys = tuple(f"{'p' * 40}{n}/renewal/2026-12-05/3" for n in range(5000))
    message = parsed(compose(letter(keys=keys, references=tuple(f"<{n}@example.com>" for n in range(5000)))))
    assert len(message["X-Renewd-Key"].split()) == rfc5322.MOST_KEYS
    assert len(message["References"].split()) == rfc5322.MOST_REFERENCES


def test_the_message_id_names_the_reminders_and_not_their_order():
    assert message_id("me", ["a/1", "b/2"], "example.com") == message_id("me", ["b/2", "a/1"], "example.com")
    assert message_id("me", ["a/1"], "example.com") != message_id("mom", ["a/1"], "example.com")
    assert message_id("me", ["a/1"], "example.com") != message_id("me", ["a/1", "b/2"], "example.com")
    assert message_id("me", ["a/1", "b"], "example.com") != message_id("me", ["a/1b"], "example.com")


GOOD = b"Subject: x\r\nTo: a@example.com,\r\n b@example.com\r\n\r\nbody\r\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"", b""),
        (b"Subject: x", b"Subject: x\r\nBcc: y@example.com"),
        (b"Subject: x", b"Subject: x\r\n\r\nBcc: y@example.com"),
        (b"Subject: x", b"Subject: x\rBcc: y@example.com"),
        (b"Subject: x", b"Subject: x\nBcc: y@example.com"),
        (b"Subject: x", b"Subject"),
        (b"Subject: x", b"Subject: \xc3\xa9"),
        (b"Subject: x", b"Subject: \x1b[31m"),
        (b"Subject: x", b"Subject: " + b"x" * 998),
        (b",\r\n b", b",\r\n \r\n b"),
        (b"body", b"bo\ndy"),
        (b"body", b"bo\rdy"),
        (b"body", b"b\xc3dy"),
    ],
)
def test_bytes_that_say_anything_but_what_was_meant_do_not_leave(before, after):
    raw = GOOD.replace(before, after)
    if raw == GOOD:
        rfc5322._check(raw, ["Subject", "To"])
        return
    with pytest.raises(MailError):
        rfc5322._check(raw, ["Subject", "To"])
