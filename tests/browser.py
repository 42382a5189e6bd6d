"""A headless Chromium to look at pages with; tests that need one are skipped where there is none."""

from __future__ import annotations

import html
import json
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from selenium import webdriver
    from selenium.webdriver.chrome.options import Options

CHROMIUM = Path("/usr/bin/chromium")
DRIVER = Path("/usr/bin/chromedriver")
needed = pytest.mark.skipif(not CHROMIUM.exists(), reason="there is no Chromium here")

_QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-dev-shm-usage", "--disable-sync", "--no-first-run", "--hide-scrollbars", "--virtual-time-budget=5000",
)  # fmt: skip
_GALLERY = """<!DOCTYPE html><meta charset="utf-8"><style>iframe{border:0;display:block;height:400px}</style>%s<pre id="found"></pre><script>
addEventListener("load",()=>{const look=(%s);document.getElementById("found").textContent=JSON.stringify(
Object.fromEntries([...document.querySelectorAll("iframe")].map(f=>[f.name,look(f.contentWindow,f.contentDocument)])))})</script>"""


def seen(pages: Mapping[str, tuple[str, int]], look: str, folder: Path) -> dict[str, Any]:
    """Show pages, each in a frame of its width, and give what the JavaScript function `look(window, document)` finds."""
    frames = "".join(
        f'<iframe name="{name}" style="width:{width}px" srcdoc="{html.escape(page)}"></iframe>'
        for name, (page, width) in pages.items()
    )
    source = folder / "gallery.html"
    source.write_text(_GALLERY % (frames, look), "utf-8")
    dom = run(folder, source, "--window-size=1400,1000", "--dump-dom")
    found = re.search(r'<pre id="found">(.*?)</pre>', dom, re.DOTALL)
    assert found, "Chromium did not show the pages"
    return json.loads(html.unescape(found[1]))


def sheets(page: str, paper: str, folder: Path) -> int:
    """Return how many sheets of "A4" or "Letter" a page takes."""
    source, file = folder / f"{paper}.html", folder / f"{paper}.pdf"
    source.write_text(page.replace("@page{", f"@page{{size:{paper};"), "utf-8")
    run(folder, source, "--no-pdf-header-footer", f"--print-to-pdf={file}")
    return len(re.findall(rb"/Type\s*/Page\b", file.read_bytes()))


def dark(page: str) -> str:
    """Return a page as it is shown where people like it dark."""
    asked = "@media screen and (prefers-color-scheme:dark)"
    assert asked in page
    return page.replace(asked, "@media screen").replace("color-scheme:light dark", "color-scheme:dark")


def driven(options: Options) -> webdriver.Chrome:
    """Start Chromium with a driver. Once more where that fails: another program may take the port that was free."""
    from selenium import webdriver
    from selenium.common.exceptions import WebDriverException
    from selenium.webdriver.chrome.service import Service

    try:
        return webdriver.Chrome(options, Service(str(DRIVER)))
    except WebDriverException:
        return webdriver.Chrome(options, Service(str(DRIVER)))


def run(folder: Path, source: Path, *arguments: str) -> str:
    """Start Chromium on a file, and give what it prints."""
    command = [str(CHROMIUM), *_QUIET, f"--user-data-dir={folder / 'profile'}", *arguments, source.as_uri()]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout
