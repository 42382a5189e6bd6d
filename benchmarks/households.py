"""Invented households of any size, as TOML."""

from datetime import date, timedelta

_CARRIERS = ("tello", "ultra-paygo", "us-mobile", "red-pocket")
_HEAD = """timezone = "America/New_York"
language = "{language}"
[mail]
to = "me@example.com"
from = "renewd <renewd@example.com>"
{mail}
"""
_PLAN = """
[plan.line-{i}]
name = "Line {i}"
carrier = "{carrier}"
for = ["{person}"]
number = "+1206555{last:04}"
renews = {renews}
every = "30 days"
price = {price}
grace = "30 days"
remind = {{ renewal = [7, 1] }}
"""


def household(
    plans: int, *, first: date, people: int = 0, mail: str = "", language: str = "en", same_day: bool = False
) -> str:
    """Write a file of `plans` plans that renew on the 28 days from `first` on, told to `people` others or to me."""
    parts = [_HEAD.format(mail=mail, language=language)]
    parts += [f'[person.p{i}]\nemail = "p{i}@example.com"\nname = "Person {i}"\n' for i in range(people)]
    for i in range(plans):
        renews = first if same_day else first + timedelta(days=i % 28)
        parts.append(
            _PLAN.format(
                i=i,
                carrier=_CARRIERS[i % len(_CARRIERS)],
                person=f"p{i % people}" if people else "me",
                last=100 + i % 100,
                renews=renews,
                price=3 + i % 40,
            )
        )
    return "".join(parts)
