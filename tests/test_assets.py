"""The command that adds an extra: for the Python that runs renewd, and for the Debian package."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from renewd import assets


def test_it_is_for_the_python_that_runs_this(monkeypatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: True)
    assert assets.install_command("web") == f"{sys.executable} -m pip install 'renewd[web]'"


def test_it_asks_for_root_where_the_folder_of_that_python_cannot_be_written(monkeypatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert assets.install_command("web") == f"sudo {sys.executable} -m pip install 'renewd[web]'"


@pytest.mark.parametrize(
    ("extra", "package"),
    [("encrypt", "python3-cryptography"), ("postgres", "libpq5"), ("web", "--reinstall renewd")],
)
def test_in_the_debian_package_it_is_a_package_of_debians(monkeypatch, extra: str, package: str) -> None:
    monkeypatch.setattr(assets, "_PACKAGE", Path("/usr/lib/renewd/renewd"))
    assert assets.install_command(extra) == f"sudo apt install {package}"
