"""A plan's page: all that is open about it, each with its button."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest

from home_with_page import HOME, LEAVING, fact, page_of, post
from sites import Got, running


async def test_a_plans_page_has_a_button_for_all_that_is_open_about_it(tmp_path):
    """What is tied to a number is moved by a tap of its own, and the bill is paid by another; no year's sum of 0."""
    file = LEAVING.replace("due = 2026-12-12", "due = 2026-12-03")
    async with running(tmp_path, file) as site:
        page = await site.get(f"{page_of(site)}plan/main")
        words = " ".join(page.words.split())
        assert "Chase is moved: write it down" in words
        assert "1 more" in words
        assert max(words.index("Chase is moved"), words.index("I paid $12.50")) < words.index("What it is")
        assert "$0.00 a year" not in words
        for what in ("moved", "paid"):
            assert (await post(site, f"{page_of(site)}record", fact=fact(page, what), back="main")).status == 303
        text = site.paths.config.read_text()
        assert re.search(r'service = "Chase"\ncritical = true\nmoved_on = 2026-12-02', text)
        assert re.search(r"amount = 12.50\npaid_on = 2026-12-02", text)


async def test_a_plan_that_is_left_leads_to_its_checklist_first(tmp_path):
    """On its page by the filled button, on the reader's by a link, both with how much is left; its row says by when."""
    async with running(tmp_path, LEAVING) as site:
        plan, home = await site.get(f"{page_of(site)}plan/main"), await site.get(page_of(site))
        [button] = re.findall(r'<a class="btn" href="([^"]+)"[^>]*>([^<]+)', plan.body.decode())
        assert button == ("../plan/main/report", "See the 5 things left")
        assert '<a class="tap" href="plan/main/report" rel="noreferrer">See the 5 things left</a>' in home.body.decode()
        assert "port by Mon, Dec 28" in " ".join(home.words.split())
        assert (await site.get(f"{page_of(site)}plan/main/report")).status == 200


async def test_no_form_is_offered_that_would_be_refused(tmp_path):
    """Nothing can have failed before the first charge, and dates that roll on by themselves are not written."""
    async with running(tmp_path, HOME) as site:
        page = (await site.get(f"{page_of(site)}plan/visible")).body.decode()
        assert ('id="renewed"' in page, 'id="failed"' in page) == (True, False)
        assert 'id="visible-renewed--until"' not in page
        assert 'id="ultra-renewed--until"' in (await site.get(f"{page_of(site)}plan/ultra")).body.decode()
        site.now += timedelta(days=15)
        assert 'id="failed"' in (await site.get(f"{page_of(site)}plan/visible")).body.decode()


async def test_a_plans_facts_say_where_its_loss_is_known_from_and_amounts_bear_their_sign(tmp_path):
    async with running(
        tmp_path, HOME.replace("grace =", "pay_with = 'balance'\nbalance = {{ amount = 2, on = 2026-11-20 }}\ngrace =")
    ) as site:
        page = await site.get(f"{page_of(site)}plan/ultra")
        words = " ".join(page.words.split())
        assert "Counted with the 30 days of grace that plans.toml has" in words
        assert "$2.00 , as of Fri, Nov 20 ; short of $3.00" in words
        assert re.search(r'aria-hidden="true">\$</span><input id="ultra-renewed--amount"', page.body.decode())


async def test_the_amount_in_a_form_has_the_decimals_of_its_currency(tmp_path):
    for n, (currency, price, shown) in enumerate(
        (("JPY", "990", "990"), ("KWD", "1.255", "1.255"), ("USD", "3", "3.00"))
    ):
        folder = tmp_path / str(n)
        folder.mkdir()
        file = HOME.replace("price = 3\n", f'price = {price}\ncurrency = "{currency}"\n')
        async with running(folder, file) as site:
            page = (await site.get(f"{page_of(site)}plan/ultra")).body.decode()
            assert re.search(rf'<input id="ultra-renewed--amount"[^>]* value="{re.escape(shown)}"', page), currency


