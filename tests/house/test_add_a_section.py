"""A section of the readiness report added to a copy of the project by the words of CONTRIBUTING: it is in every form."""

from __future__ import annotations

import json

import pytest

from house.scratch import Scratch

pytestmark = pytest.mark.checkout

PLANS = '[mail]\nto = "me@example.com"\n[plan.tello]\nrenews = 2100-12-05\nevery = "30 days"\n'


@pytest.fixture(scope="module")
def voicemail(scratch: Scratch) -> Scratch:
    """Return a copy with the section `voicemail`, before that of the phone."""
    assert len(scratch.follow("A section of the report")) == 5
    (line,) = scratch.recipe_lines("A section of the report")
    name = "daemon/renewd/domain/checklist.py"
    scratch.replace(
        "daemon/renewd/domain/checklist_items.py", '"documents", "device",', '"documents", "voicemail", "device",'
    )
    scratch.replace(name, '    "device": _device,\n', f'    {line}\n    "device": _device,\n')
    imported = "from renewd.domain.checklist_voicemail import voicemail\n"
    scratch.replace(name, "from renewd.domain.cycles import", f"{imported}from renewd.domain.cycles import")
    scratch.write("plans.toml", PLANS)
    return scratch


def test_it_is_in_every_form_at_its_place_in_both_languages(voicemail: Scratch) -> None:
    (plan,) = json.loads(voicemail.renewd("report", "tello", "--json", code=3).stdout)["plans"]
    sections = {section["id"]: section for section in plan["sections"]}
    ids = list(sections)
    assert ids.index("voicemail") == ids.index("device") - 1
    assert sections["voicemail"]["items"][0]["text"] == "Save the messages in the mailbox. They end with the line"
    for code, words in (("en", ("Voicemail", "Save the messages")), ("zh-CN", ("语音信箱", "把信箱里的留言存下来"))):
        voicemail.write("plans.toml", f'language = "{code}"\n{PLANS}')
        page = voicemail.renewd("report", "tello", "--format", "html", code=3).stdout
        assert [word for word in words if word not in page] == []
        assert words[1] in voicemail.renewd("report", "tello", code=3).stdout
