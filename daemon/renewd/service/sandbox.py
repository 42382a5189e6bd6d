"""What the unit's sandbox hides of the paths that plans name, and the setting that shows it."""

from __future__ import annotations

from pathlib import Path

from renewd.domain.errors import Problem
from renewd.domain.plans import Household

DROP_INS = Path("/etc/systemd/system/renewd.service.d")
_HOMES = tuple(map(Path, ("/home", "/root", "/run/user")))
_TEMPORARY = tuple(map(Path, ("/tmp", "/var/tmp")))  # noqa: S108  # none is written to


def hidden_from_service(household: Household, config: Path, drop_ins: Path = DROP_INS) -> tuple[Problem, ...]:
    """Return a warning for each path of a backup or document that the service cannot see."""
    allowed = _settings(drop_ins)
    found = []
    for plan in household.plans.values():
        paths = (*(backup.path for backup in plan.backups), *(document.path for document in plan.documents))
        for path in filter(None, paths):
            setting = _needed(Path(path))
            if setting is not None and setting.partition("=")[0] not in allowed:
                args = {"path": path, "setting": setting}
                found.append(Problem(code="check.hidden-from-service", file=config.name, args=args, severity="warning"))
    return tuple(found)


def _needed(path: Path) -> str | None:
    if any(path.is_relative_to(folder) for folder in _HOMES):
        return "ProtectHome=read-only"
    return "PrivateTmp=no" if any(path.is_relative_to(folder) for folder in _TEMPORARY) else None


def _settings(drop_ins: Path) -> set[str]:
    """Return the names of the settings that drop-ins change."""
    names = set()
    for file in sorted(drop_ins.glob("*.conf")):
        try:
            lines = file.read_text("utf-8", "replace").splitlines()
        except OSError:
            continue
        names |= {line.partition("=")[0].strip() for line in lines if "=" in line}
    return names
