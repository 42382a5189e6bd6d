"""What renewd depends on: few packages, none below its last known hole, and the versions that test-lowest installs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import tomli

from lowest import constraints, lowest

ROOT = Path(__file__).parents[2]


def test_dependencies_are_few_and_none_below_its_last_hole():
    project = tomli.loads((ROOT / "pyproject.toml").read_text())["project"]
    floors = dict(lowest(one).split("==") for one in project["dependencies"])
    assert len(floors) <= 10
    for name, least in {"aiosmtplib": "5.1.2", "jinja2": "3.1.6"}.items():
        assert tuple(map(int, floors[name].split("."))) >= tuple(map(int, least.split("."))), name


@pytest.mark.checkout
def test_every_extra_is_locked_with_hashes_and_the_image_has_them_all():
    """`make lock` writes these files; an extra that is new, or a package of one, is missed here."""
    project = tomli.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    every = [one for asked in extras.values() for one in asked]
    for name, asked in {"renewd": [], "image": every, **extras}.items():
        requirements = (ROOT / "packaging/lock" / f"{name}.txt").read_text().replace("\\\n", "").splitlines()
        assert [line for line in requirements if "--hash=sha256:" not in line] == [], name
        locked = {line.partition("==")[0] for line in requirements}
        wanted = {re.match(r"[\w-]+", one)[0] for one in (*project["dependencies"], *asked)}
        assert wanted - locked == set(), name


def test_the_lowest_versions_are_those_of_pyproject():
    lines = constraints(ROOT / "pyproject.toml")
    assert "jinja2==3.1.6" in lines
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[0-9.]+", line) for line in lines)
    with pytest.raises(SystemExit):
        lowest("requests<3")
