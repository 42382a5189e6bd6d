"""What a report says: both languages the same, every code in words, the verdict first."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from functools import partial
from typing import get_args

import pytest

from checklist_codes import CALL_CODES, ITEM_CODES, NOTE_CODES, POINT_CODES
from households import balance, bill, card, carrier, day, household, length, plan
from renewd.cli.screen import with_options
from renewd.domain.checklist import SECTIONS
from renewd.domain.findings import NOTHING_FOUND
from renewd.domain.plans import Account, Binding, Cancel, Device, FinalBill, Plan, Refund
from renewd.domain.readiness import readiness
from renewd.i18n import LANGUAGES, commands_completed, language
from renewd.render.environments import sentences
from renewd.render.table import cells_of
from renewd.report import as_html, as_json, as_markdown, as_sections, as_text, subject
from renewd.report.report_parts import Sign
from reports import CASES, ON, PEBBLE, Leaver, report
from word_rules import CHINESE, ENGLISH

SAYS_SO_ITSELF = {"safe"}  # a day of the timeline whose words depend on what one wants
NEVER_NEXT = (  # what is done, waits for another item, or is never the one thing to do
    "number-port", "number-drop", "number-move", "line-works", "line-ended", "bills-none", "balance-left", "balance-empty",
    "balance-none", "balance-unknown", "deposit", "backups-none", "documents-none", "device-stays", "device-paid", "device-unlocked",
    "account-id", "account-email", "holder-me", "holder", "account-shared", "account-secret", "port-not-needed", "port-undecided", "request-undecided", "port-asked",
    "pin-good", "pin-life-unknown", "channel", "channel-site", "channel-unknown", "requested", "final-bill-none", "refund-here", "undo-over",
    "undo-unknown",
)  # fmt: skip
WORDS = [case for case in CASES if case != "hostile"]


@pytest.mark.parametrize("form", [as_text, as_markdown, as_html])
def test_the_next_command_leads_to_the_files_that_were_named(form):
    with commands_completed(partial(with_options, "--config /srv/p.toml ")):
        said = form([CASES["not-ready"]("en")], "en")
    assert "renewd --config /srv/p.toml mark" in said
    assert not re.search(r"renewd (mark|report)\b", said)


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_code_has_its_words(code):
    blocks = set(sentences(code).get_template("report.j2").blocks)
    wanted = {f"item_{each}" for each in ITEM_CODES} | {f"note_{each}" for each in NOTE_CODES}
    wanted |= {f"call_{each}" for each in CALL_CODES} | {
        f"next_{each}" for each in ITEM_CODES if each not in NEVER_NEXT
    }
    assert {each.replace("-", "_") for each in wanted} <= blocks
    keys = language(code).keys()
    small = {f"section.{each}" for each in SECTIONS} | {f"short.{each}" for each in SECTIONS}
    small |= {f"point.{each}" for each in POINT_CODES if each not in SAYS_SO_ITSELF}
    small |= {f"sign.{each}" for each in get_args(Sign)}
    assert {f"report.{each}" for each in small} <= keys


def test_no_words_are_left_over():
    items = {f"item_{each}".replace("-", "_") for each in ITEM_CODES}
    notes = {f"note_{each}".replace("-", "_") for each in NOTE_CODES}
    for code in LANGUAGES:
        blocks = sentences(code).get_template("report.j2").blocks
        assert {name for name in blocks if name.startswith("item_")} == items
        assert {name for name in blocks if name.startswith("note_")} == notes


def test_both_languages_have_the_same_small_words():
    keys = {code: {key for key in language(code).keys() if key.startswith("report.")} for code in LANGUAGES}
    assert keys["zh-CN"] == keys["en"]


@pytest.mark.parametrize("case", WORDS)
def test_both_languages_say_the_same_days_sums_and_commands(case):
    chinese, english = (as_html([CASES[case]("en")], code) for code in ("zh-CN", "en"))
    for pattern in (r"<code[^>]*>[^<]*", r"\$[\d,.]*\d", r'href="[^"]*"'):
        assert sorted(set(re.findall(pattern, chinese))) == sorted(set(re.findall(pattern, english)))
    for pattern in (r'class="m \w+"', r"<h3>", r'class="bl"'):
        assert len(re.findall(pattern, chinese)) == len(re.findall(pattern, english)), pattern


def lines_of(case, code):
    """The sentences of a report, without those that are read out in English and without commands."""
    spoken = re.compile(r"“.*”|renewd (mark|report|carriers)|plan\.\w+\.|^\s*$|plans\.toml|\[plan")
    text = [line.strip() for line in as_text([CASES[case](code)], code).splitlines()]
    page = re.sub(
        r"<style>.*?</style>|<span class=\"q\".*?</span>(?=</li>| <span class=\"d\")",
        "",
        as_html([CASES[case](code)], code),
        flags=re.DOTALL,
    )
    words = re.sub(r"</?(b|bdi|i)>|<span style[^>]*>|</span>(?! ?<span)", "", page)
    return [line for line in [*text, *re.split(r"<[^>]*>|\n", words)] if not spoken.search(line)]


@pytest.mark.parametrize("rule", [rule for rule in CHINESE if rule != "no space between Chinese words"])
@pytest.mark.parametrize("case", WORDS)
def test_chinese_follows_its_rules(case, rule):
    for line in lines_of(case, "zh-CN"):
        for part in re.split(r"  +", line):  # columns
            assert not re.search(CHINESE[rule], part.strip()), part


@pytest.mark.parametrize("rule", ENGLISH)
@pytest.mark.parametrize("case", WORDS)
def test_english_follows_its_rules(case, rule):
    for line in lines_of(case, "en"):
        assert not re.search(ENGLISH[rule], line), line


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("width", [60, 80, 120])
def test_a_line_fits_the_terminal(case, code, width):
    for line in as_text([CASES[case](code)], code, width).splitlines():
        assert cells_of(line) <= width or "renewd " in line or case == "hostile", line


def test_colors_add_nothing_but_themselves():
    for case in CASES:
        plain, colored = (as_text([CASES[case]("zh-CN")], "zh-CN", color=color) for color in (False, True))
        assert "\x1b" not in plain
        assert re.sub(r"\x1b\[[\d;]*m", "", colored) == plain


def test_the_first_line_is_the_answer_and_what_cannot_be_repaired_comes_first():
    lines = as_text([CASES["not-ready"]("zh-CN")], "zh-CN").splitlines()
    assert lines[0] == "Magenta 主号（尾号 0100）：还不能转出，差 5 件"
    assert lines[1] == "最晚 12月28日周一转出，否则 12月29日周二再扣 $40.00。眼下欠 $12.50。"
    assert lines[3:5] == ["下一步  把 Chase 的验证码换到别的号码", "        换好以后：renewd mark main moved Chase"]


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_free_plan_has_no_sum_at_stake(code):
    free = plan(renews="2027-01-18", every="1 month", price="0", autopay=True, cancel=Cancel(number="drop"))
    said = readiness(free, household(free), NOTHING_FOUND, ON)
    assert "0.00" not in as_text([said], code)
    assert "0.00" not in as_html([said], code)


def test_what_has_to_be_paid_before_the_avoided_payment_is_not_said_to_be_saved():
    """Paid until Jan 5 and wanted until Feb 20: the cycle from Jan 5 has to be paid, and the one from Feb 5 is avoided."""
    one = plan("main", renews="2027-01-05", every="1 month", price="5", grace="30 days", cancel=Cancel(number="port"))

    def said(one: Plan) -> str:
        reports = [readiness(one, household(one), NOTHING_FOUND, day("2026-12-20"))]
        page = re.sub("<[^>]+>", "", as_html(reports, "en"))
        return " ".join(f"{as_text(reports, 'en')} {page}".split())

    next_ = said(one)
    assert "stops on Tue, Jan 5 unless" in next_
    assert "renewed before then" not in next_
    assert "and the next $5.00 is not needed" in next_
    later = one._replace(cancel=Cancel(number="port", by=day("2027-02-20")))
    assert "if it is renewed before then, it stops on Fri, Feb 5 unless" in said(later)
    assert "and the $5.00 of Fri, Feb 5 is not needed" in said(later)
    assert "and the $5.00 of Fri, Feb 5 is never taken" in said(later._replace(autopay=True))


def test_the_form_for_programs_is_the_contracts():
    reports = [CASES["not-ready"]("en"), CASES["lapse"]("en")]
    said = json.loads(as_json(reports, "en", on=ON))
    assert list(said) == ["on", "verdict", "plans"]
    assert (said["on"], said["verdict"]) == ("2026-12-09", "not-ready")
    plan = said["plans"][0]
    assert list(plan) == ["plan", "name", "verdict", "cancel_by", "next_step", "outstanding", "sections"]
    assert plan["cancel_by"] == "2026-12-28"
    assert plan["outstanding"] == {"USD": "12.50"}
    assert plan["next_step"] == "Move Chase codes to another number"
    assert [list(section) for section in plan["sections"]] == [["id", "title", "items"]] * len(SECTIONS)
    assert [section["id"] for section in plan["sections"]] == list(SECTIONS)
    items = [item for section in plan["sections"] for item in section["items"]]
    assert {tuple(item) for item in items} == {("id", "text", "state", "blocking", "due")}
    assert {item["state"] for item in items} <= {"open", "done", "unknown"}
    assert [item["id"] for item in items if item["blocking"] and item["state"] != "done"] != []
    assert json.loads(as_json([], "en", on=ON)) == {"on": "2026-12-09", "verdict": "ready", "plans": []}


def test_what_the_user_wrote_is_no_markup_in_markdown():
    said = re.sub(r"(`+).*?\1(?!`)", "", as_markdown([CASES["hostile"]("en")], "en"))
    for sign in ("<", "[x]", "`", "**a"):
        assert not re.search(rf"(?<!\\){re.escape(sign)}", said.replace("- [x]", "")), sign
    assert "](javascript" not in said.replace("\\](javascript", "")


def test_bold_words_among_chinese_ones_begin_and_end():
    """CommonMark does not end bold between a full stop and a letter, nor begin or end it beside a space."""
    for case in WORDS:
        for line in as_markdown([CASES[case]("zh-CN")], "zh-CN").splitlines():
            _, *pieces = line.split("**")
            for bold, after in zip(pieces[::2], pieces[1::2], strict=True):
                assert bold == bold.strip(), line
                assert not re.search(r"[。，；：！？）]$", bold) or not re.match(r"\w", after), line


@pytest.mark.parametrize("code", LANGUAGES)
def test_who_has_not_decided_what_becomes_of_the_number_is_asked_that_first(code):
    world = Leaver(code)
    said = json.loads(as_json([report(world.typical(cancel=Cancel()))], code, on=ON))["plans"][0]
    assert said["next_step"] == {"zh-CN": "先定下号码去哪里", "en": "Decide what becomes of the number"}[code]


def test_port_first_is_said_wherever_a_number_is_to_be_ported():
    for case in ("not-ready", "ready", "stopped", "prepaid-port"):
        page = as_html([CASES[case]("en")], "en")
        assert page.index("Port first, never cancel first.") < page.index('class="say"')
        assert "cancel this line" not in page


def test_a_pin_that_ends_before_the_last_safe_day_is_the_day_in_every_form():
    one = CASES["pin-ends-first"]("en")
    for said in (as_text([one], "en"), as_html([one], "en"), as_markdown([one], "en")):
        assert "by Fri, Dec 18, the transfer PIN’s last day" in bare(said)
    assert json.loads(as_json([one], "en", on=ON))["plans"][0]["cancel_by"] == "2026-12-18"


def bare(said):
    """Return what is said without markup; Chinese lines are joined without a blank."""
    words = re.sub(r"<[^>]+>|\*\*", "", said)
    return " ".join(re.sub(r"(?<=[\u3000-\u9fff])\n(?=[\u3000-\u9fff])", "", words).split())


def test_all_is_in_place_only_where_nothing_is_unknown():
    for code, all_done in (("en", "Everything is in place"), ("zh-CN", "该做的都做了")):
        assert all_done in as_html([CASES["ready"](code)], code)
        assert all_done not in as_html([CASES["unwritten"](code)], code)
        for said in (as_text, as_html, as_markdown):
            words = bare(said([CASES["unwritten"](code)], code))
            assert {"en": "about backups and papers", "zh-CN": "备份、凭证一项都没写"}[code] in words
    checked = Leaver("en").ready(backups=(), documents=())
    thought = checked._replace(cancel=checked.cancel._replace(checked=("backups", "documents")))
    assert "Everything is in place" in as_html([report(thought, day("2026-12-22"))], "en")


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_other_lines_of_an_account_are_named_before_its_autopay_is_touched(code):
    page = bare(as_html([CASES["family"](code)], code))
    assert {"zh-CN": "同一账户还有：李梅", "en": "On the same account: Li Mei"}[code] in page
    assert "Please make sure autopay is off" not in page
    assert "Please make sure this line is not charged again" in page


@pytest.mark.parametrize("code", LANGUAGES)
def test_of_a_plan_that_was_changed_nothing_speaks_of_an_end(code):
    said = as_html([CASES["changed"](code)], code) + as_html([CASES["cheaper"](code)], code)
    for words in (
        "SIM",
        "催收",
        "collector",
        "最后一张账单",
        "inal bill",
        "信用报告",
        "credit report",
        "renewd 不再提",
    ):
        assert words not in said


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("confidence", ["low", "high"])
def test_a_loss_that_is_not_certain_is_one_that_may_be(code, confidence):
    brand = carrier(grace=length("60 days"), grace_confidence=confidence)
    runs_out = plan(carrier=brand, renews="2026-12-20", every="30 days", cancel=Cancel(how="lapse", number="drop"))
    words = bare(as_text([report(runs_out, day("2026-12-12"))], code))
    assert ({"zh-CN": "可能失号", "en": "may be gone"}[code] in words) == (confidence == "low")


def test_a_line_that_has_stopped_does_not_stop_on_a_later_day():
    home = carrier(grace=length("60 days"))
    cheaper = Cancel(number="move", by=day("2027-02-08"))
    one = plan(carrier=home, renews="2026-12-20", every="3 months", price="45", cancel=cheaper)
    for on, due in (("2026-12-12", True), ("2026-12-20", False), ("2026-12-28", False)):
        words = bare(as_text([report(one, day(on))], "en"))
        assert ("due at the old price on" in words) == due
        assert "Mar 20" not in words


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("number", ["drop", "move", "port", None])
def test_a_line_that_is_off_is_said_to_be_off_also_where_the_day_of_leaving_is_ahead(code, number):
    one = plan(renews="2026-11-01", every="30 days", price="5", cancel=Cancel(number=number, by=day("2027-02-08")))
    report_ = report(one, day("2026-12-09"))
    for words in (as_text([report_], code), re.sub("<[^>]+>", "", as_html([report_], code))):
        off = {
            "zh-CN": "没续的话，11月1日周日起停机。",
            "en": "If it was not renewed, it has been off since Sun, Nov 1. ",
        }[code]
        assert bare(off) in bare(words)


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("number", ["drop", None])
def test_a_charge_that_may_fail_is_doubtful_in_the_report_too(code, number):
    one = plan(
        renews="2027-01-05", every="1 month", price="5", autopay=True, pay_with="visa", cancel=Cancel(number=number)
    )
    for expires, doubt in (("2026-12-31", True), ("2027-12-31", False)):
        found = readiness(one, household(one, cards=(card(expires=expires),)), NOTHING_FOUND, ON)
        words = as_text([found], code) + re.sub("<[^>]+>", "", as_html([found], code))
        assert found.doubtful is doubt
        assert ({"zh-CN": "可能再扣", "en": "more may be taken"}[code] in bare(words)) is (doubt and number is not None)
        if number is None:
            assert ({"zh-CN": "可能扣 $5.00", "en": "$5.00 may be taken"}[code] in bare(words)) is doubt


@pytest.mark.parametrize("code", LANGUAGES)
def test_of_a_number_that_may_be_gone_the_next_step_is_to_ask(code):
    one = plan(renews="2026-11-01", every="30 days", price="5", cancel=Cancel(number="port"))
    asks = {"zh-CN": "先问号码还在不在", "en": "Ask whether the number is still yours"}[code]
    for grace, gone in (("10 days", True), ("90 days", False)):
        words = as_text([report(one._replace(grace=length(grace)), day("2026-12-09"))], code)
        assert (asks in words) == gone


@pytest.mark.parametrize("code", LANGUAGES)
def test_autopay_that_takes_nothing_has_no_day_to_be_turned_off(code):
    """Neither of a line that is paid by hand, nor where the balance does not cover it: its day is no charge."""
    one = plan(renews="2026-12-20", every="30 days", price="6", cancel=Cancel(how="lapse", number="drop"))
    short = one._replace(autopay=True, pay_with="balance", balance=balance("4", "2026-12-01"))
    ends, charge = {"zh-CN": ("最晚关掉自动扣款", "扣款 $6.00"), "en": ("Last safe day", "Charge $6.00")}[code]
    for each, said in ((one, False), (short, False), (one._replace(autopay=True), True)):
        words = bare(re.sub("<[^>]+>", "", as_html([report(each, ON)], code)))
        assert (ends in words, charge in words) == (said, said)


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_closed_plan_with_a_bill_left_is_not_to_be_deleted(code):
    """The bill goes on being reminded of. What holds before a line is canceled is not said any more."""
    over = Leaver(code).typical(
        cancel=Cancel(number="drop", confirmed_on=day("2026-08-01"), final_bill=FinalBill(paid_on=day("2026-09-01"))),
        bills=(),
        bindings=(),
    )
    deleted = {"zh-CN": "plans.toml 里删掉", "en": "take it out of plans.toml"}[code]
    gone = {"zh-CN": "一取消，号码就没了", "en": "The number is gone once"}[code]
    for bills, said in (((), True), ((bill("overage", "2026-09-10", "12.50"),), False)):
        words = as_markdown([report(over._replace(bills=bills), ON)], code)
        assert (deleted in words, gone in words) == (said, False)
    ran_out = plan(
        renews="2026-11-01", every="30 days", grace=length("10 days"), cancel=Cancel(how="lapse", number="drop")
    )
    done = {"zh-CN": "没有要做的了", "en": "nothing is left to do"}[code]
    assert done in as_text([report(ran_out, ON)], code)
    assert done not in as_text([report(ran_out._replace(bills=(bill("overage", "2026-09-10"),)), ON)], code)


@pytest.mark.parametrize("code", LANGUAGES)
def test_what_is_free_is_not_charged_again(code):
    one = plan(autopay=True, every="30 days", cancel=Cancel(how="lapse", number="drop"))
    charged = {"zh-CN": "再扣一次", "en": "charged again"}[code]
    for price, said in (("5", True), ("0", False)):
        assert (charged in as_text([report(one._replace(price=Decimal(price)), ON)], code)) == said


def test_a_date_far_ahead_has_its_year():
    far = report(Leaver("en").typical(renews="2027-12-31", every="1 year", cancel=Cancel(number="port")))
    assert "Dec 28, 2027" in as_html([far._replace(wanted=True)], "en")
    assert far.on == day("2026-12-09")


def test_the_subject_of_several_tells_plans_of_one_name_apart():
    plans = [
        plan(id=f"p{n}", name=name, number=f"+1206555010{n}", renews="2027-01-01", every="1 month")
        for n, name in enumerate(("Mint", "Mint", "Tello", "Ultra"))
    ]
    home = household(*plans)
    reports = [readiness(one, home, NOTHING_FOUND, day("2026-12-01")) for one in plans]
    assert subject(reports, "zh-CN") == "还不能办：Mint (0100)、Mint (0101)、Tello 和另外 1 个"
    assert subject(reports, "en") == "Not yet: Mint (0100), Mint (0101), Tello and 1 more"
    assert subject(reports[2:], "zh-CN") == "还不能办：Tello 和 Ultra"


@pytest.mark.parametrize("code", LANGUAGES)
def test_what_a_terminal_shows_of_a_shared_account_names_its_other_lines_until_the_carrier_was_asked(code):
    said = bare(as_text([CASES["family"](code)], code))
    assert {"zh-CN": "同一账户还有李梅，那边别动。", "en": "On the same account: Li Mei. Change nothing there."}[
        code
    ] in said


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_last_day_that_counts_on_a_payment_nobody_marked_is_said_so(code):
    known = {"renews": "2026-12-20", "every": "30 days", "price": "5", "carrier": carrier(grace=length("60 days"))}
    if_kept = {"zh-CN": "要是一直在续，最晚", "en": "If you kept renewing, "}[code]
    for number in ("drop", "move", None):
        one = plan(**known, cancel=Cancel(number=number, by=day("2027-02-10")))
        said = [bare(as_text([report(one, day(on))], code)) for on in ("2026-12-12", "2027-01-05")]
        assert [if_kept in words for words in said] == [False, True]


@pytest.mark.parametrize("code", LANGUAGES)
def test_what_is_left_of_a_plan_that_has_ended_cannot_be_spent(code):
    spend = {"zh-CN": "用掉", "en": "spend it"}[code]
    for left in ({}, {"balance": None}):
        one = Leaver(code).prepaid(**left, cancel=Cancel(number="drop"), bindings=())
        gone = one._replace(cancel=Cancel(number="drop", confirmed_on=day("2026-12-08")), bills=(bill("December"),))
        kept = one._replace(cancel=Cancel(number="move"))
        assert [spend in bare(as_html([report(each)], code)) for each in (one, gone, kept)] == [True, False, False]


@pytest.mark.parametrize("code", LANGUAGES)
def test_how_to_cancel_is_asked_only_where_it_is_still_to_be_done(code):
    unknown = {"zh-CN": "怎么取消", "en": "How to cancel"}[code]
    ways = (
        Cancel(number="drop"),
        Cancel(number="drop", requested_on=day("2026-12-08")),
        Cancel(how="lapse", number="drop"),
    )
    one = plan(renews="2026-12-20", every="30 days", price="5")
    assert [unknown in bare(as_html([report(one._replace(cancel=way))], code)) for way in ways] == [True, False, False]


@pytest.mark.parametrize("code", LANGUAGES)
def test_who_has_left_is_told_to_wait_only_where_there_is_nothing_to_do(code):
    wait = {"zh-CN": "剩下的等着就好", "en": "now wait"}[code]
    one = Leaver(code).typical(bills=(), bindings=(), cancel=Cancel(number="port", confirmed_on=day("2026-12-08")))
    for on, waits in (("2026-12-09", True), ("2027-03-08", False)):  # the credit report is due on the 90th day
        assert (wait in bare(as_text([report(one, day(on))], code))) == waits


@pytest.mark.parametrize("code", LANGUAGES)
def test_nothing_is_left_open_only_where_no_bill_is(code):
    gone = Leaver(code).prepaid(cancel=Cancel(number="drop", confirmed_on=day("2026-12-08")), bills=(bill("December"),))
    said = bare(as_text([report(gone)], code))
    assert {"zh-CN": "已经离开，还有账单没付", "en": "closed, a bill is not paid yet"}[code] in said
    assert {"zh-CN": "都了结了", "en": "nothing is left open"}[code] not in said


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_line_whose_balance_is_too_low_runs_out_with_no_autopay_to_turn_off(code):
    one = plan(
        renews="2026-12-20", every="30 days", price="5", autopay=True, pay_with="balance", balance=balance("1", "2026-12-01"),
        cancel=Cancel(how="lapse", number="drop"),
    )  # fmt: skip
    words = as_text([readiness(one, household(one), NOTHING_FOUND, ON)], code)
    assert {"zh-CN": "不再付钱就行：12月20日周日停机", "en": "Pay nothing more: service stops on Sun, Dec 20"}[
        code
    ] in words


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_line_is_off_only_if_it_was_not_renewed(code):
    one = plan(renews="2026-11-20", every="30 days", price="5", cancel=Cancel(number="drop"))
    off = bare(as_text([report(one)], code))
    assert {"zh-CN": "没续的话，11月20日周五起停机", "en": "If it was not renewed, it has been off"}[code] in off


def test_a_mail_lists_what_its_count_counts_and_names_the_rest_in_one_line():
    one = plan(renews="2026-12-20", every="30 days", price="5", cancel=Cancel(number="drop"))
    found = readiness(one, household(one), NOTHING_FOUND, ON)
    [section] = as_sections([found], "en")
    assert len(section.points) == found.left + 1
    assert section.points[-1] == "not known: balance, backups, papers, phone and access"


def test_after_a_request_a_mail_counts_the_phone_that_it_lists_as_locked():
    asked = Cancel(number="drop", checked=("bindings",), requested_on=day("2026-11-28"))
    phone = Device(unlock_on=day("2027-02-10"))
    one = plan(renews="2026-12-20", every="30 days", price="5", device=phone, cancel=asked)
    [section] = as_sections([readiness(one, household(one), NOTHING_FOUND, ON)], "en")
    assert "phone: Locked to the carrier. May be unlocked starting Wed, Feb 10, 2027" in section.points
    [number] = re.findall(r"(\d+) things? left", section.title)
    assert int(number) == sum(not point.startswith("not known") for point in section.points)


def test_a_pin_that_is_to_be_used_at_once_is_fetched_after_the_account_number_was_found():
    one = plan(renews="2026-12-20", every="30 days", price="5", cancel=Cancel(number="port", checked=("bindings",)))
    step = readiness(one, household(one), NOTHING_FOUND, ON).next_step
    assert step is not None
    assert step.code == "account-id-missing"


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_change_of_plans_is_in_danger_once_it_is_confirmed(code):
    moved = Leaver(code).typical(
        cancel=Cancel(number="move", confirmed_on=ON), bills=(bill("overage", "2026-12-20", "12.50"),)
    )
    assert {"zh-CN": "换套餐可能被拒", "en": "may refuse to change"}[code] not in as_markdown([report(moved, ON)], code)


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_closed_line_is_not_said_to_have_had_a_bill_or_a_refund(code):
    settled = {"zh-CN": "付清|退款到了|都清了", "en": "paid|settled|here"}[code]
    paid = FinalBill(amount=Decimal(5), paid_on=day("2026-12-05"))
    for bill_, said in ((None, False), (paid, True)):
        gone = Cancel(number="drop", confirmed_on=day("2026-12-01"), final_bill=bill_)
        brief = as_text([readiness(plan(cancel=gone), household(), NOTHING_FOUND, ON)], code).splitlines()[1]
        assert bool(re.search(settled, brief)) is said


@pytest.mark.parametrize("code", LANGUAGES)
def test_what_is_open_after_the_end_is_not_called_settled(code):
    """A line that was let run out is closed after its number is lost, whatever is owed; the number may still be tied."""
    gone = Cancel(how="lapse", number="port", confirmed_on=day("2026-11-20"), final_bill=FinalBill(amount=Decimal(5)))
    lost = plan(renews="2026-11-01", every="30 days", price="5", grace=length("20 days"), cancel=gone)
    drop = Cancel(number="drop", confirmed_on=day("2026-11-20"))
    owes = plan(bindings=(Binding("Chase"),), bills=(bill("overage", "2026-11-10", "5"),), cancel=drop)
    for one in (lost, owes):
        words = as_text([report(one, day("2026-12-09"))], code)
        assert not re.search({"zh-CN": "都清了|付清了|都了结了", "en": "settled|is paid"}[code], words), words


@pytest.mark.parametrize("code", LANGUAGES)
def test_what_is_tied_to_a_number_that_is_given_up_is_not_said_to_work_afterwards(code):
    wait = {"zh-CN": "之后换也行", "en": "can wait"}[code]
    for number, said in (("port", True), ("drop", False)):
        one = plan(bindings=(Binding(service="Uber", critical=False),), cancel=Cancel(number=number))
        assert (wait in as_text([readiness(one, household(), NOTHING_FOUND, ON)], code)) is said


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_line_that_ran_out_unasked_is_said_to_have_run_out(code):
    said = bare(as_text([report(Leaver(code).prepaid(cancel=Cancel(how="lapse", number="port")))], code))
    assert {"zh-CN": "已经到期", "en": "run out"}[code] in said
    assert {"zh-CN": "都清了", "en": "are settled"}[code] not in said


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_line_that_ran_out_with_accounts_tied_to_it_has_something_left(code):
    """The monthly mail names them, too, so renewd says more about the plan."""
    tied, wanted = (Binding("Chase", critical=True),), Cancel(how="lapse", number="drop")
    one = plan(renews="2026-11-01", every="30 days", price="5", grace=length("10 days"), bindings=tied, cancel=wanted)
    words = as_markdown([report(one, day("2026-12-09"))], code)
    assert {"zh-CN": "还有 1 项绑着", "en": "1 still tied to the number"}[code] in words
    assert not re.search({"zh-CN": "没有要做的|不再提", "en": "nothing is left|says no more"}[code], words)


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_line_that_ran_out_with_a_number_to_port_is_not_said_to_be_settled(code):
    wanted = Cancel(how="lapse", number="port")
    one = plan(renews="2026-11-01", every="30 days", price="5", grace=length("10 days"), cancel=wanted)
    words = bare(as_text([report(one, day("2026-12-09"))], code))
    assert {"zh-CN": "转出成没成，还没确认", "en": "nobody has confirmed that the number was ported"}[code] in words
    assert {"zh-CN": "没转出的话，11月11日周三起失号", "en": "is gone as of Wed, Nov 11 unless it was ported"}[
        code
    ] in words
    assert not re.search({"zh-CN": "都清了|都了结", "en": "settled|nothing is left open"}[code], words)


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_way_to_cancel_and_no_new_carrier_is_named_where_the_plan_stays(code):
    known = {"carrier": PEBBLE, "renews": "2026-12-20", "every": "30 days", "price": "25", "autopay": True}
    ways = {"zh-CN": "取消的办法", "en": "knows no way to do this by phone"}[code]
    both = {"zh-CN": "新旧两家", "en": "The new carrier and the old one"}[code]
    said = {
        how: bare(as_html([report(plan(**known, cancel=cancel))], code))
        for how, cancel in (
            ("move", Cancel(number="move")),
            ("lapse", Cancel(how="lapse", number="drop")),
            ("drop", Cancel(number="drop")),
        )
    }
    assert [ways in words for words in said.values()] == [False, True, True]
    assert both not in said["move"]


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("is_line", [True, False])
def test_what_is_owed_after_a_line_has_run_out_is_not_called_settled(code, is_line):
    of_kind = {} if is_line else {"kind": "other"}
    gone = plan(renews="2026-10-20", price="5", grace=length("30 days"), cancel=Cancel(how="lapse"), **of_kind)
    bill_ = FinalBill(amount=Decimal("21.30"), due=day("2027-01-20"))
    owed = gone._replace(cancel=Cancel(how="lapse", final_bill=bill_))
    unpaid = {"zh-CN": "还有账单没付", "en": "a bill is not paid yet"}[code]
    said = [bare(as_text([report(each, day("2027-03-01"))], code)) for each in (gone, owed)]
    assert [unpaid in words for words in said] == [False, True]


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_payment_that_leaving_avoids_is_named_by_its_day_where_another_comes_first(code):
    """The last day before the charge of December 20 is over: the one of January 19 is avoided."""
    one = plan(
        renews="2026-12-20", every="30 days", price="25", autopay=True, notice=length("5 days"),
        cancel=Cancel(how="lapse", number="drop"),
    )  # fmt: skip
    wanted = {"zh-CN": "1月19日周二就不会再扣", "en": "and the $25.00 of Tue, Jan 19 is never taken"}[code]
    said = bare(as_html([report(one, day("2026-12-17"))], code))
    assert wanted in said


@pytest.mark.parametrize("code", LANGUAGES)
def test_who_stays_is_not_told_of_a_final_bill(code):
    """Also where the next step is to find the address to which the carrier writes."""
    stays = plan(
        renews="2026-12-29", every="1 month", account=Account(id="1", holder="me"), cancel=Cancel(number="move")
    )
    made = readiness(stays, household(), NOTHING_FOUND, ON)
    assert made.next_step is not None
    assert made.next_step.code == "account-email-missing"
    assert {"zh-CN": "最后一张账单", "en": "final bill"}[code] not in as_markdown([made], code)


def test_a_refund_whose_day_is_over_was_expected():
    ended = Cancel(
        number="port", confirmed_on=day("2026-11-01"), refund=Refund(amount=Decimal(9), expected=day("2026-12-01"))
    )
    assert "was expected by" in as_markdown([readiness(plan(cancel=ended), household(), NOTHING_FOUND, ON)], "en")
