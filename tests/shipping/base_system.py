"""A small Debian system in a folder of the test's own: files of a base tree, and programs that run inside it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

TOOLS = ("mmdebstrap", "chroot", "dpkg-deb")
_UBUNTU = ("noble",)  # releases whose packages another mirror has, signed by another key
_UBUNTU_KEYS = Path("/usr/share/keyrings/ubuntu-archive-keyring.gpg")
_DEVICES = {"null": (1, 3), "zero": (1, 5), "random": (1, 8), "urandom": (1, 9)}


def missing_tools(*more: str) -> str:
    """Return why base systems cannot be made here, or an empty string."""
    if os.geteuid() != 0:
        return "only root can make a base system"
    missing = [tool for tool in (*TOOLS, *more) if shutil.which(tool) is None]
    return f"not installed: {', '.join(missing)}" if missing else ""


def make_base(release: str, packages: str, tar: Path) -> Path:
    """Return a tar of a minimal Debian or Ubuntu system with these packages. Skip the test without a mirror."""
    command = ["mmdebstrap", "--quiet", "--variant=apt", f"--include={packages}", release, str(tar)]
    if release in _UBUNTU:
        if not _UBUNTU_KEYS.exists():
            pytest.skip("the key of Ubuntu's archive is not here: ubuntu-archive-keyring")
        more = ["--components=main,universe", f"--keyring={_UBUNTU_KEYS}"]
        command = [*command[:-2], *more, release, str(tar), "http://archive.ubuntu.com/ubuntu"]
    made = subprocess.run(command, check=False, capture_output=True, text=True)
    if made.returncode != 0:
        pytest.skip(f"no base system can be had here: {made.stderr[-300:]}")
    return tar


class BaseSystem:
    """An unpacked base tree. Nothing outside its folder is changed; `close` takes it away."""

    def __init__(self, tar: Path, folder: Path) -> None:
        self.root = folder
        folder.mkdir()
        subprocess.run(["tar", "xf", str(tar), "-C", str(folder), "--exclude=./dev/*"], check=True)
        for name, (major, minor) in _DEVICES.items():
            subprocess.run(["mknod", "-m", "666", str(folder / "dev" / name), "c", str(major), str(minor)], check=True)
        resolver = folder / "etc" / "resolv.conf"
        resolver.unlink(missing_ok=True)
        shutil.copy("/etc/resolv.conf", resolver)

    def run(self, *command: str, user: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a command inside, with /proc, and return how it ended."""
        who = [f"--userspec={user}"] if user else []
        script = 'mount -t proc proc "$0/proc" && exec chroot "${@}"'
        return subprocess.run(
            [
                "unshare",
                "--mount",
                "--pid",
                "--fork",
                "--kill-child",
                "sh",
                "-c",
                script,
                str(self.root),
                *who,
                str(self.root),
                *command,
            ],
            check=False,
            capture_output=True,
            text=True,
            env={
                "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                "LC_ALL": "C.UTF-8",
                "DEBIAN_FRONTEND": "noninteractive",
                **environment,
            },
        )

    def path(self, inside: str) -> Path:
        """Return where a path of the system is outside of it."""
        return self.root / inside.lstrip("/")

    def close(self) -> None:
        """Remove the tree."""
        shutil.rmtree(self.root)
