"""What `make dist` makes: complete, and the same bytes each time."""

from __future__ import annotations

import email
import hashlib
import json
import os
import subprocess
import tarfile
from pathlib import Path
from zipfile import ZipFile

import pytest

from renewd import __version__
from shipping.made import DIST, PROJECT

pytestmark = pytest.mark.packaging


def made() -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(DIST.iterdir())}


def test_the_same_commit_gives_the_same_bytes_in_another_zone_locale_and_umask() -> None:
    before = made()
    assert f"renewd_{__version__}_all.deb" in before
    assert f"renewd-{__version__}.cdx.json" in before
    again = subprocess.run(
        ["sh", "-c", "umask 077; exec make dist"],
        cwd=PROJECT,
        env=os.environ | {"TZ": "Asia/Shanghai", "LC_ALL": "C"},
        check=False,
        capture_output=True,
        text=True,
    )
    assert again.returncode == 0, again.stdout + again.stderr
    assert made() == before


def test_the_wheel_has_all_that_the_program_reads_and_says_what_it_is() -> None:
    with ZipFile(DIST / f"renewd-{__version__}-py3-none-any.whl") as wheel:
        names = set(wheel.namelist())
        metadata = email.message_from_string(wheel.read(f"renewd-{__version__}.dist-info/METADATA").decode())
    for folder in ("templates", "systemd", "config"):
        for path in PROJECT.joinpath(folder).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                assert f"renewd/_data/{path.relative_to(PROJECT)}" in names
    assert not [name for name in names if "__pycache__" in name or name.startswith("tests/")]
    assert metadata["License-Expression"] == "MIT"
    assert "保号" in str(metadata["Summary"])
    assert metadata["Requires-Python"] == ">=3.11"


def test_the_sdist_can_be_tested(tmp_path: Path) -> None:
    with tarfile.open(DIST / f"renewd-{__version__}.tar.gz") as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}
    for name in ("Makefile", "tests/conftest.py", "docs/rules.md", "packaging/deb.sh", "config/plans.toml"):
        assert name in names


def test_the_list_of_components_is_valid_and_every_component_has_a_license() -> None:
    validation = pytest.importorskip("cyclonedx.validation.json")
    schema = pytest.importorskip("cyclonedx.schema")
    text = (DIST / f"renewd-{__version__}.cdx.json").read_text("utf-8")
    assert validation.JsonStrictValidator(schema.SchemaVersion.V1_6).validate_str(text) is None
    told = json.loads(text)
    assert told["metadata"]["component"]["version"] == __version__
    components = told["components"]
    assert len(components) > 10
    assert [one["name"] for one in components if not one.get("licenses")] == []
