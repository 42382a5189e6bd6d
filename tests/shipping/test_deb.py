"""The .deb in minimal Debian systems: installed, used, upgraded, removed and purged."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from renewd import __version__
from shipping.base_system import BaseSystem, make_base, missing_tools
from shipping.made import DIST, PROJECT

pytestmark = [pytest.mark.packaging, pytest.mark.skipif(bool(missing_tools()), reason=missing_tools())]

PLANS = """\
timezone = "America/New_York"
language = "en"

[mail]
to = "me@example.com"

[plan.tello]
renews = 2026-12-05
every = "30 days"
price = 5

[[plan.tello.bill]]
what = "Overage"
amount = 12.5
due = 2020-01-01
"""


@pytest.fixture(scope="module", params=["bookworm", "trixie"])
def tar(request, tmp_path_factory) -> Path:
    return make_base(request.param, "ca-certificates", tmp_path_factory.mktemp("base") / "base.tar")


@pytest.fixture
def system(tar: Path, tmp_path: Path) -> Iterator[BaseSystem]:
    found = BaseSystem(tar, tmp_path / "root")
    shutil.copy(deb(), found.path("/root"))
    yield found
    found.close()


def deb() -> Path:
    return DIST / f"renewd_{__version__}_all.deb"


def install(system: BaseSystem) -> None:
    assert system.run("apt-get", "update", "-qq").returncode == 0
    done = system.run("apt-get", "install", "-qq", "-y", "--no-install-recommends", f"/root/{deb().name}")
    assert done.returncode == 0, done.stderr


def test_lintian_finds_no_error() -> None:
    if shutil.which("lintian") is None:
        pytest.skip("lintian is not installed")
    told = subprocess.run(
        ["lintian", "--allow-root", "--fail-on=error", str(deb())], check=False, capture_output=True, text=True
    )
    assert told.returncode == 0, told.stdout


def test_piuparts_finds_nothing_that_stays_after_a_purge(tmp_path: Path) -> None:
    if shutil.which("piuparts") is None:
        pytest.skip("piuparts is not installed")
    # With systemd in the base, as systemd leaves files of its own behind.
    base = make_base("trixie", "ca-certificates,python3,systemd", tmp_path / "base.tar.gz")
    told = subprocess.run(
        ["piuparts", "--distribution=trixie", f"--basetgz={base}", "--no-eatmydata", str(deb())],
        check=False,
        capture_output=True,
        text=True,
    )
    assert told.returncode == 0, "\n".join(line for line in told.stdout.splitlines() if "DEBUG" not in line)


def test_it_is_installed_used_upgraded_removed_and_purged(system: BaseSystem) -> None:
    install(system)
    assert system.run("renewd", "--version").stdout == f"renewd {__version__}\n"
    folder = system.path("/etc/renewd")
    assert (folder.stat().st_mode & 0o777, folder.stat().st_uid) == (0o750, 0)

    plans = folder / "plans.toml"
    plans.write_text(PLANS)
    system.run("chown", "root:renewd", "/etc/renewd/plans.toml")
    plans.chmod(0o640)
    system.run("install", "-d", "-m", "700", "-o", "renewd", "-g", "renewd", "/var/lib/renewd")
    as_service = {"user": "renewd:renewd", "STATE_DIRECTORY": "/var/lib/renewd"}
    once = system.run("renewd", "run", "--once", **as_service)
    assert once.returncode == 0, once.stderr
    assert "Overage" in system.run("renewd", "history", "show", "1", **as_service).stdout
    assert "tello" in system.run("renewd", "report", "--format", "md", **as_service).stdout

    upgraded = system.run("dpkg", "--install", f"/root/{deb().name}")
    assert upgraded.returncode == 0, upgraded.stderr
    assert system.run("renewd", "check", **as_service).returncode == 0

    assert system.run("apt-get", "remove", "-qq", "-y", "renewd").returncode == 0
    assert not system.path("/usr/lib/renewd").exists()
    assert plans.read_text() == PLANS
    assert system.path("/var/lib/renewd/ledger.sqlite3").exists()

    install(system)
    assert system.run("apt-get", "purge", "-qq", "-y", "renewd").returncode == 0
    assert not system.path("/var/lib/renewd").exists()
    assert plans.read_text() == PLANS, "plans are kept unless one asks for it"

    install(system)
    purged = system.run("apt-get", "purge", "-qq", "-y", "renewd", RENEWD_PURGE_PLANS="yes")
    assert purged.returncode == 0, purged.stderr
    assert not folder.exists()


def test_manual_completions_and_units_are_where_the_system_looks(system: BaseSystem) -> None:
    install(system)
    for inside in (
        "/usr/share/bash-completion/completions/renewd",
        "/usr/share/zsh/vendor-completions/_renewd",
        "/usr/share/fish/vendor_completions.d/renewd.fish",
        "/usr/lib/sysusers.d/renewd.conf",
        "/usr/lib/tmpfiles.d/renewd.conf",
    ):
        assert system.path(inside).read_text().strip(), inside
    for unit in PROJECT.joinpath("systemd").glob("*.service"):
        text = system.path(f"/usr/lib/systemd/system/{unit.name}").read_text()
        assert "/usr/bin/renewd " in text
        assert "=renewd " not in text
