"""What is in the way of leaving a plan, on its page: each step with the button that writes it down."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from renewd.domain.checklist_items import ChecklistItem
from renewd.domain.findings import item_id
from renewd.domain.plans import Plan
from renewd.i18n import language
from renewd.render.mail_parts import Link
from renewd.render.markup import apart, own
from renewd.render.views import step_words
from renewd.web.asked_fact import AskedFact, ask
from renewd.web.forms import FormMaker
from renewd.web.open_items import PageItem
from renewd.web.wording import Wording

_WORDED = ("renewed", "backed-up", "kept", "none")  # facts whose button has a sentence of its own
_PLAIN = ("checked", "renewed")  # facts whose item is no id of the plan's


class LeavingSteps:
    """Makes the steps of one plan that is to be left."""

    def __init__(self, plan: Plan, todo: Sequence[ChecklistItem], words: Wording, forms: FormMaker) -> None:
        self._plan = plan
        self._todo = todo
        self._words = words
        self._forms = forms

    def section(self, offered: Collection[str], checklist: Link) -> dict[str, object] | None:
        """Return the steps that are not offered by another button; those without one of their own in a sentence."""
        steps = [(item, self._fact(item)) for item in self._todo]
        found = [(item, fact) for item, fact in steps if fact is None or fact.value not in offered]
        if not found:
            return None
        others = [self._said(item) for item, fact in found if fact is None]
        say = self._words.say
        return {
            "title": say("plan.steps-more" if len(found) < len(steps) else "plan.steps", n=len(found)),
            "found": [self._item(item, fact) for item, fact in found if fact is not None],
            "about": say("plan.steps-rest"),
            "others": others,
            "checklist": checklist,
        }

    def _fact(self, item: ChecklistItem) -> AskedFact | None:
        if item.fact is None or item.later or not self._forms.records:
            return None
        what, name = item.fact
        return ask(self._plan, what, name if what in _PLAIN or name in ("", "final") else item_id(name))

    def _item(self, item: ChecklistItem, fact: AskedFact) -> PageItem:
        say = self._words.say
        kicker = self._words.said(f"report.section.{item.section}")
        return PageItem(
            id=f"step-{item.section}-{item.id.partition(':')[2] or item.id}",
            tone="red" if item.final else "amber",
            kicker=say("plan.step-by", what=kicker, day=item.due) if item.due else kicker,
            title=self._said(item),
            sentence="",
            forms=[self._forms.tap(fact, self._button(item, fact.what))],
        )

    def _button(self, item: ChecklistItem, what: str) -> str:
        """Return the words of a step's button: a statement, with its sum if there is one."""
        say, money = self._words.say, item.args.get("money")
        if what == "paid":
            return say("record.bill-sum", money=money) if money is not None else say("record.bill")
        if what == "moved":
            return say("record.moved", what=own(str(item.args["service"])))
        key = "none" if what == "checked" else what
        return say(f"record.{key}") if key in _WORDED else say("record.step", what=say(f"form.{what}"))

    def _said(self, item: ChecklistItem) -> str:
        code = self._words.code
        return apart(step_words(item, language(code)), code)
