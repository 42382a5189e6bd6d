"""The image, built and run without an engine: its configuration, its commands, its end."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from pathlib import Path
from typing import NamedTuple
from urllib.request import Request, urlopen

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


@contextmanager
def first_process(image: Image, container: str, folders: tuple[str, ...]) -> Iterator[subprocess.Popen[bytes]]:
    """The image's entry as process 1 of a read-only system, from its first mail on."""
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
    try:
        while not list(Path(state).glob("Maildir/new/*")):  # the bill's mail: then it runs
            assert process.poll() is None, "it ended by itself"
            time.sleep(0.1)
        yield process
    finally:
        process.kill()
        process.wait()
        image.buildah("umount", container)


def test_as_the_first_process_on_a_read_only_system_it_ends_within_5_seconds(
    image: Image, container: str, folders: tuple[str, ...]
) -> None:
    with first_process(image, container, folders) as process:
        (child,) = subprocess.run(
            ["pgrep", "-P", str(process.pid)], check=True, capture_output=True, text=True
        ).stdout.split()
        subprocess.run(["kill", "-TERM", child], check=True)
        assert process.wait(timeout=5) == 0


def test_the_link_of_a_mail_is_written_into_the_folder_of_plans(
    image: Image, container: str, folders: tuple[str, ...], tmp_path: Path
) -> None:
    """Its user may write /config, as docs/page.md asks for; owner and mode of plans.toml stay."""
    config = tmp_path / "config"
    plans = config / "plans.toml"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    with plans.open("a") as file:
        file.write(f'[web]\nlisten = "{address}"\nurl = "http://{address}"\n')
    plans.chmod(0o640)
    for each in (config, plans):
        os.chown(each, 10001, 10001)
    with first_process(image, container, folders):
        [mail] = (tmp_path / "state" / "Maildir" / "new").iterdir()
        body = message_from_bytes(mail.read_bytes(), policy=policy.default).get_body(("plain",))
        assert body is not None
        [link, *_] = re.findall(rf"http://{address}/done/\S+", body.get_content())
        before = plans.read_text()
        assert urlopen(link, timeout=60).status == 200
        assert plans.read_text() == before
        assert b"<h1>" in urlopen(Request(link, method="POST"), timeout=60).read()
        assert "paid_on = " in plans.read_text()
    assert (plans.stat().st_uid, plans.stat().st_mode & 0o777) == (10001, 0o640)
