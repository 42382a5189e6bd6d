"""What docs/push.md shows of each service is what is sent to it, to the byte."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from fake_push_service import SERVICES
from renewd.channels.push.account import PushAccount
from renewd.channels.push.service import Sending
from renewd.channels.push.services import service_named
from renewd.formats.push_content import Push

ROOT = Path(__file__).parents[2]
PUSH = Push(
    key="tello/renewal/2026-12-05/1",
    person="me",
    kind="renewal",
    plan="tello",
    date="2026-12-05",
    lead=1,
    title="Tello (bank) stops Sat, Dec 5",
    text="Renew for $5.00 by Fri, Dec 4. Autopay is off, so it stops unless you pay.",
    link="https://renewd.example.com/p/TOKEN/",
    button="I renewed: $5.00",
    button_link="https://renewd.example.com/done/FACT",
    subject="qv3h5t2n6c7b4m1x0z9y8w7v6u",
    breaks_through=True,
)


def requests() -> dict[str, str]:
    """The request line and the body for each service."""
    found = {}
    for name in SERVICES:
        service = service_named(name)
        account = PushAccount(url=service.url, key="KEY", more={"chat": "12345"})
        if name == "webhook":
            account = PushAccount(url="", key="https://example.com/hook", more={})
        request = service.ask(Sending(PUSH, account, "ID", datetime(2026, 12, 4, 14, 0, tzinfo=UTC)))
        found[name] = f"{request.method} {request.url}\n{request.content.decode()}"
    return found


@pytest.mark.checkout
@pytest.mark.parametrize("page", ["docs/push.md", "docs/zh-CN/push.md"])
def test_the_page_shows_what_is_sent(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    for name, request in requests().items():
        assert f"```\n{request}\n```" in text, name
