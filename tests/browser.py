"""A headless Chromium to look at pages with; tests that need one are skipped where there is none."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from selenium import webdriver

_CHROMIUM = Path("/usr/bin/chromium")
_DRIVER = Path("/usr/bin/chromedriver")
needed = pytest.mark.skipif(
    not (_CHROMIUM.exists() and _DRIVER.exists()), reason="there is no Chromium with its driver here"
)

_SWITCHES = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run", "--hide-scrollbars",
    "--disable-dev-shm-usage",  # a container's /dev/shm is small: a page that does not fit into it crashes
)  # fmt: skip
_GALLERY = '<!DOCTYPE html><meta charset="utf-8"><style>iframe{border:0;display:block;height:400px}</style>'


def driven() -> webdriver.Chrome:
    """Start Chromium with a driver. Once more where that fails: another program may take the port that was free."""
    from selenium import webdriver
    from selenium.common.exceptions import WebDriverException
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.chrome.service import Service

    options = Options()
    options.binary_location = str(_CHROMIUM)
    for switch in _SWITCHES:
        options.add_argument(switch)
    try:
        return webdriver.Chrome(options, Service(str(_DRIVER)))
    except WebDriverException:
        return webdriver.Chrome(options, Service(str(_DRIVER)))


def seen(chrome: webdriver.Chrome, pages: Mapping[str, tuple[str, int]], look: str, folder: Path) -> dict[str, Any]:
    """Show pages, each in a frame of its width, and give what the JavaScript function `look(window, document)` finds."""
    frames = "".join(
        f'<iframe name="{name}" style="width:{width}px" srcdoc="{html.escape(page)}"></iframe>'
        for name, (page, width) in pages.items()
    )
    source = folder / "gallery.html"
    source.write_text(_GALLERY + frames, "utf-8")
    chrome.get(source.as_uri())
    return chrome.execute_script(
        f"const look = {look}; return Object.fromEntries([...document.querySelectorAll('iframe')]"
        ".map(f => [f.name, look(f.contentWindow, f.contentDocument)]))"
    )


def sheets(chrome: webdriver.Chrome, page: str, paper: str, folder: Path) -> int:
    """Return how many sheets of "A4" or "Letter" a page takes."""
    source = folder / f"{paper}.html"
    source.write_text(page.replace("@page{", f"@page{{size:{paper};"), "utf-8")
    chrome.get(source.as_uri())
    printed = chrome.execute_cdp_cmd("Page.printToPDF", {"printBackground": True, "preferCSSPageSize": True})
    return len(re.findall(rb"/Type\s*/Page\b", base64.b64decode(printed["data"])))


def dark(page: str) -> str:
    """Return a page as it is shown where people like it dark."""
    asked = "@media screen and (prefers-color-scheme:dark)"
    assert asked in page
    return page.replace(asked, "@media screen").replace("color-scheme:light dark", "color-scheme:dark")
