"""Commands run as they are typed, on real files, with an instant and a terminal of the test's choosing."""

from __future__ import annotations

import io
import os
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from golden_files import check_golden
from renewd.cli import main

HERE = Path(__file__).parent / "cli"
NOW = datetime(2026, 12, 1, 23, 14, tzinfo=UTC)  # Tue, Dec 1, 6:14 PM in New York
NAMES = {
    "en": {
        "MOM": "mom", "TELLO": "Tello (bank)", "MAIN": "T-Mobile main", "USMOBILE": "US Mobile data",
        "RP": "Mom’s Red Pocket", "ATT": "AT&T spare", "ULTRA": "Ultra purple",
    },
    "zh-CN": {
        "MOM": "妈妈", "TELLO": "Tello 银行号", "MAIN": "T-Mobile 主号", "USMOBILE": "US Mobile 流量卡",
        "RP": "妈妈的 Red Pocket", "ATT": "AT&T 备用号", "ULTRA": "Ultra 紫卡",
    },
}  # fmt: skip
LOCALES = {"en": "en_US.UTF-8", "zh-CN": "zh_CN.UTF-8"}


class Said(NamedTuple):
    """What a command wrote, and its exit code."""

    code: int
    out: str
    err: str
    raw: bytes


class Terminal(io.TextIOWrapper):
    """A stream that says whether it is a terminal."""

    def __init__(self, *, tty: bool, typed: str = "") -> None:
        super().__init__(io.BytesIO(typed.encode()), encoding="utf-8", write_through=True)
        self.tty = tty

    def isatty(self) -> bool:
        return self.tty

    def written(self) -> bytes:
        buffer = self.buffer
        assert isinstance(buffer, io.BytesIO)
        return buffer.getvalue()


@dataclass
class Shell:
    """A user at a prompt: their file and state folder, their language, their terminal."""

    folder: Path
    monkeypatch: pytest.MonkeyPatch
    language: str = "en"
    width: int = 80
    tty: bool = False
    stdin_tty: bool = False
    typed: str = ""
    now: datetime = NOW
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def config(self) -> Path:
        return self.folder / "plans.toml"

    @property
    def state(self) -> Path:
        return self.folder / "state"

    def write(self, text: str) -> Path:
        self.config.write_bytes(text.encode())
        self.config.chmod(0o600)
        return self.config

    def seven(self) -> Path:
        text = (HERE / "data" / "seven.toml").read_text("utf-8")
        for name, words in NAMES[self.language].items():
            text = text.replace(f"NAME-{name}", words)
        return self.write(f'language = "{self.language}"\n{text}')

    def __call__(self, *argv: str) -> Said:
        with self.monkeypatch.context() as patch:
            for name in [name for name in os.environ if name.startswith(("LC_", "XDG_", "RENEWD_"))]:
                patch.delenv(name)
            for name in ("STATE_DIRECTORY", "NO_COLOR", "TZ", "CREDENTIALS_DIRECTORY"):
                patch.delenv(name, raising=False)
            patch.setenv("LANG", LOCALES[self.language])
            patch.setenv("HOME", str(self.folder))
            patch.setenv("COLUMNS", str(self.width))
            patch.setenv("TERM", "xterm-256color")
            patch.setenv("RENEWD_CONFIG", str(self.config))
            patch.setenv("XDG_STATE_HOME", str(self.folder / "xdg"))
            for name, value in self.environment.items():
                patch.setenv(name, value)
            patch.chdir(self.folder)
            out, err = Terminal(tty=self.tty), Terminal(tty=self.tty)
            patch.setattr(sys, "stdout", out)
            patch.setattr(sys, "stderr", err)
            patch.setattr(sys, "stdin", Terminal(tty=self.stdin_tty, typed=self.typed))
            patch.setenv("STATE_DIRECTORY", str(self.state))
            code = main(argv, now=self.now)
            return Said(code, out.written().decode(), err.written().decode(), out.written())


def golden(name: str, text: str) -> None:
    """Compare with a file of tests/cli/golden."""
    check_golden(HERE / "golden" / name, text)
