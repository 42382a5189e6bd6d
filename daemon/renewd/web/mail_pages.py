"""The mails that were sent to a reader: all of them as a list, and one with its text."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage

from renewd.ledger import HistoryLine, StoredMail
from renewd.render.mail_parts import Link, MailRow
from renewd.render.markup import own
from renewd.web.visit import Visit, around, state_of_mail
from renewd.web.wording import Wording


def mails_of(visit: Visit) -> list[HistoryLine]:
    """Return the latest mails to the reader, newest first."""
    return [line for line in visit.around.history(None) if line.person == visit.person.id]


def mail_row(line: HistoryLine, words: Wording) -> dict[str, str]:
    """Return the row of a mail; its subject leads to its text."""
    return {
        "url": f"mail/{line.mail}",
        "day": words.day(words.local(line.at).date()),
        "clock": words.clock(line.at),
        "subject": own(line.subject),
        "state": state_of_mail(line, words),
    }


def mails_model(visit: Visit) -> dict[str, object]:
    """Return the model of `page/mails.html`."""
    words = visit.words()
    return {
        **around(visit, words),
        "title": words.say("mails.title"),
        "back": Link("./", words.say("back-to-page")),
        "mails": {
            "caption": words.say("mails.caption"),
            "none": words.say("mails.none"),
            "rows": [mail_row(line, words) for line in mails_of(visit)],
        },
    }


def mail_model(visit: Visit, mail: StoredMail) -> dict[str, object]:
    """Return the model of `page/mail.html`."""
    words, line = visit.words(), mail.line
    return {
        **around(visit, words, "../"),
        "title": own(line.subject),
        "back": Link("../mails", words.say("mails.title")),
        "rows": [
            MailRow(words.say("mails.at"), words.moment("mails.day", line.at)),
            MailRow(words.say("mails.state"), state_of_mail(line, words)),
        ],
        "text": _text(mail.data) if mail.data is not None else "",
        "gone": words.say("mails.gone"),
    }


def _text(data: bytes) -> str:
    mail = message_from_bytes(data, policy=policy.default)
    assert isinstance(mail, EmailMessage)  # by the policy
    body = mail.get_body(("plain",))
    return str(body.get_content()).strip() if body else ""
