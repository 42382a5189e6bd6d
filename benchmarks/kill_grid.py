"""A delivery of three mails, killed (SIGKILL) at every system call that changes the world outside the process.

strace makes the kill at the n-th such call of each sort, for every n; then renewd is started again a minute, a quarter of
an hour, a day and three days later, and the server's mailbox is counted. Outside these calls nothing changes, so that a
kill at each of them is a kill at every instruction.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from email import message_from_bytes
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parents[1]
_CHANGING = (
    "write", "pwrite64", "writev", "sendto", "sendmsg", "fsync", "fdatasync", "ftruncate", "rename", "renameat2",
    "unlink", "unlinkat", "link", "mkdir", "connect", "shutdown", "fchmod",
)  # fmt: skip
_AGAIN = (1, 16, 24 * 60, 72 * 60)  # minutes


def kill_grid(_folder: Path) -> Iterator[tuple[str, str, str]]:
    """Run the whole grid, and give the rows of the table."""
    if shutil.which("strace") is None:
        yield "kill grid", "0 lost", "strace is not here (Debian: strace)"
        return
    for path in (_ROOT / "tests", _ROOT / "daemon"):
        sys.path.insert(0, str(path))
    with tempfile.TemporaryDirectory(prefix="renewd-grid-") as folder:
        found = asyncio.run(grid(Path(folder)))
    points, lost, doubled, strange, windows = (found[name] for name in ("points", "lost", "doubled", "ids", "outside"))
    if found["whole"] > points:
        sys.exit("strace did not kill")  # --seccomp-bpf keeps it from that on some kernels
    yield f"kill -9 at each of {points} system calls: mails lost", "0", str(lost)
    yield "  doubled, between the final dot and the commit", "<= 2 a mail", str(doubled)
    yield "  doubled elsewhere, or with other bytes or another Message-ID", "0", str(windows + strange)


async def grid(folder: Path, every: int = 1) -> Counter[str]:
    """Make the kills, or one in so many of them, and count what came of it."""
    from smtp import peer

    found: Counter[str] = Counter()
    async with peer() as server:
        calls = await _count(folder / "whole", server)
        assert len(server.mails) == 3
        names = {_name(mail) for mail in server.mails}  # what is said days later is another mail
        points = [(call, n) for call, times in calls.items() for n in range(1, times + 1)]
        for call, n in points[::every]:
            await _point(folder / f"{call}-{n}", server, f"{call}:signal=SIGKILL:when={n}", names, found)
    return found


async def _count(folder: Path, server: Any) -> Counter[str]:
    log = folder.with_suffix(".log")
    await _run(folder, server, (0,), "-f", "-o", str(log), "-e", f"trace={','.join(_CHANGING)}")
    names = re.findall(r"^\d+\s+(\w+)\(", log.read_text(), re.MULTILINE)
    return Counter(names)


async def _point(folder: Path, server: Any, inject: str, names: set[str], found: Counter[str]) -> None:
    server.mails.clear()
    killed = await _run(
        folder,
        server,
        (0,),
        "-f",
        "-o",
        os.devnull,
        "-e",
        "trace=" + inject.split(":", maxsplit=1)[0],
        "-e",
        f"inject={inject}",
    )
    if not killed:
        found["whole"] += 1  # some calls are made less often, or more, from run to run
        return
    taken = Counter(mail.recipient for mail in server.mails)
    settled = _settled(folder)
    await _run(folder, server, _AGAIN)
    found["points"] += 1
    mails = [mail for mail in server.mails if _name(mail) in names]
    count = Counter(mail.recipient for mail in mails)
    found["lost"] += sum(f"{one}@example.com" not in count for one in "abc")
    for address, times in count.items():
        same = {mail.data for mail in mails if mail.recipient == address}
        found["ids"] += len(same) > 1
        if times > 1:
            window = taken[address] == 1 and address not in settled and times == 2
            found["doubled" if window else "outside"] += 1


def _name(mail: Any) -> str:
    return str(message_from_bytes(mail.data)["Message-ID"])


def _settled(folder: Path) -> set[str]:
    from renewd.domain.errors import RenewdError
    from renewd.ledger.sqlite import FILENAME, reader

    try:
        ledger = reader(folder / FILENAME)
    except RenewdError:  # killed while it was made: only who may write can put that right
        return set()
    try:
        return {line.address for line in ledger.history() if line.state == "sent"}
    finally:
        ledger.close()


async def _run(folder: Path, server: Any, minutes: Sequence[int], *strace: str) -> bool:
    """Start renewd so many minutes after the beginning, for a pass each, under strace where it is given words; tells if it was killed."""
    words = [sys.executable, "-m", "benchmarks.kill_grid_child", str(folder), str(server.port), *map(str, minutes)]
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(str(path) for path in (_ROOT, _ROOT / "daemon", _ROOT / "tests")),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    process = await asyncio.create_subprocess_exec(
        *(["strace", *strace] if strace else []), *words, env=environment, stderr=asyncio.subprocess.DEVNULL
    )
    await process.wait()
    await server.quiet()
    return process.returncode == -signal.SIGKILL
