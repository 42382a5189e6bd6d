"""JSON files: the objects in them, or what is wrong with the file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal

from renewd.domain.errors import UsageError

MOST_BYTES = 64 * 1024 * 1024


def is_json(data: bytes) -> bool:
    """Whether a file begins as a JSON object or list."""
    return data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[")


def objects_of(data: bytes, *path: str) -> list[Mapping[str, object]]:
    """Return the list of objects at a path of a JSON file, or the file itself if it is that list. Raises UsageError."""
    try:
        found = json.loads(data.decode("utf-8-sig"), parse_float=Decimal)
    except UnicodeDecodeError as error:
        raise UsageError("import.not-utf-8") from error
    except json.JSONDecodeError as error:
        text = error.doc.strip()
        if error.pos >= len(text) or text[-1:] != {"{": "}", "[": "]"}.get(text[:1]):
            raise UsageError("import.truncated", line=text.count("\n") + 1) from error
        raise UsageError("import.not-json", line=error.lineno) from error
    except RecursionError as error:
        raise UsageError("import.not-json", line=1) from error
    for part in path:
        found = found.get(part) if isinstance(found, dict) else found
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise UsageError("import.no-list", path=".".join(path) or "[]")
    return found
