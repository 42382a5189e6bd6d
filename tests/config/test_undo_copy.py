"""The copy for `undo` lies where a less trusted user may write, and gives nobody more rights than they have."""

from __future__ import annotations

import hashlib
import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from renewd.config.undo_copy import UNDO, FileChange, remember, undo
from renewd.domain.errors import UsageError

NOW = datetime(2026, 12, 1, tzinfo=UTC)
BEFORE = """[mail]
to = "me@example.com"

[plan.tello]
renews = 2026-12-05
price = 5
site = "https://tello.example.com"

[[plan.tello.backup]]
what = "photos"
path = "/srv/photos"
"""
AFTER = BEFORE.replace("2026-12-05", "2027-01-04")


def refused(folder: Path, file: Path, code: str) -> None:
    before = file.read_bytes()
    with pytest.raises(UsageError) as raised:
        undo(folder, [file], NOW)
    assert raised.value.code == f"terminal.undo.{code}"
    assert file.read_bytes() == before


@pytest.fixture
def file(folder: Path) -> Path:
    path = folder / "plans.toml"
    path.write_text(AFTER)
    return path


def forge(folder: Path, file: Path, before: str, after: str = AFTER) -> Path:
    """Write a copy as an attacker would who owns the folder."""
    digest = hashlib.sha256(after.encode()).hexdigest()
    (folder / UNDO).write_text(json.dumps({"file": str(file), "before": before, "after": digest}))
    (folder / UNDO).chmod(0o600)
    return folder / UNDO


def test_it_is_put_back_also_through_a_link(folder: Path, file: Path) -> None:
    link = folder / "link.toml"
    link.symlink_to(file)
    assert remember(folder, [FileChange(link, BEFORE, AFTER)], NOW)
    [undone] = undo(folder, [link], NOW)
    assert (undone.before, undone.after, file.read_text()) == (AFTER, BEFORE, BEFORE)
    assert not (folder / UNDO).exists()


def test_a_file_that_is_not_of_the_configuration_is_never_written(folder: Path, file: Path) -> None:
    """The attack that made root of the service's user: /etc/passwd as the file, its digest, and a line more."""
    passwd = folder / "passwd"
    passwd.write_text("root:x:0:0::/root:/bin/sh\n")
    forge(folder, passwd, passwd.read_text() + "evil::0:0::/root:/bin/sh\n", passwd.read_text())
    before = passwd.read_bytes()
    refused(folder, file, "not-ours")
    assert passwd.read_bytes() == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_copy_of_another_owner_is_not_obeyed(folder: Path, file: Path) -> None:
    os.chown(forge(folder, file, BEFORE), 4242, 4242)
    refused(folder, file, "not-trusted")
    os.chown(file, 4242, 4242)  # who owns the file may change it anyway
    assert undo(folder, [file], NOW)[0].after == BEFORE


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_copy_that_others_may_write_is_not_obeyed(folder: Path, file: Path, mode: int) -> None:
    forge(folder, file, BEFORE).chmod(mode)
    refused(folder, file, "not-trusted")


@pytest.mark.parametrize("kind", ["link", "hard link", "pipe", "folder"])
def test_a_copy_that_is_no_file_of_its_own_is_not_read(folder: Path, file: Path, kind: str) -> None:
    copy = forge(folder, file, BEFORE).rename(folder / "elsewhere")
    if kind == "link":
        (folder / UNDO).symlink_to(copy)
    elif kind == "hard link":
        os.link(copy, folder / UNDO)
    elif kind == "pipe":
        os.mkfifo(folder / UNDO)
    else:
        (folder / UNDO).mkdir()
    refused(folder, file, "nothing")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("me@example.com", "evil@example.com"),
        ("[mail]", "[mail]\nhost = 'evil.example.com'"),
        ("[mail]", "include = ['/etc/*']\n[mail]"),
        ("price = 5", "price = 500"),
        ("https://tello", "https://evil"),
        ("/srv/photos", "/root"),
        ("[plan.tello]", "[plan.tello]\nfor = ['evil']"),
        ("[plan.tello]", "[person.evil]\nemail = 'evil@example.com'\n[plan.tello]"),
        ("[plan.tello]", "[plan.other]\n[plan.tello]"),
        ("[plan.tello]\n", "[plan.other]\n"),
        ("renews = 2026", "renews = = 2026"),
    ],
)
def test_a_copy_that_changes_more_than_facts_is_not_obeyed(folder: Path, file: Path, old: str, new: str) -> None:
    forge(folder, file, BEFORE.replace(old, new))
    refused(folder, file, "more-than-facts")


def test_a_plan_that_was_added_can_be_taken_back_and_nothing_with_it(folder: Path, file: Path) -> None:
    added = f"{AFTER}\n[plan.new]\nrenews = 2027-01-01\n"
    file.write_text(added)
    forge(folder, file, AFTER.replace("price = 5", "price = 6"), added)
    refused(folder, file, "more-than-facts")
    forge(folder, file, AFTER, added)
    assert undo(folder, [file], NOW)[0].after == AFTER


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", "null", "[" * 100_000, '{"file": 1}', "\x00", '{"file": "a\\u0000b"}']
)
def test_any_other_text_is_nothing_to_undo(folder: Path, file: Path, text: str) -> None:
    (folder / UNDO).write_text(text)
    (folder / UNDO).chmod(0o600)
    refused(folder, file, "nothing")
