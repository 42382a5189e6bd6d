"""A file that is right becomes the household it describes, with a default wherever it says nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from config_files import CATALOGUE, TODAY, Load
from renewd.config import Answers, Calendar, Good, MailSettings, Settings, Web, load
from renewd.config.addresses import Sender
from renewd.domain.dates import Duration
from renewd.domain.errors import ConfigError
from renewd.domain.plans import (
    Account,
    Backup,
    Balance,
    Bill,
    Binding,
    Cancel,
    Card,
    Data,
    Device,
    Document,
    FinalBill,
    KeepAlive,
    Person,
    Plan,
    Promo,
    Receipt,
    Refund,
    Sim,
)

SMALLEST = """
[mail]
to = "me@example.com"

[plan.tello]
renews = 2026-12-05
every  = "30 days"
price  = 5
"""


def days(n: int) -> Duration:
    return Duration(n, "days")


def plan_of(load_text: Load, keys: str) -> Plan:
    return load_text(f'[mail]\nto = "me@example.com"\n[card.visa]\n[plan.x]\n{keys}').household.plans["x"]


def test_the_smallest_file_works_with_a_default_for_everything_else(load_text: Load) -> None:
    loaded = load_text(SMALLEST)
    household = loaded.household
    me = Person(id="me", email="me@example.com", name="me", zone="America/New_York", languages=("en",), send_at=time(9))
    assert household.people == {"me": me}
    assert (household.zone, household.languages, household.currency) == ("America/New_York", ("en",), "USD")
    assert (household.budget, household.show_numbers, household.leads, household.cards) == (None, False, {}, {})
    assert household.plans == {
        "tello": Plan(
            id="tello",
            name="tello",
            told=("me",),
            renews=date(2026, 12, 5),
            every=days(30),
            price=Decimal(5),
            currency="USD",
            late="reset",
            zone="America/New_York",
        )
    }
    assert loaded.settings == Settings(
        mail=MailSettings(
            to="me@example.com",
            from_=Sender("renewd", "me@example.com"),
            reply_to="me@example.com",
        ),
        calendar=Calendar(),
    )
    assert [problem.code for problem in loaded.problems] == ["check.zone-of-machine"]


def test_every_key_of_a_plan_reaches_the_plan(load_text: Load, full: str, folder: Path) -> None:
    assert load_text(full).household.plans["main"] == Plan(
        id="main",
        name="T-Mobile 主号",
        carrier=CATALOGUE["visible"],
        told=("mom", "me"),
        number="+12065550100",
        sim=Sim(kind="esim", iccid="8901260000000000000"),
        account=Account(id="982-555", email="me@example.com", holder="me"),
        renews=date(2026, 12, 31),
        every=Duration(1, "months"),
        day=31,
        price=Decimal("40.50"),
        currency="CNY",
        autopay=True,
        pay_with="visa",
        balance=Balance(Decimal("12.5"), date(2026, 11, 1)),
        charge_before=Duration(25, "hours"),
        notice=days(5),
        cut_off=Duration(0, "hours"),
        grace=days(30),
        late="reset-minus-1",
        data=Data(10**10, 5 * 10**8, date(2026, 11, 18), "10 GB", "500 MB"),
        promo=Promo(date(2027, 2, 28), Decimal(60)),
        keep_alive=KeepAlive(days(90), date(2026, 10, 1), "send one text"),
        pause_until=date(2027, 5, 1),
        zone="Asia/Shanghai",
        snooze=date(2026, 12, 1),
        failed_on=date(2026, 12, 31),
        note="in the blue box",
        leads={"renewal": (30, 7, 1), "keep-alive": (30, 3)},
        bills=(
            Bill(what="October overage", amount=Decimal("12.50"), due=date(2026, 12, 1), paid_on=date(2026, 11, 28)),
        ),
        backups=(Backup(what="Photos", path=str(folder / "phone/*"), fresh=days(10), done_on=date(2026, 11, 1)),),
        bindings=(Binding(service="Chase", kind="login", critical=True, moved_on=date(2026, 11, 10)),),
        documents=(Document(what="Final invoice", path="/srv/papers/final.pdf", kept_on=date(2026, 12, 1)),),
        receipts=(Receipt(on=date(2026, 10, 31), amount=Decimal(40), reference="A1B2C3"),),
        device=Device(
            imei="350000000000000", owed=Decimal(0), unlock_on=date(2026, 12, 1), unlocked_on=date(2026, 12, 2)
        ),
        cancel=Cancel(
            by=date(2027, 3, 1),
            how="lapse",
            number="port",
            checked=("bindings",),
            lock_off_on=date(2027, 2, 19),
            pin_on=date(2027, 2, 20),
            requested_on=date(2027, 2, 21),
            reference="C-778",
            confirmed_on=date(2027, 2, 25),
            final_bill=FinalBill(amount=Decimal("21.30"), due=date(2027, 3, 20), paid_on=date(2027, 3, 10)),
            refund=Refund(amount=Decimal("9.00"), expected=date(2027, 4, 20), received_on=date(2027, 4, 18)),
        ),
    )


def test_every_key_beside_the_plans_reaches_the_household_or_the_settings(
    load_text: Load, full: str, folder: Path
) -> None:
    loaded = load_text(full)
    household = loaded.household
    assert [problem.code for problem in loaded.problems] == []
    assert (household.languages, household.budget, household.show_numbers) == (("zh-CN", "en"), Decimal(100), True)
    assert household.leads == {"renewal": (14, 7, 3, 1, 0), "keep-alive": (30, 3)}
    assert household.cards == {"visa": Card(id="visa", name="Visa …4242", expires=date(2027, 2, 28))}
    assert household.people == {
        "me": Person(
            id="me",
            email="me@example.com",
            name="小李",
            zone="Asia/Shanghai",
            languages=("zh-CN", "en"),
            send_at=time(8, 30),
        ),
        "mom": Person(
            id="mom",
            email="mom@xn--fsqu00a.com",
            name="mom",
            zone="America/New_York",
            languages=("en",),
            send_at=time(20, 15),
        ),
    }
    assert loaded.settings == Settings(
        mail=MailSettings(
            to="me@example.com",
            from_=Sender("renewd", "robot@example.com"),
            reply_to="me@example.com",
            host="smtp.example.com",
            port=2525,
            tls="starttls",
            ca_file=folder / "my-ca.pem",
            username="me@example.com",
            password_file=Path("/etc/renewd/smtp-password"),
        ),
        calendar=Calendar(alarms=(7, 3, 1), months=6, show_reminders=True),
        ledger_url="postgresql://renewd@db.example.com/renewd",
        web=Web(listen="[::1]:8321", url="https://renewd.example.com"),
        answers=Answers(
            host="imap.example.com",
            port=993,
            mail_ca_file=folder / "my-ca.pem",
            username="me@example.com",
            password_file=folder / "imap-password",
            folder="订阅",
            every=timedelta(minutes=10),
            address="me@example.com",
        ),
        heartbeat_url="https://hc.example.com/ping/abc",
    )


@pytest.mark.parametrize(
    ("keys", "port", "tls"),
    [
        ("", 587, "starttls"),
        ('tls = "implicit"', 465, "implicit"),
        ('tls = "none"', 25, "none"),
        ("port = 465", 465, "implicit"),
        ("port = 2525", 2525, "starttls"),
    ],
)
def test_the_port_follows_the_encryption_and_465_the_other_way_round(
    load_text: Load, keys: str, port: int, tls: str
) -> None:
    mail = load_text(SMALLEST.replace("[plan", f'host = "localhost"\n{keys}\n[plan')).settings.mail
    assert (mail.port, mail.tls) == (port, tls)


def test_the_user_wins_over_the_catalogue_and_the_catalogue_over_the_default(load_text: Load) -> None:
    plain = plan_of(load_text, "renews = 2026-12-05")
    assert (plain.charge_before, plain.cut_off, plain.late) == (days(0), None, "fixed")
    visible = plan_of(load_text, 'renews = 2026-12-05\nevery = "1 month"\ncarrier = "visible"')
    assert (visible.charge_before, visible.late) == (Duration(25, "hours"), "reset")
    own = plan_of(load_text, 'renews = 2026-12-05\ncarrier = "visible"\ncharge_before = "0 days"\nlate = "fixed"')
    assert (own.charge_before, own.late) == (days(0), "fixed")
    assert plan_of(load_text, 'renews = 2026-12-05\ncarrier = "tello"').cut_off == Duration(24, "hours")
    assert plan_of(load_text, 'renews = 2026-12-05\ncarrier = "tello"\ncut_off = "2 days"').cut_off == days(2)


@pytest.mark.parametrize(("every", "late"), [("30 days", "reset"), ("1 month", "fixed"), ("2 years", "fixed")])
def test_paid_late_counts_anew_for_days_and_keeps_the_date_for_months(load_text: Load, every: str, late: str) -> None:
    assert plan_of(load_text, f'renews = 2026-12-05\nevery = "{every}"').late == late


def test_everybody_is_told_where_there_is_no_me(load_text: Load) -> None:
    text = '[person.a]\nemail = "a@example.com"\n[person.b]\nemail = "b@example.com"\n[plan.x]\nrenews = 2026-12-05'
    loaded = load_text(text)
    assert loaded.household.plans["x"].told == ("a", "b")
    assert loaded.settings.mail.reply_to is None
    assert load_text(text + '\n[person.me]\nemail = "me@example.com"').household.plans["x"].told == ("me",)


def test_the_address_of_me_may_stand_in_either_place(load_text: Load) -> None:
    loaded = load_text('[person.me]\nemail = "Me@Example.COM"\n[plan.x]\nrenews = 2026-12-05')
    assert loaded.household.people["me"].email == "Me@example.com"
    assert loaded.settings.mail.to == "Me@example.com"
    named = load_text('[mail]\nto = "me@example.com"\n[person.me]\nname = "小李"\n[plan.x]\nrenews = 2026-12-05')
    assert (named.household.people["me"].email, named.household.people["me"].name) == ("me@example.com", "小李")


def test_a_plan_that_is_only_kept_alive_needs_no_renewal_date(load_text: Load) -> None:
    plan = plan_of(load_text, 'keep_alive = { every = "60 days", last = 2026-11-01 }')
    assert (plan.renews, plan.keep_alive) == (None, KeepAlive(days(60), date(2026, 11, 1), None))


def test_one_name_or_language_may_stand_without_brackets(load_text: Load) -> None:
    loaded = load_text('language = "zh-CN"\n' + SMALLEST + 'for = "me"')
    assert loaded.household.languages == ("zh-CN",)
    assert loaded.household.plans["tello"].told == ("me",)


def test_a_text_file_from_windows_is_read(load_text: Load) -> None:
    text = SMALLEST.replace("\n", "\r\n") + 'name = "银行"\r\n'
    loaded = load_text(b"\xef\xbb\xbf" + text.encode())
    assert loaded.household.plans["tello"].name == "银行"
    assert [problem.code for problem in loaded.problems] == ["check.zone-of-machine"]


def test_a_host_name_that_is_no_domain_is_not_put_into_the_sender(put: Callable[..., Path]) -> None:
    nobody = SMALLEST.replace('[mail]\nto = "me@example.com"', '[person.mom]\nemail = "mom@example.com"')
    path = put("plans.toml", nobody)
    loaded = load(path, catalogue={}, today=TODAY, machine_zone="Nowhere/Land", hostname="my pi\r\nBcc: x")
    assert loaded.settings.mail.from_ == Sender("renewd", "renewd@localhost")
    assert loaded.household.zone == "UTC"


@pytest.mark.parametrize(
    ("keys", "sender"),
    [
        ('username = "xiaoli@163.example"', "xiaoli@163.example"),
        ('username = "xiaoli"', "me@example.com"),
        ('username = "li@münchen.example"', "li@xn--mnchen-3ya.example"),
        ('username = "xiaoli@163.example"\nfrom = "bot@example.com"', "bot@example.com"),
        ("", "me@example.com"),
    ],
)
def test_the_sender_is_the_login_where_that_is_an_address_else_to(load_text: Load, keys: str, sender: str) -> None:
    """Providers refuse a mail whose header or envelope names anybody but the login."""
    mail = load_text(f'{SMALLEST}[mail]\nto = "me@example.com"\nhost = "smtp.example.com"\n{keys}\n'.replace(
        '[mail]\nto = "me@example.com"\n', "", 1)).settings.mail  # fmt: skip
    assert (mail.from_.email, mail.sender) == (sender, sender)


def test_included_files_hold_more_plans_people_and_cards(
    load_text: Load, put: Callable[..., Path], folder: Path
) -> None:
    put("plans.d/b.toml", '[plan.b]\nrenews = 2026-12-05\npay_with = "visa"\nfor = "mom"\n')
    put("plans.d/a.toml", '[plan.a]\nrenews = 2026-12-05\n[[plan.a.backup]]\nwhat = "x"\npath = "phone"\n')
    put("people.toml", '[person.mom]\nemail = "mom@example.com"\n[card.visa]\n')
    put("plans.d/ignored.txt", "not TOML")
    loaded = load_text('include = ["plans.d/*.toml", "people.toml", "none.d/*.toml"]\n' + SMALLEST)
    assert [*loaded.household.plans] == ["tello", "a", "b"]
    assert loaded.household.plans["a"].backups[0].path == str(folder / "plans.d/phone")
    names = ["plans.toml", "plans.d/a.toml", "plans.d/b.toml", "people.toml"]
    assert loaded.files == tuple(folder / name for name in names)
    assert loaded.folders == (folder / "plans.d", folder / "none.d")
    assert [problem.code for problem in loaded.problems if problem.severity == "error"] == ["check.no-folder"]


def test_nothing_good_raises_with_every_problem_at_once(
    load_text: Load, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/home/me")  # wherever the folder of this test is
    with pytest.raises(ConfigError) as raised:
        load_text()
    assert raised.value.exit_code == 78
    assert (raised.value.code, raised.value.problems) == ("terminal.no-config", ())
    assert raised.value.args_["path"] == str(folder / "plans.toml")


def test_a_good_household_survives_as_text(load_text: Load, full: str) -> None:
    loaded = load_text(full)
    copy = Good.from_json(loaded.good.to_json())
    assert copy == loaded.good
    again = load_text("", good=copy)
    assert (again.household, again.settings) == (loaded.household, loaded.settings)


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"top": 1, "plan": {}, "person": {}, "card": {}}', '{"top": {}, "plan": []}']
)
def test_a_broken_copy_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Good.from_json(text)


def test_alarms_may_differ_by_kind_and_person(load_text: Load) -> None:
    """A list for all dates, or a table by kind, in [calendar] and with a person."""
    text = (
        '[mail]\nto = "me@example.com"\n[calendar]\nalarms = { lost = [1, 14] }\n'
        "[person.me]\nalarms = { default = [2], bill = [] }\n[plan.x]\nrenews = 2026-12-05\n"
    )
    loaded = load_text(text)
    assert (loaded.settings.calendar.alarms, loaded.settings.calendar.alarms_of) == ((7, 3, 1), (("lost", (14, 1)),))
    me = loaded.household.people["me"]
    assert (me.alarms, me.alarms_of) == ((2,), (("bill", ()),))


def test_where_to_act_is_the_users_else_the_catalogues(load_text: Load) -> None:
    text = """
        [mail]
        to = "me@example.com"
        [plan.tello]
        carrier = "tello"
        renews = 2026-12-05
        [plan.domain]
        kind = "other"
        site = "https://example.com/renew"
        renews = 2026-12-05
        every = "1 year"
        ends = 2028-12-05
    """
    plans = load_text(text).household.plans
    assert (plans["tello"].kind, plans["domain"].kind) == ("line", "other")
    assert plans["tello"].url == CATALOGUE["tello"].site
    assert plans["domain"].url == "https://example.com/renew"
    assert str(plans["domain"].ends) == "2028-12-05"
