"""One finding of `doctor`: a fact, which templates/*/doctor.toml puts into words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from renewd.domain.outcome import Outcome

Weight = Literal["ok", "note", "bad"]


class Diagnosis(NamedTuple):
    """The state of one thing. Its sentence is that of the `outcome` of a delivery, else `doctor.<name>.<how>`."""

    name: str
    how: str
    weight: Weight
    args: Mapping[str, object] = {}
    outcome: Outcome | None = None
