"""Where the file and the state folder are: what was typed, the environment, the user's own, the system's."""

from __future__ import annotations

import os
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from shlex import quote

from renewd.disk import Paths, read_regular
from renewd.i18n import LANGUAGES, from_environment

SYSTEM_CONFIG = Path("/etc/renewd/plans.toml")
SYSTEM_STATE = Path("/var/lib/renewd")
SERVICE_USER = "renewd"
_HEAD = 65536  # bytes: the first table stands within them, however long the comments above it


def find(
    config: str | None,
    state: str | None,
    environment: Mapping[str, str],
    *,
    system_config: Path = SYSTEM_CONFIG,
    system_state: Path = SYSTEM_STATE,
) -> Paths:
    """Return the paths: what was typed, else the environment's, else the user's own, else the system's.

    Without a file of the user's own, /etc/renewd/plans.toml serves, and /var/lib/renewd with it.
    """
    own = _xdg(environment, "XDG_CONFIG_HOME", ".config") / "renewd" / "plans.toml"
    named = config or environment.get("RENEWD_CONFIG")
    file = expanded(named) if named else own
    if not named and not _there(own) and _there(system_config):
        file = system_config
    folder = state or environment.get("STATE_DIRECTORY", "").split(":")[0]
    if folder:
        return Paths(file, expanded(folder))
    if file == system_config and (_there(system_state) or _is_root_with_service()):
        return Paths(file, system_state)
    return Paths(file, _xdg(environment, "XDG_STATE_HOME", ".local/state") / "renewd")


def options_to_find(config: str | None, state: str | None, environment: Mapping[str, str]) -> str:
    """Return the options without which a command would find other paths, to put before its name: `--config /x `.

    The folder that systemd gives to a service does not count: whoever types a command is in no service.
    """
    used, typed = find(config, state, environment), {**environment, "STATE_DIRECTORY": ""}
    needed, plain = "", find(None, None, typed)
    if used.config.absolute() != plain.config.absolute():
        needed = f"--config {quote(str(used.config.absolute()))} "
        plain = find(str(used.config), None, typed)
    if used.state.absolute() != plain.state.absolute():
        needed += f"--state {quote(str(used.state.absolute()))} "
    return needed


def own_config(config: str | None, environment: Mapping[str, str]) -> Path:
    """Return the path of the user's own file, which `init` writes."""
    named = config or environment.get("RENEWD_CONFIG")
    if named:
        return expanded(named)
    return _xdg(environment, "XDG_CONFIG_HOME", ".config") / "renewd" / "plans.toml"


def expanded(path: str) -> Path:
    """Return a path that was typed, with the home folder for its `~`; as it is where this user has no home."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        return Path(path)


def settle_zone(environment: MutableMapping[str, str]) -> None:
    """Replace a TZ that is no zone, such as the path of a file, by the machine's zone: libraries fail on it."""
    if environment.get("TZ"):
        from renewd.config.config_files import machine_zone
        from renewd.config.times import is_zone

        if not is_zone(environment["TZ"]):
            environment["TZ"] = machine_zone(environment)


def language_of(path: Path, environment: Mapping[str, str]) -> str:
    """Return the language of the output: the `language` above the file's first table, else the environment's."""
    import tomli

    try:
        lines = read_regular(path, _HEAD).decode("utf-8-sig", "replace").splitlines()
        end = next((n for n, line in enumerate(lines) if line.startswith("[")), len(lines))
        written = tomli.loads("\n".join(lines[:end])).get("language")
    except (OSError, ValueError, RecursionError):  # `check` says what is wrong with it
        written = None
    first = written[0] if isinstance(written, list) and written else written
    return first if first in LANGUAGES else from_environment(environment)


def _xdg(environment: Mapping[str, str], name: str, default: str) -> Path:
    value = environment.get(name, "")
    if value.startswith("/"):  # a relative one is to be ignored (XDG base directory specification)
        return Path(value)
    return Path(environment.get("HOME") or "/") / default


def _is_root_with_service() -> bool:
    """Whether root runs this where the service's user exists: its folder then counts, even before its first start."""
    import pwd

    try:
        return os.geteuid() == 0 and pwd.getpwnam(SERVICE_USER).pw_uid != 0
    except KeyError:
        return False


def _there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a folder on the way that may not be entered
        return False
