"""`service install`: the files of the service in their places, its user, its folder, and the service started."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

from renewd.cli.commands import DRY_RUN, FOR_USER, ROOT, Command
from renewd.cli.output import writing
from renewd.cli.paths import SYSTEM_CONFIG, expanded
from renewd.cli.screen import Screen
from renewd.disk import Paths, read_regular, remove, replace_bytes
from renewd.domain.errors import ConfigError, UsageError
from renewd.render.table import cells_of
from renewd.service.installing import USER, InstalledFile, InstallPlace, Program, systemd_runs, this_program

COMMAND = Command(
    options=(FOR_USER, ROOT, DRY_RUN),
    examples=("service install --dry-run", "service install --user"),
)

_VERBS = ("written", "unchanged", "replaced", "kept", "left", "removed", "run", "failed")
_PATIENCE = 120  # seconds for a command of systemd's; a start waits for READY


class InstallSteps:
    """Carries out steps and prints a line for each; with `dry` it only prints."""

    def __init__(self, screen: Screen, *, dry: bool) -> None:
        self.dry = dry
        self.failed = False
        self._screen = screen
        tense = "would" if dry else "did"
        self._verbs = max(cells_of(self._say(f"{tense}.{verb}")) for verb in _VERBS)

    def write(self, item: InstalledFile) -> None:
        """Write a file, 0644; an older one with other content is kept beside it as `.old`."""
        about = self._say(f"about.{item.about}")
        old = _read(item.path)
        if old == item.text:
            self.line("unchanged", str(item.path), about)
            return
        if old is not None:
            about = self._say("old-kept", about=about, name=f"{item.path.name}.old")
        if not self.dry:
            item.path.parent.mkdir(parents=True, exist_ok=True)
            if old:
                shutil.copyfile(item.path, item.path.with_name(f"{item.path.name}.old"))
            replace_bytes(item.path, item.text.encode())
            item.path.chmod(0o644)
        self.line("written" if old is None else "replaced", str(item.path), about)

    def link(self, path: Path, target: Path) -> None:
        """Make a link to a program, unless something else has the name."""
        about = self._say("about.link")
        if os.path.lexists(path):
            ours = path.is_symlink() and path.readlink() == target
            self.line("unchanged" if ours else "left", str(path), about if ours else self._say("about.link-taken"))
            return
        if not self.dry:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.symlink_to(target)
        self.line("written", str(path), about)

    def remove(self, path: Path, about: str) -> None:
        """Take a file away, and the older one beside it."""
        if not os.path.lexists(path):
            return
        if not self.dry:
            remove(path)
            remove(path.with_name(f"{path.name}.old"))
        self.line("removed", str(path), self._say(f"about.{about}"))

    def run(self, words: Sequence[str], about: str, *, may_fail: bool = False) -> bool:
        """Run a command, and return whether it succeeded."""
        shown = " ".join(words)
        if self.dry:
            self.line("run", shown, self._say(f"about.{about}"))
            return True
        try:
            done = subprocess.run(  # noqa: S603  # the words are ours
                words, capture_output=True, text=True, check=False, timeout=_PATIENCE, stdin=subprocess.DEVNULL
            )
            well, why = done.returncode == 0, (done.stderr or done.stdout).strip()
        except FileNotFoundError:
            well, why = False, self._say("not-here", program=words[0])
        except (OSError, subprocess.TimeoutExpired) as error:
            well, why = False, getattr(error, "strerror", None) or self._say("too-long", n=_PATIENCE)
        self.line("run" if well else "failed", shown, self._say(f"about.{about}"))
        if not well:
            self._screen.print(*(f"    {line}" for line in why.splitlines()))
            self.failed = self.failed or not may_fail
        return well

    def line(self, verb: str, what: str, about: str) -> None:
        """Print one step."""
        text = self._say(f"{'would' if self.dry else 'did'}.{verb}")
        style = {"failed": "red", "left": "yellow"}.get(verb, "dim" if verb in ("unchanged", "kept") else "green")
        room = " " * max(self._verbs + 2 - cells_of(text), 1)
        self._screen.print(f"  {self._screen.style(text, style)}{room}{what}")
        self._screen.print(f"  {' ' * (self._verbs + 2)}{self._screen.style(about, 'dim')}")

    def _say(self, key: str, **args: object) -> str:
        return self._screen.words.say(f"install.{key}", **args)


def run(args: SimpleNamespace, _paths: Paths, screen: Screen) -> int:
    """Install it; 0, or 1 where a step failed or the service could not work."""
    place, program = place_of(args), this_program(sys.argv[0])
    if program is None:
        raise UsageError("install.not-installed", command="sudo pipx install --global .")
    steps = InstallSteps(screen, dry=bool(args.dry_run))
    if steps.dry:
        screen.print(screen.words.say("install.dry"))
    packaged = place.is_packaged(program)
    seen = _warn_of_hidden(program, screen) if not place.user else True
    works = seen or not place.is_here  # another tree has a Python of its own
    with writing():
        if place.link is not None and works and not program.is_found_by_name:
            steps.link(place.link, program.script)  # before the unit, which then names the program alone
        if packaged:
            steps.line("kept", str(place.packaged_unit), screen.words.say("install.about.packaged"))
        for item in () if packaged else place.items(program):
            steps.write(item)
        if not (place.user or packaged):
            _make_user(place, steps)
        ready = _config(place, steps, screen, Path(args.config) if args.config else None, args.now)
        started = _start(place, steps, works=works, ready=ready)
    _end(place, screen, steps, ready=ready, started=started, works=works)
    return 1 if steps.failed or not (works or steps.dry) else 0


def place_of(args: SimpleNamespace) -> InstallPlace:
    """Return where to install. Raises UsageError if that needs other rights."""
    root = Path(args.root).absolute() if args.root else Path("/")
    place = InstallPlace(root=root, user=bool(args.user), environment=os.environ)
    dry = bool(getattr(args, "dry_run", None))
    if place.is_here and not dry:
        if not place.user and os.geteuid() != 0:
            raise UsageError("install.needs-root", command=f"sudo {typed()} {' '.join(sys.argv[1:])}".strip())
        if place.user and os.geteuid() == 0 and os.environ.get("SUDO_USER", "root") != "root":
            raise UsageError("install.without-sudo")
    return place


def systemctl(place: InstallPlace, *words: str) -> list[str]:
    """Return a command for the systemd manager of the service."""
    return ["systemctl", *(["--user"] if place.user else []), *words]


def typed() -> str:
    """Return how this program is typed: its name, or its path where sudo would not find the name."""
    program = this_program(sys.argv[0])
    return str(program.script) if program is not None and not program.is_found_by_name else "renewd"


def _read(path: Path) -> str | None:
    with suppress(OSError):
        return read_regular(path).decode("utf-8", "replace")
    return "" if os.path.lexists(path) else None


def _warn_of_hidden(program: Program, screen: Screen) -> bool:
    if program.hidden is None:
        return True
    on_error = screen.on(sys.stderr)
    on_error.print(on_error.style(screen.words.say("install.hidden", path=program.hidden), "bold yellow"))
    on_error.paragraph(screen.words.say("install.hidden-way-out"))
    on_error.print()
    return False


def _make_user(place: InstallPlace, steps: InstallSteps) -> None:
    below = [] if place.is_here else [f"--root={place.root}"]
    steps.run(["systemd-sysusers", *below, "renewd.conf"], "user")
    steps.run(["systemd-tmpfiles", *below, "--create", "renewd.conf"], "folder")


def _config(place: InstallPlace, steps: InstallSteps, screen: Screen, given: Path | None, now: datetime) -> bool:
    """Write plans.toml if there is none, and return whether renewd can run with it. An existing one is not changed."""
    from renewd.cli.init import starter, write_new

    path = place.config
    if os.path.lexists(path):
        steps.line("kept", str(path), screen.words.say("install.about.kept"))
        _warn_of_rights(place, screen)
        return _is_good(path, screen, now)
    if given is not None and (source := expanded(str(given))).is_file():
        text, about = source.read_text("utf-8"), "copied"
    elif place.user:
        steps.line("left", str(path), screen.words.say("install.about.init"))
        return False
    else:
        text, about = starter(screen.words.code, now), "starter"
    if not steps.dry:
        write_new(path, text)
        if not place.user:
            _give_to_service(place)
    steps.line("written", str(path), screen.words.say(f"install.about.{about}"))
    return about == "copied" and (steps.dry or _is_good(path, screen, now))


def _give_to_service(place: InstallPlace) -> None:
    """Let the service's group read the configuration, and nobody else."""
    group = place.group()
    if group is not None and os.geteuid() == 0:
        os.chown(place.config, 0, group)
        place.config.chmod(0o640)


