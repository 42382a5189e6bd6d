"""A copy of the project in a folder of its own, to be changed as CONTRIBUTING says and then run."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

PROJECT = Path(__file__).parents[2]
_COPIED = ("daemon", "templates", "config", "systemd", "docs", "pyproject.toml", "CONTRIBUTING.md")


@dataclass(slots=True)
class Scratch:
    """A copy of the project, a home beside it with a plans.toml and a state folder, and what may be done with them."""

    project: Path
    home: Path
    process: subprocess.Popen[str]  # imports a module of the copy once, when the first command needs it

    @property
    def state(self) -> Path:
        """The state folder of every `renewd` that runs here."""
        return self.home / "state"

    def path(self, name: str) -> Path:
        """Return a path of the project, `daemon/renewd/i18n.py`; what is not copied from it is in the home."""
        return (self.project if name.split("/", maxsplit=1)[0] in _COPIED else self.home) / name

    def write(self, name: str, text: str) -> Path:
        """Write a file; folders that it needs are made."""
        file = self.path(name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
        file.chmod(0o600)
        return file

    def replace(self, name: str, old: str, new: str) -> None:
        """Replace a text that occurs once in a file."""
        text = self.path(name).read_text("utf-8")
        assert text.count(old) == 1, f"{name}: {old!r} occurs {text.count(old)} times"
        self.path(name).write_text(text.replace(old, new), "utf-8")

    def append(self, name: str, text: str) -> None:
        """Add a text to the end of a file."""
        with self.path(name).open("a", encoding="utf-8") as file:
            file.write(text)

    def recipe(self, heading: str) -> dict[str, str]:
        """Return the files that a section of CONTRIBUTING shows, by name: each follows the words that name it."""
        return dict(re.findall(r"`([\w./-]+)`:\n\n```\w+\n(.*?)```", self._section(heading), re.DOTALL))

    def recipe_lines(self, heading: str) -> list[str]:
        """Return the single lines of Python that a section of CONTRIBUTING shows."""
        return re.findall(r"```python\n([^\n]*)\n```", self._section(heading))

    def _section(self, heading: str) -> str:
        return self.path("CONTRIBUTING.md").read_text("utf-8").split(f"### {heading}\n")[1].split("\n### ")[0]

    def insert(self, name: str, text: str) -> None:
        """Put each table's lines into the table of that name in a TOML file; a new table goes to the end."""
        there = self.path(name).read_text("utf-8")
        for table, lines in re.findall(r"(\[[\w.-]+\]\n)(.*?)(?=\n\[|\Z)", text, re.DOTALL):
            if f"\n{table}" in there:
                there = there.replace(f"\n{table}", f"\n{table}{lines.rstrip()}\n")
            else:
                there += f"\n{table}{lines}"
        self.path(name).write_text(there, "utf-8")

    def follow(self, heading: str) -> dict[str, str]:
        """Write the files of a recipe, what belongs into a file that is there into that file, and return them."""
        files = self.recipe(heading)
        for name, text in files.items():
            there = self.append if self.path(name).exists() else self.write
            (self.insert if name.endswith(".toml") else there)(name, text)
        return files

    def renewd(
        self, *args: str, language: str = "en", code: int | None = 0, now: datetime | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run `python -m renewd` of the copy on its `plans.toml`; with `code` None, any exit code will do.

        Where `now` is given, it is that instant for the commands that take one (not for `run`).
        """
        if now is None:
            return self.python("-m", "renewd", *args, language=language, code=code)
        called = f"main(sys.argv[1:], now=datetime.fromisoformat({now.isoformat()!r}))"
        program = f"import sys; from datetime import datetime; from renewd.cli import main; sys.exit({called})"
        return self.python("-c", program, *args, language=language, code=code)

    def python(self, *args: str, language: str = "en", code: int | None = 0) -> subprocess.CompletedProcess[str]:
        """Run Python with the copy's `renewd` in front of any that is installed."""
        locale = {"en": "en_US.UTF-8", "zh-CN": "zh_CN.UTF-8"}.get(language, language)
        environment = {
            "PATH": os.environ["PATH"],
            "LANG": locale,
            "HOME": str(self.home),
            "COLUMNS": "100",
            "RENEWD_CONFIG": str(self.home / "plans.toml"),
            "STATE_DIRECTORY": str(self.state),
        }
        assert self.process.stdin
        assert self.process.stdout
        print(json.dumps([args, str(self.home), environment]), file=self.process.stdin, flush=True)
        done = subprocess.CompletedProcess(args, *json.loads(self.process.stdout.readline()))
        if code is not None:
            assert done.returncode == code, f"{args}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done


@contextmanager
def scratch_copy(folder: Path) -> Iterator[Scratch]:
    """Copy what the program is made of into a new folder, and start the process that carries out its commands."""
    project, home = folder / "scratch", folder / "home"
    home.mkdir()
    project.mkdir()
    sources = [str(PROJECT / name) for name in _COPIED]
    # Compiled modules too, no older than their sources: then each start is faster.
    subprocess.run(["cp", "--archive", *sources, str(project)], check=True)
    with subprocess.Popen(
        [sys.executable, Path(__file__).with_name("scratch_process.py")],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(project / "daemon"), "LANG": "en_US.UTF-8"},
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        yield Scratch(project, home, process)
