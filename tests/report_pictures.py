"""Pictures of the readiness page for the docs, with a headless Chromium.

python tests/report_pictures.py                       # docs/pictures/report-*.png
python tests/report_pictures.py --into /tmp/pictures  # the same, elsewhere
"""

from __future__ import annotations

import argparse
import html
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from selenium import webdriver

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "daemon"), str(ROOT / "tests")]

from browser import driven, seen  # noqa: E402
from renewd.report import as_html  # noqa: E402
from reports import CASES  # noqa: E402

_GAP = 16


def strips(chrome: webdriver.Chrome, page: str, width: int, file: Path, *, count: int) -> None:
    """Draw a long page as `count` strips side by side."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        size = seen(chrome, {"page": (page, width)}, "(w, d) => d.documentElement.scrollHeight", folder)["page"]
        height = -(-size // count)
        shown = html.escape(page)
        drawn = "".join(
            f'<div style="height:{height}px;overflow:hidden"><iframe srcdoc="{shown}" style="border:0;width:{width}px;'
            f'height:{size}px;margin-top:-{height * n}px"></iframe></div>'
            for n in range(count)
        )
        source = folder / "strips.html"
        style = f"margin:0;padding:{_GAP}px;background:#7a7f87;display:inline-flex;gap:{_GAP}px"
        source.write_text(f'<!DOCTYPE html><meta charset="utf-8"><body style="{style}">{drawn}', "utf-8")
        window = {"width": count * (width + _GAP) + _GAP, "height": height + 2 * _GAP, "deviceScaleFactor": 1}
        chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {**window, "mobile": False})
        chrome.get(source.as_uri())
        chrome.save_screenshot(str(file))


def main() -> None:
    """Draw a phone and a desktop in each language."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--into", type=Path, default=ROOT / "docs" / "pictures")
    into = parser.parse_args().into
    into.mkdir(parents=True, exist_ok=True)
    with driven() as chrome:
        for code in ("zh-CN", "en"):
            page = as_html([CASES["not-ready"](code)], code)
            for device, width, count in (("phone", 375, 4), ("desktop", 800, 2)):
                strips(chrome, page, width, into / f"report-{device}-{code[:2]}.png", count=count)


if __name__ == "__main__":
    main()
