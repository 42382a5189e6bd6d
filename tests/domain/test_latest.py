"""What is kept of the plan that was asked about last."""

from __future__ import annotations

from households import plan
from renewd.domain.latest import kept
from renewd.domain.plans import Plan


def test_it_is_computed_once_in_a_row_and_anew_for_every_other_plan() -> None:
    asked = []

    @kept
    def name(one: Plan) -> str | None:
        asked.append(one)
        return one.name

    first = plan("tello", name="Tello")
    second = first._replace(name="Ultra")
    assert [name(one) for one in (first, first, second, second, first)] == ["Tello", "Tello", "Ultra", "Ultra", "Tello"]
    assert asked == [first, second, first]
