"""The user's own words and layout of a report."""

from __future__ import annotations

import pytest

from renewd.i18n import TEMPLATES
from renewd.render.overrides import Overrides
from renewd.report import ReportStyle, as_html, as_text
from reports import CASES


@pytest.fixture
def own(tmp_path):
    """Write the user's templates, and give them as they are read."""

    def write(**files):
        for name, source in files.items():
            file = tmp_path / name.replace("__", "/").replace("_", ".")
            file.parent.mkdir(exist_ok=True, mode=0o700)
            file.write_text(source, "utf-8")
            file.chmod(0o600)
        tmp_path.chmod(0o700)
        return Overrides.load(tmp_path)

    return write


def test_the_users_words_take_the_place_of_the_shipped_ones(own):
    overrides = own(en__report_j2="{% block item_line_works %}All is well with {{ name }}{% endblock %}")
    assert overrides.problems == ()
    page = as_html([CASES["not-ready"]("en")], "en", style=ReportStyle(overrides=overrides))
    assert "All is well with" in page
    assert "Chase</bdi> codes" in page
    assert "Chase codes" in as_text([CASES["not-ready"]("en")], "en", style=ReportStyle(overrides=overrides))


def test_the_shipped_layout_works_as_the_users_own(own):
    overrides = own(report_html=(TEMPLATES / "report.html").read_text("utf-8").replace("<main>", "<main><!-- mine -->"))
    broken = []
    page = as_html([CASES["not-ready"]("zh-CN")], "zh-CN", style=ReportStyle(overrides=overrides), broken=broken)
    assert (overrides.problems, broken) == ((), [])
    assert page.replace("<!-- mine -->", "") == as_html([CASES["not-ready"]("zh-CN")], "zh-CN")


def test_a_broken_template_costs_itself_alone_and_is_told(own):
    overrides = own(report_html="{{ no.such.thing }}", en__report_j2="{% block item_bill %}{{ 1 / 0 }}{% endblock %}")
    broken = []
    page = as_html([CASES["not-ready"]("en")], "en", style=ReportStyle(overrides=overrides), broken=broken)
    assert page == as_html([CASES["not-ready"]("en")], "en")
    assert sorted(problem.file.rpartition("/")[2] for problem in broken) == ["report.html", "report.j2"]
