"""What is typed into the form of a page, as a fact."""

from __future__ import annotations

import pytest

from households import at, plan
from renewd.web.asked_fact import BadInputError, ask, fact_of


@pytest.mark.parametrize("field", ["on", "early", "until"])
@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "2026-02-30", "2026-12-03T00:00:00", "٢٠٢٦-١٢-٠٣"])
def test_a_day_that_no_date_can_be_computed_from_is_asked_for_again(field: str, day: str) -> None:
    line = plan("tello", renews="2026-12-05", every="30 days", price="5")
    with pytest.raises(BadInputError) as raised:
        fact_of(line, ask(line, "renewed"), {field: day}, at("2026-12-02 15:00"))
    assert raised.value.key == "error.day"
