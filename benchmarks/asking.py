"""Requests to a daemon's web server, each on a connection of its own, as it closes one after its answer."""

from __future__ import annotations

import socket
import time


def ask(port: int, path: str, *fields: str) -> tuple[bytes, bytes]:
    """Return the head and the body of the answer to a GET with these header fields."""
    got = b""
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.sendall("\r\n".join((f"GET {path} HTTP/1.1", "Host: x", *fields, "Connection: close", "", "")).encode())
        while more := line.recv(65536):
            got += more
    head, _, body = got.partition(b"\r\n\r\n")
    return head, body


def wait_for(port: int) -> None:
    """Wait until the server listens: the daemon is ready before it."""
    until = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            assert time.monotonic() < until, "no server listens"
            time.sleep(0.05)
        else:
            return
