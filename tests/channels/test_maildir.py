"""The Maildir: one file a mail, whatever happens in between."""

import asyncio
import errno
import mailbox
import os
import resource
import signal
import stat
from pathlib import Path

import pytest

from renewd.channels.maildir import Maildir
from renewd.domain.outcome import DeliveryError, Envelope


def envelope(name="<a@example.com>", data=b"Subject: x\r\n\r\ny\r\n"):
    return Envelope(sender="renewd@example.com", recipient="li@example.com", data=data, name=name)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def deliver(folder, *envelopes):
    async def main():
        async with Maildir(path=folder).session() as session:
            return [await session.send(e) for e in envelopes or (envelope(),)]

    return asyncio.run(main())


def test_a_mail_delivered_twice_is_one_file(tmp_path):
    assert [o.result for o in deliver(tmp_path, envelope(), envelope(), envelope("<b@example.com>"))] == ["sent"] * 3
    assert names(tmp_path / "new") == ["a@example.com", "b@example.com"]
    assert names(tmp_path / "tmp") == []


def test_a_mail_that_was_read_does_not_come_back_as_new(tmp_path):
    deliver(tmp_path)
    (tmp_path / "new" / "a@example.com").rename(tmp_path / "cur" / "a@example.com:2,S")
    assert deliver(tmp_path)[0].result == "sent"
    assert names(tmp_path / "new") == []


def test_nobody_else_can_read_it(tmp_path):
    folder = tmp_path / "deep" / "mail"
    deliver(folder)
    assert {stat.S_IMODE(each.stat().st_mode) for each in (folder.parent, folder)} == {0o700}
    assert stat.S_IMODE((folder / "new" / "a@example.com").stat().st_mode) == 0o600


def test_lines_end_as_lines_of_files_do(tmp_path):
    deliver(tmp_path)
    assert (tmp_path / "new" / "a@example.com").read_bytes() == b"Subject: x\n\ny\n"
    assert mailbox.Maildir(tmp_path, create=False).get("a@example.com")["Subject"] == "x"


def test_a_name_leads_nowhere_else(tmp_path):
    deliver(tmp_path, envelope("<../../x@example.com>"), envelope("</etc/x@example.com>"))
    assert names(tmp_path / "new") == ["_.._x@example.com", "_etc_x@example.com"]


def test_what_a_crash_left_behind_is_written_over(tmp_path):
    deliver(tmp_path)
    (tmp_path / "tmp" / "b@example.com").write_bytes(b"half a mai")
    deliver(tmp_path, envelope("<b@example.com>"))
    assert names(tmp_path / "tmp") == []
    assert (tmp_path / "new" / "b@example.com").read_bytes() == b"Subject: x\n\ny\n"


def test_a_full_disk_is_a_certain_failure_that_heals(tmp_path):
    deliver(tmp_path)
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, old[1]))
    try:
        (outcome,) = deliver(tmp_path, envelope("<b@example.com>", b"x" * 5000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
        signal.signal(signal.SIGXFSZ, handler)
    assert (outcome.result, outcome.scope, outcome.reason) == ("failed", "account", "disk-error")  # EFBIG
    assert names(tmp_path / "tmp") == []
    assert deliver(tmp_path, envelope("<b@example.com>", b"x" * 5000))[0].result == "sent"


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (errno.EMFILE, "too-many-files"),
        (errno.ENOSPC, "disk-full"),
        (errno.EDQUOT, "disk-full"),
        (errno.EROFS, "not-writable"),
        (errno.EIO, "disk-error"),
    ],
)
def test_what_the_disk_says_is_passed_on(tmp_path, monkeypatch, number, reason):
    def refuse(_handle):
        raise OSError(number, os.strerror(number), str(tmp_path))

    deliver(tmp_path)
    monkeypatch.setattr(os, "fsync", refuse)
    (outcome,) = deliver(tmp_path, envelope("<b@example.com>"))
    assert (outcome.result, outcome.reason) == ("failed", reason)
    assert os.strerror(number) in outcome.reply
    assert names(tmp_path / "new") == ["a@example.com"]


def test_a_folder_that_cannot_be_flushed_may_have_kept_the_mail(tmp_path, monkeypatch):
    real = os.fsync

    def refuse(handle):
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(errno.EIO, "Input/output error")
        real(handle)

    monkeypatch.setattr(os, "fsync", refuse)
    assert deliver(tmp_path)[0].result == "unknown"


def test_a_folder_of_somebody_else_is_named():
    with pytest.raises(DeliveryError) as caught:
        deliver(Path("/proc/renewd"))
    assert caught.value.outcome.scope == "account"
    assert "/proc/renewd" in caught.value.outcome.reply
