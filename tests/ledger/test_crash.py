"""Killed at any line: no reminder is lost, and one doubles only where SMTP leaves no choice.

A real process with a real ledger talks to a real server and is killed (SIGKILL) at its n-th line, for every n;
then the program is started again, and again a day later. RENEWD_GRID=1 kills at every line, else it is every 12th.
"""

import asyncio
import os
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from renewd.ledger.sqlite import reader
from smtp import DROP, LOSE, peer

CHILD = Path(__file__).with_name("crash_child.py")
ROOT = Path(__file__).parents[2]
NEVER = 10**9  # a line that no round has: all are counted, and none is the last
STEP = 1 if os.environ.get("RENEWD_GRID") else 12


@asynccontextmanager
async def program(folder, server):
    """Gives `run(name, line, *minutes)`, a round at each: the number of lines that ran, or None when it was killed."""
    path = os.pathsep.join([str(ROOT / "daemon"), str(ROOT / "tests"), os.environ.get("PYTHONPATH", "")])
    child = await asyncio.create_subprocess_exec(
        sys.executable, str(CHILD), str(folder), str(server.port),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, env=os.environ | {"PYTHONPATH": path},
    )  # fmt: skip

    async def run(name, line, *minutes):
        child.stdin.write(" ".join(map(str, (name, line, *minutes))).encode() + b"\n")
        answer = (await child.stdout.readline()).decode().strip()
        await server.quiet()
        return None if answer == "killed" else int(answer)

    try:
        yield run
    finally:
        child.stdin.close()
        await child.wait()


def state(path):
    if not path.exists():
        return None
    ledger = reader(path)
    try:
        ended = {settlement.mail for settlement in ledger.ended()}
        return ["sent" if line.mail in ended else line.state for line in ledger.history()]
    finally:
        ledger.close()


@pytest.mark.long
def test_killed_at_any_line_no_reminder_is_lost_and_only_the_window_doubles(tmp_path):
    async def main():
        async with peer() as server, program(tmp_path, server) as run:
            lines = await run("whole", NEVER, 0)
            assert len(server.mails) == 1
            doubled = []
            for line in range(1, lines + 1, STEP):
                server.mails.clear()
                if (ran := await run(f"at{line}", line, 0)) is not None:  # as answers arrive in more pieces or fewer
                    assert line > ran > 0.9 * lines, f"line {line} of {lines} did not run"
                    break
                in_window = bool(server.mails) and state(tmp_path / f"at{line}") != ["sent"]
                await run(f"at{line}", 0, 1, 24 * 60, 72 * 60)
                assert state(tmp_path / f"at{line}") == ["sent"], f"killed at line {line}"
                assert len(server.mails) == 1 + in_window, f"killed at line {line}"
                assert len({mail.data for mail in server.mails}) == 1
                doubled += [line] * in_window
            return lines, doubled

    lines, doubled = asyncio.run(main())
    print(f"{len(range(1, lines + 1, STEP))} kill points of {lines}: 0 lost, {len(doubled)} doubled")
    assert lines > 200


@pytest.mark.parametrize("said", [LOSE, DROP])
def test_a_lost_answer_is_repeated_byte_for_byte_until_one_comes(tmp_path, said):
    async def main():
        async with peer() as server, program(tmp_path, server) as run:
            server.says["DOT"] = [said, said, "250 Ok"]
            await run("ledger", 0, 0, 1, 14, 15, 16, 74, 75, 76, 24 * 60)
            assert state(tmp_path / "ledger") == ["sent"]
            assert server.count("DATA") == 3
            assert len(server.mails) == (3 if said == LOSE else 1)
            assert len({mail.data for mail in server.mails}) == 1

    asyncio.run(main())


def test_a_certain_failure_is_composed_anew(tmp_path):
    async def main():
        async with peer() as server, program(tmp_path, server) as run:
            server.says["DOT"] = ["451 4.3.0 Later", "250 Ok"]
            await run("ledger", 0, 0, 5)
            assert state(tmp_path / "ledger") == ["sent", "failed"]
            assert b"Date: Tue, 01 Dec 2026 14:05:00 +0000" in server.mails[0].data
            assert len(server.mails) == 1

    asyncio.run(main())
