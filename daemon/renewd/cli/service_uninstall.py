"""`service uninstall`: stops the service and takes its files away; what is yours stays."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

from renewd.cli.commands import DRY_RUN, FOR_USER, ROOT, Command
from renewd.cli.output import writing
from renewd.cli.paths import SYSTEM_STATE
from renewd.cli.screen import Screen
from renewd.cli.service_install import InstallSteps, place_of, systemctl
from renewd.config.handover import FOLDER
from renewd.disk import Paths
from renewd.service.installing import Program, systemd_runs, this_program

COMMAND = Command(
    options=(FOR_USER, ROOT, DRY_RUN),
    examples=("service uninstall",),
)


def run(args: SimpleNamespace, paths: Paths, screen: Screen) -> int:
    """Uninstall it; 0, or 1 where a step failed."""
    place, program = place_of(args), this_program(sys.argv[0])
    steps = InstallSteps(screen, dry=bool(args.dry_run))
    if steps.dry:
        screen.print(screen.words.say("install.dry"))
    state = paths.state if place.user else place.root / SYSTEM_STATE.relative_to("/")
    there = place.unit.exists()
    acts = place.is_here and (systemd_runs() or steps.dry)
    with writing():
        if there and acts:
            steps.run(systemctl(place, "disable", "--now", "renewd"), "stop", may_fail=True)
        elif there and not place.is_here and not place.user:
            steps.run(["systemctl", f"--root={place.root}", "disable", "renewd.service"], "stop", may_fail=True)
        steps.remove(place.unit, "user-unit" if place.user else "unit")
        for unit, about in place.marks_units():
            steps.remove(unit, about)
        if not place.user:
            for kind in ("sysusers", "tmpfiles"):
                steps.remove(place.root / "etc" / f"{kind}.d" / "renewd.conf", kind)
        if place.link is not None and program is not None and _leads_to(place.link, program):
            steps.remove(place.link, "link")
        for page in place.pages():
            steps.remove(page.path, page.about)
        if not (place.user or steps.dry):
            with suppress(OSError):  # without the helper, nobody would take what lies in it
                (state / FOLDER).rmdir()
        if there and acts:
            steps.run(systemctl(place, "daemon-reload"), "daemon-reload")
    screen.print()
    if not there:
        screen.print(screen.words.say("install.end.nothing"))
        return 0
    screen.paragraph(screen.words.say("install.end.removed", config=place.config.parent, state=state))
    for password in place.passwords:
        screen.paragraph(screen.words.say("install.end.password", path=password, command=f"sudo rm {password}"))
    return 1 if steps.failed else 0


def _leads_to(link: Path, program: Program) -> bool:
    return link.is_symlink() and link.readlink() == program.script
