"""A push service added to a copy of the project by the words of CONTRIBUTING: chosen, checked, asked, and its answer told."""

from __future__ import annotations

import pytest

from fake_push_service import in_a_thread
from house.scratch import Scratch

pytestmark = pytest.mark.checkout


@pytest.fixture(scope="module")
def with_chirp(scratch: Scratch) -> Scratch:
    """Return a copy with the service `chirp`."""
    assert len(scratch.follow("A push service")) == 1
    scratch.replace("daemon/renewd/config/keys.py", '"webhook", "apprise",', '"webhook", "chirp", "apprise",')
    return scratch


def household(scratch: Scratch, url: str) -> None:
    scratch.write("key", "the-key-of-mine\n")
    scratch.write(
        "plans.toml",
        f"""[mail]
to = "me@example.com"
[push.phone]
service = "chirp"
url = "{url}"
secret_file = "key"
[person.me]
push = ["phone"]
[plan.tello]
renews = 2100-12-05
""",
    )


def test_it_is_chosen_asked_and_believed_by_its_own_words(with_chirp: Scratch) -> None:
    with in_a_thread() as server:
        household(with_chirp, server.url)
        with_chirp.renewd("check")
        server.says(200, {"taken": True})
        with_chirp.renewd("test-push")
        assert (server.received[0].path, server.received[0].json["to"]) == ("/notes", "the-key-of-mine")
        server.says(403, {"error": "nobody called the-key-of-mine"})
        said = with_chirp.renewd("test-push", code=75).stdout
        assert "nobody called" in said
        assert "the-key-of-mine" not in said


def test_a_slip_in_its_name_is_explained_and_editors_know_it(with_chirp: Scratch) -> None:
    household(with_chirp, "https://chirp.example.com")
    with_chirp.replace("plans.toml", '"chirp"', '"chrip"')
    assert "did you mean 'chirp'" in with_chirp.renewd("check", code=78).stdout
    with_chirp.python("-m", "renewd.cli.generated")
    assert '"chirp"' in with_chirp.path("config/plans.schema.json").read_text("utf-8")
