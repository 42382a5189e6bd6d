"""Plans of another program's entries: never twice, many of them, and no text gets out of its place."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from imported_files import imported
from renewd.config.importers.imported_plans import marks_in


def rows(n: int) -> bytes:
    return json.dumps([
        {"Name": f"Service {i}", "Payment Cycle": ("Monthly", "Yearly", "Every 2 Weeks")[i % 3], "Price": f"${i}.99",
         "Next Payment": f"2027-{i % 12 + 1:02}-{i % 28 + 1:02}", "Renewal": "Automatic", "Payment Method": f"Card {i % 7}",
         "Paid By": "Li", "URL": "https://example.com", "State": "Enabled", "Notes": "n"}
        for i in range(n)
    ]).encode()  # fmt: skip


def test_the_same_file_again_adds_nothing(tmp_path: Path) -> None:
    first = imported(rows(3), tmp_path)
    again = imported(rows(4), tmp_path, marks=marks_in(first.toml))
    assert ([one.id for one in again.made.plans], again.made.known) == (["service-3"], 3)


def test_five_thousand_entries(tmp_path: Path) -> None:
    read = imported(rows(5000), tmp_path)
    assert (len(read.plans), len(read.made.cards)) == (5000, 7)


texts = st.text(st.characters(codec="utf-8"), max_size=40)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example([{"Name": "0", "Next Payment": "2030-01-01", "Payment Method": "\U000f0000"}])  # a name that shows nothing
@given(st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(
    ("Name", "Payment Cycle", "Price", "Next Payment", "Renewal", "Payment Method", "Paid By", "URL", "Notes", "State"),
    texts | st.sampled_from(("2026-12-05", "12/05/2026", "$5", "1,234", "monthly", "Tello", "balance", "yes", "trial", "me,Li")),
)), max_size=4))  # fmt: skip
def test_whatever_stands_in_a_file_the_result_passes_check(tmp_path: Path, entries: list[dict[str, str]]) -> None:
    imported(json.dumps(entries).encode(), tmp_path, "wallos")
