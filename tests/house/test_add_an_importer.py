"""An importer added to a copy of the project by the words of CONTRIBUTING: its files are known, read and offered."""

from __future__ import annotations

import json

import pytest

from house.scratch import Scratch

pytestmark = pytest.mark.checkout

BACKUP = {
    "kind": "shelf-backup",
    "items": [{"title": "Radio", "cost": "4.50", "cycle": "monthly", "due": "2100-12-05"}],
}


@pytest.fixture(scope="module")
def with_shelf(scratch: Scratch) -> Scratch:
    """Return a copy with the importer `shelf`, and a file for it."""
    assert len(scratch.follow("An importer")) == 1
    (line,) = scratch.recipe_lines("An importer")
    name = "daemon/renewd/config/importers/__init__.py"
    scratch.replace(name, "renewlet, subtrackr, wallos\n", "renewlet, shelf, subtrackr, wallos\n")
    scratch.replace(name, '    "csv": csv_file,\n', f'    {line}\n    "csv": csv_file,\n')
    scratch.write("plans.toml", '[mail]\nto = "me@example.com"\n[plan.tello]\nrenews = 2100-12-05\n')
    scratch.write("backup.json", json.dumps(BACKUP))
    return scratch


def test_its_file_is_recognized_and_becomes_a_plan(with_shelf: Scratch) -> None:
    with_shelf.renewd("import", "backup.json", "--yes")
    with_shelf.renewd("check")
    [radio] = [one for one in json.loads(with_shelf.renewd("plan", "list", "--json").stdout) if one["plan"] == "radio"]
    assert (radio["each"], radio["date"]) == ("4.50", "2100-12-05")
    before = with_shelf.path("plans.toml").read_bytes()
    with_shelf.renewd("import", "backup.json", "--from", "shelf", "--yes")
    assert with_shelf.path("plans.toml").read_bytes() == before


def test_a_slip_in_its_name_is_explained_and_completion_offers_it(with_shelf: Scratch) -> None:
    assert "did you mean 'shelf'" in with_shelf.renewd("import", "backup.json", "--from", "shelve", code=2).stderr
    assert "ics shelf csv" in with_shelf.renewd("completion", "bash").stdout
