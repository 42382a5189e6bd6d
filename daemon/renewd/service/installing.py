"""The files of the systemd service: where each belongs, and what the unit of this installation says.

Nothing is written here; `cli/service_install.py` does that, step by step and in words.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from renewd.assets import ASSETS

UNIT = "renewd.service"
_MARKS_UNITS = {"renewd-marks.service": "marks-unit", "renewd-marks.path": "marks-path"}
USER = "renewd"
CREDSTORE = Path("etc/credstore")
PACKAGED_PROGRAM = Path("/usr/bin/renewd")

# Where systemd looks for a program that a unit names without a folder (systemd.exec, ExecSearchPath=).
_SEARCHED = tuple(map(Path, ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")))
# What ProtectHome= and PrivateTmp= of the unit hide, and what its ExecPaths= leaves runnable.
_HIDDEN = tuple(map(Path, ("/home", "/root", "/run/user", "/tmp", "/var/tmp")))  # noqa: S108  # none is written to
_RUNNABLE = tuple(map(Path, ("/usr", "/lib", "/lib64", "/bin", "/sbin", "/opt")))
_EXEC_PATHS = "ExecPaths=/usr /lib /lib64 /bin /sbin /opt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """An installed renewd: its console script, and the folders of the Python that it needs to run."""

    script: Path
    folders: tuple[Path, ...]
    package: Path
    searched: tuple[Path, ...] = _SEARCHED

    @property
    def is_found_by_name(self) -> bool:
        """Whether systemd finds this very script as `renewd`."""
        for folder in self.searched:
            if os.path.lexists(folder / "renewd"):
                return os.path.realpath(folder / "renewd") == os.path.realpath(self.script)
        return False

    @property
    def hidden(self) -> Path | None:
        """The paths of it that the system service cannot see."""
        script = Path(os.path.realpath(self.script))
        parts = (*self.folders, script, self.package)
        return next((part for part in parts if any(part.is_relative_to(folder) for folder in _HIDDEN)), None)

    @property
    def elsewhere(self) -> tuple[Path, ...]:
        """The folders, beside the usual ones, whose programs the unit must allow."""
        return tuple(folder for folder in self.folders if not any(folder.is_relative_to(usual) for usual in _RUNNABLE))


def this_program(argv0: str) -> Program | None:
    """Return the renewd that is running; None for a checkout."""
    candidates = [Path(argv0), Path(sys.executable).with_name("renewd"), Path(shutil.which("renewd") or "")]
    script = next(
        (one for one in candidates if one.name == "renewd" and os.access(one, os.X_OK) and one.is_file()), None
    )
    if script is None:
        return None
    folders = dict.fromkeys(Path(os.path.realpath(name)) for name in (sys.prefix, sys.base_prefix))
    return Program(
        script=script.absolute(),
        folders=tuple(folders),
        package=Path(os.path.realpath(__file__)).parent,
    )


class InstalledFile(NamedTuple):
    """A file of the service: where it goes, what it holds, and the sentence `install.about.…` that says why."""

    path: Path
    text: str
    about: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallPlace:
    """Where the files go: the system's folders or one user's, below `root` (`/`, or another tree)."""

    root: Path
    user: bool
    environment: Mapping[str, str]

    @property
    def is_here(self) -> bool:
        """Whether it is this machine, not another tree."""
        return self.root == Path("/")

    @property
    def unit(self) -> Path:
        """The unit file."""
        if self.user:
            return self._home("XDG_CONFIG_HOME", ".config") / "systemd" / "user" / UNIT
        return self.root / "etc" / "systemd" / "system" / UNIT

    @property
    def packaged_unit(self) -> Path:
        """The unit file that the Debian package brings."""
        return self.root / "usr/lib/systemd" / ("user" if self.user else "system") / UNIT

    def is_packaged(self, program: Program) -> bool:
        """Whether the Debian package brought the program together with its unit."""
        return program.script == PACKAGED_PROGRAM and self.packaged_unit.exists()

    @property
    def config(self) -> Path:
        """The plans.toml that the service reads."""
        if self.user:
            return self._home("XDG_CONFIG_HOME", ".config") / "renewd" / "plans.toml"
        return self.root / "etc" / "renewd" / "plans.toml"

    @property
    def link(self) -> Path | None:
        """The link that puts `renewd` on everybody's PATH, sudo's too; none for one user's service."""
        return None if self.user else self.root / "usr/local/bin/renewd"

    @property
    def passwords(self) -> list[Path]:
        """The passwords that are stored for the service."""
        stores = (self.root / f"{CREDSTORE}{tail}" / "smtp-password" for tail in ("", ".encrypted"))
        return [] if self.user else [path for path in stores if os.path.lexists(path)]

    @property
    def manuals(self) -> Path:
        """The folder of the man pages."""
        return (self._home("XDG_DATA_HOME", ".local/share") if self.user else self.root / "usr/local/share") / "man"

    def items(self, program: Program) -> Iterator[InstalledFile]:
        """Yield the files to install."""
        source = ASSETS / "systemd"
        yield InstalledFile(self.unit, self.unit_text(program), "user-unit" if self.user else "unit")
        for path, about in self.marks_units():
            yield InstalledFile(path, self.unit_text(program, path.name), about)
        if not self.user:
            for kind in ("sysusers", "tmpfiles"):
                text = (source / f"renewd.{kind}").read_text("utf-8")
                yield InstalledFile(self.root / "etc" / f"{kind}.d" / "renewd.conf", text, kind)
        yield from self.pages()

    def marks_units(self) -> Iterator[tuple[Path, str]]:
        """Yield the units that write what people record on their pages, which a user's own service can do itself."""
        if not self.user:
            for name, about in _MARKS_UNITS.items():
                yield self.unit.with_name(name), about

    def pages(self) -> Iterator[InstalledFile]:
        """Yield the man pages in each language: man1/renewd.1, zh_CN/man1/renewd.1."""
        shipped = manuals()
        for page in sorted(shipped.glob("**/*.[15]")):
            folder = page.parent.relative_to(shipped) / f"man{page.suffix[1:]}"
            yield InstalledFile(self.manuals / folder / page.name, page.read_text("utf-8"), "manual")

    def unit_text(self, program: Program, name: str = UNIT) -> str:
        """Return the text of a unit for a program; it has the program's path only where its name is not enough."""
        if self.user:
            text = (ASSETS / "systemd" / "user" / UNIT).read_text("utf-8")
            usual = Path(self.environment.get("HOME") or "/") / ".local/bin/renewd"
            return text if program.script == usual else text.replace("%h/.local/bin/renewd", _word(program.script))
        text = (ASSETS / "systemd" / name).read_text("utf-8")
        if not program.is_found_by_name:
            text = text.replace("=renewd ", f"={_word(program.script)} ")
        if program.elsewhere:
            text = text.replace(_EXEC_PATHS, " ".join((_EXEC_PATHS, *map(_word, program.elsewhere))))
        return text

    def group(self) -> int | None:
        """Return the number of the service's group in that tree; None where it is not there yet."""
        try:
            lines = (self.root / "etc" / "group").read_text("utf-8", "replace").splitlines()
        except OSError:
            return None
        found = (line.split(":") for line in lines if line.startswith(f"{USER}:"))
        return next((int(fields[2]) for fields in found if len(fields) > 2 and fields[2].isdigit()), None)

    def _home(self, name: str, default: str) -> Path:
        value = self.environment.get(name, "")
        folder = Path(value) if value.startswith("/") else Path(self.environment.get("HOME") or "/") / default
        return self.root / folder.relative_to("/")


def manuals() -> Path:
    """Return the folder of the man pages that ship with the program."""
    shipped = ASSETS / "man"
    return shipped if shipped.is_dir() else ASSETS / "docs" / "man"


def systemd_runs() -> bool:
    """Whether systemd runs this machine (sd_booted)."""
    return Path("/run/systemd/system").is_dir()


def _word(path: Path) -> str:
    """Return a path with % and spaces escaped for a unit file."""
    text = str(path).replace("\\", "\\\\").replace("%", "%%")
    return f'"{text}"' if any(character in text for character in " \"'\\;") else text