async def test_a_plans_page_asks_whether_its_charge_went_through(tmp_path):
    file = LEAVING.replace("renews = 2026-12-17", "renews = 2026-12-01")
    async with running(tmp_path, file) as site:
        page = await site.get(f"{page_of(site)}plan/visible")
        assert (page.status, "It failed: write it down" in page.words) == (200, True)


async def test_leaving_is_begun_thought_through_and_given_up_on_the_page(tmp_path):
    """What becomes of the number is chosen and shown before it is written; bad choices change nothing."""
    async with running(tmp_path, HOME) as site:
        home, before = page_of(site), site.paths.config.read_text()
        leaving = fact(await site.get(f"{home}plan/tello"), "leaving")
        typed = {"number": "port", "how": "cancel", "by": "2027-01-03"}
        asks = await site.get(f"{home}ask?{urlencode({'fact': leaving, **typed})}")
        assert (asks.status, "Port first, never cancel first" in asks.words) == (200, True)
        assert "renewd report" not in asks.words  # who reads a page types nothing
        assert site.paths.config.read_text() == before
        for wrong in ({"number": "sell"}, {"how": "shout"}, {"by": "soon"}):
            assert (await post(site, f"{home}record", fact=leaving, **typed | wrong)).status == 400
        assert (await post(site, f"{home}record", fact=leaving, **typed)).status == 303
        text = site.paths.config.read_text()
        for line in ("by = 2027-01-03", 'how = "cancel"', 'number = "port"'):
            assert line in text
        plan = await site.get(f"{home}plan/tello")
        assert "I want to leave" not in plan.words
        assert (await post(site, f"{home}record", fact=fact(plan, "checked"), back="tello")).status == 303
        assert 'checked = ["bindings"]' in site.paths.config.read_text()
        plan = await site.get(f"{home}plan/tello")
        assert (await post(site, f"{home}record", fact=fact(plan, "staying"), back="tello")).status == 303
        assert "[plan.tello.cancel]" not in site.paths.config.read_text()


async def test_what_has_no_number_is_not_ported(tmp_path):
    """The choices are those of the plan: something else than a line is ended, or kept at a lower price."""
    file = LEAVING.replace("[plan.visible]", '[plan.visible]\nkind = "other"')
    async with running(tmp_path, file) as site:
        body = (await site.get(f"{page_of(site)}plan/visible")).body
        assert b'<option value="drop"' in body
        assert b'<option value="port"' not in body


async def test_a_stop_has_its_hour_there_and_here(tmp_path):
    """The carrier's clock, and the reader's where it shows another hour."""
    file = HOME.replace('name = "Tello (bank)"', 'name = "Tello (bank)"\ncarrier = "tello"')
    async with running(tmp_path, file) as site:
        assert "Sat, Dec 5, 2026, 5 AM New York; service stops" in _said(await site.get(f"{page_of(site)}plan/tello"))
        file = file.replace('language = "zh-CN"', 'language = "zh-CN"\ntimezone = "Asia/Shanghai"')
        site.paths.config.write_text(file.format(port=site.port), "utf-8")
        hers = _said(await site.get(f"{page_of(site, 'mom')}plan/tello"))
        assert "2026年12月5日 周六 05:00（纽约），北京时间 18:00；不续，那天停机" in hers


async def test_what_is_in_the_way_of_leaving_is_written_down_step_by_step(tmp_path):
    """Each step with its button, once; what takes more than a word is in the checklist."""
    extra = '[[plan.main.document]]\nwhat = "Last invoice"\n[plan.main.cancel]'
    async with running(tmp_path, LEAVING.replace("[plan.main.cancel]", extra)) as site:
        home = page_of(site)
        page = await site.get(f"{home}plan/main")
        words = _said(page)
        assert "more before leaving" in words
        assert words.count("Chase is moved: write it down") == 1
        assert words.index("I paid $12.50: write it down") < words.index("In the checklist too")
        for what in ("paid", "kept"):
            value = fact(page, what)
            assert (await post(site, f"{home}record", fact=value, back="main")).status == 303
        text = site.paths.config.read_text()
        assert "kept_on = 2026-12-02" in text
        assert "paid_on = 2026-12-02" in text
        assert "I paid $12.50" not in _said(await site.get(f"{home}plan/main"))


