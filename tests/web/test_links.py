"""What a link holds, and who can make one."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from households import bill, household, keep_alive, plan
from renewd.domain.findings import item_id
from renewd.domain.plans import Backup
from renewd.reminders import Reminder, Subject
from renewd.web.links import BadLinkError, Links, Tap, state_of

NOW = datetime(2026, 12, 2, 15, 0, tzinfo=UTC)


def test_a_link_is_over_once_its_fact_is_there():
    """Whatever recorded it; another fact about the same plan does not end it."""
    base = {"renews": "2026-12-05", "every": "1 month", "bills": (bill("x", "2026-12-12"), bill("y", "2026-12-12"))}
    one = plan(**base)
    paid = plan(**{**base, "bills": (bill("x", "2026-12-12", paid_on="2026-12-02"), base["bills"][1])})
    moved = plan(**{**base, "renews": "2027-01-05"})
    x = item_id("x")
    assert state_of(one, "renewed", "") == state_of(paid, "renewed", "") != state_of(moved, "renewed", "")
    assert state_of(one, "paid", x) == state_of(moved, "paid", x) is not None
    assert state_of(paid, "paid", x) is None
    used = [plan(keep_alive=keep_alive("90 days", on)) for on in ("2026-10-01", "2026-12-01")]
    assert len({state_of(each, "kept-alive", "") for each in used}) == 2
    made = [plan(backups=(Backup(what="z", done_on=on),)) for on in (None, date(2026, 12, 1))]
    assert len({state_of(each, "backed-up", item_id("z")) for each in made} - {None}) == 2
    assert state_of(plan(autopay=True, failed_on="2026-12-05"), "failed", "2026-12-05") is None
    assert state_of(plan(renews="2026-12-05"), "renewed", "") is None, "nobody knows how long a payment lasts"


def test_a_signature_is_of_this_installation_alone():
    """Another key, or one bit of another person, and it is none."""
    ours, theirs = Links("https://x.example", b"f", b"t"), Links("https://x.example", b"f", b"u")
    tap = Tap("me", "tello", "renewed", "", "abc", date(2027, 1, 31))
    assert ours.read(ours.signed(tap)) == tap
    for length in range(4):  # what a mail program draws into a link harms none of whatever length
        longer = tap._replace(plan="x" * (length + 1))
        for tail in (".", ")", ",", ">", "。", "）", "=", "=\n"):
            assert ours.read(ours.signed(longer) + tail) == longer, (length, tail)
    for text in (theirs.signed(tap), "", "=", "号", ours.signed(tap)[:-1], "A" * 80):
        with pytest.raises(BadLinkError):
            ours.read(text)
    assert len(ours.token("me")) == 40
    assert ours.token("me") != ours.token("mom") != theirs.token("me")
    assert household(plan()).people["me"].id == "me"


def test_a_pushs_button_leads_to_what_settles_its_reminder():
    """One word: the asking page. A figure: the form of the plan's page. Leaving: its checklist. Without an address: nowhere."""
    links, today = Links("https://x.example", b"f", b"t"), date(2026, 12, 2)
    one = plan(renews="2026-12-05", every="1 month")
    home = f"{links.page('me')}plan/{one.id}"
    for kind, leads_to in (
        ("balance", f"{home}#balance"), ("data", f"{home}#used"), ("cancel-by", f"{home}/report"), ("promo", home),
    ):  # fmt: skip
        reminder = Reminder(Subject(kind, one, "", today, (0,), None, ("me",)), 0, "me", NOW)
        assert links.button(reminder, today) == leads_to, kind
        assert Links("", b"f", b"t").button(reminder, today) is None
    renewal = Reminder(Subject("renewal", one, "", date(2026, 12, 5), (3,), None, ("me",), 0), 3, "me", NOW)
    assert (links.button(renewal, today) or "").startswith("https://x.example/done/")
