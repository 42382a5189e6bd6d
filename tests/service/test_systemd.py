"""What the service manager is told, also where it does not listen."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress

from renewd.service import systemd


def test_a_service_manager_that_hangs_holds_nothing_up(tmp_path, monkeypatch):
    """As one that has crashed: its socket is there, and fills up."""
    path = str(tmp_path / "notify")
    monkeypatch.setenv("NOTIFY_SOCKET", path)
    monkeypatch.setattr(systemd, "_PATIENCE", 0.05)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as hanging:
        hanging.bind(path)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as others:
            others.setblocking(False)
            with suppress(BlockingIOError):
                while True:
                    others.sendto(b"STATUS=", path)
        telling = threading.Thread(target=systemd.notify, args=("WATCHDOG=1",), daemon=True)
        telling.start()
        telling.join(10)
        assert not telling.is_alive()