def _warn_of_rights(place: InstallPlace, screen: Screen) -> None:
    """Print a note if the service may not read an existing configuration."""
    group = place.group()
    if place.user or group is None or os.geteuid() != 0:
        return
    facts = place.config.stat()
    if facts.st_mode & 0o004 or (facts.st_gid == group and facts.st_mode & 0o040):
        return
    commands = f"chgrp {USER} {place.config} && chmod 640 {place.config}"
    screen.print(f"    {screen.words.say('install.unreadable', command=commands)}")


def _is_good(path: Path, screen: Screen, now: datetime) -> bool:
    from renewd.config import say_problem
    from renewd.config.config_files import open_config
    from renewd.service.sandbox import hidden_from_service

    try:
        household = open_config(path, now, language=screen.words.code).loaded.household
    except ConfigError:
        return False
    if path == SYSTEM_CONFIG:
        for problem in hidden_from_service(household, path):
            screen.print(f"    {say_problem(problem, screen.words.code)}")
    return True


def _start(place: InstallPlace, steps: InstallSteps, *, works: bool, ready: bool) -> bool:
    """Enable and start the service, if it can work."""
    if not place.is_here:
        if not place.user and ready and works:
            steps.run(["systemctl", f"--root={place.root}", "enable", "renewd.service"], "enable")
        return False
    if not (systemd_runs() or steps.dry):
        return False
    steps.run(systemctl(place, "daemon-reload"), "daemon-reload")
    if not (ready and works):
        return False
    steps.run(systemctl(place, "enable", "renewd"), "enable")
    return steps.run(systemctl(place, "restart", "renewd"), "restart")


