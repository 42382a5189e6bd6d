"""What was recorded lately, as pages show it: what it means, and the button that takes the last write back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from renewd.config.fact_log import FactRecord
from renewd.web.forms import Form, FormMaker
from renewd.web.visit import Visit
from renewd.web.wording import Wording


class RecentFacts(NamedTuple):
    """How a page shows recorded facts to the reader of a visit."""

    visit: Visit
    words: Wording
    forms: FormMaker

    def notice(self, records: Sequence[FactRecord]) -> dict[str, object] | None:
        """Return what the reader has just done, from the page's records; the newest come first."""
        say = self.words.say
        if self.visit.said == "undone":
            return {"words": say("recent.undone"), "undo": None}
        if self.visit.said != "done" or not records:
            return None
        written = (self.note(record) for record in records if record.write == records[0].write)
        return {"words": self.words.sentences(say("recent.done"), *written), "undo": self.undo(records[0])}

    def note(self, record: FactRecord) -> str:
        """Return what a recorded fact means."""
        return self.words.notes(self.visit.household.plans.get(record.plan), record.plan, record.says)

    def undo(self, record: FactRecord) -> Form | None:
        """Return the button that takes back all facts of a record's write; None if they can no longer be."""
        if record.write != self.visit.undoable:
            return None
        together = sum(one.write == record.write for one in self.visit.records())
        return self.forms.undo(record.write, self.words.say("recent.undo", n=together))
