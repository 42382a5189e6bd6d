"""The page in a real browser: from the mail to the file and back, and what axe finds in each of its pages."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from importlib.resources import files

import pytest
from selenium import webdriver
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from browser import CHROMIUM, DRIVER, needed
from home_with_page import HOME
from sites import Site, running

pytestmark = [needed, pytest.mark.skipif(not DRIVER.exists(), reason="there is no chromedriver here")]

_AXE = """const done = arguments[arguments.length - 1];
axe.run(document, {resultTypes: ["violations"]}).then(found => done(JSON.stringify(
found.violations.map(each => [each.id, each.nodes.map(node => node.html.slice(0, 120))]))))"""
_WIDE = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
_SMALL = """return [...document.querySelectorAll("a,button,summary,input:not([type=hidden]):not([type=checkbox]),select")]
.filter(each => each.getClientRects().length && each.getBoundingClientRect().height < 43.5).map(each => each.outerHTML.slice(0, 120))"""


@pytest.fixture(scope="module")
def chrome() -> Iterator[webdriver.Chrome]:
    options = Options()
    options.binary_location = str(CHROMIUM)
    for switch in ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"):
        options.add_argument(switch)
    driver = webdriver.Chrome(options, Service(str(DRIVER)))
    yield driver
    driver.quit()


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


@pytest.mark.parametrize("person", ["me", "mom"])
async def test_every_page_fits_and_axe_finds_nothing(tmp_path, chrome, person):
    """At 320, 375 and 1280 pixels, light and dark, all folds open: no sideways scroll, no small target, no finding."""
    axe = files("axe_core_python").joinpath("axe.min.js").read_text("utf-8")
    async with running(tmp_path, HOME) as site:
        home = page_of(site, person)

        def look() -> dict[str, object]:
            chrome.get(home + "plan/tello")
            value = re.findall(r'value="(tello/renewed/[^"]*)"', chrome.page_source)[0]
            chrome.get(home + "mails")
            mail = re.findall(r'href="(mail/[0-9]+)"', chrome.page_source)[0]
            pages = (home, home + "plan/tello", home + "mails", home + mail, f"{home}ask?fact={value}", f"{home}ask?fact={value}&amount=x",
                     home + "plan/nothing", address(site, "/p/0/"))  # fmt: skip
            found: dict[str, object] = {}
            for page in pages:
                for width, scheme in ((320, "light"), (375, "dark"), (1280, "light")):
                    emulate(chrome, width, scheme)
                    chrome.get(page)
                    chrome.execute_script("document.querySelectorAll('details').forEach(each => each.open = true)")
                    name = f"{page[len(home) :]} at {width}"
                    if (wide := chrome.execute_script(_WIDE)) > 0:
                        found[f"{name}: too wide"] = wide
                    if small := chrome.execute_script(_SMALL):
                        found[f"{name}: small"] = small
                    chrome.execute_script(axe)
                    if wrong := json.loads(chrome.execute_async_script(_AXE)):
                        found[f"{name}: axe"] = wrong
            return found

        assert await asyncio.to_thread(look) == {}
