"""Parts of the regular expressions by which editors check values; JSON Schema has no flags, and no numbers in text."""

from __future__ import annotations

from collections.abc import Iterator


def in_any_case(name: str) -> str:
    """Return a regular expression for a word in capital or small letters."""
    of_letter = {" ": r"[\s-]+"}
    return "".join(of_letter.get(c) or (f"[{c.upper()}{c}]" if c.isascii() and c.isalpha() else c) for c in name)


def up_to(most: int, *, zero: bool = True) -> str:
    r"""Return a regular expression for the whole numbers from 0 or 1 to another, leading zeros included.

    >>> up_to(120)
    '0*(?:120|1[01]\\d|\\d{1,2})'
    """
    not_zero = "" if zero else r"(?=0*[1-9])"
    return f"{not_zero}0*(?:{'|'.join(_numbers(str(most)))})"


def _numbers(most: str) -> Iterator[str]:
    yield most
    for at in range(len(most) - 1, -1, -1):
        low, high, rest = int(at == 0 and len(most) > 1), int(most[at]) - 1, len(most) - at - 1
        if low <= high:
            digit = str(low) if low == high else f"[{low}{high}]" if high == low + 1 else f"[{low}-{high}]"
            yield most[:at] + digit + (rf"\d{{{rest}}}" if rest > 1 else r"\d" * rest)
    if len(most) > 1:
        yield rf"\d{{1,{len(most) - 1}}}" if len(most) > 2 else r"\d"
