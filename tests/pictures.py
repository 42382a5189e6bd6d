"""Pictures of mails as a phone shows them, with a headless Chromium: to look at, and for the README.

python tests/pictures.py --into /tmp/pictures renewal digest          # both languages, light and dark, 375 px
python tests/pictures.py --into /tmp/pictures --width 320 --bare lost # narrow; without any style
python tests/pictures.py --readme                                     # docs/pictures/mail-renewal.png, agenda.png
"""

from __future__ import annotations

import argparse
import html
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "daemon"), str(ROOT / "tests")]

from household_mails import CASES  # noqa: E402
from renewd.render.mail import render  # noqa: E402

_SCREEN = 700  # pixels: what a phone shows before anybody scrolls
_GALLERY = """<!DOCTYPE html><meta charset="utf-8"><style>
body{margin:0;padding:16px;background:#7a7f87;display:inline-flex;gap:16px;align-items:flex-start}
iframe{border:0;display:block}</style>%s<script>
addEventListener("load",()=>{for(const f of document.querySelectorAll("iframe"))
f.style.height=f.contentDocument.documentElement.scrollHeight+"px";
document.title=document.body.offsetWidth+"x"+(32+Math.max(...[...document.querySelectorAll("iframe")].map(f=>f.offsetHeight)))})</script>"""


def shown(page: str, width: int, *, dark: bool, bare: bool) -> str:
    """Return a mail in a frame of this width; dark as its own rules make it, bare without any style."""
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


def picture(frames: Iterable[str], file: Path, *, scale: float = 1.5, most: int = 20_000) -> None:
    """Draw frames side by side into a PNG, their first `most` pixels."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "gallery.html"
        source.write_text(_GALLERY % "".join(frames), "utf-8")
        found = re.search(
            r"<title>(\d+)x(\d+)</title>", _chromium(folder, source, "--window-size=8000,8000", "--dump-dom")
        )
        assert found, "Chromium did not draw the page"
        size = f"--window-size={found[1]},{min(int(found[2]), most)}"
        _chromium(
            folder, source, size, f"--force-device-scale-factor={scale}", "--hide-scrollbars", f"--screenshot={file}"
        )


def _chromium(folder: str, source: Path, *arguments: str) -> str:
    command = [
        "/usr/bin/chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
        "--disable-component-update", "--disable-lcd-text", "--no-first-run", f"--user-data-dir={folder}/profile", "--virtual-time-budget=3000",
        *arguments, source.as_uri(),
    ]  # fmt: skip
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout


def page(case: str, code: str) -> str:
    """Return a case's mail as HTML."""
    return render(*CASES[case](code)).html


_COLORS = {"1": "font-weight:700", "2": "color:#8a9099", "31": "color:#ff938a", "32": "color:#8fd3a8"}
_COLORS |= {"33": "color:#ecc568", "36": "color:#83c6e6"}


def terminal(*words: str, code: str) -> str:
    """Return what a command shows on a terminal of 80 columns, in a frame; run on the example."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "daemon"),
        "LC_ALL": "C.UTF-8",
        "COLUMNS": "80",
        "TERM": "xterm",
    }
    text = (
        (ROOT / "config" / "plans.toml").read_text("utf-8").replace('# language = "zh-CN"', f'language = "{code}"', 1)
    )
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "plans.toml").write_text(text, "utf-8")
        (Path(folder) / "plans.toml").chmod(0o600)
        command = [
            sys.executable,
            "-m",
            "renewd",
            "--config",
            f"{folder}/plans.toml",
            "--state",
            f"{folder}/state",
            *words,
        ]
        typed = f"$ renewd {shlex.join(words)}\n\n"
        shown = subprocess.run(
            ["script", "-qec", shlex.join(command), "/dev/null"],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        ).stdout
    body = re.sub(r"\x1b\[([0-9;]*)m", _span, html.escape(typed + shown.replace("\r", "")))
    style = (
        "margin:0;padding:16px 20px;background:#16181b;color:#eceae6;font:14px/1.5 'Noto Sans Mono CJK SC',monospace"
    )
    return f'<iframe style="width:720px" srcdoc="{html.escape(f"<body style=margin:0><pre style={chr(34)}{style}{chr(34)}>{body}</pre>")}"></iframe>'


def _span(found: re.Match[str]) -> str:
    styles = [_COLORS[number] for number in found[1].split(";") if number in _COLORS]
    return f'<span style="{";".join(styles)}">' if styles else "</span>"


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
        picture(frames, file, scale=1, most=_SCREEN)
        words = ("agenda", "--from", "2026-12-01", "--days", "30")
        picture([terminal(*words, code=code) for code in ("zh-CN", "en")], file.with_name("agenda.png"), scale=1)
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
