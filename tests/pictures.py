"""Pictures of mails as a phone shows them, with a headless Chromium: to look at, and for the README.

python tests/pictures.py --into /tmp/pictures renewal digest          # both languages, light and dark, 375 px
python tests/pictures.py --into /tmp/pictures --width 320 --bare lost # narrow; without any style
python tests/pictures.py --readme                                     # docs/pictures/mail-renewal.png
"""

from __future__ import annotations

import argparse
import html
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "daemon"), str(ROOT / "tests")]

from household_mails import CASES  # noqa: E402
from renewd.render import render  # noqa: E402

_GALLERY = """<!DOCTYPE html><meta charset="utf-8"><style>
body{margin:0;padding:16px;background:#7a7f87;display:inline-flex;gap:16px;align-items:flex-start}
iframe{border:0;display:block}</style>%s<script>
addEventListener("load",()=>{for(const f of document.querySelectorAll("iframe"))
f.style.height=f.contentDocument.documentElement.scrollHeight+"px";
document.title=document.body.offsetWidth+"x"+(32+Math.max(...[...document.querySelectorAll("iframe")].map(f=>f.offsetHeight)))})</script>"""


def shown(page: str, width: int, *, dark: bool, bare: bool) -> str:
    """Give a mail in a frame of this width; dark as its own rules make it, bare without any style."""
    if dark:
        page = page.replace("@media(prefers-color-scheme:dark)", "@media all").replace(
            "color-scheme:light dark", "color-scheme:dark"
        )
    else:
        page = page.replace("@media(prefers-color-scheme:dark)", "@media not all").replace(
            "color-scheme:light dark", "color-scheme:light"
        )
    if bare:
        page = re.sub(r' style="[^"]*"|<style>.*?</style>', "", page, flags=re.DOTALL)
    return f'<iframe style="width:{width}px" srcdoc="{html.escape(page)}"></iframe>'


def picture(frames: Iterable[str], file: Path, *, scale: float = 1.5) -> None:
    """Draw frames side by side into a PNG."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "gallery.html"
        source.write_text(_GALLERY % "".join(frames), "utf-8")
        found = re.search(
            r"<title>(\d+)x(\d+)</title>", _chromium(folder, source, "--window-size=8000,8000", "--dump-dom")
        )
        assert found, "Chromium did not draw the page"
        size = f"--window-size={found[1]},{found[2]}"
        _chromium(
            folder, source, size, f"--force-device-scale-factor={scale}", "--hide-scrollbars", f"--screenshot={file}"
        )


def _chromium(folder: str, source: Path, *arguments: str) -> str:
    command = [
        "/usr/bin/chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
        "--disable-component-update", "--no-first-run", f"--user-data-dir={folder}/profile", "--virtual-time-budget=3000",
        *arguments, source.as_uri(),
    ]  # fmt: skip
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout


def page(case: str, code: str) -> str:
    """Give a case's mail as HTML."""
    return render(*CASES[case](code)).html


def main() -> None:
    """Draw what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", choices=[*CASES, []])
    parser.add_argument("--into", type=Path, default=Path("pictures"))
    parser.add_argument("--width", type=int, default=375)
    parser.add_argument("--bare", action="store_true")
    parser.add_argument("--light", action="store_true", help="no dark ones")
    parser.add_argument("--readme", action="store_true")
    asked = parser.parse_args()
    if asked.readme:
        file = ROOT / "docs" / "pictures" / "mail-renewal.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        frames = [
            shown(page("renewal", code), 375, dark=dark, bare=False)
            for code in ("zh-CN", "en")
            for dark in (False, True)
        ]
        picture(frames, file, scale=1)
    asked.into.mkdir(parents=True, exist_ok=True) if asked.cases else None
    for case in asked.cases:
        shades = (False,) if asked.light or asked.bare else (False, True)
        frames = [
            shown(page(case, code), asked.width, dark=dark, bare=asked.bare)
            for code in ("zh-CN", "en")
            for dark in shades
        ]
        picture(frames, asked.into / f"{case}-{asked.width}{'-bare' if asked.bare else ''}.png")


if __name__ == "__main__":
    main()
