"""What every ledger keeps, whatever keeps it: one suite over `IMPLEMENTATIONS`.

`open_` gives the ledger as a fresh start of the program would find it.
"""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from ledgers import begun
from postgres import server
from renewd.domain.outcome import Outcome
from renewd.ledger import Backoff, Draft, PlanVersion, Reminded, Revision, Settlement, Start
from renewd.ledger.sqlite import open_ledger

NOW = datetime(2026, 12, 1, 14, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SENT = Outcome(result="sent", code=250, reply="250 Ok")
SPAM = Outcome(result="refused", scope="message", reason="message-refused", code=554, reply="554 Spam", permanent=True)
DOWN = Outcome(result="failed", scope="account", reason="connection-refused")
LOST = Outcome(result="unknown", reason="answer-lost")
STEM = "tello/renewal/2026-12-05"


def sqlite(folder):
    opened = []

    def open_():
        for ledger in opened:
            ledger.close()
        opened[:] = [open_ledger(folder / "ledger", NOW).ledger]
        return opened[0]

    open_.close = lambda: [ledger.close() for ledger in opened]
    return open_


def postgres(folder):
    url = server().url()
    opened = []

    def open_():
        from renewd.ledger.postgres import open_ledger

        for ledger in opened:
            ledger.close()
        opened[:] = [open_ledger(url).ledger]
        return opened[0]

    open_.close = lambda: [ledger.close() for ledger in opened]
    return open_


IMPLEMENTATIONS = {"sqlite": sqlite, "postgres": postgres}


@pytest.fixture(params=IMPLEMENTATIONS)
def open_(request, tmp_path):
    opens = IMPLEMENTATIONS[request.param](tmp_path)
    yield opens
    opens.close()


@pytest.fixture
def ledger(open_):
    return open_()


def draft(*keys, person="me", at=NOW, **fields):
    def reminded(key):
        stem, _, lead = key.rpartition("/")
        owner, kind, *_ = stem.split("/")
        return Reminded(stem, int(lead), None if owner.startswith("@") else owner, kind.partition(":")[0])

    ours = {
        "person": person,
        "address": f"{person}@example.com",
        "account": "me@mail.example.com:587",
        "message_id": "<1@example.com>",
        "subject": "Tello 银行号",
        "data": b"Subject: x\r\n\r\n\x00y",
        "reminders": tuple(map(reminded, keys or (f"{STEM}/7",))),
        "composed_at": at,
    }
    return Draft(**(ours | fields))


def claim(ledger, *keys, **fields):
    (mail,) = begun(ledger, [draft(*keys, **fields)])
    return mail


def settle(ledger, mail, outcome, at=NOW, **more):
    ledger.settle([Settlement(mail=mail, outcome=outcome, at=at)], **more)


def leads(ledger, stem=STEM, person="me"):
    return [(said.lead, said.state) for said in ledger.claims([(person, stem)]).get((person, stem), ())]


# claims


def test_a_key_is_taken_once(open_):
    assert claim(open_()) is not None
    assert claim(open_()) is None
    assert claim(open_(), f"{STEM}/3") is not None
    assert claim(open_(), person="mom") is not None


def test_one_taken_key_refuses_its_whole_mail_and_no_other(ledger):
    claim(ledger, f"{STEM}/7")
    ids = begun(ledger, [draft("a/bill:12345678/2026-12-01/0", f"{STEM}/7"), draft("b/renewal/2026-12-01/0")])
    assert [mail is None for mail in ids] == [True, False]
    assert leads(ledger, "a/bill:12345678/2026-12-01") == []
    assert len(ledger.history()) == 2


def test_a_mail_that_names_a_key_twice_is_refused(ledger):
    assert claim(ledger, f"{STEM}/7", f"{STEM}/7") is None


def test_two_drafts_of_one_call_cannot_take_the_same_key(ledger):
    first, second = begun(ledger, [draft(), draft()])
    assert first is not None
    assert second is None


def test_each_caller_gets_the_number_of_its_own_mail(ledger):
    people = ["zoe", "ann", "li", "bob"]
    mails = begun(ledger, [draft(f"{one}/renewal/2026-12-05/7", person=one) for one in people])
    assert [ledger.mail(mail).line.person for mail in mails] == people


def test_a_mail_of_more_reminders_than_a_statement_can_hold_is_kept(ledger):
    many = [f"l{n}/renewal/2026-12-05/7" for n in range(40_000)]
    mail, other = begun(ledger, [draft(*many), draft(f"{STEM}/3", person="li")])
    assert len(ledger.mail(mail).line.reminders) == len(many)
    assert leads(ledger, person="li") == [(3, "sending")]
    assert claim(ledger, many[-1]) is None
    assert other is not None


def test_a_mail_about_no_reminder_can_be_kept(ledger):
    assert ledger.mail(claim(ledger, reminders=())).line.reminders == ()


def test_negative_leads_and_keys_of_no_plan_are_keys_like_any(open_):
    claim(open_(), "@visa/card/2027-03-31/-7", f"{STEM}/-3", f"{STEM}/0")
    ledger = open_()
    assert leads(ledger) == [(-3, "sending"), (0, "sending")]
    assert leads(ledger, "@visa/card/2027-03-31") == [(-7, "sending")]
    assert ledger.history()[0].reminders[0] == Reminded("@visa/card/2027-03-31", -7, None, "card")
    assert ledger.history()[0].reminders[0].key == "@visa/card/2027-03-31/-7"


def test_threads_that_claim_the_same_key_get_it_once(ledger):
    got = []
    threads = [threading.Thread(target=lambda: got.append(claim(ledger))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(mail is not None for mail in got) == 1


# settlements


def test_what_was_sent_stays_said_for_ever(open_):
    ledger = open_()
    settle(ledger, claim(ledger), SENT, NOW + MINUTE)
    ledger = open_()
    ledger.prune(NOW + 5000 * DAY)
    ((said,),) = ledger.claims([("me", STEM)]).values()
    assert (said.lead, said.state, said.at) == (7, "sent", NOW + MINUTE)
    assert claim(ledger) is None


@pytest.mark.parametrize("outcome", [SPAM, DOWN])
def test_a_certain_failure_frees_the_keys_and_is_remembered(open_, outcome):
    ledger = open_()
    first = claim(ledger)
    settle(ledger, first, outcome, NOW + MINUTE)
    ledger = open_()
    assert ledger.claims([("me", STEM)]) == {}
    second = claim(ledger, at=NOW + HOUR)
    assert second not in (None, first)
    assert [(line.mail, line.state) for line in ledger.history()] == [(second, "sending"), (first, "failed")]
    assert ledger.mail(first).attempts == ((NOW + MINUTE, outcome),)


def test_an_unknown_outcome_keeps_the_keys_and_is_repeated_with_growing_gaps(open_):
    ledger = open_()
    mail = claim(ledger)
    at = NOW
    settle(ledger, mail, LOST, at)
    for gap in (15 * MINUTE, HOUR, 6 * HOUR, DAY, DAY, DAY):
        ledger = open_()
        assert leads(ledger) == [(7, "unknown")]
        assert ledger.unknown(at + gap - MINUTE) == ()
        at += gap
        (unknown,) = ledger.unknown(at)
        assert (unknown.mail, unknown.data) == (mail, b"Subject: x\r\n\r\n\x00y")
        assert [reminded.key for reminded in unknown.reminders] == [f"{STEM}/7"]
        ledger.repeat(mail, at)
        assert ledger.unknown(at + 9 * DAY) == ()
        settle(ledger, mail, LOST, at)
    settle(ledger, mail, SENT, at)
    assert leads(ledger) == [(7, "sent")]
    assert ledger.unknown(at + 9 * DAY) == ()
    assert ledger.mail(mail).line.tries == 7


@pytest.mark.parametrize("outcome", [SPAM, DOWN])
def test_a_failed_repeat_does_not_free_what_may_have_arrived(ledger, outcome):
    mail = claim(ledger)
    settle(ledger, mail, LOST)
    ledger.repeat(mail, NOW + HOUR)
    settle(ledger, mail, outcome, NOW + HOUR)
    assert leads(ledger) == [(7, "unknown")]
    assert claim(ledger) is None
    assert [unknown.mail for unknown in ledger.unknown(NOW + 2 * HOUR)] == [mail]


def test_what_was_given_up_is_never_sent_again_and_stays_said(open_):
    ledger = open_()
    mail = claim(ledger)
    settle(ledger, mail, LOST)
    ledger.give_up(mail, "replaced", NOW + HOUR)
    ledger = open_()
    assert ledger.unknown(NOW + 9 * DAY) == ()
    assert leads(ledger) == [(7, "unknown-final")]
    assert claim(ledger) is None
    assert ledger.mail(mail).line.last.outcome.reason == "replaced"
    ledger.repeat(mail, NOW + DAY)
    for late in (LOST, DOWN, SPAM):
        settle(ledger, mail, late, NOW + DAY)
        assert leads(ledger) == [(7, "unknown-final")]
    settle(ledger, mail, SENT, NOW + DAY)
    assert leads(ledger) == [(7, "sent")]


def test_what_is_certain_is_not_unsaid_by_a_late_word(ledger):
    mail = claim(ledger)
    settle(ledger, mail, SENT)
    for late in (LOST, DOWN, SPAM):
        settle(ledger, mail, late, NOW + HOUR)
        assert leads(ledger) == [(7, "sent")]
    assert ledger.recover(NOW + HOUR) == 0
    failed = claim(ledger, f"{STEM}/3")
    settle(ledger, failed, DOWN)
    settle(ledger, failed, SENT, NOW + HOUR)  # nobody can say so: the keys may be another mail's by now
    assert ledger.mail(failed).line.state == "failed"


def test_a_clock_set_back_does_not_hold_up_a_repeat(ledger):
    mail = claim(ledger, at=NOW + 900 * DAY)
    settle(ledger, mail, LOST, NOW + 900 * DAY)
    assert [unknown.mail for unknown in ledger.unknown(NOW)] == [mail]


# crashes


def test_a_mail_in_flight_at_a_crash_may_have_arrived(open_):
    mail = claim(open_())
    ledger = open_()
    assert ledger.recover(NOW + MINUTE) == 1
    assert leads(ledger) == [(7, "unknown")]
    assert ledger.unknown(NOW + 14 * MINUTE) == ()
    assert [unknown.mail for unknown in ledger.unknown(NOW + 15 * MINUTE)] == [mail]
    assert ledger.mail(mail).line.last.outcome.reason == "interrupted"
    assert ledger.recover(NOW + MINUTE) == 0


def test_a_crash_within_each_repeat_does_not_shorten_the_gaps(open_):
    mail = claim(open_())
    at = NOW
    for gap in (15 * MINUTE, HOUR, 6 * HOUR, DAY, DAY):
        ledger = open_()
        ledger.recover(at + MINUTE)
        assert ledger.unknown(at + gap - MINUTE) == ()
        at += gap
        assert len(ledger.unknown(at)) == 1
        ledger.repeat(mail, at)


def test_mails_are_claimed_whole_or_not_at_all(open_):
    ledger = open_()
    with pytest.raises(TypeError):
        ledger.claim([draft(), draft(f"{STEM}/3", at=NOW.replace(tzinfo=None))])
    for again in (lambda: ledger, open_):
        assert leads(again()) == []


@pytest.mark.parametrize("backoffs", [{}, {"account:x": None}])
@pytest.mark.parametrize("at", [NOW.replace(tzinfo=None), None])
def test_an_exchange_is_kept_whole_or_not_at_all(open_, backoffs, at):
    ledger = open_()
    first = claim(ledger)
    (second,) = ledger.claim([draft(f"{STEM}/3")])
    with pytest.raises(TypeError):
        ledger.exchange([Settlement(mail=first, outcome=SENT, at=NOW)], [Start(second, at)], backoffs)
    for again in (lambda: ledger, open_):
        assert [(line.mail, line.tries, line.last) for line in again().history()] == [(first, 1, None)]


@pytest.mark.parametrize("outcome", [SENT, DOWN])
@pytest.mark.parametrize("backoffs", [{}, {"account:x": None}])
@pytest.mark.parametrize("many", [1, 2, 40])
def test_one_exchange_ends_some_mails_and_begins_others(open_, outcome, backoffs, many):
    ledger = open_()
    before = [claim(ledger, f"{STEM}/{lead}") for lead in range(many)]
    coming = ledger.claim([draft(f"a/bill/2026-12-01/{lead}") for lead in range(many)])
    ended = [Settlement(mail=mail, outcome=outcome, at=NOW + place * MINUTE) for place, mail in enumerate(before)]
    begun = ledger.exchange(ended, [Start(mail, NOW + DAY) for mail in coming], backoffs)
    assert set(begun) == set(coming)
    lines = {line.mail: line for line in open_().history()}
    state = "sent" if outcome is SENT else "failed"
    assert [(lines[one.mail].state, lines[one.mail].at, lines[one.mail].last) for one in ended] == [
        (state, one.at, (one.at, outcome)) for one in ended
    ]
    assert [(lines[mail].state, lines[mail].at) for mail in coming] == [("sending", NOW + DAY)] * many


# what is claimed and not begun


def test_a_claimed_mail_is_no_news_and_its_keys_are_taken(open_):
    (mail,) = open_().claim([draft()])
    ledger = open_()
    assert leads(ledger) in ([(7, "claimed")], [])  # a machine that starts again may have let go of it
    ledger = open_()
    ledger.recover(NOW)
    (mail,) = ledger.claim([draft()])
    assert claim(ledger) is None
    assert ledger.history() == ledger.history("tello") == ()
    assert ledger.counts(NOW - DAY) == {}
    assert ledger.failing() == ledger.unknown(NOW + DAY) == ()
    assert ledger.mail(mail).data == draft().data


def test_what_was_claimed_and_not_begun_is_let_go_and_was_never_there(ledger):
    begun_one = claim(ledger, f"{STEM}/7")
    (waiting,) = ledger.claim([draft(f"{STEM}/3", "@me/digest/2026-12-01/0")])
    ledger.release()
    assert leads(ledger) == [(7, "sending")]
    assert ledger.mail(waiting) is None
    assert not ledger.exchange(starts=[Start(waiting, NOW)])
    assert claim(ledger, f"{STEM}/3") is not None
    assert [line.state for line in ledger.history()] == ["sending", "sending"]
    settle(ledger, begun_one, SENT)
    assert ledger.failed_before([("me", STEM)]) == {}


@pytest.mark.parametrize("how", ["recover", "take_over"])
def test_a_crash_holds_back_nothing_that_was_not_begun(open_, how):
    first = claim(open_())
    ledger = open_()
    ledger.claim([draft(f"{STEM}/{lead}") for lead in range(5)])
    ledger = open_()
    getattr(ledger, how)(NOW + MINUTE)
    assert [lead for lead, _ in leads(ledger)] == [7]
    assert [line.mail for line in ledger.history()] == [first]
    assert None not in ledger.claim([draft(f"{STEM}/{lead}") for lead in range(5)])


def test_alone_a_machine_is_the_first_of_one(ledger):
    assert ledger.machines() == (0, 1)


def test_a_mail_is_begun_once(ledger):
    (mail,) = ledger.claim([draft()])
    assert set(ledger.exchange(starts=[Start(mail, NOW + MINUTE)])) == {mail}
    assert not ledger.exchange(starts=[Start(mail, NOW + HOUR)])
    assert ledger.history()[0].at == NOW + MINUTE


# questions


def test_ten_thousand_questions_are_one_call(ledger):
    stems = [f"p{n}/renewal/2026-12-05" for n in range(10_000)]
    ids = begun(ledger, [draft(f"{stem}/7") for stem in stems[::10]])
    ledger.settle([Settlement(mail=mail, outcome=SENT, at=NOW) for mail in ids])
    said = ledger.claims([("me", stem) for stem in stems])
    assert [pair[1] for pair in said] == stems[::10]
    assert ledger.claims([("mom", stem) for stem in stems]) == {}
    assert ledger.claims([]) == {}


def test_names_in_any_script_are_just_names(ledger):
    claim(ledger, "a/b/2026-12-01/0", person="o'brien\"; DROP TABLE mail; --")
    claim(ledger, "a/b/2026-12-01/0", person="小李")
    assert leads(ledger, "a/b/2026-12-01", "小李") == [(0, "sending")]
    assert leads(ledger, "a/b/2026-12-01", "o'brien\"; DROP TABLE mail; --") == [(0, "sending")]


def test_a_late_mail_can_say_since_when_delivery_failed(ledger):
    for hour in (0, 1, 2):
        settle(ledger, claim(ledger, at=NOW + hour * HOUR), DOWN, NOW + hour * HOUR)
    pairs = [("me", STEM), ("mom", STEM), ("me", "b/renewal/2026-12-01")]
    assert ledger.failed_before(pairs) == {("me", STEM): NOW}
    settle(ledger, claim(ledger, at=NOW + 3 * HOUR), SENT, NOW + 3 * HOUR)
    assert ledger.failed_before(pairs) == {}
    settle(ledger, claim(ledger, f"{STEM}/3", at=NOW + 5 * DAY), SPAM, NOW + 5 * DAY)
    assert ledger.failed_before(pairs) == {("me", STEM): NOW + 5 * DAY}


def test_the_history_of_a_plan_shows_its_mails_newest_first(ledger):
    one = claim(ledger, "a/renewal/2026-12-01/3", "b/renewal/2026-12-01/3")
    two = claim(ledger, "b/renewal/2026-12-01/1")
    three = claim(ledger, "@me/digest/2026-12-01/0")
    assert [line.mail for line in ledger.history()] == [three, two, one]
    assert [line.mail for line in ledger.history(plan="b")] == [two, one]
    assert [line.mail for line in ledger.history(plan="a")] == [one]
    assert [line.mail for line in ledger.history(limit=1)] == [three]
    assert ledger.history(plan="none") == ()
    assert ledger.history()[0].last is None


def test_a_mail_can_be_looked_at_with_all_its_tries(ledger):
    mail = claim(ledger)
    settle(ledger, mail, LOST, NOW + MINUTE)
    ledger.repeat(mail, NOW + HOUR)
    settle(ledger, mail, SENT, NOW + HOUR)
    kept = ledger.mail(mail)
    assert kept.data == b"Subject: x\r\n\r\n\x00y"
    assert kept.attempts == ((NOW + MINUTE, LOST), (NOW + HOUR, SENT))
    assert (kept.line.subject, kept.line.message_id, kept.line.address) == (
        "Tello 银行号",
        "<1@example.com>",
        "me@example.com",
    )
    assert (kept.line.state, kept.line.created, kept.line.at, kept.line.tries) == ("sent", NOW, NOW + HOUR, 2)
    assert ledger.mail(999) is None


def test_who_cannot_be_reached_is_named_until_a_mail_gets_through(ledger):
    assert ledger.failing() == ()
    for hour in (0, 1):
        settle(ledger, claim(ledger, at=NOW + hour * HOUR), DOWN, NOW + hour * HOUR)
    settle(ledger, claim(ledger, person="mom"), SENT)
    settle(ledger, claim(ledger, person="dad"), LOST)
    settle(ledger, claim(ledger, f"{STEM}/3", person="me", at=NOW + 2 * HOUR), SPAM, NOW + 2 * HOUR)
    assert [(f.person, f.since, f.reason, f.reply) for f in ledger.failing()] == [
        ("dad", NOW, "answer-lost", ""),
        ("me", NOW, "message-refused", "554 Spam"),
    ]
    settle(ledger, claim(ledger, at=NOW + 3 * HOUR), SENT, NOW + 3 * HOUR)
    ledger.give_up(ledger.unknown(NOW + DAY)[0].mail, "settled", NOW + DAY)
    assert ledger.failing() == ()


def test_mails_are_counted_by_what_became_of_them(ledger):
    settle(ledger, claim(ledger, "a/renewal/2026-12-01/3"), SENT)
    settle(ledger, claim(ledger, "b/renewal/2026-12-01/3"), SENT, NOW + DAY)
    settle(ledger, claim(ledger, "c/renewal/2026-12-01/3"), DOWN, NOW + DAY)
    assert ledger.counts(NOW) == {"sent": 2, "failed": 1}
    assert ledger.counts(NOW + DAY) == {"sent": 1, "failed": 1}


def test_what_is_on_the_phones_is_known_until_it_is_taken_back(ledger):
    ours = ledger.of_channel("push:phone")
    (first, second, third) = begun(ours, [draft(f"{STEM}/{lead}", account="bark:phone") for lead in (7, 3, 1)])
    for mail, outcome in ((first, SENT._replace(reply="365")), (second, SPAM), (third, LOST)):
        settle(ours, mail, outcome)
    claim(ledger, f"{STEM}/0", account="bark:phone")  # a mail
    ours.give_up(third, "push-not-repeated", NOW)
    shown = {one.mail: one for one in ours.shown("bark:phone", NOW)}
    assert list(shown) == sorted([first, third])
    assert [(one.person, one.reply) for one in (shown[first], shown[third])] == [("me", "365"), ("me", "")]
    assert shown[first].data == b"Subject: x\r\n\r\n\x00y"
    assert [one.key for one in shown[first].reminders] == [f"{STEM}/7"]
    assert ours.shown("bark:other", NOW) == ours.shown("bark:phone", NOW + HOUR) == ()
    ours.note(first, Outcome(result="sent", reason="push-taken-back"), NOW)
    assert [one.mail for one in ours.shown("bark:phone", NOW)] == [third]
    assert ledger.mail(first).line.state == "sent"


def test_old_bytes_go_and_old_failures_but_nothing_that_may_be_sent_again(ledger):
    sent, lost = claim(ledger), claim(ledger, "b/renewal/2026-12-01/3")
    failed = claim(ledger, "c/renewal/2026-12-01/3")
    for mail, outcome in ((sent, SENT), (lost, LOST), (failed, DOWN)):
        settle(ledger, mail, outcome)
    ledger.prune(NOW + 390 * DAY)
    assert ledger.mail(sent).data
    ledger.prune(NOW + 400 * DAY)
    assert ledger.mail(sent).data is None
    assert ledger.mail(sent).attempts
    assert ledger.mail(lost).data
    assert ledger.mail(failed) is None
    assert claim(ledger) is None


# the rest of the memory


def backoff(**fields):
    ours = {"failures": 2, "since": NOW, "next_try": NOW + HOUR, "reason": "dropped", "reply": "421 忙", "stamp": "s"}
    return Backoff(**(ours | fields))


def test_back_offs_are_kept_over_a_restart_until_they_are_over(open_):
    ledger = open_()
    ledger.settle([], {"account:a": backoff(), "person:me": backoff(reason="recipient-refused")})
    ledger = open_()
    assert ledger.backoffs() == {"account:a": backoff(), "person:me": backoff(reason="recipient-refused")}
    ledger.settle([], {"account:a": backoff(failures=3), "person:me": None})
    assert open_().backoffs() == {"account:a": backoff(failures=3)}


def test_what_plans_looked_like_is_kept(open_):
    open_().set_plan_versions({"a": PlanVersion("1", NOW), "b": PlanVersion("2", NOW)})
    open_().set_plan_versions({"a": PlanVersion("3", NOW + DAY)}, gone=["b", "never"])
    assert open_().plan_versions() == {"a": PlanVersion("3", NOW + DAY)}


def test_what_the_calendar_said_is_kept(open_):
    open_().set_revisions({"a@renewd": Revision(0, "x", NOW), "b@renewd": Revision(0, "y", NOW)})
    open_().set_revisions({"a@renewd": Revision(1, "z", NOW + DAY)})
    assert open_().revisions() == {"a@renewd": Revision(1, "z", NOW + DAY), "b@renewd": Revision(0, "y", NOW)}


def test_the_last_pass_is_kept(open_):
    assert open_().last_pass() is None
    open_().set_last_pass(NOW)
    open_().set_last_pass(NOW + MINUTE)
    assert open_().last_pass() == NOW + MINUTE


def test_instants_are_kept_to_the_microsecond_and_come_back_in_utc(ledger):
    for at in (datetime(1969, 7, 20, 20, 17, 40, 999999, UTC), datetime(9999, 12, 31, 23, 59, 59, 999999, UTC)):
        ledger.set_last_pass(at)
        assert ledger.last_pass() == at
        assert ledger.last_pass().tzinfo is UTC
    assert backoff()._replace(since=NOW) == backoff()
