"""The files made from the code are those in the tree."""

from __future__ import annotations

import pytest

from renewd.assets import ASSETS
from renewd.cli.generated import GENERATED

pytestmark = pytest.mark.checkout


@pytest.mark.parametrize("name", GENERATED)
def test_a_generated_file_is_up_to_date(name: str) -> None:
    assert (ASSETS / name).read_text("utf-8") == GENERATED[name](), "run `make generate`"
