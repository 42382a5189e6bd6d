"""What the unit's sandbox hides of backups and documents is named, with the setting that shows it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from renewd.config import say_problem
from renewd.config.config_files import open_config
from renewd.i18n import LANGUAGES
from renewd.service.sandbox import hidden_from_service

FILE = """timezone = "UTC"
[mail]
to = "me@example.com"
[plan.a]
renews = 2026-12-05
[[plan.a.backup]]
what = "photos"
path = "{}"
[[plan.a.document]]
what = "contract"
path = "/srv/contract.pdf"
"""
Hidden = Callable[[str], list[str]]


@pytest.fixture
def hidden(tmp_path: Path) -> Hidden:
    def settings(path: str) -> list[str]:
        config = tmp_path / "plans.toml"
        config.write_text(FILE.format(path))
        config.chmod(0o600)
        household = open_config(config, datetime(2026, 12, 1, tzinfo=UTC), language="en").loaded.household
        problems = hidden_from_service(household, config, tmp_path / "drop-ins")
        assert all(path in say_problem(problem, code) for problem in problems for code in LANGUAGES)
        return [str(problem.args["setting"]) for problem in problems]

    return settings


@pytest.mark.parametrize(
    ("path", "settings"),
    [
        ("/home/anna/photos", ["ProtectHome=read-only"]),
        ("/root/photos/*.zip", ["ProtectHome=read-only"]),
        ("/tmp/photos", ["PrivateTmp=no"]),
        ("/var/tmp/zz*", ["PrivateTmp=no"]),
        ("/srv/photos", []),
        ("/homes/anna", []),
    ],
)
def test_each_hidden_path_is_named_with_its_setting(hidden: Hidden, path: str, settings: list[str]) -> None:
    assert hidden(path) == settings


def test_what_a_drop_in_shows_is_not_named(hidden: Hidden, tmp_path: Path) -> None:
    (tmp_path / "drop-ins").mkdir()
    (tmp_path / "drop-ins" / "override.conf").write_text("[Service]\nProtectHome=read-only\n")
    assert hidden("/home/anna/photos") == []
    assert hidden("/tmp/photos") == ["PrivateTmp=no"]
