"""What cannot be rendered is found before it is due, once for all plans that are alike."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path

import pytest

from renewd.domain.plans import Balance, Bill, Household, Person, Plan
from renewd.render.overrides import Overrides
from renewd.service import preflight
from renewd.service.plan_shape import shape_of

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
TODAY = date(2026, 12, 1)
ME = Person(id="me", name="Lee", email="me@example.com", languages=("en",), zone="America/New_York", send_at=time(9))
PLAN = Plan(
    id="a",
    name="A",
    told=("me",),
    number="+12065550142",
    renews=date(2026, 12, 20),
    price=Decimal(5),
    currency="USD",
    late="reset",
    zone="America/New_York",
)


def household(*plans: Plan) -> Household:
    return Household(
        zone="America/New_York",
        languages=("en",),
        currency="USD",
        people={"me": ME},
        plans={plan.id: plan for plan in plans},
    )


def rendered(monkeypatch: pytest.MonkeyPatch, home: Household, overrides: Overrides | None) -> set[str]:
    """Return the plans of which something was rendered."""
    plans: set[str] = set()
    real = preflight._of_plan

    def seen(plan: Plan, *rest: object) -> object:
        plans.add(plan.id)
        return real(plan, *rest)

    monkeypatch.setattr(preflight, "_of_plan", seen)
    assert preflight.probe_all(home, NOW, overrides, lambda _: None) == ()
    return plans


def test_one_plan_of_each_shape_is_rendered(monkeypatch: pytest.MonkeyPatch) -> None:
    alike = PLAN._replace(id="b", name="B", number="+12065550143", renews=date(2026, 12, 22), price=Decimal(7))
    other = PLAN._replace(id="c", price=None)
    assert rendered(monkeypatch, household(PLAN, alike, other), None) == {"a", "c"}


def test_all_are_rendered_with_a_template_of_one_s_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "renewal.j2").write_text("{% block subject %}{{ name }}{% endblock %}")
    (tmp_path / "en" / "renewal.j2").chmod(0o600)
    alike = PLAN._replace(id="b", name="B")
    assert rendered(monkeypatch, household(PLAN, alike), Overrides.load(tmp_path)) == {"a", "b"}


def test_the_report_is_rendered_with_templates_of_one_s_own(tmp_path: Path) -> None:
    own = {
        "report.html": "{{ no.such.thing }}",
        "en/report.j2": "{% block item_backups_none %}{{ 1 / 0 }}{% endblock %}",
    }
    for name, text in own.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o600)
    problems = preflight.probe_all(household(PLAN), NOW, Overrides.load(tmp_path), lambda _: None)
    assert {problem.file for problem in problems} == {str(tmp_path / name) for name in own}


@pytest.mark.parametrize(
    "other",
    [
        PLAN._replace(number=None),
        PLAN._replace(price=Decimal(0)),
        PLAN._replace(late="keep"),
        PLAN._replace(renews=date(2026, 11, 20)),
        PLAN._replace(balance=Balance(amount=Decimal(5), on=TODAY)),
        PLAN._replace(bills=(Bill(what="October"),)),
        PLAN._replace(autopay=True),
    ],
)
def test_what_is_set_and_what_is_not_makes_the_shape(other: Plan) -> None:
    assert shape_of(other, TODAY) != shape_of(PLAN, TODAY)
    assert shape_of(other._replace(id="z", name="Z", note=None), TODAY) == shape_of(other, TODAY)
