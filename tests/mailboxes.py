"""A real Dovecot on a port of its own, with one account whose mails are files of a Maildir."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import trustme

DOVECOT = shutil.which("dovecot", path="/usr/sbin:/usr/bin")
_NOBODY = 65534
USER, PASSWORD = "me@example.com", "Kanarienvogel"
_CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem
disable_plaintext_auth = no
default_login_user = {login}
default_internal_user = {user}
default_internal_group = {group}
first_valid_uid = 0
first_valid_gid = 0
mail_location = maildir:{folder}/mail
mail_uid = {uid}
mail_gid = {gid}
auth_failure_delay = 0
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


class MailServer(NamedTuple):
    """A running Dovecot: its ports, the folder that holds the mails, and the certificate to trust."""

    port: int  # without TLS until STARTTLS
    tls_port: int
    mails: Path
    ca: Path

    def put(self, data: bytes, folder: str = "") -> None:
        """Deliver a mail, as a mail server does."""
        box, owner = self.mails / folder, self.mails.stat()
        box.mkdir(exist_ok=True)
        os.chown(box, owner.st_uid, owner.st_gid)
        for part in ("tmp", "new", "cur"):
            (box / part).mkdir(parents=True, exist_ok=True)
            os.chown(box / part, owner.st_uid, owner.st_gid)
        name = f"{time.time_ns()}.x"
        (box / "tmp" / name).write_bytes(data)
        os.chown(box / "tmp" / name, owner.st_uid, owner.st_gid)
        (box / "tmp" / name).rename(box / "new" / name)


@contextmanager
def dovecot() -> Iterator[MailServer]:
    """Run Dovecot until the block ends. Started by root, its mails are nobody's, as it opens none of root."""
    with tempfile.TemporaryDirectory(prefix="renewd-dovecot-") as folder:
        Path(folder).chmod(0o711)
        yield from _run(Path(folder))


def _run(folder: Path) -> Iterator[MailServer]:
    assert DOVECOT is not None
    is_root = os.geteuid() == 0
    with socket.socket() as one, socket.socket() as other:
        for probe in (one, other):
            probe.bind(("127.0.0.1", 0))
        port, tls_port = one.getsockname()[1], other.getsockname()[1]
    authority = trustme.CA()
    server = authority.issue_cert("127.0.0.1")
    authority.cert_pem.write_to_path(folder / "ca.pem")
    server.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    server.private_key_pem.write_to_path(folder / "key.pem")
    me = "dovecot" if is_root else getpass.getuser()
    owner = (_NOBODY, _NOBODY) if is_root else (os.getuid(), os.getgid())
    mails = folder / "mail"
    mails.mkdir()
    os.chown(mails, *owner)
    config = folder / "dovecot.conf"
    config.write_text(
        _CONFIG.format(
            folder=folder, login="dovenull" if is_root else me, user=me, group=me, uid=owner[0], gid=owner[1],
            port=port, tls_port=tls_port, password=PASSWORD,
        )
    )  # fmt: skip
    running = subprocess.Popen([DOVECOT, "-F", "-c", str(config)], stdin=subprocess.DEVNULL)
    try:
        _wait_for(running, port, folder / "log")
        yield MailServer(port, tls_port, mails, folder / "ca.pem")
    finally:
        running.terminate()
        running.wait(30)


def _wait_for(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError as error:
            if server.poll() is not None or time.monotonic() > until:
                raise AssertionError(log.read_text() if log.exists() else "no log") from error
            time.sleep(0.05)
        else:
            return
