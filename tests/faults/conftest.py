"""What the tests of faults share."""

from __future__ import annotations

import pytest

from renewd.render.mail import RenderedMail


@pytest.fixture
def few_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every mail say the same: to put it into words takes most of the time, and has tests of its own."""
    monkeypatch.setattr(
        "renewd.render.mail.render", lambda *_, **__: RenderedMail("Renew", "Renew it.\n", "<p>Renew it.")
    )
    monkeypatch.setattr("renewd.calendar.builder.calendar_of", lambda *_: b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")
