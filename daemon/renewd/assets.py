"""Where the files that come with the code are, and which command adds what does not come with it."""

import os
import shlex
import sys
from pathlib import Path

_PACKAGE = Path(__file__).parent
_DATA = _PACKAGE / "_data"  # where a wheel keeps them
ASSETS = _DATA if _DATA.is_dir() else _PACKAGE.parents[1]

_PACKAGED = Path("/usr/lib/renewd")  # where the Debian package keeps the code
_DEBIAN = {"apprise": "apprise", "encrypt": "python3-cryptography", "postgres": "libpq5"}
"""The packages of Debian for the extras that the Debian package of renewd does not hold."""


def install_command(extra: str) -> str:
    """Return the command that adds an extra to the Python that runs this."""
    if _PACKAGE.parent == _PACKAGED:
        return f"sudo apt install {_DEBIAN.get(extra, '--reinstall renewd')}"
    sudo = "" if os.access(sys.prefix, os.W_OK) else "sudo "
    return f"{sudo}{shlex.quote(sys.executable)} -m pip install 'renewd[{extra}]'"
