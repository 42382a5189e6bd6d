"""README's lines for an installation, typed on systems as they are shipped. The packages come from a folder of wheels."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from shipping.base_system import BaseSystem, make_base, missing_tools
from shipping.made import PROJECT

pytestmark = [pytest.mark.packaging, pytest.mark.skipif(bool(missing_tools()), reason=missing_tools())]

PYTHON = {"bookworm": "3.11", "noble": "3.12", "trixie": "3.13"}  # of each release
OFFLINE = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "/root/wheels"}


class Shipped(NamedTuple):
    """A system as it is shipped, with the checkout in it."""

    system: BaseSystem
    release: str

    def types(self, line: str) -> subprocess.CompletedProcess[str]:
        """Type a line in the checkout."""
        return self.system.run("sh", "-c", f"cd /root/renewd && {line}", **OFFLINE)


@pytest.fixture(scope="module", params=PYTHON)
def shipped(request, tmp_path_factory) -> Iterator[Shipped]:
    folder = tmp_path_factory.mktemp("shipped")
    system = BaseSystem(make_base(request.param, "ca-certificates,systemd", folder / "base.tar"), folder / "root")
    wheels(PYTHON[request.param], system.path("/root/wheels"))
    copied = subprocess.run(["git", "ls-files", "-z"], cwd=PROJECT, check=True, capture_output=True).stdout
    for name in filter(None, copied.decode().split("\0")):
        target = system.path("/root/renewd") / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROJECT / name, target)
    assert system.run("apt-get", "update", "-qq").returncode == 0
    yield Shipped(system, request.param)
    system.close()


def wheels(python: str, folder: Path) -> None:
    """Put what `pip install .` asks for into a folder, for that Python."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())
    wanted = ["pip", *project["build-system"]["requires"], *project["project"]["dependencies"]]
    platforms = [f"--platform=manylinux{tail}_x86_64" for tail in ("2014", "_2_17", "_2_28")]
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--only-binary=:all:", f"--python-version={python}"]
    got = subprocess.run(
        [*command, *platforms, f"--dest={folder}", *wanted], check=False, capture_output=True, text=True
    )
    if got.returncode != 0:
        pytest.skip(f"the packages cannot be had here: {got.stderr[-300:]}")


def service_lines() -> list[str]:
    """Return the lines of README's chapter "As a service" that do not need a running systemd, without `sudo`."""
    chapter = (PROJECT / "README.md").read_text().split("## As a service")[1].split("```")[1]
    lines = re.findall(r"^\$ (?:sudo )?(.*?)\s*(?:#.*)?$", chapter, re.MULTILINE)
    return [line for line in lines if not line.startswith(("systemctl", "nano"))]


def test_the_lines_of_the_readme_install_the_service(shipped: Shipped) -> None:
    wanted = re.search(r"sudo (apt install [\w .-]+)", (PROJECT / "README.md").read_text())
    assert wanted
    got = shipped.types(wanted[1].replace("apt install", "apt-get install -qq -y --no-install-recommends"))
    assert got.returncode == 0, got.stderr
    lines = service_lines()
    assert len(lines) == 3
    for line in lines:
        done = shipped.types(line)
        assert done.returncode == 0, f"{shipped.release}: {line}\n{done.stdout}{done.stderr}"
    system = shipped.system
    plans = system.path("/etc/renewd/plans.toml")
    assert "[mail]" in plans.read_text()
    plans.write_text('[mail]\nto = "me@example.com"\n[plan.a]\nrenews = 2026-12-05\n')  # `nano`
    assert "\nExecStart=renewd run\n" in system.path("/etc/systemd/system/renewd.service").read_text()
    assert system.path("/usr/local/bin/renewd").readlink() == Path("/opt/renewd/bin/renewd")  # which systemd finds
    assert shipped.types("command -v renewd").stdout == "/usr/local/bin/renewd\n"
    assert shipped.types("renewd check").returncode == 0
    as_service = {"user": "renewd:renewd", "STATE_DIRECTORY": "/var/lib/renewd"}
    system.run("install", "-d", "-m", "700", "-o", "renewd", "-g", "renewd", "/var/lib/renewd")
    once = system.run("renewd", "run", "--once", **as_service)
    assert once.returncode == 0, once.stderr


def test_pipx_installs_it_for_one_person(shipped: Shipped) -> None:
    got = shipped.types("apt-get install -qq -y --no-install-recommends pipx python3-venv")
    assert got.returncode == 0, got.stderr
    done = shipped.types("HOME=/root pipx install .")
    assert done.returncode == 0, f"{shipped.release}: {done.stdout}{done.stderr}"
    assert shipped.types(f"{shlex.quote('/root/.local/bin/renewd')} --version").returncode == 0
