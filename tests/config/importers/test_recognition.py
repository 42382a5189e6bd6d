"""Files that are no list of entries: each is told for what it is, and what to do."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest

from imported_files import imported
from renewd.config.importers import recognize
from renewd.domain.errors import UsageError

ROWS = [{"Name": "网易云", "Payment Cycle": "Monthly", "Next Payment": "2026-12-31", "Price": "$1"}]
WHOLE = json.dumps(ROWS, ensure_ascii=False)


def zipped(name: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr(name, "<x/>")
    return file.getvalue()


@pytest.mark.parametrize("source", [None, "csv"])
@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \r\n\r\n", "empty"),
        (b"<!DOCTYPE html>\n<html><title>Sign in</title></html>", "web-page"),
        (b"\n  <HTML lang=zh><body>", "web-page"),
        (zipped("[Content_Types].xml"), "spreadsheet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(300), "spreadsheet"),
    ],
)
def test_what_no_program_wrote_is_told_apart(data: bytes, code: str, source: str | None) -> None:
    with pytest.raises(UsageError) as refused:
        recognize(data, source)
    assert refused.value.code == f"import.{code}"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"{", "truncated"),
        (b"[", "truncated"),
        (WHOLE.encode()[:12], "truncated"),
        (b'\xef\xbb\xbf{"data": [', "truncated"),
        (WHOLE[:14].encode("utf-16"), "truncated"),
        (b"[" * 100_000, "not-json"),
        (b"{}\n<html>", "not-json"),
        (b"[]", "empty"),
        (WHOLE.replace('"Price"', '"Price": "$9", "Price"').encode(), "key-twice"),
        (b'{"error": {"a": 1, "b": 2, "a": 3}}', "key-twice"),
        (b'[{"a": 1}]', "unknown-json"),
        (b'{"error": "unauthorized"}', "unknown-json"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(200), "not-text"),
        (b"SQLite format 3\x00" + bytes(200), "not-text"),
        (b"%PDF-1.7\n%\x01\x02\n1 0 obj", "not-text"),
        (bytes(range(256)), "not-text"),
    ],
)
def test_json_and_binary_files_are_never_taken_for_csv(data: bytes, code: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refused:
        imported(data, tmp_path)
    assert refused.value.code == f"import.{code}"


CSV = "name,price,renews\n网易云,1,2026-12-31\n健身房,2,2026-12-31"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (CSV.encode()[:24], "truncated"),  # within a character, and so not GBK
        (CSV[:-12].encode(), "truncated"),
        (CSV.replace("健", '"健').encode(), "open-quote"),
        (b"hello world\n", "no-header"),
        (b"[plan.tello]\nrenews = 2026-12-05\n", "no-header"),
    ],
)
def test_a_csv_that_ends_too_early_is_refused_whole(data: bytes, code: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refused:
        imported(data, tmp_path)
    assert refused.value.code == f"import.{code}"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
def test_every_encoding_reads_the_same(encoding: str, tmp_path: Path) -> None:
    for text in (CSV, WHOLE):
        [first, *_] = imported(text.encode(encoding), tmp_path).plans.values()
        assert first.name == "网易云"
