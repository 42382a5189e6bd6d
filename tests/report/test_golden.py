"""What reports look like, kept as files: read the diff of a change as somebody about to make the call would."""

from __future__ import annotations

from pathlib import Path

import pytest

from golden_files import check_golden
from renewd.report import as_html, as_json, as_markdown, as_text
from reports import CASES

GOLDEN = Path(__file__).parents[1] / "golden" / "reports"
WHOLE = ("not-ready", "ready", "lapse", "confirmed", "nothing-known")  # also as page, Markdown and JSON


def written(case, code):
    """The files of a case in a language, by name."""
    report = CASES[case](code)
    files = {f"{case}.{code}.txt": as_text([report], code)}
    if case in WHOLE:
        files[f"{case}.{code}.md"] = as_markdown([report], code)
        files[f"{case}.{code}.json"] = as_json([report], code, on=report.on)
        files[f"{case}.{code}.html"] = as_html([report], code)
    if case == "not-ready":
        files[f"{case}.{code}.120.color.txt"] = as_text([report], code, 120, color=True)
    return files


@pytest.mark.parametrize("code", ["zh-CN", "en"])
@pytest.mark.parametrize("case", CASES)
def test_a_report_is_as_it_was_approved(case, code):
    for name, words in written(case, code).items():
        check_golden(GOLDEN / name, words)


def test_no_approved_report_is_left_over():
    names = {name for case in CASES for code in ("zh-CN", "en") for name in written(case, code)}
    assert {file.name for file in GOLDEN.iterdir()} == names
