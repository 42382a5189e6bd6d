"""The image, built and run without an engine: its configuration, its commands, its end."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from shipping.base_system import make_base, missing_tools
from shipping.made import PROJECT

_MISSING = missing_tools("buildah")
pytestmark = [pytest.mark.packaging, pytest.mark.skipif(bool(_MISSING), reason=_MISSING)]


class Image(NamedTuple):
    """A built image and where its engine keeps things."""

    store: tuple[str, ...]

    def buildah(self, *words: str, **options: object) -> str:
        done = subprocess.run(
            ["buildah", *self.store, *words], check=False, capture_output=True, text=True, cwd=PROJECT, **options
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


@pytest.fixture(scope="module")
def image(tmp_path_factory) -> Iterator[Image]:
    folder = tmp_path_factory.mktemp("image")
    found = Image(("--storage-driver", "vfs", "--root", str(folder / "root"), "--runroot", str(folder / "run")))
    make_base("trixie", "python3,python3-venv,ca-certificates,tzdata", folder / "base.tar")
    (folder / "Containerfile").write_text("FROM scratch\nADD base.tar /\n")
    chroot = ("--isolation", "chroot", "--format", "docker")
    found.buildah("bud", *chroot, "-q", "-t", "base", "-f", str(folder / "Containerfile"), str(folder))
    certificates = ("-v", "/etc/ssl/certs:/etc/ssl/certs:ro")
    found.buildah(
        "bud", *chroot, *certificates, "--build-arg", "BASE=localhost/base", "-t", "renewd", "-f", "Containerfile", "."
    )
    yield found
    shutil.rmtree(folder)


@pytest.fixture
def container(image: Image) -> Iterator[str]:
    name = image.buildah("from", "localhost/renewd")
    yield name
    image.buildah("rm", name)


@pytest.fixture
def folders(tmp_path: Path) -> tuple[str, ...]:
    """Return the options that give the container a household of its own."""
    for name in ("config", "state"):
        (tmp_path / name).mkdir()
    (tmp_path / "config" / "plans.toml").write_text(
        'timezone = "America/New_York"\nlanguage = "en"\n[mail]\nto = "me@example.com"\n'
        '[plan.tello]\nrenews = 2026-12-05\nevery = "30 days"\nprice = 5\n'
        '[[plan.tello.bill]]\nwhat = "Overage"\namount = 12.5\ndue = 2020-01-01\n'
    )
    os.chown(tmp_path / "state", 10001, 10001)
    return ("-v", f"{tmp_path / 'config'}:/config:ro", "-v", f"{tmp_path / 'state'}:/state")


def test_its_configuration_is_what_an_engine_needs(image: Image) -> None:
    told = json.loads(image.buildah("inspect", "--type", "image", "localhost/renewd"))["Docker"]["config"]
    assert told["User"] == "10001:10001"
    assert told["Healthcheck"]["Test"] == ["CMD", "renewd", "status"]
    assert (told["Entrypoint"], told["Cmd"]) == (["renewd"], ["run"])
    assert "Volumes" not in told or not told["Volumes"]


def test_every_command_runs_as_its_user(image: Image, container: str, folders: tuple[str, ...]) -> None:
    run = ("run", "--isolation", "chroot", *folders, container, "renewd")
    assert "renewd 1." in image.buildah(*run, "--version")
    assert "tello bill" in image.buildah(*run, "run", "--once")
    assert "tello bill" in image.buildah(*run, "history")
    assert "Nothing" in image.buildah(*run, "check")
    assert "BEGIN:VCALENDAR" in image.buildah(*run, "calendar")


def test_as_the_first_process_on_a_read_only_system_it_is_well_and_ends_within_5_seconds(
    image: Image, container: str, folders: tuple[str, ...]
) -> None:
    root = image.buildah("mount", container)
    config, state = (word.partition(":")[0] for word in folders[1::2])
    script = f"""
        mount --bind {root} {root} && mount -o remount,ro,bind {root}
        mount --bind {config} {root}/config && mount --bind {state} {root}/state
        mount -t tmpfs tmpfs {root}/tmp && mount -t proc proc {root}/proc
        exec chroot --userspec=10001:10001 {root} env HOME=/state RENEWD_CONFIG=/config/plans.toml \
            STATE_DIRECTORY=/state /usr/local/bin/renewd run
    """
    process = subprocess.Popen(["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-ec", script])
    mails = Path(state, "Maildir", "new")
    while not (mails.is_dir() and any(mails.iterdir())):  # the bill's mail: then it runs
        assert process.poll() is None, "it ended by itself"
        time.sleep(0.1)
    (child,) = subprocess.run(
        ["pgrep", "-P", str(process.pid)], check=True, capture_output=True, text=True
    ).stdout.split()
    subprocess.run(["kill", "-TERM", child], check=True)
    assert process.wait(timeout=5) == 0
    image.buildah("umount", container)