def _said(got: Got) -> str:
    """What a page says, without the blanks that its tags leave."""
    words = re.sub(r'<span class="n">(.*?)</span>', r"\1", got.body.decode(), flags=re.DOTALL)
    return " ".join(got._replace(body=words.encode()).words.split())


async def test_the_report_on_the_page_leads_back_and_names_no_command(tmp_path):
    async with running(tmp_path, LEAVING) as site:
        report = await site.get(f"{page_of(site)}plan/main/report")
        assert 'href="../main#write">Write it down</a>' in report.body.decode()
        assert 'href="../main#write">← ' in report.body.decode()
        assert "renewd mark" not in report.words
        assert "sent by mail" not in report.words


async def test_what_is_no_line_is_not_ported_and_counts_as_an_item(tmp_path):
    """Neither a number nor a carrier in the words about a subscription, in its row, its forms and the links down."""
    file = re.sub(r"\[plan\..*(?=\[web\])", _OTHERS, HOME, flags=re.DOTALL)
    async with running(tmp_path, file) as site:
        home, plan = await site.get(page_of(site)), await site.get(f"{page_of(site)}plan/music")
        assert ("2 items" in _said(home), "2 plans" in _said(home)) == (True, False)
        assert "I want to end it, or pay less" in _said(plan)
        for word in ("port", "number", "carrier", "last four digits"):
            assert word not in _said(home) + _said(plan), word


_OTHERS = "".join(
    f'[plan.{id_}]\nkind = "other"\nrenews = 2026-12-20\nevery = "1 month"\nprice = 9\nautopay = true\n'
    for id_ in ("music", "films")
)


async def test_of_a_number_that_is_gone_the_page_names_what_is_tied_to_it_and_no_day_to_come(tmp_path):
    (tmp_path / "lapsed").mkdir()
    left = '[plan.ultra.cancel]\nnumber = "drop"\nrequested_on = 2026-11-20\nconfirmed_on = 2026-11-22\n[[plan.ultra.binding]]'
    async with running(tmp_path, HOME.replace("[[plan.ultra.binding]]", left, 1)) as site:
        words = _said(await site.get(f"{page_of(site)}plan/ultra"))
        assert "the number is gone" in words
        assert "change that there now" in words
        assert [said for said in ("nothing to do now", "Leave by", "Number lost") if said in words] == []
    lapsed = HOME.replace("[[plan.ultra.binding]]", '[plan.ultra.cancel]\nhow = "lapse"\n[[plan.ultra.binding]]', 1)
    async with running(tmp_path / "lapsed", lapsed.replace("renews = 2026-11-12", "renews = 2026-10-12")) as site:
        words = _said(await site.get(f"{page_of(site)}plan/ultra"))
        assert ("the number is gone" in words, "change that there now" in words) == (True, True)


async def test_what_is_free_is_renewed_for_no_sum(tmp_path):
    async with running(tmp_path, HOME.replace("price = 3\n", "price = 0\n", 1)) as site:
        words = _said(await site.get(f"{page_of(site)}plan/ultra"))
        assert "Price free" in words
        assert not re.search(r"(?<!\d)0\.00", words)


