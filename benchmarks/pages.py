"""Measures of everybody's page: the time and the bytes of one, pages a second, and when a browser first shows one."""

from __future__ import annotations

import time
from pathlib import Path
from typing import NamedTuple

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

from benchmarks.asking import ask

CHROMIUM, DRIVER = Path("/usr/bin/chromium"), Path("/usr/bin/chromedriver")
_PAINT = "return performance.getEntriesByName('first-contentful-paint').map(each => each.startTime)"


class Asked(NamedTuple):
    """The pages that one reader got, one after the other: the time of each in order, and the bytes of one."""

    seconds: tuple[float, ...]
    size: int


def asked(port: int, path: str, seconds: float, *, anew: bool = False) -> Asked:
    """Ask for a page for so many seconds; with `anew`, each time so that it has to be drawn again."""
    times, size, until = [], 0, time.monotonic() + seconds
    while time.monotonic() < until:
        begun = time.monotonic()
        head, body = ask(port, f"{path}?q={len(times)}" if anew else path)
        assert b" 200 " in head[:20], head[:200]
        size = len(body)
        times.append(time.monotonic() - begun)
    return Asked(tuple(times), size)


def first_paint(address: str, times: int = 5) -> list[float]:
    """Return after how many seconds a phone-sized Chromium first shows something, each time with an empty cache."""
    options = Options()
    options.binary_location = str(CHROMIUM)
    for switch in ("--headless", "--no-sandbox", "--disable-gpu", "--window-size=375,667"):
        options.add_argument(switch)
    found = []
    with webdriver.Chrome(options, Service(str(DRIVER))) as chrome:
        for _ in range(times):
            chrome.execute_cdp_cmd("Network.clearBrowserCache", {})
            chrome.get(address)
            until = time.monotonic() + 5
            while not (paint := chrome.execute_script(_PAINT)) and time.monotonic() < until:
                time.sleep(0.05)
            found += [each / 1000 for each in paint]
    return found
