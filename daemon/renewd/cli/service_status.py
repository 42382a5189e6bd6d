"""`service status`: whether the service is installed as this renewd would, enabled, running, and what it says."""

from __future__ import annotations

import os
import subprocess
import sys
from types import SimpleNamespace

from renewd.cli.commands import FOR_USER, Command
from renewd.cli.screen import Screen
from renewd.cli.service_install import place_of, systemctl, typed
from renewd.disk import Paths
from renewd.service.installing import CREDSTORE, InstallPlace, this_program

COMMAND = Command(
    options=(FOR_USER,),
    examples=("service status",),
)

_ASKED = ("UnitFileState", "ActiveState", "SubState", "StatusText", "Result", "NRestarts", "NeedDaemonReload")


def run(args: SimpleNamespace, _paths: Paths, screen: Screen) -> int:
    """Print it; 0 where the service is in place and runs, else 1."""
    args.root, args.dry_run = None, True  # it only looks, for which no rights are needed
    place, say = place_of(args), screen.words.say
    unit = place.unit if place.unit.exists() else place.packaged_unit
    there = unit.exists()
    current = there and (unit == place.packaged_unit or _is_current(place))
    facts = _ask(place) if there else {}
    runs = facts.get("ActiveState") == "active"
    key = "runs" if runs else "stands" if there else "absent"
    healthy = runs and current and facts.get("NeedDaemonReload") != "yes"
    screen.print(screen.style(say(f"install.status.{key}"), "bold green" if healthy else "bold red"))
    rows = []
    if there:
        rows.append(("unit", f"{unit}{'' if current else say('install.status.older')}"))
        rows.append(("config", f"{place.config}{'' if _is_there(place) else say('install.status.no-config')}"))
    if facts:
        rows.append(("enabled", facts["UnitFileState"] or "-"))
        restarts = facts.get("NRestarts", "0")
        again = say("install.status.restarts", n=int(restarts)) if restarts.isdigit() and int(restarts) else ""
        rows.append(("state", f"{facts['ActiveState']} ({facts['SubState']}){again}"))
        if facts.get("StatusText"):
            rows.append(("says", facts["StatusText"]))
    elif there:
        rows.append(("state", say("install.status.no-manager")))
    if there and not place.user:
        rows.append(("password", _password()))
    if rows:
        screen.print()
        screen.table([[(say(f"install.label.{name}"), "bold"), value] for name, value in rows], ("", ""), "ll")
    if healthy:
        return 0
    user = " --user" if place.user else ""
    sudo = "" if place.user else "sudo "
    commands = [f"{sudo}{typed()} service install{user}"] if not current else []
    if there and facts and not runs:
        commands += [f"{sudo}systemctl{user} start renewd", f"{sudo}journalctl{user} -u renewd -n 20"]
    screen.print("", *(screen.style(f"  {command}", "cyan") for command in commands))
    return screen.exit(1)


def _is_current(place: InstallPlace) -> bool:
    program = this_program(sys.argv[0])
    try:
        return program is not None and place.unit.read_text("utf-8") == place.unit_text(program)
    except (OSError, UnicodeDecodeError):
        return False


def _is_there(place: InstallPlace) -> bool:
    try:
        return place.config.exists()
    except OSError:  # a folder that may not be entered: it is there, and not ours to see
        return True


def _ask(place: InstallPlace) -> dict[str, str]:
    """Return the state of the unit as systemd reports it; empty where systemd does not run."""
    command = systemctl(place, "show", "renewd.service", *(f"-p{name}" for name in _ASKED))
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=20)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return {}
    found = dict(line.partition("=")[::2] for line in done.stdout.splitlines())
    return found if {"UnitFileState", "ActiveState", "SubState"} <= found.keys() else {}


def _password() -> str:
    plain, encrypted = (f"/{CREDSTORE}{tail}/smtp-password" for tail in ("", ".encrypted"))
    for path in (plain, encrypted):
        if os.path.lexists(path):
            return path
    return "-"
