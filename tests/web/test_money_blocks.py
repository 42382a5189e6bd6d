"""The sums of a person's page: what each card is charged, what is left out, and where the chart's figures stand."""

from __future__ import annotations

import re

from home_with_page import HOME, LEAVING, page_of
from sites import running


async def test_the_ninety_days_name_each_card_with_its_sum(tmp_path):
    """One card is named in the sentence itself, several each with theirs."""
    one = LEAVING
    two = one.replace("[plan.secret]", '[card.amex]\nname = "Amex …0005"\n[plan.secret]').replace(
        "[[plan.main.bill]]", '[plan.music]\nname = "Music"\nkind = "other"\nrenews = 2026-12-20\nevery = "1 month"\n'
        'price = 10\nautopay = true\npay_with = "amex"\n[[plan.main.bill]]',
    )  # fmt: skip
    for file, said in (
        (one, "Autopay takes 3 of them, $75.00, all from Visa …4242."),
        (two, "Of that, $75.00 from Visa …4242 and $30.00 from Amex …0005."),
    ):
        folder = tmp_path / str(len(file))
        folder.mkdir()
        async with running(folder, file) as site:
            words = re.sub(r"\s+([.,]|(?=\s))", r"\1", (await site.get(page_of(site))).words)
            words = re.sub(r"\s+", " ", words)
            assert said in words, words


async def test_a_plan_that_is_being_left_is_named_beside_the_sums(tmp_path):
    """Its charges after the last day are in no sum; one that moves to a cheaper plan stays in them."""
    async with running(tmp_path, LEAVING) as site:
        words = " ".join((await site.get(page_of(site))).words.split())
        assert "T-Mobile main counts only until you leave; if you stay, add $40.00 a month" in words
        site.paths.config.write_text(site.paths.config.read_text().replace('"port"', '"move"'))
        assert "counts only until" not in (await site.get(page_of(site))).words


async def test_a_plan_whose_autopay_goes_on_is_counted_on_and_not_said_to_end(tmp_path):
    """To let it run out has no day and no request: each charge is in the sums until autopay is off."""
    file = LEAVING.replace('by = 2026-12-28\nnumber = "port"', 'how = "lapse"\nnumber = "drop"')
    async with running(tmp_path, file) as site:
        assert "counts only until" not in (await site.get(page_of(site))).words
        site.paths.config.write_text(site.paths.config.read_text().replace("price = 40\nautopay = true", "price = 40"))
        assert "T-Mobile main counts only until" in " ".join((await site.get(page_of(site))).words.split())


async def test_autopay_that_its_balance_does_not_cover_has_no_day_to_be_turned_off(tmp_path):
    """The line runs out by itself, as its mails say: neither the list, the row nor the facts name a day to leave by."""
    lapses = 'autopay = true\npay_with = "balance"\nbalance = {{ amount = {}, on = 2026-11-20 }}\ncancel.how = "lapse"\ncancel.number = "drop"\n'
    for held, said in (("9", True), ("2", False)):
        folder = tmp_path / held
        folder.mkdir()
        file = HOME.replace("grace =", lapses.replace("{}", held) + "grace =").replace("2026-11-12", "2026-12-12")
        async with running(folder, file) as site:
            home, facts = await site.get(page_of(site)), await site.get(f"{page_of(site)}plan/ultra")
            assert ("turn autopay off by" in home.words, "Leave by" in facts.words) == (said, said)


async def test_no_figure_of_the_chart_lies_on_a_bar(tmp_path):
    """A small first month beside larger ones: its figure stands above all bars that it spans."""
    file = LEAVING.replace("price = 3\n", "price = 1\n").replace("2026-12-17", "2027-01-17")
    async with running(tmp_path, file) as site:
        chart = re.findall(r'<svg class="ch".*?</svg>', (await site.get(page_of(site))).body.decode(), re.DOTALL)[0]
        tops = [int(y) for y in re.findall(r'<rect x="[\d.]+%" y="(\d+)"', chart)]
        [first, *_] = re.findall(r'<text x="[\d.]+%" y="(\d+)" text-anchor="start" class="hi"', chart)
        assert tops[0] > tops[1]
        assert int(first) < min(tops[:3])


async def test_a_row_says_by_when_to_pay_and_a_month_its_sum(tmp_path):
    """What stops, what is lost: with the last good day. The first month has its sum, the next its year, the last its end."""
    async with running(tmp_path, LEAVING.replace("2026-12-17", "2027-01-01")) as site:
        page = await site.get(page_of(site))
        words = " ".join(page.words.split())
        comes = words[words.index("Through Mon, Mar 1, 2027") :]
        for said in (
            "number lost; renew by Fri, Dec 11", "stops; renew by Fri, Dec 4", "December 2026 $20.50",
            "January 2027 : 3 payments,", "February : 3 payments,", "March , the 1st: 1 payment, $45.00",
        ):  # fmt: skip
            assert said in comes, said
        bill = re.search(r"October overage.*?href=\"(ask[?]fact=main/paid/[^\"]+)\"", page.body.decode(), re.DOTALL)
        assert bill is not None
        asks = await site.get(page_of(site) + bill[1])
        assert "Is it paid: T-Mobile main?" in " ".join(asks.words.split())


async def test_a_charge_after_the_cards_last_month_says_that_it_will_have_expired(tmp_path):
    async with running(tmp_path, LEAVING.replace('expires = "2027-03"', 'expires = "2026-12"')) as site:
        words = " ".join((await site.get(page_of(site))).words.split())
        assert re.search(r"Thu, Dec 17 Visible autopay, Visa …4242 ", words)
        assert re.search(r"Sun, Jan 17 Visible autopay; Visa …4242 will have expired ", words)