def _end(place: InstallPlace, screen: Screen, steps: InstallSteps, *, ready: bool, started: bool, works: bool) -> None:
    """Print the result, and what to type next."""
    say = screen.words.say
    sudo, user = ("", " --user") if place.user else ("sudo ", "")
    renewd = f"{sudo}{typed()}"
    screen.print()
    if steps.dry:
        screen.print(say("install.end.dry"))
        return
    if started:
        screen.print(screen.style(say("install.end.started"), "bold green"))
        rows = [(f"systemctl{user} status renewd", "look"), (f"{renewd} test-mail", "test-mail")]
        if place.user:
            rows.append(("loginctl enable-linger", "linger"))
    elif not works:
        screen.print(screen.style(say("install.end.hidden"), "bold yellow"))
        rows = []
    else:
        screen.print(screen.style(say("install.end.placed" if ready else "install.end.config"), "bold"))
        rows = [] if ready else [(f"{sudo}{os.environ.get('EDITOR', 'nano')} {place.config}", "edit")]
        if place.user and not place.config.exists():
            rows = [(f"{renewd} init", "init")]
        config = "" if place.user else f" --config {place.config}"
        rows += [(f"{renewd}{config} check", "check")]
        rows += [(f"{sudo}systemctl{user} enable --now renewd", "start")]
        if steps.failed and ready:
            rows = [(f"{sudo}journalctl{user} -u renewd -n 20", "why")]
    screen.table([[(f"  {command}", "cyan"), say(f"install.then.{what}")] for command, what in rows], ("", ""), "ll")
