"""Goes on from corpus/ for so many seconds: `python tests/fuzz.py config 1800`, `python tests/fuzz.py mail 1800`.

What breaks a promise is kept in finds/, for corpus/ once it is mended. A third argument is the seed of an earlier run.
"""

from __future__ import annotations

import random
import re
import sys
import time
import traceback
from hashlib import sha256
from pathlib import Path

from attacks import ATTACKS, TooMuch, bounded
from config_files import FULL

CORPUS = Path(__file__).with_name("corpus")
CONFIG = Path(__file__).parents[1] / "config"
FINDS = Path("finds")
FEW = 4  # sentences and kinds at once that are still a way of their own
WORDS = [
    "“", "”", "'", '"', '"""', "'''", "[", "]", "[[", "]]", "{", "}", "=", "＝", "，", "#", "\n", "\r", "\r\n", "\x00", "\x1b]0;",
    "\ufeff", "\u202e", "\u2028", "\u200d", "\\", "\\u0000", "\\U0010FFFF", "\\uD800", ".", ",", "-", "+", "_", "true", "nan", "inf",
    "-0.0", "1e999999999", "1e99999999999999999999", "0x" + "f" * 4000, "9" * 30, "9" * 5000, "0", "-1", "{}", "[]", "[[]]",
    "1999-12-31", "2000-01-01", "2199-12-31", "9999-12-31", "2027-02-30", "2027-02-29", "00:00:00", "23:59:60", "12:00:00.5",
    "2026-12-05T00:00:00Z", '"1 hour"', '"0 days"', '"10 years"', '"87660 hours"', '"Asia/Shanghai"', '"Pacific/Apia"', '"UTC"',
    '"me"', '"visa"', '"balance"', '"tello"', '"lapse"', "主号", "👨‍👩‍👧", "ﷺ", "e\u0301", "=?utf-8?q?=0d=0aBcc:_x@y?=", "\r\nBcc: x@y",
    "\r\n.\r\n", "<script>", "&", "javascript:alert(1)", "https://", "<a@b>", "␟", " | ", "{{", "{%", "%s", "{name}", "\x01", "\x10",
]  # fmt: skip
EXAMPLE = (CONFIG / "plans.toml").read_text("utf-8")
LINES = EXAMPLE.splitlines() + FULL.splitlines() + (CONFIG / "carriers.toml").read_text("utf-8").splitlines()[700:830]


def changed(data: bytes, dice: random.Random, others: list[bytes]) -> bytes:
    """Return the bytes with a few changes of the kind that people, editors and attackers make."""
    for _ in range(dice.choice((1, 1, 2, 3, 5))):
        start = dice.randint(0, len(data))
        end = min(len(data), start + dice.choice((0, 1, 3, 20, 200)))
        word = dice.choice(WORDS).encode("utf-8", "surrogatepass")
        match dice.randrange(9):
            case 0:
                data = data[:start] + data[end:]
            case 1 | 2:
                data = data[:start] + word + data[end:]
            case 3:
                data = data[:start] + data[start:end] * dice.choice((2, 3, 60, 1000)) + data[end:]
            case 4:
                other = dice.choice(others)
                at = dice.randint(0, len(other))
                data = data[:start] + other[at : at + dice.choice((5, 50, 500))] + data[end:]
            case 5:
                data = data[:start] + dice.randbytes(dice.randint(1, 4)) + data[end:]
            case 6:
                values = list(re.finditer(rb"(?<== )[^\n#]+", data))
                if values:
                    value = dice.choice(values)
                    data = data[: value.start()] + word + data[value.end() :]
            case 7:
                lines = data.split(b"\n")
                lines.insert(dice.randint(0, len(lines)), dice.choice(LINES).removeprefix("# ").encode())
                data = b"\n".join(lines)
            case 8:
                lines = data.split(b"\n")
                dice.shuffle(lines) if dice.random() < 0.2 else lines.pop(dice.randrange(len(lines)))
                data = b"\n".join(lines)
    return data[:50_000]


class Fuzz:
    """Changes inputs and tries them; one that meets something new is changed further, one that breaks something kept."""

    def __init__(self, name: str, seed: int) -> None:
        self.name, self.dice = name, random.Random(seed)
        self.seeds = [path.read_bytes() for path in sorted((CORPUS / name).iterdir())]
        plain = [EXAMPLE.encode(), FULL.encode()] if name == "config" else [(CORPUS / "mail/plain").read_bytes()]
        self.seeds += plain * 10  # as often as all that is broken already
        self.count, self.pool, self.finds = 0, list[bytes](), dict[str, int]()
        self.met, self.together = set[str](), set[frozenset[str]]()

    def run(self, seconds: float) -> None:
        """Go on for so many seconds."""
        waiting, end = list(self.seeds), time.monotonic() + seconds
        while time.monotonic() < end:
            pool = self.pool if self.pool and self.dice.random() < 0.5 else self.seeds  # else all becomes rubbish
            data = waiting.pop() if waiting else changed(self.dice.choice(pool), self.dice, self.seeds)
            met = self.try_(data)
            if met - self.met or (len(met) <= FEW and met not in self.together):
                self.met |= met
                self.together.add(met)
                self.pool.append(data)
            if self.count % 1000 == 0:
                self.tell()
        self.tell()

    def try_(self, data: bytes) -> frozenset[str]:
        """Return what an input met, or keep it where it broke a promise."""
        self.count += 1
        try:
            with bounded():
                return ATTACKS[self.name](data)
        except (Exception, TooMuch) as error:  # noqa: BLE001  # any of them is what is looked for
            frames = traceback.extract_tb(error.__traceback__)[-2:]
            way = " ".join([type(error).__name__, *(f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames)])
            way = str(error) if isinstance(error, TooMuch) else way
            if way not in self.finds:
                print(f"find: {way}: {error!s:.300}", flush=True)
            if len(data) < self.finds.get(way, sys.maxsize):  # the shortest says most
                self.finds[way] = len(data)
                FINDS.mkdir(exist_ok=True)
                (FINDS / f"{self.name}-{sha256(way.encode()).hexdigest()[:8]}").write_bytes(data)
        return frozenset()

    def tell(self) -> None:
        """Say how far it has come."""
        told = f"{self.count} executions, {time.process_time():.0f} s of processor"
        print(f"{self.name}: {told}, {len(self.met)} sentences and kinds met, {len(self.finds)} finds", flush=True)


if __name__ == "__main__":
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else random.randrange(10**6)
    print(f"seed {seed}", flush=True)
    Fuzz(sys.argv[1], seed).run(float(sys.argv[2]))
