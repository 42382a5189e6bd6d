"""`python -m renewd` is the same as `renewd`."""

import sys

from renewd.cli import main

if __name__ == "__main__":
    sys.exit(main())
