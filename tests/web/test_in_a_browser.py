"""The page in a real browser: from the mail to the file and back, and what axe finds in each of its pages."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from importlib.resources import files

import pytest
from selenium import webdriver
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from browser import driven, needed
from home_with_page import HOME, LEAVING
from sites import Site, running

pytestmark = [needed, pytest.mark.long]

_AXE = """const done = arguments[arguments.length - 1];
axe.run(document, {resultTypes: ["violations"]}).then(found => done(JSON.stringify(
found.violations.map(each => [each.id, each.nodes.map(node => node.html.slice(0, 120))]))))"""
_WIDE = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
_SMALL = """return [...document.querySelectorAll("a,button,summary,input:not([type=hidden]):not([type=checkbox]),select")]
.filter(each => each.getClientRects().length && each.getBoundingClientRect().height < 43.5).map(each => each.outerHTML.slice(0, 120))"""


_REACHABLE = """const closed = each => each.closest("details:not([open])") && each.tagName !== "SUMMARY";
return [...document.querySelectorAll("a,button,summary,input:not([type=hidden]),select")].filter(each => !closed(each))
.map(each => each.tagName + " " + each.textContent.slice(0, 30))"""
_FOCUSED = """const each = document.activeElement, style = getComputedStyle(each);
return [each.tagName + " " + each.textContent.slice(0, 30), style.outlineStyle + " " + style.outlineWidth]"""


@pytest.fixture(scope="module")
def chrome() -> Iterator[webdriver.Chrome]:
    with driven() as driver:
        yield driver


def emulate(chrome: webdriver.Chrome, width: int, scheme: str = "light") -> None:
    size = {"width": width, "height": 667, "deviceScaleFactor": 1, "mobile": True}
    chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", media)


def wait_for(chrome: webdriver.Chrome, words: str, element: str = "#result") -> None:
    """Wait until an element says these words; what is left of the page before may be found first."""
    WebDriverWait(chrome, 20, ignored_exceptions=[NoSuchElementException, StaleElementReferenceException]).until(
        lambda driver: words in driver.find_element(By.CSS_SELECTOR, element).text
    )


def address(site: Site, path: str) -> str:
    return f"http://127.0.0.1:{site.port}{path}"


def page_of(site: Site, person: str = "me") -> str:
    return address(site, f"/p/{site.links.page_token(person)}/")


async def test_from_the_mail_to_the_file_and_back(tmp_path, chrome):
    """Mail → link → form → what would be written → file changed → the page says so → undo → the file as it was."""
    async with running(tmp_path, HOME) as site:
        before = site.paths.config.read_bytes()
        [link] = re.findall(r"http://home\.example\.com/renewd(/p/\S+)", site.mail())

        def visit() -> None:
            emulate(chrome, 375)
            chrome.get(address(site, link))
            chrome.find_element(By.CSS_SELECTOR, "article.item.first summary").click()
            form = chrome.find_element(By.CSS_SELECTOR, "article.item.first form.f")
            amount = form.find_element(By.NAME, "amount")
            amount.clear()
            amount.send_keys("4,50")
            form.find_element(By.TAG_NAME, "button").click()
            wait_for(chrome, "$4.50 paid on Wed, Dec 2", "main")
            assert site.paths.config.read_bytes() == before
            chrome.find_element(By.CSS_SELECTOR, "form[method=post] button").click()
            wait_for(chrome, "Written down: Ultra purple is renewed")
            assert b"amount = 4.50" in site.paths.config.read_bytes()
            chrome.find_element(By.CSS_SELECTOR, "#result button").click()
            wait_for(chrome, "Taken back")
            assert site.paths.config.read_bytes() == before

        await asyncio.to_thread(visit)


async def test_a_stale_page_and_the_back_button_leave_one_fact(tmp_path, chrome):
    """Going back shows things as they are now; a page that was open before changes nothing, and says who wrote it down."""
    async with running(tmp_path, HOME) as site:

        def visit() -> None:
            emulate(chrome, 375)
            first = chrome.current_window_handle
            chrome.switch_to.new_window("tab")
            chrome.get(page_of(site))
            stale = chrome.current_window_handle
            chrome.switch_to.window(first)
            chrome.get(page_of(site))
            button = "//button[contains(., 'I renewed for $3.00')]"
            chrome.find_element(By.XPATH, button).click()
            wait_for(chrome, "Written down: Ultra purple is renewed")
            written = site.paths.config.read_bytes()
            chrome.back()
            wait_for(chrome, "Written down in the last 7 days", "#done")
            assert not chrome.find_elements(By.XPATH, button)
            chrome.switch_to.window(stale)
            chrome.find_element(By.XPATH, button).click()
            wait_for(chrome, "You wrote it down on")
            chrome.close()
            chrome.switch_to.window(first)
            assert site.paths.config.read_bytes() == written

        await asyncio.to_thread(visit)


async def test_the_keyboard_alone_reaches_everything_and_records(tmp_path, chrome):
    """Tab goes through all that can be pressed in reading order, each with a ring; Enter opens a fold and records."""
    async with running(tmp_path, HOME) as site:
        before = site.paths.config.read_bytes()

        def visit() -> None:
            emulate(chrome, 375)
            chrome.get(page_of(site))
            wanted = chrome.execute_script(_REACHABLE)
            keys, got = ActionChains(chrome), []
            for _ in wanted:
                keys.send_keys(Keys.TAB).perform()
                got.append(chrome.execute_script(_FOCUSED))
            assert [each[0] for each in got] == wanted
            assert {each[1] for each in got} == {"solid 3px"}
            chrome.get(page_of(site))
            places = [n for n, each in enumerate(wanted) if each.startswith(("SUMMARY", "BUTTON I renewed"))]
            button, summary = places[0], places[1]
            for _ in range(summary + 1):
                keys.send_keys(Keys.TAB).perform()
            keys.send_keys(Keys.ENTER).perform()
            assert chrome.find_element(By.CSS_SELECTOR, "article.item.first details").get_attribute("open") is not None
            for _ in range(summary - button):
                keys.key_down(Keys.SHIFT).send_keys(Keys.TAB).key_up(Keys.SHIFT).perform()
            keys.send_keys(Keys.ENTER).perform()
            wait_for(chrome, "Written down: Ultra purple is renewed")
            assert chrome.switch_to.active_element.get_attribute("id") == "result"
            assert site.paths.config.read_bytes() != before

        await asyncio.to_thread(visit)


def looked_at(chrome: webdriver.Chrome, page: str, name: str, views: tuple[tuple[int, str], ...]) -> dict[str, object]:
    """What is wrong with a page in some views, all folds open: sideways scroll, small targets, findings of axe."""
    found: dict[str, object] = {}
    axe = files("axe_core_python").joinpath("axe.min.js").read_text("utf-8")
    chrome.get(page)
    chrome.execute_script("document.querySelectorAll('details').forEach(each => each.open = true)")
    chrome.execute_script(axe)
    for width, scheme in views:
        emulate(chrome, width, scheme)
        if (wide := chrome.execute_script(_WIDE)) > 0:
            found[f"{name} at {width}: too wide"] = wide
        if small := chrome.execute_script(_SMALL):
            found[f"{name} at {width}: small"] = small
        if wrong := json.loads(chrome.execute_async_script(_AXE)):
            found[f"{name} at {width}: axe"] = wrong
    return found


@pytest.mark.parametrize("person", ["me", "mom"])
async def test_every_page_fits_and_axe_finds_nothing(tmp_path, chrome, person):
    """At 320, 375 and 1280 pixels, light and dark: no sideways scroll, no small target, no finding."""
    async with running(tmp_path, HOME) as site:
        home = page_of(site, person)

        def look() -> dict[str, object]:
            chrome.get(home + "plan/tello")
            value = re.findall(r'value="(tello/renewed/[^"]*)"', chrome.page_source)[0]
            chrome.get(home + "mails")
            mail = re.findall(r'href="(mail/[0-9]+)"', chrome.page_source)[0]
            pages = (
                "",
                "plan/tello",
                "mails",
                mail,
                f"ask?fact={value}",
                f"ask?fact={value}&amount=x",
                "plan/nothing",
                "../0/",
            )
            found: dict[str, object] = {}
            for page in pages:
                found |= looked_at(chrome, home + page, page, ((320, "light"), (375, "dark"), (1280, "light")))
            return found

        assert await asyncio.to_thread(look) == {}


async def test_nothing_is_found_in_the_states_of_a_link_nor_in_what_the_owner_sees(tmp_path, chrome):
    """Asked, recorded, already recorded, a broken file, one that may not be written, a plan that is left and a calm one."""
    async with running(tmp_path, LEAVING) as site:
        good = site.paths.config.read_text("utf-8")
        [link, *_] = re.findall(r"http://home\.example\.com/renewd(/done/\S+)", site.mail())
        tap, views = address(site, link), ((320, "dark"),)

        def look() -> dict[str, object]:
            home, found = page_of(site), looked_at(chrome, tap, "asked", views)
            found |= looked_at(chrome, f"{home}plan/main", "leaving", views)
            found |= looked_at(chrome, f"{home}plan/visible", "calm", views)
            found |= looked_at(chrome, f"{home}plan/main/report", "report", views)
            site.paths.config.write_text(good.replace("every", "evry", 1), "utf-8")
            found |= looked_at(chrome, tap, "broken", views) | looked_at(chrome, home, "the owner's", views)
            site.paths.config.write_text(good, "utf-8")
            chrome.get(tap)
            chrome.find_element(By.CSS_SELECTOR, "form[method=post] button").click()
            wait_for(chrome, "is renewed to")
            found |= looked_at(chrome, f"{tap}?recorded", "recorded", views) | looked_at(chrome, tap, "already", views)
            site.now += timedelta(days=90)
            return found | looked_at(chrome, tap, "too old", views)

        assert await asyncio.to_thread(look) == {}
