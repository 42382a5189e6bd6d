"""JSON files: the objects in them, or what is wrong with the file."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal

from renewd.config.clean import clean
from renewd.config.importers.file_text import text_of
from renewd.domain.errors import UsageError

MOST_BYTES = 64 * 1024 * 1024


def objects_of(data: bytes, *path: str) -> list[Mapping[str, object]]:
    """Return the list of objects at a path of a JSON file, or the file itself if it is that list. Raises UsageError."""
    found = parse_json(data)
    for part in path:
        found = found.get(part) if isinstance(found, dict) else found
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise UsageError("import.no-list", path=".".join(path) or "[]")
    return found


def parse_json(data: bytes) -> object:
    """Return what a JSON file holds. Raises UsageError with the line on which it ends too early, or is wrong."""
    try:
        return json.loads(text_of(data), parse_float=Decimal, object_pairs_hook=_once_each)
    except json.JSONDecodeError as error:
        text = error.doc.strip()
        is_cut = error.pos >= len(text) or text[-1:] != {"{": "}", "[": "]"}.get(text[:1])
        if is_cut and not error.msg.startswith("Extra data"):
            raise UsageError("import.truncated", line=text.count("\n") + 1) from error
        raise UsageError("import.not-json", line=error.lineno) from error
    except RecursionError as error:
        raise UsageError("import.not-json", line=1) from error


def _once_each(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Return an object. Raises UsageError where it has a key twice: nobody can know which of the two is meant."""
    found = dict(pairs)
    if len(found) < len(pairs):
        [(key, _)] = Counter(key for key, _ in pairs).most_common(1)
        raise UsageError("import.key-twice", key=clean(key, 60))
    return found
