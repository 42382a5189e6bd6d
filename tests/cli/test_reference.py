"""The list of every key in docs/configuration.md and its twin."""

from __future__ import annotations

import pytest

from renewd.cli.reference import PAGES, reference
from renewd.config.keys import FILE


@pytest.mark.parametrize("code", PAGES)
def test_it_names_every_table_and_key_with_its_text_in_that_language(code: str) -> None:
    page = reference(code)
    for table in FILE.tables().values():
        assert table.about(code) in page
        for name, key in table.keys.items():
            assert f"| `{name}` | {key.about(code)}" in page or f"`[{name}" in page, (table.name, name)


@pytest.mark.parametrize("code", PAGES)
def test_the_row_of_a_key_that_takes_a_few_words_names_them_all(code: str) -> None:
    rows = [row for row in reference(code).splitlines() if row.startswith("| `")]
    keys = [key for table in FILE.tables().values() for key in table.keys.values() if key.choices]
    assert len(keys) >= 10
    for key in keys:
        assert [row for row in rows if key.about(code) in row and all(f'`"{one}"`' in row for one in key.choices)]
