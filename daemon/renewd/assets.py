"""Where the files that come with the code are: config/, templates/, systemd/."""

from pathlib import Path

_PACKAGE = Path(__file__).parent
_DATA = _PACKAGE / "_data"  # where a wheel keeps them
ASSETS = _DATA if _DATA.is_dir() else _PACKAGE.parents[1]
