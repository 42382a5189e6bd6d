"""The user's own templates: a few words may be changed, nothing may be broken, and no mail is lost over them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from household_mails import CASES
from renewd.config import say_problem
from renewd.domain.plans import Household
from renewd.i18n import LANGUAGES, TEMPLATES, Language, language
from renewd.reminders.facts import Facts
from renewd.render.environments import sentences
from renewd.render.mail import RenderedMail, probe, render
from renewd.render.overrides import Overrides, names
from renewd.render.reminder import ReminderView
from renewd.render.views import Reader, reader


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the user's folder of templates."""
    place = tmp_path / "templates"
    place.mkdir(mode=0o755)
    return place


def english(overrides: Overrides, case: str = "renewal", *, runs_it: bool = True) -> RenderedMail:
    """Return the English mail of a case, written with the user's templates."""
    asked, house = CASES[case]("en")
    return render(asked._replace(runs_it=runs_it), house, overrides=overrides)


def one(folder: Path, name: str, words: str) -> Overrides:
    """Write one template under its real name, and load the folder."""
    file = folder / name
    file.parent.mkdir(mode=0o755, exist_ok=True)
    file.write_text(words, "utf-8")
    file.chmod(0o644)
    return Overrides.load(folder)


def test_one_block_is_enough_and_the_rest_stays(folder: Path) -> None:
    mine = one(
        folder,
        "en/renewal.j2",
        "{% block sentence %}Pay {{ amount|money }} before {{ day|date|b }}, {{ name }}.{% endblock %}",
    )
    mail = english(mine)
    assert "Pay $5.00 before Sat, Dec 5, Tello (bank)." in mail.text
    assert "Sat, Dec 5</span></b>" in mail.html
    assert "[Renew · stops in 3 days]" in mail.text
    assert mail.broken == mine.problems == ()


def test_a_shared_block_changes_every_kind_that_says_it(folder: Path) -> None:
    mine = one(folder, "en/common.j2", "{% block look %}{% endblock %}")
    assert "public Wi-Fi" not in english(mine).text
    assert "public Wi-Fi" in english(mine, "bill").text  # it has its own


def test_a_block_of_ones_own_can_be_used_by_its_name(folder: Path) -> None:
    mine = one(
        folder,
        "en/renewal.j2",
        "{% block bye %}Yours{% endblock %}{% block sentence %}{{ bye }}, {{ line }}{% endblock %}",
    )
    assert "Yours, line ending in 0142, $5.00 every 30 days" in english(mine).text
    assert mine.problems == ()


