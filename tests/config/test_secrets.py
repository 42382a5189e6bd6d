"""Where the password comes from, and what is said if it is not found."""

import os
from pathlib import Path

import pytest

from renewd.config import MailSettings
from renewd.config.addresses import Sender
from renewd.config.secrets import VARIABLE, Secret, smtp_password


def settings(password_file: Path | None) -> MailSettings:
    sender = Sender("renewd", "renewd@example.com")
    return MailSettings(to=None, from_=sender, reply_to=None, password_file=password_file)


@pytest.fixture
def found(tmp_path):
    """Ask for the password with some of the places filled."""

    def ask(*, credential=None, file=None, variable=None, store=None, folder=True, mode=0o600):
        environment = {}
        if folder:
            (tmp_path / "credentials").mkdir()
            environment["CREDENTIALS_DIRECTORY"] = str(tmp_path / "credentials")
        if credential is not None:
            (tmp_path / "credentials" / "smtp-password").write_bytes(credential)
        if file is not None:
            (tmp_path / "file").write_bytes(file)
            (tmp_path / "file").chmod(mode)
        if variable is not None:
            environment["RENEWD_SMTP_PASSWORD"] = variable
        (tmp_path / "store").mkdir()
        if store is not None:
            (tmp_path / "store" / "smtp-password").write_bytes(store)
        return smtp_password(settings(None if file is None else tmp_path / "file"), environment, tmp_path / "store")

    return ask


def test_the_order_is_credential_file_variable_store(found):
    assert found(credential=b"1", file=b"2", variable="3", store=b"4").password == "1"


def test_then_the_file(found):
    assert found(file=b"2", variable="3", store=b"4").password == "2"


def test_then_the_variable(found):
    assert found(variable="3", store=b"4").password == "3"


def test_the_store_serves_a_command_outside_the_service_only(found):
    assert found(store=b"4").password is None


def test_the_store_is_last(found):
    assert found(store=b"4", folder=False).password == "4"


def test_no_place_has_one(found):
    assert found(folder=False) == Secret()


@pytest.mark.parametrize(
    ("written", "password"),
    [
        (b"secret\n", "secret"),
        (b"secret\r\n", "secret"),
        (b"secret\n\n", "secret\n"),
        (b" se cret ", " se cret "),
        ("密码\n".encode(), "密码"),
    ],
)
def test_one_line_end_is_taken_off(found, written, password):
    assert found(credential=written).password == password


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_file_that_others_can_read_is_used_and_reported(found, mode):
    secret = found(file=b"secret", mode=mode)
    assert secret.password == "secret"
    assert [(p.code, p.severity, p.args["mode"]) for p in secret.problems] == [
        ("delivery.password-readable", "warning", f"{mode:04o}")
    ]


def test_a_file_that_is_not_there_is_an_error_and_not_silence():
    secret = smtp_password(settings(Path("/nonexistent/p")), {"RENEWD_SMTP_PASSWORD": "x"})
    assert secret.password is None
    assert [(p.code, p.severity, p.file) for p in secret.problems] == [
        ("delivery.password-file", "error", "/nonexistent/p")
    ]


def test_a_file_that_is_no_text_or_empty_is_an_error(found):
    assert [p.code for p in found(credential=b"\xff\xfe").problems] == ["delivery.password-not-text"]


def test_an_empty_file_is_an_error(found):
    assert [p.code for p in found(credential=b"\n").problems] == ["delivery.password-empty"]


def test_the_password_is_in_no_repr(found):
    assert "secret" not in repr(found(file=b"secret", mode=0o644))


def test_a_credential_that_may_not_be_looked_at_is_no_mistake(found, monkeypatch):
    """systemd 252 lays a folder that nobody may enter over it while `systemctl reload` runs `renewd check`."""

    def denied(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "is_file", denied)
    monkeypatch.setattr(Path, "exists", denied)
    assert found() == Secret()


def test_a_pipe_is_no_password_file_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe", 0o600)
    secret = smtp_password(settings(tmp_path / "pipe"), {})
    assert secret.password is None
    assert [problem.code for problem in secret.problems] == ["delivery.password-file"]


def test_a_byte_order_mark_is_no_part_of_the_password(tmp_path):
    path = tmp_path / "p"
    path.write_bytes(b"\xef\xbb\xbfsecret\r\n")
    path.chmod(0o600)
    assert smtp_password(settings(path), {}, tmp_path).password == "secret"
    assert smtp_password(settings(None), {VARIABLE: "\ufeffsecret"}, tmp_path).password == "secret"
