"""Where the file is, in which language renewd answers, and which zone the machine has, whatever the environment says."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest

from renewd.cli.paths import find, language_of, options_to_find, settle_zone
from renewd.disk import Paths
from shell import Shell

FILE = """timezone = "America/New_York"
[mail]
to = "me@example.com"
[plan.tello]
renews = 2026-12-05
every = "30 days"
price = 5
[[plan.tello.backup]]
what = "photos"
path = "photos"
"""


@pytest.mark.parametrize(
    ("config", "state", "options"),
    [
        (None, None, ""),
        ("/home/li/.config/renewd/plans.toml", "/home/li/.local/state/renewd", ""),
        ("~/.config/renewd/plans.toml", None, ""),
        ("/srv/my plans.toml", None, "--config '/srv/my plans.toml' "),
        ("/srv/p.toml", "/srv/state", "--config /srv/p.toml --state /srv/state "),
        (None, "state", f"--state {Path.cwd()}/state "),
    ],
)
def test_only_what_a_plain_command_would_not_find_is_named(
    config: str | None, state: str | None, options: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/home/li")
    assert options_to_find(config, state, {"HOME": "/home/li"}) == options


@pytest.mark.parametrize("config", ["/etc/renewd/plans.toml", None])
def test_the_systems_file_is_found_by_everybody_who_has_none_of_their_own(
    config: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "renewd.cli.paths._there", lambda path: path.is_relative_to("/etc") or path.is_relative_to("/var")
    )
    environment = {"HOME": str(tmp_path), "STATE_DIRECTORY": "/var/lib/renewd"}
    assert options_to_find(config, None, environment) == ""
    assert options_to_find("/srv/p.toml", None, environment) == "--config /srv/p.toml --state /var/lib/renewd "


def test_a_pipe_in_the_place_of_the_file_is_not_waited_for(shell: Shell) -> None:
    os.mkfifo(shell.config)
    assert language_of(shell.config, {}) == "en"
    for command in (["check"], ["agenda"], ["mark", "tello", "renewed"], ["run", "--once"], ["status"], ["undo"]):
        said = shell(*command)
        assert said.code != 0, command
        assert "Traceback" not in said.err


@pytest.mark.parametrize("text", ["note = " + "[" * 5000, "language = " + "{a=" * 5000, "a." * 50_000 + "b = 1"])
def test_a_deep_nest_above_the_first_table_is_no_language(tmp_path: Path, text: str) -> None:
    (tmp_path / "plans.toml").write_text(text)
    assert language_of(tmp_path / "plans.toml", {}) == "en"


@pytest.mark.parametrize(
    "zone", ["/etc/passwd", ":/etc/passwd", "../../etc/passwd", "Mars/Olympus", "\x7f", "x" * 5000]
)
def test_a_zone_that_is_none_is_the_machines(zone: str) -> None:
    environment = {"TZ": zone}
    settle_zone(environment)
    assert environment["TZ"] not in (zone, "")


def test_a_zone_that_is_one_stays() -> None:
    for zone in ("Asia/Shanghai", ""):
        environment = {"TZ": zone}
        settle_zone(environment)
        assert environment == {"TZ": zone}


def test_a_relative_file_and_an_absolute_one_lead_to_the_same_backups(shell: Shell) -> None:
    (shell.folder / "cfg" / "photos").mkdir(parents=True)
    (shell.folder / "cfg" / "photos" / "1.jpg").write_bytes(b"x")
    file = shell.write(FILE).rename(shell.folder / "cfg" / "plans.toml")
    ways = ("cfg/plans.toml", "./cfg/../cfg/plans.toml", str(file))
    said = [shell("--config", way, "report", "--format", "json").out for way in ways]
    assert said[0] == said[1] == said[2]
    assert "No file" not in said[0]


def test_a_tilde_of_who_has_no_home_is_a_name_like_any_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(_: object) -> None:
        raise KeyError

    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setattr(pwd, "getpwuid", nobody)
    monkeypatch.setattr(pwd, "getpwnam", nobody)
    assert find("~/x", "~/state", {}) == Paths(Path("~/x"), Path("~/state"))
    assert find("~somebody/x", "/s", {}).config == Path("~somebody/x")
