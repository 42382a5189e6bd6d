"""The mail about mistakes in the file, to the owner."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from renewd.delivery.task import Task
from renewd.domain.errors import Problem
from renewd.domain.plans import Person

_DATE_AND_LEAD = "2026-01-01/0"  # every key ends in a date and a lead; these never change, so each mistake is sent once


def problem_task(owner: Person, errors: Sequence[Problem]) -> Task:
    """Return the one mail about these mistakes. Its key is made of them, so that they are sent once."""
    what = repr([(error.code, error.file, error.path, sorted(error.args.items(), key=str)) for error in errors])
    digest = hashlib.sha256(what.encode()).hexdigest()[:8]
    return Task(person=owner, problems=tuple(errors), problem_key=f"@{owner.id}/problem:{digest}/{_DATE_AND_LEAD}")
