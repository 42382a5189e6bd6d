"""Pictures of everybody's page for docs/page.md, from a daemon of its own, with a headless Chromium.

python tests/page_pictures.py     # docs/pictures/page-en.png and page-zh.png
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "daemon"), str(ROOT / "tests")]

from browser import driven  # noqa: E402
from home_with_page import HOME  # noqa: E402
from sites import running  # noqa: E402

_SIZE = {"width": 375, "height": 1150, "deviceScaleFactor": 2, "mobile": True}


def draw(address: str, file: Path) -> None:
    """Draw the top of a page as a phone shows it."""
    with driven() as chrome:
        chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", _SIZE)
        chrome.get(address)
        chrome.save_screenshot(str(file))


async def main() -> None:
    """Draw the page in both languages."""
    for code, language in (("en", "en"), ("zh", "zh-CN")):
        file = HOME.replace('language = "en"', f'language = "{language}"', 1)
        if code == "zh":
            for english, chinese in (
                ("Xiao Li", "小李"),
                ("Tello (bank)", "Tello 银行号"),
                ("Ultra purple", "Ultra 紫卡"),
                ("China Merchants Bank", "招商银行"),
            ):
                file = file.replace(english, chinese)
        with tempfile.TemporaryDirectory() as folder:
            async with running(Path(folder), file) as site:
                address = f"http://127.0.0.1:{site.port}/p/{site.links.page_token('me')}/"
                await asyncio.to_thread(draw, address, ROOT / "docs" / "pictures" / f"page-{code}.png")


if __name__ == "__main__":
    asyncio.run(main())
