"""Two attacks, each on bytes that anybody could have written: on the reader of plans.toml, and on the mail builder.

`faults/test_corpus.py` replays what is in corpus/, `fuzz.py` goes on from there.
"""

from __future__ import annotations

import re
import resource
import signal
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesHeaderParser
from functools import cache
from html.parser import HTMLParser
from io import StringIO
from itertools import islice
from pathlib import Path

from renewd.cli.problems import show
from renewd.cli.screen import Screen
from renewd.config import Good, Loaded, load, say_problem
from renewd.config.catalogue import SHIPPED, Catalogue, load_catalogue
from renewd.delivery.composer import Composer
from renewd.delivery.task import PassContext, Task
from renewd.domain.errors import ConfigError, Problem
from renewd.domain.findings import NOTHING_FOUND
from renewd.formats.message import Attachment, MailError, MessageParts, compose, is_address
from renewd.i18n import LANGUAGES, language
from renewd.reminders import agenda, due, start_of
from renewd.web.links import Links

TODAY = date(2026, 11, 20)
SECONDS, MEGABYTES = 2, 200  # of a processor and of memory: more than any input may take
ACTS = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
NEXT_FIELD = "␟"


class TooMuch(BaseException):  # nothing that catches exceptions may catch it
    """An input took more than it may."""


@contextmanager
def bounded(seconds: int = SECONDS) -> Iterator[None]:
    """Raise TooMuch where something hangs or eats the memory."""

    def late(*_: object) -> None:
        raise TooMuch(f"{seconds} s")

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    signal.signal(signal.SIGPROF, late)
    signal.setitimer(signal.ITIMER_PROF, seconds)  # of the processor: a busy machine is no hang
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    if resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before > MEGABYTES * 1024:
        raise TooMuch(f"{MEGABYTES} MB")


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="renewd-attacks-")


def _written(name: str, data: bytes) -> Path:
    path = Path(_folder().name, name)
    path.write_bytes(data)
    path.chmod(0o600)
    return path


@cache
def _shipped() -> Catalogue:
    return load_catalogue(SHIPPED)[0]


def _load(path: Path, catalogue: Mapping[str, object]) -> Loaded:
    return load(path, catalogue=catalogue, today=TODAY, machine_zone="UTC", hostname="pi")


def attack_config(data: bytes) -> frozenset[str]:
    """Read the bytes as plans.toml, say what is wrong with them, and run what could be read; give what was met."""
    path, met = _written("plans.toml", data), set[str]()
    if b"[carrier" in data:
        met |= _check_problems(load_catalogue(SHIPPED, path)[1], data)
    try:
        loaded = _load(path, _shipped())
    except ConfigError as error:
        assert error.exit_code == 78
        assert any(problem.severity == "error" for problem in error.problems)
        for code in LANGUAGES:
            assert language(code).say(error.code, **error.args_)
        return frozenset(met | _check_problems(error.problems, data))
    met |= _check_problems(loaded.problems, data)
    assert loaded.household.plans
    assert loaded.household.people
    assert Good.from_json(loaded.good.to_json()) == loaded.good
    return frozenset(met | _run(loaded, [TODAY, TODAY + timedelta(days=200), TODAY + timedelta(days=3650)]))


def _check_problems(problems: tuple[Problem, ...], data: bytes) -> set[str]:
    for problem in problems:
        assert 0 <= problem.line <= data.count(b"\n") + 1 or problem.file != "plans.toml"
        for code in LANGUAGES:
            assert not ACTS.search(say_problem(problem, code))
    for code in LANGUAGES:
        screen = Screen(code, StringIO())
        screen.color = True
        show(screen, problems)
        shown = re.sub("\x1b\\[[0-9;]*m|[\n\t]", "", screen.stream.getvalue())
        assert not ACTS.search(shown)
    return {problem.code for problem in problems}


def _run(loaded: Loaded, days: list[date], links: Links | None = None) -> set[str]:
    """Compute what is due on some days and from the first on, and compose the mails of the first."""
    household = loaded.household
    composer = Composer(household=household, findings=NOTHING_FOUND, settings=loaded.settings, links=lambda: links)
    first, *later = [start_of(day, household) + timedelta(hours=12) for day in days]
    for _ in islice(agenda(household, NOTHING_FOUND, first, first + timedelta(days=400)), 100_000):
        pass
    for now in later:
        due(household, NOTHING_FOUND, now)
    reminders = due(household, NOTHING_FOUND, first)
    for person in household.people.values():
        mine = tuple(reminder for reminder in reminders if reminder.person == person.id)
        task = Task(person=person, reminders=mine, problems=loaded.problems, problem_key="@me/file/1", first=True)
        composed = composer.compose(task, PassContext(), first)
        message = _check_mail(composed.data, composed.subject, without=("Reply-To",) if person.id == "me" else ())
        text, page = _part(message, "text/plain"), _part(message, "text/html")
        assert not ACTS.search((text + page).replace("\r\n", ""))
        _check_page(page)
        if mine and "text/calendar" in {part.get_content_type() for part in message.walk()}:
            _check_calendar(_part(message, "text/calendar"))
    return {reminder.subject.kind for reminder in reminders}


def attack_mail(data: bytes) -> frozenset[str]:
    """Use the fields of the bytes as every word that others write, and check that the mails say them and no more."""
    given = data.decode("utf-8", "surrogateescape").split(NEXT_FIELD)
    fields = [given[n % len(given)][:3000] for n in range(20)]  # each is written ten times as long below
    refused = _attack_letter(fields, data)
    words = {f"f{n}": _quoted(field or "x") for n, field in enumerate(fields)}  # an empty one is refused
    empty = _written("empty.toml", b"")
    catalogue, _ = load_catalogue(empty, _written("carriers.toml", (CARRIER % words).encode()))
    loaded = _load(_written("plans.toml", (PLANS % words).encode()), catalogue)
    links = Links(loaded.settings.web.url, b"k", b"k") if loaded.settings.web and loaded.settings.web.url else None
    day = (date(2026, 12, 1), date(2026, 12, 5), date(2026, 12, 9), date(2027, 1, 3))[len(data) % 4]
    return frozenset(_run(loaded, [day], links) | {problem.path for problem in loaded.problems} | {refused})


def _attack_letter(fields: list[str], data: bytes) -> str:
    texts = {"subject": fields[0], "from_name": fields[1], "to_name": fields[2], "text": fields[3], "html": fields[4]}
    plain = MessageParts(
        from_address="renewd@example.com",
        to_address="li@example.com",
        message_id="<0@example.com>",
        date=datetime(2026, 12, 1, 14, 30, tzinfo=UTC),
        languages=("zh-CN",),
        **texts,
    )
    others = ("Reply-To", "In-Reply-To", "References", "X-Renewd-Key")
    message = _check_mail(compose(plain), fields[0], without=others)  # whatever the words are, there is a mail
    for kind, n in (("text/plain", 3), ("text/html", 4)):
        wanted = re.sub("\r\n|\r|\n", "\r\n", fields[n]).encode("utf-8", "replace").decode()
        assert _part(message, kind) == wanted
    for name, n in (("From", 1), ("To", 2)):
        words, _, address = _unfolded(message, name).rpartition(" ")
        assert _decoded(words) == _squeezed(fields[n])
        assert is_address(address.strip("<>"))
    try:  # and where an address or a token is none, there is no mail
        raw = compose(
            MessageParts(
                **texts,
                from_address=fields[5],
                to_address=fields[6],
                reply_to=fields[7],
                message_id=fields[8],
                references=(fields[9],),
                keys=(fields[10],),
                attachments=(
                    Attachment(
                        filename=fields[11], content_type="text/calendar", params={"charset": fields[12]}, data=data
                    ),
                ),
                date=plain.date,
            )
        )
    except MailError as error:
        for code in LANGUAGES:
            assert language(code).say(error.code, **error.args_)
        return error.code
    _check_mail(raw, fields[0], without=("Content-Language",))
    return ""


_HEADERS = [
    "Date", "From", "To", "Reply-To", "Subject", "Message-ID", "In-Reply-To", "References", "Auto-Submitted", "X-Renewd-Key",
    "Content-Language", "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
]  # fmt: skip


def _check_mail(raw: bytes, subject: str, without: tuple[str, ...]) -> Message:
    lines = raw.split(b"\r\n")
    assert max(map(len, lines)) <= 998
    assert not re.search(rb"[\r\n]", b"".join(lines))
    assert not any(line.startswith(b".") for line in lines)
    assert raw.isascii()
    head = raw[: raw.index(b"\r\n\r\n") + 4]
    plain, modern = message_from_bytes(raw), BytesHeaderParser(policy=policy.default).parsebytes(head)
    assert modern.keys() == plain.keys() == [name for name in _HEADERS if name in plain]
    assert {"Date", "From", "To", "Subject", "Message-ID", "MIME-Version", "Content-Type"} <= {*plain.keys()} - {
        *without
    }
    assert not {*without} & {*plain.keys()}
    assert not [defect for part in plain.walk() for defect in part.defects]
    assert not [defect for name, value in modern.items() if name != "Message-ID" for defect in value.defects]
    assert _decoded(_unfolded(plain, "Subject")) == _squeezed(subject)
    return plain


def _unfolded(message: Message, name: str) -> str:
    return str(message[name]).replace("\r\n", "").replace("\n", "")


def _decoded(words: str) -> str:
    return str(make_header(decode_header(words)))


