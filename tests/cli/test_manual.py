"""The man pages as `man` shows them at 80 columns: nothing runs over the edge, and commands can be copied."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

from renewd.cli.commands import COMMANDS
from renewd.cli.manual import PAGES
from renewd.render.table import cells_of


@pytest.mark.skipif(shutil.which("man") is None, reason="man is not installed")
@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_a_terminal_and_breaks_no_word(name: str) -> None:
    environment = {**os.environ, "MANWIDTH": "80", "LC_ALL": "C.UTF-8"}
    shown = subprocess.run(
        ["man", "--local-file", "-"], input=PAGES[name]().encode(), env=environment, capture_output=True, check=True
    )
    lines = [line for line in shown.stdout.decode().splitlines() if "\b" not in line]
    assert [line for line in lines if cells_of(line) > 80] == []
    assert "\u2010" not in shown.stdout.decode()
    if name.endswith("renewd.1"):
        words = " ".join(shown.stdout.decode().split())
        assert [command for command in COMMANDS if f"renewd {command}" not in words] == []
