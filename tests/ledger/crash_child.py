"""Rounds of delivery in a process that is killed at its n-th line: started by test_crash.py.

Reads lines `name n minutes…` from its standard input; for each one a forked process does a round at each of these minutes
and is killed at that line (0: at none, and none is counted). Answers with the lines that ran, or `killed`.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import FrameType

from ledgers import begun
from renewd.channels.smtp import Smtp
from renewd.domain.outcome import DeliveryError, Envelope, Outcome
from renewd.formats.message import MessageParts, compose, message_id
from renewd.ledger import Draft, Ledger, Reminded, Settlement
from renewd.ledger.sqlite import open_ledger

NOW = datetime(2026, 12, 1, 14, 0, tzinfo=UTC)
STEM = "tello/renewal/2026-12-05"


async def deliver(ledger: Ledger, channel: Smtp, now: datetime) -> None:
    work = []
    for unknown in ledger.unknown(now):
        ledger.repeat(unknown.mail, now)
        work.append((unknown.mail, unknown.data))
    if ("me", STEM) not in ledger.claims([("me", STEM)]):
        name = message_id("me", [f"{STEM}/7"], "example.com")
        letter = MessageParts(
            from_address="renewd@example.com",
            to_address="me@example.com",
            subject="Tello 3 天后停机",
            text=f"{now}",
            message_id=name,
            date=now,
        )
        draft = Draft(
            person="me",
            address="me@example.com",
            account=channel.account,
            message_id=name,
            subject="x",
            data=compose(letter),
            reminders=(Reminded(STEM, 7, "tello", "renewal"),),
            composed_at=now,
        )
        (mail,) = begun(ledger, [draft])
        if mail is not None:
            work.append((mail, draft.data))
    if not work:
        return

    def settle(mail: int, outcome: Outcome) -> None:
        ledger.settle([Settlement(mail=mail, outcome=outcome, at=now)])

    try:
        async with channel.session() as session:
            for mail, data in work:
                envelope = Envelope(sender="renewd@example.com", recipient="me@example.com", data=data, name=str(mail))
                settle(mail, await session.send(envelope))
    except DeliveryError as error:
        for mail, _ in work:
            settle(mail, error.outcome)


def round_(path: Path, port: int, now: datetime) -> None:
    ledger = open_ledger(path, now).ledger
    ledger.recover(now)
    asyncio.run(deliver(ledger, Smtp(host="127.0.0.1", port=port, tls="none", patience=5), now))
    ledger.close()


def killed_at(line: int, path: Path, port: int, minutes: Sequence[str]) -> int:
    seen = 0

    def count(frame: FrameType, event: str, _: object) -> object:
        nonlocal seen
        if not any(part in frame.f_code.co_filename for part in ("/renewd/", "/aiosmtplib/", "crash_child")):
            return None
        if event == "line":
            seen += 1
            if seen == line:
                os.kill(os.getpid(), signal.SIGKILL)
        return count

    sys.settrace(count if line else None)  # type: ignore[arg-type]
    for each in minutes:  # each as a start of its own would find things
        round_(path, port, NOW + timedelta(minutes=int(each)))
    sys.settrace(None)
    return seen


def main() -> None:
    folder, port = Path(sys.argv[1]), int(sys.argv[2])
    for order in sys.stdin:
        name, line, *minutes = order.split()
        reading, writing = os.pipe()
        if child := os.fork():
            os.close(writing)
            with os.fdopen(reading) as pipe:
                answer = pipe.read()
            _, status = os.waitpid(child, 0)
            killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
            print("killed" if killed else answer, flush=True)
        else:
            os.close(reading)
            lines = killed_at(int(line), folder / name, port, minutes)
            os.write(writing, str(lines).encode())
            os._exit(0)


if __name__ == "__main__":
    main()
