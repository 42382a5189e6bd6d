"""What must hold in every life that `faults.histories` draws, told from its ledger and from what the server has."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from faults.histories import DAY, HOUR, MINUTE, Lived

CALM = 25 * HOUR  # after so long without trouble everything has caught up: a refused address waits for a day


def nothing_broke(lived: Lived) -> None:
    assert not lived.life.broken


def each_key_goes_out_in_one_mail_alone(lived: Lived) -> None:
    """A mail may come twice where an answer was lost or the process died, as the same bytes; a key in two never."""
    by_name: dict[str, set[bytes]] = defaultdict(set)
    count: Counter[str] = Counter()
    for envelope in lived.server.letters:
        by_name[envelope.name].add(envelope.data)
        count[envelope.name] += 1
    for name, times in count.items():
        assert len(by_name[name]) == 1
        assert times == 1 or name in lived.server.unsure, "twice, though its end was known"
    names: dict[tuple[str, str], set[str]] = defaultdict(set)
    for line in lived.mails:
        if line.state != "failed":
            for reminded in line.reminders:
                names[line.person, reminded.key].add(line.message_id)
    assert not {key: found for key, found in names.items() if len(found) > 1}


def what_the_ledger_calls_sent_the_server_has(lived: Lived) -> None:
    have = {envelope.name for envelope in lived.server.letters}
    for line in lived.mails:
        assert line.state != "sent" or line.message_id in have
        assert (
            line.state != "failed"
            or line.message_id not in have
            or line.message_id in lived.server.unsure
            or _again(line, lived)
        )


def _again(line, lived: Lived) -> bool:
    """Whether the same reminders went out later: the same keys are the same Message-ID."""
    return any(
        one.message_id == line.message_id and one.mail > line.mail and one.state != "failed" for one in lived.mails
    )


def what_was_told_was_true_when_it_was_written(lived: Lived) -> None:
    for mail in lived.life.mails:
        at = mail.letter.written
        untrue = set(mail.keys) - {one.key for one in lived.due_like(mail.keys, at) if one.person == mail.person}
        assert not untrue or lived.history.jumps, f"{at} {mail.person} {untrue}"  # two instants may read alike then


def after_a_day_without_trouble_everybody_knows_what_they_ought_to(lived: Lived) -> None:
    """Asked from scratch each noon: whatever is due was told, that lead or a later one, or is on its way."""
    said = _said(lived)
    for moment in _calm(lived):
        for one in lived.due(moment):
            leads = said.get((one.person, one.subject.stem), ())
            assert any(lead <= one.lead and at <= moment for at, lead in leads), f"{moment} {one.person} {one.key}"


def at_the_end_nothing_is_left_in_the_air(lived: Lived) -> None:
    troubles = (one.begins + one.hours for one in lived.history.troubles)
    last = max([0, *troubles, *(ends for _, ends in lived.history.off)])
    if lived.begin + last * HOUR + 2 * CALM < lived.end and not lived.history.jumps:
        states = {line.state for line in lived.mails}
        assert states <= {"sent", "failed", "unknown-final"}


def what_may_have_been_lost_is_sent_again_while_it_is_true(lived: Lived) -> None:
    """A quarter of an hour after its first try, or when the account may be tried again: one mail an hour, if need be."""
    if lived.history.jumps or "password" in {one.what for one in lived.history.troubles}:
        return
    happens = [lived.begin + hour * HOUR for hour, _, _ in lived.history.edits]
    away = [(lived.begin + begins * HOUR, lived.begin + ends * HOUR) for begins, ends in lived.history.off]
    for line in lived.mails:
        first, *others = lived.attempts[line.mail]
        later = first.at + 8 * HOUR
        disturbed = any(first.at <= at <= later for at in happens) or any(
            begins <= later and first.at <= ends for begins, ends in away
        )
        if first.outcome.result != "unknown" or disturbed or later > lived.end:
            continue
        if {(line.person, one.key) for one in line.reminders} & {(one.person, one.key) for one in lived.due(later)}:
            again = [one.at for one in others if one.outcome.reason not in ("settled", "replaced")]
            assert any(first.at < at <= later for at in again), f"{first.at} {line.reminders}"


def what_may_have_arrived_is_sent_again_only_while_it_is_true(lived: Lived) -> None:
    if lived.history.jumps:
        return
    for line in lived.mails:
        for again in lived.attempts[line.mail][1:]:
            if again.outcome.reason not in ("settled", "replaced", "interrupted"):
                true = {(one.person, one.key) for one in lived.due(again.at)}
                assert {(line.person, one.key) for one in line.reminders} & true, f"{again.at} {line.reminders}"


def no_lead_is_written_after_a_smaller_one(lived: Lived) -> None:
    if any(
        by > timedelta(0) for _, by in lived.history.jumps
    ):  # what a clock that ran ahead has said counts for itself
        return
    leads: dict[tuple[str, str], list[int]] = defaultdict(list)
    for line in reversed(lived.mails):
        if line.state != "failed":
            for reminded in line.reminders:
                leads[line.person, reminded.stem].append(reminded.lead)
    wrong = {one: found for one, found in leads.items() if found != sorted(set(found), reverse=True)}
    assert not wrong, wrong


def _said(lived: Lived) -> dict[tuple[str, str], list[tuple[datetime, int]]]:
    """Return when each lead went out, by person and stem, from the bytes that the server has."""
    taken: dict[tuple[str, str], list[tuple[datetime, int]]] = defaultdict(list)
    for line in lived.mails:
        if line.state != "failed":
            for reminded in line.reminders:
                taken[line.person, reminded.stem].append((line.created, reminded.lead))
    return taken


def _calm(lived: Lived) -> Iterator[datetime]:
    busy: Sequence[tuple[datetime, datetime]] = [
        *((lived.begin + t.begins * HOUR, lived.begin + (t.begins + t.hours) * HOUR) for t in lived.history.troubles),
        *((lived.begin + begins * HOUR, lived.begin + ends * HOUR) for begins, ends in lived.history.off),
        *((lived.begin + hour * HOUR - 30 * MINUTE,) * 2 for hour, _, _ in lived.history.edits),
    ]
    if lived.history.jumps:  # the true time and the clock's are two until all is right again
        moved = lived.begin + max(hour for hour, _ in lived.history.jumps) * HOUR
        busy = [*busy, (lived.begin, moved + 4 * DAY)]
    moment = lived.begin + CALM
    while moment < lived.end:
        if not any(begins <= moment and moment - CALM <= ends for begins, ends in busy):
            yield moment
        moment += 12 * HOUR


INVARIANTS = (
    nothing_broke,
    each_key_goes_out_in_one_mail_alone,
    what_the_ledger_calls_sent_the_server_has,
    what_was_told_was_true_when_it_was_written,
    after_a_day_without_trouble_everybody_knows_what_they_ought_to,
    at_the_end_nothing_is_left_in_the_air,
    what_may_have_been_lost_is_sent_again_while_it_is_true,
    what_may_have_arrived_is_sent_again_only_while_it_is_true,
    no_lead_is_written_after_a_smaller_one,
)