OVER = """[plan.gone]
renews = 2026-12-01
every = "1 month"
cancel.number = "drop"
cancel.confirmed_on = 2026-10-25
[plan.lapsed]
keep_alive = {{ every = "90 days", last = 2026-08-20 }}
cancel = {{ how = "lapse", number = "drop" }}
[plan.lapsing]
keep_alive = {{ every = "90 days", last = 2026-09-07 }}
cancel = {{ how = "lapse", number = "drop" }}
[plan.short]
renews = 2026-12-05
every = "30 days"
price = 12
autopay = true
pay_with = "balance"
balance = {{ amount = 4.5, on = 2026-11-20 }}
cancel = {{ how = "lapse", number = "drop" }}
[plan.unknown]
renews = 2026-12-10
every = "1 month"
autopay = true
[plan.domain]
renews = 2026-11-30
every = "1 year"
price = 12
[plan.kept]
renews = 2026-08-04
every = "30 days"
price = 5
for = ["me"]
cancel = {{}}
"""


async def test_a_plans_row_is_true_of_its_day_and_its_price(tmp_path):
    """What is over is not told as coming, nothing is to be turned off that takes nothing, and no sum contradicts."""
    file = re.sub(r"\[plan\.ultra\].*(?=\[web\])", OVER, HOME, flags=re.DOTALL)
    async with running(tmp_path, file) as site:
        said = {
            id_: " ".join((await site.get(f"{page_of(site)}plan/{id_}")).words.split())
            for id_ in ("gone", "lapsed", "lapsing", "short", "unknown", "domain")
        }
        home = " ".join((await site.get(page_of(site))).words.split())
    assert "Latest: left Sun, Oct 25 ." in said["gone"]
    assert "Latest: lapsed Wed, Nov 18 ." in said["lapsed"]
    assert "lapsed lapsed Wed, Nov 18" in home
    assert "lapsing lapses Sun, Dec 6" in home
    assert "Next: left" not in said["gone"]
    assert "short stops Sat, Dec 5" in home  # the balance does not cover it: no autopay is to be turned off
    assert "turn autopay off" not in home
    assert re.search(r"Price [a-z ]*not written Charge", said["unknown"])
    assert "$12.00 a year; $24.00 in the next 12 months" in said["domain"]
    assert re.search(r"now kept : decide about the number (?!now)", home)  # the day stands before it


@pytest.mark.parametrize(
    ("by", "said", "near"), [("2026-12-09", "Wed, Dec 9", True), ("2026-12-10", "Thu, Dec 10", False)]
)
async def test_the_day_chosen_for_leaving_is_named_where_no_reminder_is_open(tmp_path, by, said, near):
    """Between two charges the reminders count to the later one: a week ahead, or before the next mail, the day is named."""
    alone = re.sub(r"(?s)\[plan\.(ultra|tello)\].*?(?=\[plan\.(tello|visible)\])", "", HOME)
    leaves = f'[plan.visible.cancel]\nby = {by}\nnumber = "port"\nchecked = ["bindings"]\n[web]'
    file = alone.replace("renews = 2026-12-17", "renews = 2026-11-30").replace("[web]", leaves)
    async with running(tmp_path, file) as site:
        pages = [await site.get(page_of(site)), await site.get(f"{page_of(site)}plan/visible")]
        home, plan = (" ".join(page.words.split()) for page in pages)
        assert f"Visible : port by {said} That is the day you chose. The next mail" in home
        assert ("Nothing to do" in home, f"Visible : port by {said} That" in plan) == (False, near)


async def test_who_tops_up_at_least_what_is_short_is_not_asked_about_another_sum(tmp_path):
    file = HOME.replace("grace =", "pay_with = 'balance'\nbalance = {{ amount = 1.5, on = 2026-11-20 }}\ngrace =")
    async with running(tmp_path, file.replace("renews = 2026-11-12", "renews = 2026-12-03")) as site:
        home, plan = await site.get(page_of(site)), await site.get(f"{page_of(site)}plan/ultra")
        assert "op up at least $1.50" in " ".join(home.words.split())
        assert "I topped up: write it down" in home.words
        for page in (home, plan):
            assert re.search(r'<input id="ultra-renewed--amount"[^>]* value=""', page.body.decode())