def _squeezed(text: str) -> str:
    return re.sub("[\x00-\x20\x7f-\x9f\u2028\u2029\ud800-\udfff]+", " ", text).strip(" ")


def _part(message: Message, kind: str) -> str:
    [found] = [part for part in message.walk() if part.get_content_type() == kind]
    payload = found.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode()


_TAGS = {
    "html", "head", "meta", "title", "style", "body", "div", "p", "h1", "h2", "h3", "table", "tr", "td", "th", "ul", "li",
    "a", "b", "br", "hr", "span", "code", "bdi",
}  # fmt: skip
_ATTRIBUTES = {
    "lang", "class", "style", "href", "name", "content", "charset", "width", "cellpadding", "cellspacing", "border", "role",
    "align", "valign", "nowrap", "colspan", "scope",
}  # fmt: skip


class _Page(HTMLParser):
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in _TAGS
        for name, value in attrs:
            assert name in _ATTRIBUTES
            if name == "href":
                assert re.match(r"https?://|tel:\+?\d+$|webcals?://", value or "")
            elif name == "style":
                assert "url(" not in (value or "")


def _check_page(page: str) -> None:
    parser = _Page()
    parser.feed(page)
    parser.close()


def _check_calendar(text: str) -> None:
    assert max(len(line.encode()) for line in text.split("\r\n")) <= 75
    for line in text.replace("\r\n ", "").removesuffix("\r\n").split("\r\n"):
        assert re.fullmatch(
            "(BEGIN|END|VERSION|PRODID|CALSCALE|METHOD|NAME|X-WR-CALNAME|COLOR|REFRESH-INTERVAL|X-PUBLISHED-TTL|UID|DTSTAMP"
            "|LAST-MODIFIED|SEQUENCE|DTSTART|DTEND|SUMMARY|DESCRIPTION|CATEGORIES|STATUS|TRANSP|URL|ACTION|TRIGGER)[:;].*",
            line,
        )


def _quoted(text: str) -> str:
    """Return any text as a TOML string; half a character, which TOML cannot hold, becomes a question mark."""
    signs = text.encode("utf-8", "replace").decode()
    return '"' + "".join(c if c.isalnum() and c.isascii() else f"\\U{ord(c):08X}" for c in signs) + '"'


CARRIER = """
[carrier.x]
name = { en = %(f1)s, zh-CN = %(f2)s }
kind = "prepaid"
[carrier.x.app]
name = %(f3)s
en = %(f4)s
[[carrier.x.hotline]]
tel = "+18005550100"
en = %(f5)s
[[carrier.x.code]]
dial = "*611"
text = %(f6)s
[[carrier.x.trap]]
en = %(f7)s
[carrier.x.grace]
lasts = "30 days"
en = %(f8)s
[carrier.y]
name = { en = %(f9)s, zh-CN = %(f10)s }
kind = "prepaid"
[carrier.y.site]
url = %(f11)s
en = %(f12)s
"""

PLANS = """
timezone = "America/New_York"
language = ["en", "zh-CN"]
[mail]
to = "me@example.com"
from = %(f0)s
[web]
url = %(f1)s
[person.me]
name = %(f2)s
[person.mom]
email = "mom@example.com"
name = %(f3)s
[person.other]
email = %(f4)s
[card.visa]
name = %(f5)s
expires = "2026-12"
[plan.plain]
renews = 2026-12-05
[plan.other]
for = ["other"]
renews = 2026-12-05
[plan.a]
name = %(f0)s
carrier = "x"
for = ["me", "mom"]
number = "+12065550142"
renews = 2026-12-05
every = "30 days"
price = 5
grace = "30 days"
note = %(f6)s
data = { limit = "2 GB", used = "1.9 GB", on = 2026-11-30 }
keep_alive = { every = "60 days", last = 2026-10-11, action = %(f7)s }
[[plan.a.bill]]
what = %(f8)s
amount = 12.5
due = 2026-12-05
[[plan.a.backup]]
what = %(f9)s
path = %(f10)s
done_on = 2026-10-01
[plan.b]
name = %(f11)s
for = ["mom", "me"]
number = "+12065550100"
account = { id = %(f12)s, email = "me@example.com" }
renews = 2026-12-12
every = "1 month"
price = 40
autopay = true
pay_with = "visa"
[[plan.b.binding]]
service = %(f13)s
critical = true
[[plan.b.document]]
what = %(f14)s
[plan.b.cancel]
by = 2026-12-10
how = "cancel"
number = "port"
reference = %(f15)s
[plan.c]
name = %(f16)s
carrier = "y"
renews = 2026-11-25
every = "30 days"
pay_with = "balance"
balance = { amount = 1, on = 2026-11-18 }
"""

ATTACKS: dict[str, Callable[[bytes], frozenset[str]]] = {"config": attack_config, "mail": attack_mail}
