"""What is found behind a path: the newest file, its day and size; looked at, never opened."""

from __future__ import annotations

import asyncio
import os
import threading
from datetime import date, datetime
from pathlib import Path

import pytest

from households import NEW_YORK, SHANGHAI, at, day, household, plan
from renewd.domain.findings import Seen
from renewd.domain.plans import Backup, Document
from renewd.service import file_scan
from renewd.service.file_scan import FileScan, as_findings, newest

NOON = at("2026-11-18 12:00")


def file(path: Path, changed: datetime = NOON, size: int = 3) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    os.utime(path, (changed.timestamp(), changed.timestamp()))
    return path


def test_the_newest_file_counts_with_its_own_size(tmp_path: Path) -> None:
    file(tmp_path / "old.zip", at("2026-10-01"), 900)
    file(tmp_path / "deep" / "er" / "new.zip", NOON, 70)
    assert newest(tmp_path, NEW_YORK) == newest(tmp_path / "**" / "*", NEW_YORK) == Seen(day("2026-11-18"), 70)
    assert newest(tmp_path / "*.zip", NEW_YORK) == Seen(day("2026-10-01"), 900)
    assert newest(tmp_path / "old.zip", NEW_YORK) == Seen(day("2026-10-01"), 900)


def test_its_day_is_that_of_the_plans_zone(tmp_path: Path) -> None:
    late = file(tmp_path / "a", at("2026-11-18 23:00"))
    assert (newest(late, NEW_YORK).day, newest(late, SHANGHAI).day) == (day("2026-11-18"), day("2026-11-19"))


def test_nothing_there_is_none_and_what_may_not_be_entered_is_denied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert newest(tmp_path / "missing" / "*", NEW_YORK) == newest(tmp_path, NEW_YORK) == Seen(why="none")

    def closed(_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(file_scan.os, "scandir", closed)
    assert newest(tmp_path, NEW_YORK) == Seen(why="denied")


def test_pipes_dangling_links_and_circles_are_no_backups(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    (tmp_path / "round").symlink_to(tmp_path)
    assert newest(tmp_path, NEW_YORK) == newest(tmp_path / "*", NEW_YORK) == Seen(why="none")
    assert newest(tmp_path / "**" / "*", NEW_YORK).day is None


def test_a_link_does_not_lead_out_of_what_was_named(tmp_path: Path) -> None:
    file(tmp_path / "elsewhere" / "secret")
    named = tmp_path / "named"
    file(named / "snapshots" / "photo", at("2026-10-01"))
    (named / "out").symlink_to(tmp_path / "elsewhere")
    (named / "out-file").symlink_to(tmp_path / "elsewhere" / "secret")
    (named / "latest").symlink_to(named / "snapshots")
    for pattern in (named, named / "*", named / "latest", named / "l*"):
        assert newest(pattern, NEW_YORK).day == day("2026-10-01"), pattern
    assert newest(named / "o*", NEW_YORK) == Seen(why="none")
    (tmp_path / "way").symlink_to(named)  # a link that was named itself is followed
    assert newest(tmp_path / "way" / "*", NEW_YORK).day == day("2026-10-01")


@pytest.mark.parametrize(
    "path", ["/etc/shadow", "../../../../etc/shadow", "/proc/self/mem", "/dev/zero", "\0", "a" * 5000, "/dev/*"]
)
def test_no_path_is_ever_opened(path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def opened(*_: object, **__: object) -> None:
        raise AssertionError(path)

    monkeypatch.setattr("builtins.open", opened)
    monkeypatch.setattr(file_scan.os, "open", opened)
    newest(tmp_path / path, NEW_YORK)


def test_a_path_that_does_not_answer_costs_itself_alone_and_is_not_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file(tmp_path / "good")
    answer, asked = threading.Event(), []

    def slow(pattern: Path, zone: str) -> Seen:
        if pattern.name == "hung":
            asked.append(pattern)
            answer.wait(10)
        return newest(pattern, zone)

    monkeypatch.setattr(file_scan, "newest", slow)
    home = household(plan(backups=(Backup(what="photos", path="hung"), Backup(what="texts", path="good"))))
    scanner = FileScan(patience=0.1)
    try:
        for _ in range(2):
            for found in (asyncio.run(scanner.scan(home, tmp_path)), scanner.scan_now(home, tmp_path)):
                assert found["tello", "backup", "photos"] == Seen(why="slow")
                assert found["tello", "backup", "texts"].day == day("2026-11-18")
        assert len(asked) == 1
    finally:
        answer.set()


def test_backups_and_documents_are_told_apart(tmp_path: Path) -> None:
    file(tmp_path / "bill.pdf")
    home = household(
        plan(backups=(Backup(what="a", path="*.pdf"), Backup(what="b")), documents=(Document(what="a", path="no.pdf"),))
    )
    seen = asyncio.run(FileScan().scan(home, tmp_path))
    assert seen == FileScan().scan_now(home, tmp_path)
    assert seen == {("tello", "backup", "a"): Seen(day("2026-11-18"), 3), ("tello", "document", "a"): Seen(why="none")}
    assert as_findings(seen, {}).newest == {("tello", "a"): day("2026-11-18")}


def test_a_folder_of_many_folders_is_looked_at_whole(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.touch()
    for n in range(100):
        (tmp_path / str(n)).mkdir()
        for m in range(200):
            os.link(empty, tmp_path / str(n) / str(m))  # a further name is made faster than a file
    latest = tmp_path / "99" / "199"
    latest.unlink()
    latest.write_bytes(b"x")
    os.utime(latest, (2_000_000_000, 2_000_000_000))
    assert str(newest(tmp_path, NEW_YORK).day) == "2033-05-17"


def test_a_file_of_0_bytes_is_no_backup(tmp_path: Path) -> None:
    """A full disk makes exactly these; an older file with contents counts."""
    (tmp_path / "new").write_bytes(b"")
    assert newest(tmp_path / "*", "UTC").why == "empty"
    (tmp_path / "old").write_bytes(b"x")
    os.utime(tmp_path / "old", (86_400, 86_400))
    assert newest(tmp_path / "*", "UTC") == Seen(date(1970, 1, 2), 1)
