"""What the service manager is told: sd_notify(3), in a dozen lines."""

from __future__ import annotations

import os
import socket
from contextlib import suppress

BEAT = 30.0  # seconds between signs of life; a longer sleep would notice a suspend or a stepped clock too late
_PATIENCE = 1.0  # seconds that a service manager may take: one that hangs must not hold up mails


def notify(message: str) -> None:
    """Send `READY=1`, `STATUS=…`, `WATCHDOG=1` … to the service manager; nothing where there is none."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
        channel.settimeout(_PATIENCE)
        channel.connect("\0" + address[1:] if address.startswith("@") else address)
        channel.sendall(message.encode())
