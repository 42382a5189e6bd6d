"""A delivery of three mails or pushes, killed (SIGKILL) at every system call that changes the world outside the process.

strace makes the kill at the n-th such call of each sort, for every n; then renewd is started again a minute, a quarter of
an hour, a day and three days later, and what arrived is counted. Outside these calls nothing changes, so that a
kill at each of them is a kill at every instruction.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import Any, NamedTuple, Protocol

_ROOT = Path(__file__).parents[1]
_CHANGING = (
    "write", "pwrite64", "writev", "sendto", "sendmsg", "fsync", "fdatasync", "ftruncate", "rename", "renameat2",
    "unlink", "unlinkat", "link", "mkdir", "connect", "shutdown", "fchmod",
)  # fmt: skip
_AGAIN = (1, 16, 24 * 60, 72 * 60)  # minutes


class Arrived(NamedTuple):
    """A mail or push that the other side has whole."""

    person: str
    name: str
    data: bytes


def kill_grid(_folder: Path) -> Iterator[tuple[str, str, str]]:
    """Run the whole grid for mails and for pushes, and give the rows of the table."""
    if shutil.which("strace") is None:
        yield "kill grid", "0 lost", "strace is not here (Debian: strace)"
        return
    for path in (_ROOT / "tests", _ROOT / "daemon"):
        sys.path.insert(0, str(path))
    for what, window in (("mails", "the final dot"), ("pushes", "the request")):
        with tempfile.TemporaryDirectory(prefix="renewd-grid-") as folder:
            found = asyncio.run(grid(Path(folder), what=what))
        points, lost, doubled, strange, windows = (
            found[name] for name in ("points", "lost", "doubled", "ids", "outside")
        )
        if found["whole"] > points:
            sys.exit("strace did not kill")  # --seccomp-bpf keeps it from that on some kernels
        yield f"kill -9 at each of {points} system calls: {what} lost", "0", str(lost)
        yield f"  doubled, between {window} and the commit", "<= 2 each", str(doubled)
        yield "  doubled elsewhere, or with other bytes or another id", "0", str(windows + strange)


@asynccontextmanager
async def _mailbox() -> AsyncIterator[tuple[Any, Callable[[], list[Arrived]]]]:
    from smtp import peer

    async with peer() as server:
        yield (
            server,
            lambda: [
                Arrived(one.recipient[0], str(BytesHeaderParser().parsebytes(one.data)["Message-ID"]), one.data)
                for one in server.mails
            ],
        )


@asynccontextmanager
async def _phones() -> AsyncIterator[tuple[Any, Callable[[], list[Arrived]]]]:
    from fake_push_service import running

    async with running() as service:
        yield (
            service,
            lambda: [Arrived(one.json["person"], one.headers["webhook-id"], one.body) for one in service.received],
        )


_OTHER_SIDES = {"mails": _mailbox, "pushes": _phones}


async def grid(folder: Path, every: int = 1, what: str = "mails") -> Counter[str]:
    """Make the kills, or one in so many of them, and count what came of it."""
    found: Counter[str] = Counter()
    async with _OTHER_SIDES[what]() as (server, arrived), _program(what, server) as run:
        calls = await _count(folder / "whole", run)
        names = {one.name for one in arrived()}  # what is said days later is another one
        assert len(names) == len(arrived()) == 3
        points = [(call, n) for call, times in calls.items() for n in range(1, times + 1)]
        for call, n in points[::every]:
            inject = f"{call}:signal=SIGKILL:when={n}"
            before = len(arrived())
            await _point(folder / f"{call}-{n}", run, inject, lambda: arrived()[before:], names, found)  # noqa: B023
    return found


async def _count(folder: Path, run: _Run) -> Counter[str]:
    log = folder.with_suffix(".log")
    await run(folder, (0,), "-f", "-o", str(log), "-e", f"trace={','.join(_CHANGING)}")
    names = re.findall(r"^\d+\s+(\w+)\(", log.read_text(), re.MULTILINE)
    return Counter(names)


async def _point(
    folder: Path,
    run: _Run,
    inject: str,
    arrived: Callable[[], list[Arrived]],
    names: set[str],
    found: Counter[str],
) -> None:
    traced = ("-f", "-o", os.devnull, "-e", "trace=" + inject.split(":", maxsplit=1)[0], "-e", f"inject={inject}")
    if not await run(folder, (0,), *traced):
        found["whole"] += 1  # some calls are made less often, or more, from run to run
        return
    taken = Counter(one.person for one in arrived())
    settled = _settled(folder)
    await run(folder, _AGAIN)
    found["points"] += 1
    ours = [one for one in arrived() if one.name in names]
    count = Counter(one.person for one in ours)
    found["lost"] += sum(person not in count for person in "abc")
    for person, times in count.items():
        found["ids"] += len({one.data for one in ours if one.person == person}) > 1
        if times > 1:
            window = taken[person] == 1 and person not in settled and times == 2
            found["doubled" if window else "outside"] += 1


def _settled(folder: Path) -> set[str]:
    from renewd.domain.errors import RenewdError
    from renewd.ledger.sqlite import FILENAME, reader

    try:
        ledger = reader(folder / FILENAME)
    except RenewdError:  # killed while it was made: only who may write can put that right
        return set()
    try:
        return {line.person for line in ledger.history() if line.state == "sent"}
    finally:
        ledger.close()


class _Run(Protocol):
    """Makes a pass in a folder at each of so many minutes, under strace where it is given options; says whether it was killed."""

    async def __call__(self, folder: Path, minutes: Sequence[int], *strace: str) -> bool: ...


@asynccontextmanager
async def _program(what: str, server: Any) -> AsyncIterator[_Run]:
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(str(path) for path in (_ROOT, _ROOT / "daemon", _ROOT / "tests")),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.kill_grid_child", what, str(server.port)),
        env=environment, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    assert child.stdin
    assert child.stdout
    orders, answers = child.stdin, child.stdout

    async def run(folder: Path, minutes: Sequence[int], *strace: str) -> bool:
        orders.write(json.dumps([str(folder), minutes, strace]).encode() + b"\n")
        answer = await answers.readline()
        await server.quiet()
        return answer == b"killed\n"

    try:
        yield run
    finally:
        orders.close()
        await child.wait()
