"""A journal's socket, and private data that must not get through it."""

from __future__ import annotations

import socket

NUMBER, IMEI, ICCID, ACCOUNT, PASSWORD = (
    "+12065550142",
    "353918051234567",
    "8901260222333444555",
    "KANARI-982-7731",
    "Kanarienvogel7",
)


class Listener:
    """A journal's socket."""

    def __init__(self, folder) -> None:
        self.path = str(folder / "journal")
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(self.path)
        self._socket.setblocking(False)

    def entries(self) -> list[dict[str, list[str]]]:
        """Return what came since, as journald reads it."""
        found = []
        while True:
            try:
                found.append(parsed(self._socket.recv(1 << 20)))
            except BlockingIOError:
                return found

    def close(self) -> None:
        self._socket.close()


def parsed(data: bytes) -> dict[str, list[str]]:
    """Read one datagram (systemd.io/JOURNAL_NATIVE_PROTOCOL)."""
    entry: dict[str, list[str]] = {}
    while data:
        line, _, rest = data.partition(b"\n")
        name, sign, value = line.partition(b"=")
        if not sign:
            size = int.from_bytes(rest[:8], "little")
            value, rest = rest[8 : 8 + size], rest[8 + size :]
            assert rest[:1] == b"\n"
            rest = rest[1:]
        entry.setdefault(name.decode(), []).append(value.decode())
        data = rest
    return entry
