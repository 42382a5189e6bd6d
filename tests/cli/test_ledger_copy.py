"""`ledger copy`: everything comes over, under the same numbers, and life goes on there."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from ledgers import begun
from postgres import server
from renewd.domain.outcome import Outcome
from renewd.ledger import Backoff, Draft, LedgerError, PlanVersion, Reminded, Revision, Settlement
from renewd.ledger.places import open_ledger, reader
from renewd.state import hold
from shell import Shell

NOW = datetime(2026, 12, 1, 14, 0, tzinfo=UTC)
SENT, LOST, DOWN = (
    Outcome(result="sent", code=250, reply="250 Ok"),
    Outcome(result="unknown", reason="answer-lost"),
    Outcome(result="failed", scope="account", reason="dropped", reply="421 忙"),
)


def draft(lead: int) -> Draft:
    reminded = Reminded("tello/renewal/2026-12-05", lead, "tello", "renewal")
    return Draft(
        person="me", address="me@example.com", account="a", message_id=f"<{lead}@example.com>", subject="续费 é",
        data=b"\x00x\r\n", reminders=(reminded,), composed_at=NOW,
    )  # fmt: skip


def fill(ledger) -> None:
    ids = begun(ledger, [draft(lead) for lead in range(1100)])
    ends = [SENT, LOST, DOWN]
    ledger.settle([Settlement(mail=mail, outcome=ends[mail % 3], at=NOW) for mail in ids[:-1]])
    ledger.settle([], {"account:a": Backoff(failures=2, since=NOW, next_try=NOW, reason="dropped")})
    ledger.set_plan_versions({"tello": PlanVersion("1", NOW)})
    ledger.set_revisions({"a@renewd": Revision(3, "x", NOW)})
    ledger.set_last_pass(NOW)


def everything(ledger) -> list[object]:
    history = ledger.history(limit=5000)
    kept = [ledger.mail(line.mail) for line in history[::100]]
    pair = ("me", "tello/renewal/2026-12-05")
    said = ledger.claims([pair])
    rest = (ledger.backoffs(), ledger.plan_versions(), ledger.revisions(), ledger.last_pass(), ledger.failing())
    return [history, kept, said, ledger.unknown(NOW + timedelta(days=1)), *rest]


@pytest.fixture
def filled(shell: Shell) -> Shell:
    with closing(open_ledger(None, shell.state, NOW).ledger) as ledger:
        fill(ledger)
    return shell


def test_there_and_back_everything_is_as_it_was(filled: Shell) -> None:
    url = server().url()
    said = filled("ledger", "copy", str(filled.state), url)
    assert (said.code, said.err) == (0, "")
    assert "1100 mails copied" in said.out
    back = filled.folder / "back"
    assert filled("ledger", "copy", url, str(back)).code == 0
    with (
        closing(reader(None, filled.state)) as before,
        closing(reader(url, filled.state)) as there,
        closing(reader(None, back)) as after,
    ):
        assert everything(before) == everything(there) == everything(after)
    with closing(open_ledger(url, filled.state, NOW).ledger) as ledger:
        assert begun(ledger, [draft(5)]) == [None]
        assert begun(ledger, [draft(5000)])[0] > 1100
        assert ledger.take_over(NOW) == 2  # what was in flight when all were stopped, and what was just begun here


def test_from_one_folder_to_another_nothing_is_said_of_a_database(filled: Shell) -> None:
    other = filled.folder / "other"
    said = filled("ledger", "copy", str(filled.state), str(other))
    assert said.code == 0
    assert f"renewd --state {other} run" in " ".join(said.out.split())
    assert "database" not in said.out


def test_a_ledger_with_mails_in_it_is_not_written_over(filled: Shell) -> None:
    other = filled.folder / "other"
    with closing(open_ledger(None, other, NOW).ledger) as ledger:
        begun(ledger, [draft(1)])
    said = filled("ledger", "copy", str(filled.state / "ledger.sqlite3"), str(other))
    assert said.code == 2
    assert "already" in said.err
    with closing(reader(None, other)) as ledger:
        assert len(ledger.history()) == 1


def test_while_a_renewd_runs_on_it_nothing_is_copied(filled: Shell) -> None:
    with hold(filled.state):
        assert filled("ledger", "copy", str(filled.state), str(filled.folder / "other")).code == 75


def test_from_where_nothing_is_nothing_is_copied(shell: Shell) -> None:
    said = shell("ledger", "copy", "/nonexistent", str(shell.folder / "other"))
    assert said.code == 2
    assert "/nonexistent" in said.err
    assert not (shell.folder / "other").exists()


def test_what_a_crash_left_half_written_is_copied_whole(filled: Shell, monkeypatch) -> None:
    def torn(*_):
        raise LedgerError("delivery.ledger-full", path="", why="")

    with closing(open_ledger(None, filled.state, NOW).ledger) as ledger:
        (mail,) = begun(ledger, [draft(5000)])
        monkeypatch.setattr(ledger, "_exchange", torn)
        with pytest.raises(LedgerError):
            ledger.settle([Settlement(mail=mail, outcome=SENT, at=NOW)])
    assert filled("ledger", "copy", str(filled.state), str(filled.folder / "there")).code == 0
    with closing(reader(None, filled.folder / "there")) as there:
        assert there.mail(mail).line.state == "sent"