def test_the_layout_can_be_changed_and_still_escapes(folder: Path) -> None:
    mine = one(folder, "mail.html", "<p>{{ pages[0].headline }}</p><p>{{ '<b>' }}</p>")
    mail = english(mine)
    assert mail.html.startswith("<p><span")
    assert "&lt;b&gt;" in mail.html
    assert mail.broken == ()


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("{% block sentence %}\n\n{{ amont|money }}{% endblock %}", 3),
        ("{% block sentence %}{{ amount|monney }}{% endblock %}", 1),
        ("{% block sentence %}{% if %}{% endblock %}", 1),
        ("{% block sentence %}Last time {{ previous }}{% endblock %}", 1),
        ("{% block sentence %}{{ ''.__class__.__mro__ }}{% endblock %}", 1),
        ("{% block sentence %}{{ plan.__init__.__globals__ }}{% endblock %}", 1),
        ("{% block sentence %}{{ 'x' * 10 ** 9 }}{% endblock %}", 1),
        ("{% block sentence %}{{ '%1000000000d' % 1 }}{% endblock %}", 1),
        ("{% block sentence %}{{ '{:1000000000}'|format(1) }}{% endblock %}", 1),
        ("{% block sentence %}{% for a in range(10**8) %}x{% endfor %}{% endblock %}", 1),
        (
            "{% block sentence %}{% for a in range(999) %}{% for b in range(999) %}of too many characters{% endfor %}{% endfor %}{% endblock %}",
            0,
        ),
        (
            "{% block sentence %}{% for a in range(999) %}{% for b in range(999) %}{% for c in range(999) %}"
            + 3 * "{% endfor %}"
            + "{% endblock %}",
            1,
        ),
        ("{% block sentence %}{% for a in 'x' if 'x'.ljust(1500000000) %}{% endfor %}{% endblock %}", 1),
        ("{% block sentence %}{{ '{:>1500000000}'.format('x') }}{% endblock %}", 1),
        ("{% block sentence %}{{ '{a:>1500000000}'.format_map({'a': 'x'}) }}{% endblock %}", 1),
        ("{% block sentence %}{{ 'x'.zfill(900000000) ~ 'x'.center(900000000) }}{% endblock %}", 1),
        ("{% block sentence %}{{ ('x' ~ 'y').replace('', 'z' ~ plan.name) }}{% endblock %}", 1),
        ("{% block sentence %}{{ 'a\tb'.expandtabs(900000000) }}{% endblock %}", 1),
        ("{% block sentence %}{% set up = 'x'.join %}{{ up('abc') }}{% endblock %}", 1),
        ("{% block sentence %}\n{% include '../../etc/passwd' %}{% endblock %}", 2),
        ("{% block sentence %}{% import 'common.j2' as c %}{% endblock %}", 1),
        ("{% block sentence %}{{ 1 // 0 }}{% endblock %}", 1),
        ("{% block sentence %}{{ plan.number }}{{ loss.day|clock }}{% endblock %}", 1),
        ("{% block sentence %}{{ self.sentence() }}{% endblock %}", 1),
    ],
)
def test_a_broken_template_loses_no_word_and_the_mail_names_it(folder: Path, words: str, line: int) -> None:
    mine = one(folder, "en/renewal.j2", words)
    mail = english(mine)
    assert "Renew for $5.00 by Fri, Dec 4. Autopay is off" in mail.text
    assert [(problem.file, problem.line) for problem in mail.broken] == [(str(folder / "en/renewal.j2"), line)]
    assert "renewal.j2" in mail.text.partition("\n-- \n")[2]
    assert all(say_problem(problem, code) for problem in mail.broken for code in LANGUAGES)


def test_a_block_that_others_use_is_left_out_with_them(folder: Path) -> None:
    """What it said once is not kept for the shipped block that stands in."""
    for_ever = "{% for a in range(999) %}{% for b in range(999) %}x{% endfor %}{% endfor %}"
    mail = english(one(folder, "en/common.j2", f"{{% block line %}}{for_ever}{{% endblock %}}"))
    assert "Renew    line ending in 0142, $5.00 every 30 days" in mail.text
    assert len(mail.broken) == 1


def test_a_broken_layout_falls_back_too(folder: Path) -> None:
    for name in ("mail.html", "mail.txt"):
        mine = one(folder, name, "{{ pages[7].headline }}")
        mail = english(mine)
        assert "Tello (bank) stops on" in mail.text
        assert "<h1" in mail.html
        assert mail.broken[0].line == 1
        (folder / name).unlink()


def test_only_the_mails_that_would_use_a_broken_template_speak_of_it(folder: Path) -> None:
    mine = one(folder, "en/renewal.j2", "{% block")
    assert english(mine, "bill").broken == ()
    assert "renewal.j2" not in english(mine, runs_it=False).text  # it is not theirs to mend


@pytest.mark.parametrize("mode", [0o664, 0o646, 0o666])
def test_a_template_that_others_may_write_is_not_used(folder: Path, mode: int) -> None:
    one(folder, "en/renewal.j2", "{% block sentence %}mine{% endblock %}")
    (folder / "en/renewal.j2").chmod(mode)
    mine = Overrides.load(folder)
    assert "mine" not in english(mine).text
    assert [problem.code for problem in mine.problems] == ["render.template-writable"]


def test_nor_is_one_in_a_folder_that_others_may_write(folder: Path) -> None:
    one(folder, "en/renewal.j2", "{% block sentence %}mine{% endblock %}")
    (folder / "en").chmod(0o777)
    assert [problem.code for problem in Overrides.load(folder).problems] == ["render.template-writable"]


