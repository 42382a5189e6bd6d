"""Files that others could change or read, what is depended upon, and the list of attacks with their tests."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import tomli

from lowest import constraints, lowest
from renewd.config.catalogue import SHIPPED, load_catalogue
from renewd.state import problems_of

ROOT = Path(__file__).parents[1]
OWN = '[carrier.tello]\nname = "Tello"\n[carrier.tello.grace]\nlasts = "400 days"\n'


@pytest.mark.parametrize("mode", [0o602, 0o606, 0o666])
def test_a_catalogue_of_ones_own_that_others_may_write_is_refused(tmp_path, mode):
    """A hotline or a grace period that somebody else wrote would be in a mail."""
    own = tmp_path / "carriers.toml"
    own.write_text(OWN)
    own.chmod(mode)
    shipped, _ = load_catalogue(SHIPPED)
    catalogue, problems = load_catalogue(SHIPPED, own)
    assert [(problem.code, problem.severity) for problem in problems] == [("check.writable-by-others", "error")]
    assert catalogue == shipped
    own.chmod(0o644)
    assert load_catalogue(SHIPPED, own)[0] != shipped


@pytest.mark.parametrize(("mode", "warned"), [(0o700, False), (0o750, True), (0o705, True), (0o777, True)])
def test_a_state_folder_that_others_can_look_into_is_warned_about(tmp_path, mode, warned):
    tmp_path.chmod(mode)
    problems = problems_of(tmp_path)
    tmp_path.chmod(0o700)
    assert [(problem.code, problem.severity) for problem in problems] == (
        [("delivery.state-readable", "warning")] if warned else []
    )


def test_dependencies_are_few_and_none_below_its_last_hole():
    project = tomli.loads((ROOT / "pyproject.toml").read_text())["project"]
    floors = dict(lowest(one).split("==") for one in project["dependencies"])
    assert len(floors) <= 10
    for name, least in {"aiosmtplib": "5.1.2", "jinja2": "3.1.6"}.items():
        assert tuple(map(int, floors[name].split("."))) >= tuple(map(int, least.split("."))), name


def test_the_lowest_versions_are_those_of_pyproject():
    lines = constraints(ROOT / "pyproject.toml")
    assert "jinja2==3.1.6" in lines
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[0-9.]+", line) for line in lines)
    with pytest.raises(SystemExit):
        lowest("requests<3")


def test_every_fault_that_is_listed_names_a_test_that_is_there():
    page = (ROOT / "docs" / "promises-faults.md").read_text("utf-8")
    files = [file.read_text("utf-8") for file in (ROOT / "tests").rglob("*.py")]
    names = set(re.findall(r"`((?:test_)[a-z0-9_]+)`", page))
    assert len(names) >= 60
    assert not [name for name in names if not any(f"def {name}(" in text for text in files)]
    assert not [name for name in re.findall(r"`(tests/[a-z_/]+\.py)`", page) if not (ROOT / name).is_file()]


def test_every_attack_that_is_listed_names_a_test_that_is_there():
    rows = [
        line for line in (ROOT / "docs" / "promises-attacks.md").read_text("utf-8").splitlines() if "`tests/" in line
    ]
    assert len(rows) >= 20
    for row in rows:
        for file, names in re.findall(r"`(tests/[a-z_/]+\.py)((?:::[a-z0-9_]+)?)`", row):
            text = (ROOT / file).read_text("utf-8")
            assert f"def {names.removeprefix('::')}(" in text if names else text, row
