"""Connections that send nothing, or half a request, while mails are due; run by itself it keeps so many of them open."""

from __future__ import annotations

import asyncio
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path

_ROOT = Path(__file__).parents[1]
_AGAIN = 10.0  # seconds until a connection that was closed is opened again: 200 new ones a second
_SENT = (b"", b"G", b"GET / HTTP/1.1\r\nHost: x\r\n", b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\nhalf")


def file(people: int, mail_port: int, web_port: int, moment: datetime) -> str:
    """Return a file whose every person gets one mail at a moment of today in UTC."""
    head = f'timezone = "UTC"\nlanguage = "en"\nsend_at = {moment:%H:%M:%S}\n[remind]\ndigest = []\n'
    mail = f'[mail]\nto = "me@example.com"\nhost = "127.0.0.1"\nport = {mail_port}\ntls = "none"\n'
    web = f'[web]\nlisten = "127.0.0.1:{web_port}"\n'
    renews = moment.date() + timedelta(days=1)
    parts = [
        f'[person.p{n}]\nemail = "p{n}@example.com"\n'
        f'[plan.line-{n}]\nfor = ["p{n}"]\nrenews = {renews}\nprice = 5\nremind = {{ renewal = [1] }}\n'
        for n in range(people)
    ]
    return head + mail + web + "".join(parts)


@contextmanager
def flooded(port: int, connections: int) -> Iterator[None]:
    """Keep so many connections open from another process, each opened again when it is closed."""
    words = [sys.executable, "-m", "benchmarks.flood", str(port), str(connections)]
    process = subprocess.Popen(words, cwd=_ROOT, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        process.stdout.readline()
        yield
    finally:
        process.terminate()
        process.wait()


def seconds_until(mails: list[object], count: int, moment: datetime, patience: float) -> float:
    """Return how long after a moment so many mails have arrived; infinity where they do not."""
    began = time.time()
    while len(mails) < count:
        if time.time() - max(began, moment.timestamp()) > patience:
            return float("inf")
        time.sleep(0.02)
    return time.time() - moment.timestamp()


async def _flood(port: int, connections: int) -> None:
    opened = 0

    async def one(sent: bytes) -> None:
        nonlocal opened
        while True:
            with suppress(OSError):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                opened += 1
                if opened == connections:
                    print("open", flush=True)
                writer.write(sent)
                await reader.read()
                writer.close()
            await asyncio.sleep(_AGAIN)

    await asyncio.gather(*(one(_SENT[n % len(_SENT)]) for n in range(connections)))


if __name__ == "__main__":
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    asyncio.run(_flood(int(sys.argv[1]), int(sys.argv[2])))
