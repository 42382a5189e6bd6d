"""What somebody does on their page while renewd runs under systemd; prints what they and the machine saw, as JSON."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import urlopen

PLANS, MARKS = Path("/etc/renewd/plans.toml"), Path("/var/lib/renewd/marks")


def run(*command: str) -> str:
    """Return what a command prints."""
    return subprocess.run(command, check=False, capture_output=True, text=True).stdout


def ask(address: str, **fields: str) -> tuple[int, str]:
    """Return the status of an answer and its page; with fields, a form is sent."""
    try:
        with urlopen(address, urlencode(fields).encode() if fields else None, timeout=30) as got:
            return got.status, got.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()


def until(address: str, *, recorded: bool) -> str:
    """Return the page once it is there and shows that something is written down, or that nothing is."""
    for _ in range(200):
        with suppress(URLError):
            page = ask(address)[1]
            if ("Written down in the last 7 days" in page) is recorded:
                return page
        time.sleep(0.1)
    raise TimeoutError


def plans() -> dict[str, object]:
    """Return the file as it is: its text, its owner, group and mode."""
    facts = PLANS.stat()
    return {"text": PLANS.read_text(), "owner": f"{PLANS.owner()}:{PLANS.group()}", "mode": oct(facts.st_mode & 0o777)}


def main() -> None:
    """Record a payment, take it back, and try it once more while the file has a mistake in it."""
    page = re.findall(
        r"http://\S+/p/\w+/", run("renewd", "--state", "/var/lib/renewd", "--config", str(PLANS), "page")
    )[0]
    seen: dict[str, object] = {
        "active": run("systemctl", "is-active", "renewd", "renewd-marks.path").split(),
        "before": plans(),
    }
    fact = re.findall(r'name="fact" value="(tello/renewed/[^"]*)"', until(page, recorded=False))[0]
    ask(f"{page}record", fact=fact)
    shown = until(page, recorded=True)  # on a slow machine, the answer itself says that it waits
    seen["recorded"] = plans()
    ask(f"{page}undo", write=re.findall(r'name="write" value="(\w+)"', shown)[0])
    until(page, recorded=False)
    seen |= {"undone": plans(), "marks": [file.name for file in MARKS.iterdir()]}
    PLANS.write_text(PLANS.read_text().replace("every", "evry"))
    seen["broken"] = ask(f"{page}record", fact=fact)
    run("systemctl", "stop", "renewd")
    seen["stopped"] = run("systemctl", "is-active", "renewd", "renewd-marks.path").split()
    (Path(sys.argv[1]) / "seen.json").write_text(json.dumps(seen))


if __name__ == "__main__":
    main()
