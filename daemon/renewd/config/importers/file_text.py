"""The text of a file in whichever encoding it was saved, and what a file is that no importer can read."""

from __future__ import annotations

import re

from renewd.domain.errors import UsageError

_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_HEAD = 4000  # bytes that tell what a file is
_SPREADSHEETS = (b"\xd0\xcf\x11\xe0", b"[Content_Types].xml", b"opendocument.spreadsheet")
_PAGE = re.compile(r"\s*(?:<\?xml[^>]*>\s*)?<(?:!doctype html|html|head|body|script)\b", re.IGNORECASE)
_JSON = re.compile(r'[\[{]\s*(?:["\[{\]}\d-]|true|false|null|$)')  # and no table of TOML
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x19\x1b-\x1f]")


def text_of(data: bytes) -> str:
    """Return the text of a file in UTF-8, UTF-16 or GBK. Raises UsageError."""
    encodings = ("utf-16",) if data[:2] in _UTF_16 else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError as error:
            if encoding == "utf-8-sig" and error.reason == "unexpected end of data":  # not GBK, but cut in a character
                raise UsageError("import.truncated", line=data.count(b"\n") + 1) from error
    raise UsageError("import.not-utf-8")


def beginning(data: bytes) -> str:
    """Return the first characters of a file without white space before them; those that are none become U+FFFD."""
    encoding = "utf-16" if data[:2] in _UTF_16 else "utf-8-sig"
    return data[:_HEAD].decode(encoding, "replace").lstrip()


def is_json(data: bytes) -> bool:
    """Whether a file begins as a JSON object or list does, as no CSV begins."""
    return bool(_JSON.match(beginning(data)))


def is_text(data: bytes) -> bool:
    """Whether a file has no byte at its beginning that no text has."""
    return not _CONTROL.search(beginning(data))


def refuse_what_is_no_list(data: bytes) -> None:
    """Raise UsageError for a file without entries whichever program wrote it: empty, a web page, a spreadsheet."""
    if not data.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise UsageError("import.empty")
    if _PAGE.match(beginning(data)):
        raise UsageError("import.web-page")
    if data.startswith((b"PK\x03\x04", _SPREADSHEETS[0])) and any(sign in data[:_HEAD] for sign in _SPREADSHEETS):
        raise UsageError("import.spreadsheet")