def test_a_link_out_of_the_folder_is_not_followed(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("{% block sentence %}secret{% endblock %}")
    (folder / "en").mkdir()
    (folder / "en/renewal.j2").symlink_to(tmp_path / "secret")
    mine = Overrides.load(folder)
    assert "secret" not in english(mine).text
    assert [problem.code for problem in mine.problems] == ["render.template-outside"]


def test_names_that_nothing_asks_for_are_told(folder: Path) -> None:
    mine = one(folder, "en/renewel.j2", "{% block sentence %}{% endblock %}")
    assert [problem.code for problem in mine.problems] == ["render.template-unknown"]
    (folder / "en/renewel.j2").unlink()
    mine = one(folder, "en/renewal.j2", "\n{% block sentense %}mine{% endblock %}")
    assert [(problem.code, problem.line, problem.args["guess"]) for problem in mine.problems] == [
        ("render.block-unknown-guess", 2, "sentence")
    ]


def test_what_cannot_be_read_is_told(folder: Path) -> None:
    one(folder, "en/renewal.j2", "")
    (folder / "en/renewal.j2").write_bytes(b"\xff\xfe\xff")
    one(folder, "en/bill.j2", "x" * 70_000)
    mine = Overrides.load(folder)
    assert [problem.code for problem in mine.problems] == ["render.template-large", "render.template-unreadable"]
    for problem in mine.problems:
        for code in LANGUAGES:
            assert re.search(r"\w", say_problem(problem, code))


def test_check_finds_a_broken_block_by_rendering_it(folder: Path) -> None:
    mine = one(folder, "en/renewal.j2", "{% block item %}{{ nothing }}{% endblock %}")
    asked, house = CASES["renewal"]("en")
    facts = asked.blocks[0].facts
    assert [problem.line for problem in probe(facts, house, "en", overrides=mine)] == [1]
    assert probe(facts, house, "zh-CN", overrides=mine) == ()
    month, home = CASES["digest"]("en")
    assert month.digest is not None
    assert probe(month.digest, home, "en", overrides=mine) == ()


def test_a_folder_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    assert Overrides.load(tmp_path / "templates") == Overrides()


@pytest.mark.checkout
def test_every_name_in_the_manual_is_a_template() -> None:
    manual = (TEMPLATES.parent / "docs" / "templates.md").read_text("utf-8")
    for name in re.findall(r"`([a-z-]+\.j2|mail\.\w+)`", manual):
        assert any(known.endswith(name) for known in names()), name


@pytest.mark.checkout
def test_every_name_in_the_manual_can_be_said() -> None:
    manual = (TEMPLATES.parent / "docs" / "templates.md").read_text("utf-8")
    facts, ready = manual.partition("## What you can name")[2].partition("## Limits")[0].split("And ready-made words:")
    names_in = re.findall(r"`([a-z_]+)[`(]", facts) + re.findall(r"`([a-z_]+)[`(]", ready.partition("| filter |")[0])
    known = set(dir(ReminderView)) | set(Facts._fields) | set(sentences("en").globals)
    known |= set(ReminderView(CASES["renewal"]("en")[0].blocks[0].facts, None, *_rest()).__dict__)
    assert set(names_in) - {"None", "renewed"} <= known
    filters = re.findall(r"`([a-z_]+)`", ready.partition("| filter |")[2])
    assert set(filters) - {"range"} <= set(sentences("en").filters)


def _rest() -> tuple[Household, Reader, Language]:
    asked, house = CASES["renewal"]("en")
    return house, reader(asked), language("en")


@pytest.mark.parametrize("make", [os.mkfifo, Path.mkdir])
def test_a_template_that_is_no_file_is_not_waited_for(folder: Path, make: Callable[[Path], None]) -> None:
    (folder / "en").mkdir(parents=True, exist_ok=True)
    make(folder / "en/renewal.j2")
    found = Overrides.load(folder).problems
    assert [problem.code for problem in found] == (["render.template-unreadable"] if make is os.mkfifo else [])
