"""The units as shipped, under a systemd of the test's own: what is pressed on a page is written by the helper, and by it alone."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

import renewd

HERE, ROOT = Path(__file__).parent, Path(__file__).parents[2]
PYTHON = Path(f"/usr/bin/python3.{sys.version_info.minor}")  # whose folder the units let programs be started from
CGROUPS = Path("/sys/fs/cgroup")
NAMESPACES = ("--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--uts", "--ipc", "--net", "--cgroup")
FILE = """timezone = "America/New_York"
language = "en"
[mail]
to = "me@example.com"
[web]
listen = "127.0.0.1:{port}"
url = "http://127.0.0.1:{port}"
[plan.tello]
name = "Tello"
renews = 2026-12-05
every = "30 days"
price = 5
"""

pytestmark = pytest.mark.checkout  # the units and the program are those of the checkout


@contextmanager
def control_groups() -> Iterator[list[Path]]:
    """Control groups of the test's own in every hierarchy; nothing is left of them."""
    found = [one for one in (CGROUPS, *CGROUPS.iterdir()) if os.access(one / "cgroup.procs", os.W_OK)]
    groups = [parent / f"renewd-test-{os.getpid()}" for parent in found]
    try:
        for group in groups:
            group.mkdir()
            for file in ("cpuset.cpus", "cpuset.mems"):  # while they are empty, nobody may enter
                with suppress(OSError):
                    (group / file).write_text((group.parent / file).read_text())
        yield groups
    finally:
        for group in groups:
            for folder, _, _ in os.walk(group, topdown=False):
                Path(folder).rmdir()


def why_not() -> str:
    """Why systemd cannot be started here; empty if it can."""
    if os.geteuid() != 0:
        return "only root may start a systemd of its own"
    if Path("/run/systemd/system").exists():
        return "this machine's own systemd is left alone"
    if not Path("/lib/systemd/systemd").exists() or not PYTHON.exists():
        return f"there is no systemd, or no {PYTHON}"
    tried = subprocess.run(
        ["unshare", *NAMESPACES, "mount", "-t", "tmpfs", "tmpfs", "/run"], check=False, capture_output=True
    )
    return "" if tried.returncode == 0 else "there are no namespaces here"


def test_what_is_pressed_is_written_by_the_helper_of_the_shipped_units(tmp_path):
    """Owner and mode stay; it is taken back byte for byte; a mistake is answered in words; both units stop together."""
    if reason := why_not():
        pytest.skip(reason)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        (tmp_path / "plans.toml").write_text(FILE.format(port=probe.getsockname()[1]))
    (tmp_path / "client.py").write_bytes((HERE / "booted_client.py").read_bytes())
    site = Path(pytest.__file__).parents[1]
    environment = {**os.environ, "PYTHON": str(PYTHON), "SITE": str(site)}
    booted = ["unshare", *NAMESPACES, "bash", str(HERE / "booted.sh"), str(tmp_path), str(ROOT)]
    assert Path(renewd.__file__).is_relative_to(ROOT)

    def enter() -> None:
        for group in groups:
            (group / "cgroup.procs").write_text("0")

    with control_groups() as groups:
        said = subprocess.run(
            booted, check=False, capture_output=True, text=True, env=environment, timeout=120, preexec_fn=enter
        )
    logs = {file.name: file.read_text() for file in tmp_path.glob("*.log")}
    assert (tmp_path / "seen.json").exists(), (said.stderr[-2000:], logs)
    seen = json.loads((tmp_path / "seen.json").read_text())
    assert (seen["active"], seen["stopped"]) == (["active"] * 2, ["inactive"] * 2)
    assert seen["before"] == {"text": (tmp_path / "plans.toml").read_text(), "owner": "root:renewd", "mode": "0o640"}
    assert "renews = 2027-01-04" in seen["recorded"]["text"]
    assert {**seen["recorded"], "text": ""} == {**seen["before"], "text": ""}
    assert (seen["undone"], seen["marks"]) == (seen["before"], [])
    assert (seen["broken"][0], "plans.toml has a mistake in it" in seen["broken"][1]) == (409, True)
    assert logs["renewd-marks.log"].splitlines() == [
        "recorded for me (page): tello renewed",
        "taken back for me (page): tello renewed",
    ]
